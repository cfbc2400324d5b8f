import Foundation
public import Pricing
import Units

extension Bill {
  /// The bill for a terminal, in lines of at most `width` columns (40 at least).
  public func text(title: String, colour: Bool, width: Int = 80) -> String {
    var text = TextBlocks(ink: Ink(isOn: colour), width: max(40, width))
    text.heading(Wording.name(title, limit: width), note: places.joined(separator: ", "))
    text.table(table)
    let functions = functionTable
    if functions.rows.count > 1 { text.table(functions) }
    text.list("Missing prices", missing.map(\.description))
    text.list("Where prices come from", sources)
    text.list("Not in the bill, or assumed", notes)
    return text.text
  }

  /// `Cost, us-east-1`: a row for each line, and the total.
  var table: TextTable {
    var table = TextTable("Cost", columns: ["quantity", "unit", "price", currency])
    let manyPlaces = places.count > 1
    for line in lines {
      table.rows.append([
        Wording.name(line.title(withPlace: manyPlaces)), Wording.quantity(line.quantity), Wording.name(line.unit),
        Wording.exact(line.price), Wording.money(line.amount),
      ])
    }
    table.rows.append([missing.isEmpty ? "total" : "total of what has prices", "", "", "", Wording.money(total)])
    table.lastIsTotal = true
    table.flexible = true
    return table
  }

  private var functionTable: TextTable {
    var table = TextTable("Functions", columns: [currency, "share"])
    let shown = 8
    let costs = costsByFunction.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    for (name, cost) in costs.prefix(shown) {
      table.rows.append([
        Wording.name(name, limit: 200), Wording.money(cost), Wording.percent(Page.share(cost, of: total)),
      ])
    }
    if costs.count > shown { table.note = "and \((costs.count - shown).grouped) more" }
    table.flexible = true
    return table
  }

  /// Each source once, with what it prices.
  var sources: [String] {
    var meters: [String: [String]] = [:]
    for line in lines where !meters[line.source, default: []].contains(line.item.meter.rawValue) {
      meters[line.source, default: []].append(line.item.meter.rawValue)
    }
    return meters.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.joined(separator: ", "))" }
  }
}

extension Bill.Line {
  /// `duration (arm64), from 7,500,000,000`: the meter with what makes its price.
  func title(withPlace: Bool) -> String {
    let place = withPlace ? ", \(self.place)" : ""
    return switch rate {
    case .flat: meter + place
    case .plan: meter + place
    case .free: "\(meter), free\(place)"
    case .tier(let from, _): from == 0 ? meter + place : "… from \(Wording.quantity(from))\(place)"
    }
  }
}
