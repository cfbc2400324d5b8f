import Diagnostics
import Foundation
import Testing

@testable import Pricing

@Suite("AWS's offer file")
struct OfferTests {
  private let text: OfferText

  init() throws {
    text = OfferText(
      book: try PriceBook.shipped.get(), regions: ["us-east-1", "eu-west-1", "ap-northeast-1", "sa-east-1"])
  }

  private func read(_ text: String) throws -> PriceOffer { try PriceOffer(json: Array(text.utf8), name: "index.json") }

  @Test("is read into the prices that it was made from, in every region, as a file and as the Query API's list")
  func roundTrip() throws {
    for content in [text.file(), text.query(), text.query() + "\n" + text.query()] {
      let offer = try read(content)
      #expect(offer.book.currency == "USD")
      #expect(offer.book.version == "20260919000000")
      var prices = 0
      for (region, place) in offer.book.places {
        for (item, price) in place.prices {
          let original = try #require(text.book.price(of: item, in: region), "\(item) in \(region)")
          #expect(price.tiers == original.tiers && price.end == original.end, "\(item) in \(region)")
          #expect(price.source.date == "2026-09-19")
          prices += 1
        }
      }
      #expect(Set(offer.book.places.keys) == Set(text.regions))
      #expect(prices == text.entries().count - 2)
      #expect(offer.book.free[.duration]?.quantity == 400_000)
      #expect(offer.account.passedOver == ["no meter for AWS-Lambda-Telepathy": 1])
    }
  }

  @Test("becomes a price book that reads back as the same one")
  func writing() throws {
    let book = try read(text.file()).book
    #expect(try PriceBook(json: Array(book.json().utf8), name: "book.json") == book)
    let shipped = try PriceBook.shipped.get()
    #expect(try PriceBook(json: Array(shipped.json().utf8), name: "book.json") == shipped)
  }

  @Test("of China has prices in CNY")
  func currency() throws {
    var chinese = text
    chinese.currency = "CNY"
    #expect(try read(chinese.file()).book.currency == "CNY")
  }

  @Test(
    "that is damaged is refused with key and place",
    arguments: [
      (#""beginRange":"0""#, #""beginRange":"1""#, "priceDimensions: found a step from 1"),
      (#""beginRange":"6000000000""#, #""beginRange":"6000000001""#, "expected one from 6000000000"),
      (
        #""pricePerUnit":{"USD":"0.0000166667"}"#, #""pricePerUnit":{"USD":"cheap"}"#,
        "pricePerUnit.USD: found \"cheap\""
      ),
      (
        #""pricePerUnit":{"USD":"0.0000166667"}"#, #""pricePerUnit":{"USD":0.1}"#,
        "pricePerUnit.USD: found another value"
      ),
      (#""pricePerUnit":{"USD":"0.0000166667"}"#, #""pricePerUnit":{"EUR":"1"}"#, "expected a price in USD or CNY"),
      (#""pricePerUnit":{"USD":"0.0000166667"}"#, #""pricePerUnit":{"CNY":"1"}"#, "expected one currency in a file"),
      (#""pricePerUnit":{"USD":"0.0000166667"}"#, #""pricePerUnit":{}"#, "expected pricePerUnit with USD or CNY"),
      (#""offerCode":"AWSLambda""#, #""offerCode":"AmazonEC2""#, "offerCode: found \"AmazonEC2\""),
      (#""products":{"#, #""product_s":{"#, "products: found none"),
      (#""terms":{"OnDemand""#, #""terms":{"OnDemnd""#, "terms.OnDemand.SKU1000000: found nothing"),
      (#""Reserved""#, #""Reserved"#, "index.json:"),
    ] as [(String, String, String)])
  func damage(_ original: String, _ damaged: String, _ says: String) {
    let content = text.file().replacing(original, with: damaged, maxReplacements: 1)
    #expect {
      try read(content)
    } throws: {
      ($0 as? InputFault)?.place.file == "index.json" && "\($0)".contains(says)
    }
  }

  @Test("differs from another by the prices that changed, and by nothing else")
  func changes() throws {
    let before = try read(text.file()).book
    #expect(before.changes(to: before).isEmpty)
    var after = before
    let item = PriceBook.Item(.duration, "arm64")
    after.places["eu-west-1"]?.prices[item]?.tiers[0].price *= 2
    after.places["sa-east-1"]?.prices[.init(.requests)] = nil
    after.places["us-east-1"]?.prices[.init(.tenantEnvironments, "arm64")] = before.places["us-east-1"]?.prices[item]
    after.free[.duration]?.quantity = 500_000
    let changes = before.changes(to: after)
    #expect(changes.count == 4)
    #expect(changes.compactMap(\.relative) == [1])
    #expect(changes.filter { $0.after == nil }.map(\.place) == ["sa-east-1"])
    #expect(changes.filter { $0.before == nil }.map { "\($0.item)" } == ["tenant-environments/arm64"])
    #expect(changes.last?.place == nil && changes.last?.after?.end == 500_000)
  }
}
