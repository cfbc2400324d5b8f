import Engine
import Foundation
import Platforms
import Pricing
import Units

extension Page {
  /// Where the money goes: parts of the bill that overlap each other.
  func parts(of bill: Bill) -> Markup {
    guard let costParts = report.costs?.parts, !costParts.parts.isEmpty || costParts.dearestHundredth != nil else {
      return ""
    }
    var table = MarkupTable(
      caption: "Where the money goes",
      columns: [
        .init(title: "Part"), .init(title: Wording.name(bill.currency)), .init(title: "Share of the bill"),
        .init(title: "How it was reckoned", isText: true),
      ])
    for part in costParts.parts {
      let share = Self.share(part.amount, of: bill.total)
      table.row(
        "\(part.name)",
        [.init(Wording.money(part.amount)), .init(Wording.percent(share), bar: share), .init(part.note)])
    }
    if let share = costParts.dearestHundredth {
      table.row(
        "dearest 1 % of invocations",
        [.init(""), .init(Wording.percent(share), bar: share), .init("of running time times memory")])
    }
    let notes = costParts.notes.map { note -> Markup in "<li>Not told: \(note)</li>\n" }
    return table.markup + (notes.isEmpty ? "" : "<ul class=\"fine\">\n\(notes)</ul>\n")
  }

  /// The same workload elsewhere, and from where on other ways pay.
  func alternatives(beside bill: Bill) -> Markup {
    guard !report.alternatives.isEmpty, bill.total > 0 else { return "" }
    var table = MarkupTable(
      caption: "The same workload elsewhere",
      columns: [
        .init(title: "On"), .init(title: Wording.name(bill.currency)), .init(title: "Of the bill"),
        .init(title: "Size", isText: true), .init(title: "Ignores", isText: true),
      ])
    let most = max(bill.total, report.alternatives.map(\.bill.total).max() ?? 0)
    let all = report.alternatives.sorted { $0.bill.total < $1.bill.total }
    for alternative in all {
      let total = alternative.bill.total
      table.row(
        "\(alternative.name)",
        [
          .init(Wording.money(total), bar: Self.share(total, of: most)),
          .init(Wording.percent(Self.share(total, of: bill.total))), .init(alternative.size),
          .init(alternative.ignores.joined(separator: "; ")),
        ])
    }
    table.row(
      "as simulated",
      [.init(Wording.money(bill.total), bar: Self.share(bill.total, of: most)), .init("100 %"), .init(""), .init("")],
      isTotal: true)
    let notes = (report.costs?.alternativeNotes ?? []).map { note -> Markup in "<li>\(note)</li>\n" }
    return table.markup + (notes.isEmpty ? "" : "<ul class=\"fine\">\n\(notes)</ul>\n")
  }
}
