import Documents
import Foundation
public import Pricing
import Units

extension Bill {
  /// The name of the form that `json(title:)` writes; described by `Schemas/bill.schema.json`.
  public static let schema = "faascast.bill/1"

  /// `bill.json`: every line with its price, source and date, and what each function costs.
  public func json(title: String) -> String { json(title: title, beside: []) }

  func json(title: String, beside others: [(String, JSON)]) -> String {
    JSON.object(
      [("schema", .text(Self.schema)), ("name", .text(title))] + members
        + [
          (
            "functions",
            .array(
              costsByFunction.sorted { $0.key < $1.key }.map { name, cost in
                .object([("name", .text(name)), ("cost", .decimal(cost))])
              })
          )
        ] + others
    ).written(depth: 2) + "\n"
  }

  /// The bill's members in summaries and files of its own.
  var members: [(String, JSON)] {
    [
      ("currency", .text(currency)), ("total", .decimal(total)), ("lines", .array(lines.map(\.json))),
      ("region", .text(places.joined(separator: ", "))),
      ("missing", .array(missing.map(\.json))), ("notes", .texts(notes)),
    ]
  }

  /// `bill.csv`: a row for each line; RFC 4180. Columns without `x_` are FOCUS 1.0's (focus.finops.org), empty ones that
  /// only an invoice has, such as account and period, left out.
  public func csv() -> String {
    var table = CSVText([
      "ProviderName", "PublisherName", "ServiceCategory", "ServiceName", "RegionId", "ChargeCategory",
      "ChargeDescription", "PricingCategory", "SkuMeter", "x_Variant", "x_TierFrom", "PricingQuantity", "PricingUnit",
      "ListUnitPrice", "ListCost", "ContractedUnitPrice", "ContractedCost", "EffectiveCost", "BilledCost",
      "BillingCurrency", "x_PriceSource",
    ])
    for line in lines {
      let service = line.item.meter.service
      let category = if case .plan = line.rate { "Committed" } else { "Standard" }
      table.append([
        service.provider, service.provider, "Compute", service.name, line.place, "Usage", line.title(withPlace: false),
        category, line.item.meter.rawValue, line.item.variant ?? "", line.tierStart?.description ?? "",
        line.quantity.description, line.unit, line.listPrice.description, (line.quantity * line.listPrice).description,
        line.price.description, line.amount.description, line.amount.description, line.amount.description, currency,
        line.source,
      ])
    }
    return table.text
  }

  /// A table short enough for a pull request: what the cost is made of, the dearest functions, what is missing.
  public func markdown(title: String) -> String {
    var text = "**\(Self.escaped(title))**: \(currency) \(Wording.money(total))"
    text += missing.isEmpty ? "\n\n" : " and what has no price\n\n"
    text += "| | quantity | \(currency) |\n|---|--:|--:|\n"
    for line in lines where line.rate != .free || lines.count < 12 {
      text += "| \(Self.escaped(line.title(withPlace: places.count > 1))) | \(Wording.quantity(line.quantity)) "
      text += "\(Self.escaped(line.unit)) | \(Wording.money(line.amount)) |\n"
    }
    text += "| **total** | | **\(Wording.money(total))** |\n"
    let costs = costsByFunction.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    if costs.count > 1 {
      let dearest = costs.prefix(3).map { name, cost in
        "\(Self.escaped(Wording.name(name, limit: 60))) \(Wording.money(cost))"
      }
      text += "\nDearest: " + dearest.joined(separator: ", ") + (costs.count > 3 ? ", …" : "") + "\n"
    }
    for price in missing { text += "\n" + Self.escaped(price.description) + "\n" }
    return text
  }

  /// Text without what Markdown would take for markup or the end of a cell.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if "\\`*_{}[]<>#|".unicodeScalars.contains(scalar) { result += "\\" }
      result.unicodeScalars.append(scalar == "\n" || scalar == "\r" ? " " : scalar)
    }
    return result
  }
}

extension Bill.Line {
  /// Where the line's tier begins, for a price that has some.
  var tierStart: Decimal? { if case .tier(let from, _) = rate { from } else { nil } }

  var json: JSON {
    let name: String =
      switch rate {
      case .flat, .tier: "list"
      case .free: "free"
      case .plan(let plan): plan
      }
    var members: [(String, JSON)] = [
      ("meter", .text(meter)), ("quantity", .decimal(quantity)), ("unit", .text(unit)), ("amount", .decimal(amount)),
      ("price", .decimal(price)), ("listPrice", .decimal(listPrice)), ("rate", .text(name)), ("place", .text(place)),
      ("source", .text(source)),
    ]
    if let tierStart { members.append(("from", .decimal(tierStart))) }
    return .object(members)
  }
}

extension Bill.Missing {
  fileprivate var json: JSON {
    .object([
      ("meter", .text(item.title)), ("place", .text(place)), ("quantity", .decimal(quantity)),
      ("unit", .text(item.meter.unit.name)),
    ])
  }
}
