import Foundation
import Pricing

/// Makes offer files in AWS's form out of a price book: all its items that AWS's offer of Lambda has, in several Regions.
struct OfferText {
  var book: PriceBook
  var regions: [String]
  var currency = "USD"

  struct Entry {
    var sku: String
    var product: String
    var term: String
  }

  /// Group, end of the usage type and unit of what an offer has.
  private static let kinds: [(item: PriceBook.Item, group: String, usage: String, unit: String)] = [
    (.init(.requests), "AWS-Lambda-Requests", "Request", "Requests"),
    (.init(.duration, "x86_64"), "AWS-Lambda-Duration", "Lambda-GB-Second", "Lambda-GB-Second"),
    (.init(.duration, "arm64"), "AWS-Lambda-Duration-ARM", "Lambda-GB-Second-ARM", "Lambda-GB-Second"),
    (
      .init(.provisionedConcurrency, "x86_64"), "AWS-Lambda-Provisioned-Concurrency", "Lambda-Provisioned-Concurrency",
      "Lambda-GB-Second"
    ),
    (
      .init(.provisionedDuration, "arm64"), "AWS-Lambda-Duration-Provisioned-ARM", "Lambda-Provisioned-GB-Second-ARM",
      "Lambda-GB-Second"
    ),
    (.init(.ephemeralStorage), "AWS-Lambda-Storage-Duration", "Lambda-Storage-GB-Second", "GB-Seconds"),
    (
      .init(.responseStreaming), "AWS-Lambda-Processed-Bytes", "Lambda-Streaming-Response-Processed-Bytes",
      "Processed-Gigabytes"
    ),
    (.init(.snapStartCache), "", "Lambda-SnapStart-Cached-GB-S", "GB-Seconds"),
    (.init(.snapStartRestore), "", "Lambda-SnapStart-Restored-GB", "GB"),
    (.init(.durableOperations), "AWS-Lambda-Durable-Execution-Operations", "", "Requests"),
    (.init(.sqsPollers), "AWS-Lambda-SQS-Event-Poller-Unit-Duration", "", "Event-Poller-Unit-Hours"),
    (.init(.managedFee, "m7g.xlarge"), "", "Lambda-Managed-Instances-m7g.xlarge-Management-Hours", "Hours"),
  ]

  private func sku(_ number: Int) -> String { "SKU" + String(1_000_000 + number) }

  /// Every product with its terms, and one that no price book has.
  func entries() -> [Entry] {
    var entries: [Entry] = []
    for region in regions {
      for kind in Self.kinds {
        guard let price = book.price(of: kind.item, in: region) else { continue }
        let usage = region == "us-east-1" ? kind.usage : "XYZ1-" + kind.usage
        entries.append(
          entry(
            sku(entries.count), region: region, location: book.places[region]?.name ?? "", group: kind.group,
            usage: usage,
            instance: kind.item.meter == .managedFee ? kind.item.variant : nil, unit: kind.unit, steps: steps(price)))
      }
    }
    entries.append(
      entry(
        sku(entries.count), region: "", location: "Any", group: "AWS-Lambda-Duration", usage: "Global-Lambda-GB-Second",
        instance: nil, unit: "seconds", steps: [("0", "400000", "0.0000000000")]))
    entries.append(
      entry(
        sku(entries.count), region: regions[0], location: "", group: "AWS-Lambda-Telepathy", usage: "Lambda-Thoughts",
        instance: nil, unit: "Thoughts", steps: [("0", "Inf", "1")]))
    return entries
  }

  private func steps(_ price: PriceBook.Price) -> [(String, String, String)] {
    price.tiers.indices.map { index in
      let end =
        index + 1 < price.tiers.count ? price.tiers[index + 1].from.description : price.end?.description ?? "Inf"
      return (price.tiers[index].from.description, end, price.tiers[index].price.description)
    }
  }

  private func entry(
    _ sku: String, region: String, location: String, group: String, usage: String, instance: String?, unit: String,
    steps: [(String, String, String)]
  ) -> Entry {
    var attributes = #""servicecode":"AWSLambda","location":"\#(location)","locationType":"AWS Region","#
    if !group.isEmpty { attributes += #""group":"\#(group)","groupDescription":"as said","# }
    if let instance { attributes += #""lambdaManagedInstanceType":"\#(instance)","# }
    attributes += #""usagetype":"\#(usage)","operation":"","regionCode":"\#(region)","servicename":"AWS Lambda""#
    let product = #"{"sku":"\#(sku)","productFamily":"Serverless","attributes":{\#(attributes)}}"#
    // Steps in no order, as in AWS's files.
    let dimensions = steps.reversed().enumerated().map { index, step in
      #""\#(sku).JRTCKXETXF.RATE\#(index)":{"rateCode":"\#(sku).JRTCKXETXF.RATE\#(index)","description":"AWS Lambda","#
        + #""beginRange":"\#(step.0)","endRange":"\#(step.1)","unit":"\#(unit)","#
        + #""pricePerUnit":{"\#(currency)":"\#(step.2)"},"appliesTo":[]}"#
    }
    let term =
      #"{"\#(sku).JRTCKXETXF":{"offerTermCode":"JRTCKXETXF","sku":"\#(sku)","effectiveDate":"2026-09-01T00:00:00Z","#
      + #""priceDimensions":{\#(dimensions.joined(separator: ","))},"termAttributes":{}}}"#
    return Entry(sku: sku, product: product, term: term)
  }

  /// `index.json`
  func file() -> String {
    let entries = entries()
    return #"{"formatVersion":"v1.0","disclaimer":"none","offerCode":"AWSLambda","version":"20260919000000","#
      + #""publicationDate":"2026-09-19T00:00:00Z","products":{"#
      + entries.map { "\n\"\($0.sku)\":\($0.product)" }.joined(separator: ",") + "},\n"
      + #""terms":{"OnDemand":{"# + entries.map { "\n\"\($0.sku)\":\($0.term)" }.joined(separator: ",")
      + #"},"Reserved":{"ABC":{"x":[1,2]}}}}"#
  }

  /// What `aws pricing get-products` prints: each product a string of JSON.
  func query() -> String {
    let items = entries().map { entry in
      let item =
        #"{"product":\#(entry.product),"serviceCode":"AWSLambda","terms":{"OnDemand":\#(entry.term)},"#
        + #""version":"20260919000000","publicationDate":"2026-09-19T00:00:00Z"}"#
      return "\"" + item.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
    return #"{"FormatVersion":"aws_v1","PriceList":["# + items.joined(separator: ",\n") + "]}"
  }
}
