import Engine
import Foundation
import Planning
import Platforms
import Pricing
import Units
import Workloads

extension Page {
  /// More rows than these are left to `functions.csv`.
  static let mostRows = 1000

  /// All functions as a table that scripts make sortable and filterable.
  var toWhom: Section {
    let functions = report.outcome.functions
    guard !functions.isEmpty else {
      return Section(
        id: "functions", title: "To whom does it happen?", short: "To whom",
        content: "<p>The workload has no functions.</p>\n")
    }
    let order = report.busiestFirst
    let totals = report.outcome.totals
    let fails = totals.errors > 0 || totals.timeouts > 0
    var columns: [MarkupTable.Column] = [
      .init(title: "Function"), .init(title: "Memory MB"), .init(title: "Invocations"), .init(title: "Cold starts"),
      .init(title: "Cold %", hint: "Cold starts among started invocations"), .init(title: "Throttles"),
      .init(title: "Peak", hint: "Most invocations running at one moment"),
      .init(title: "p50 ms", hint: "Latency: half of the callers wait at most this"),
      .init(title: "p99 ms", hint: "Latency: 99 of 100 callers wait at most this"),
      .init(title: "Init p50 ms", hint: "Init of cold starts, median"),
      .init(title: "GB-s", hint: "Billed GB-seconds"),
    ]
    if fails { columns.insert(.init(title: "Failures", hint: "Errors and timeouts"), at: 6) }
    if report.hasFunctionCosts { columns.append(.init(title: "Cost \(report.bill?.currency ?? "")")) }
    var table = MarkupTable(
      caption: "Functions, the busiest first", columns: columns, attributes: " class=\"sortable functions\"")
    let most = functions.map(\.tally.arrivals).max() ?? 0
    let mostGigabyteSeconds = functions.map { Figures.gigabyteSeconds($0.tally) }.max() ?? 0
    let mostCost = report.hasFunctionCosts ? report.functionCosts.max() ?? 0 : 0
    for index in order.prefix(Self.mostRows) {
      let item = functions[index]
      let figures = report.figures(ofFunction: index)
      var cells: [MarkupTable.Cell] = [
        .init(item.settings.memory.megabytes.grouped),
        .init(item.tally.arrivals.grouped, bar: most > 0 ? Double(item.tally.arrivals) / Double(most) : nil),
        .init(item.tally.coldStarts.grouped),
        .init(figures.coldShare.map(Wording.percentNumber) ?? Wording.none, bar: figures.coldShare),
        .init(item.tally.throttles.grouped),
        .init(item.tally.peakConcurrency.grouped),
        .init(Wording.number(figures.latency.p50)),
        .init(Wording.number(figures.latency.p99)),
        .init(Wording.number(figures.initDuration.p50)),
        .init(
          Wording.number(figures.gigabyteSeconds),
          bar: !report.hasFunctionCosts && mostGigabyteSeconds > 0
            ? figures.gigabyteSeconds / mostGigabyteSeconds : nil),
      ]
      if fails { cells.insert(.init((item.tally.errors + item.tally.timeouts).grouped), at: 5) }
      if report.hasFunctionCosts {
        let cost = report.functionCosts[index]
        cells.append(.init(Wording.money(cost), bar: mostCost > 0 ? Self.share(cost, of: mostCost) : nil))
      }
      table.row(Self.name(item), cells)
    }
    let rest = functions.count - min(functions.count, Self.mostRows)
    let more: Markup =
      rest > 0
      ? """
      <p class="fine">These are the \(Self.mostRows.grouped) busiest; \(Wording.count(rest, "more function")) \
      \(rest == 1 ? "stands" : "stand") in <code>functions.csv</code>.</p>

      """ : ""
    return Section(
      id: "functions", title: "To whom does it happen?", short: "To whom", content: concentration + table.markup + more)
  }

  /// How few functions make up most of it.
  private var concentration: Markup {
    let functions = report.outcome.functions
    let total = report.outcome.totals.arrivals
    guard functions.count >= 10, total > 0 else { return "" }
    let order = report.busiestFirst
    var seen = 0
    var count = 0
    while Double(seen) < 0.9 * Double(total), count < order.count {
      seen += functions[order[count]].tally.arrivals
      count += 1
    }
    let always = functions.filter {
      $0.tally.starts > 0 && Double($0.tally.coldStarts) >= 0.5 * Double($0.tally.starts)
    }
    return """
      <p>\(Wording.count(count, "function")) of \(functions.count.grouped) \(count == 1 ? "makes" : "make") up 90 % of \
      all invocations. \(always.isEmpty ? "No function meets" : "\(Wording.count(always.count, "function")) \(always.count == 1 ? "meets" : "meet")") \
      a cold start in at least every second invocation.</p>

      """
  }

  private static func name(_ item: FunctionOutcome) -> Markup {
    var notes: [String] = []
    if let application = item.function.application { notes.append(Wording.name(application, limit: 60)) }
    if let trigger = item.function.trigger { notes.append(Wording.name(trigger, limit: 30)) }
    if let runtime = item.settings.runtime { notes.append(Wording.name(runtime, limit: 30)) }
    notes.append(item.settings.architecture.rawValue)
    if let reserved = item.settings.reservedConcurrency { notes.append("reserved \(reserved.grouped)") }
    if item.settings.provisionedConcurrency > 0 {
      notes.append("provisioned \(item.settings.provisionedConcurrency.grouped)")
    }
    return
      "<span class=\"function\">\(Wording.name(item.function.name))</span><small>\(notes.joined(separator: " · "))</small>"
  }

  static func share(_ part: Decimal, of whole: Decimal) -> Double {
    whole == 0 ? 0 : NSDecimalNumber(decimal: part / whole).doubleValue
  }
}
