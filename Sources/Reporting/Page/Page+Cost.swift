import Engine
import Foundation
import Planning
import Platforms
import Pricing
import Traces
import Units
import Workloads

extension Page {
  /// The bill by meter and by function; billed time by function when there is no bill.
  var cost: Section {
    var content = Markup()
    if let bill = report.bill {
      content += billTable(bill)
      content += parts(of: bill)
      content += byFunction
      content += alternatives(beside: bill)
    } else {
      content += byFunction
    }
    return Section(id: "cost", title: "What does it cost?", short: "Cost", content: content)
  }

  private func billTable(_ bill: Bill) -> Markup {
    var table = MarkupTable(
      caption: "Bill by meter, \(bill.places.map { Wording.name($0) }.joined(separator: ", "))",
      columns: [
        .init(title: "Meter"), .init(title: "Quantity"), .init(title: "Unit", isText: true),
        .init(title: "Price, \(Wording.name(bill.currency))"), .init(title: "Amount, \(Wording.name(bill.currency))"),
        .init(title: "Source of the price", isText: true),
      ])
    let total = bill.total
    for line in bill.lines {
      table.row(
        "\(Wording.name(line.title(withPlace: bill.places.count > 1)))",
        [
          .init(Wording.quantity(line.quantity)), .init(Wording.name(line.unit)), .init(Wording.exact(line.price)),
          .init(Wording.money(line.amount), bar: total > 0 ? Self.share(line.amount, of: total) : nil),
          .init(Wording.name(line.source)),
        ])
    }
    table.row(
      bill.missing.isEmpty ? "Total" : "Total of what has prices",
      [.init(""), .init(""), .init(""), .init(Wording.money(total)), .init("")], isTotal: true)
    var sentences: [String] = []
    if report.outcome.totals.arrivals > 0 {
      let million = total * 1_000_000 / Decimal(report.outcome.totals.arrivals)
      sentences.append("A million invocations cost \(bill.currency) \(Wording.money(million)).")
    }
    if let month = report.costs?.month {
      sentences.append(
        "\(month.rule): \(bill.currency) \(Wording.money(month.bill.total))\(month.saidInterval), with the tiers and "
          + "allowances of one month.")
    }
    let notes = (bill.missing.map(\.description) + bill.notes).map { note -> Markup in "<li>\(note)</li>\n" }
    return table.markup
      + (sentences.isEmpty ? "" : "<p>\(sentences.joined(separator: " "))</p>\n")
      + (notes.isEmpty ? "" : "<ul class=\"fine\">\n\(notes)</ul>\n")
  }

  private var byFunction: Markup {
    let functions = report.outcome.functions
    guard functions.count > 1, report.outcome.totals.starts > 0 else { return "" }
    let hasCosts = report.hasFunctionCosts
    let amounts = functions.indices.map { index in
      hasCosts ? report.functionCosts[index] : Decimal(Figures.gigabyteSeconds(functions[index].tally))
    }
    let total = amounts.reduce(0, +)
    guard total > 0, let most = amounts.max() else { return "" }
    let order = functions.indices.sorted { (amounts[$1], $0) < (amounts[$0], $1) }
    let unit = hasCosts ? Wording.name(report.bill?.currency ?? "USD") : "billed GB-s"
    var table = MarkupTable(
      caption: hasCosts ? "The dearest functions" : "Functions by billed time",
      columns: [
        .init(title: "Function"), .init(title: unit), .init(title: "Share of all"), .init(title: "A million cost"),
      ])
    if !hasCosts { table.columns.removeLast() }
    for index in order.prefix(10) where amounts[index] > 0 {
      let amount = amounts[index]
      var cells: [MarkupTable.Cell] = [
        .init(
          hasCosts ? Wording.money(amount) : Wording.number(NSDecimalNumber(decimal: amount).doubleValue),
          bar: Self.share(amount, of: most)),
        .init(Wording.percent(Self.share(amount, of: total))),
      ]
      if hasCosts {
        let arrivals = functions[index].tally.arrivals
        cells.append(.init(arrivals > 0 ? Wording.money(amount * 1_000_000 / Decimal(arrivals)) : Wording.none))
      }
      table.row("\(Wording.name(functions[index].function.name))", cells)
    }
    let rest = order.dropFirst(10).reduce(Decimal(0)) { $0 + amounts[$1] }
    if rest > 0 {
      var cells: [MarkupTable.Cell] = [
        .init(hasCosts ? Wording.money(rest) : Wording.number(NSDecimalNumber(decimal: rest).doubleValue)),
        .init(Wording.percent(Self.share(rest, of: total))),
      ]
      if hasCosts { cells.append(.init("")) }
      table.row("\(Wording.count(functions.count - 10, "other function"))", cells, isTotal: true)
    }
    return table.markup
  }
}
