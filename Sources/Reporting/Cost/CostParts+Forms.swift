import Documents
import Foundation
import Pricing
import Units

extension CostParts {
  /// Where the money goes: parts that overlap, each with its share of the bill.
  func table(of bill: Bill) -> TextTable {
    var table = TextTable("Where it goes", columns: [bill.currency, "share"])
    for part in parts {
      table.rows.append([
        part.name, Wording.money(part.amount), Wording.percent(Page.share(part.amount, of: bill.total)),
      ])
    }
    if let dearestHundredth {
      table.rows.append(["dearest 1 % of invocations", "", Wording.percent(dearestHundredth)])
    }
    return table
  }

  var json: JSON {
    .object([
      (
        "parts",
        .array(
          parts.map { part in
            .object([("name", .text(part.name)), ("amount", .decimal(part.amount)), ("note", .text(part.note))])
          })
      ),
      ("dearestHundredth", .number(dearestHundredth)), ("notes", .texts(notes)),
    ])
  }
}

extension Alternative {
  /// Costs side by side, the cheapest first.
  static func table(_ alternatives: [Alternative], beside bill: Bill) -> TextTable {
    var table = TextTable("The same elsewhere", columns: [bill.currency, "of the bill"])
    table.flexible = true
    for alternative in alternatives.sorted(by: { $0.bill.total < $1.bill.total }) {
      table.rows.append([
        alternative.name, Wording.money(alternative.bill.total),
        bill.total > 0 ? Wording.percent(Page.share(alternative.bill.total, of: bill.total)) : Wording.none,
      ])
    }
    return table
  }

  var json: JSON {
    .object([
      ("name", .text(name)), ("total", .decimal(bill.total)), ("size", .text(size)), ("ignores", .texts(ignores)),
      ("lines", .array(bill.lines.map(\.json))),
    ])
  }
}
