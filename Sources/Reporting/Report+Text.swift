import Engine
import Foundation
import Logs
import Planning
import Platforms
import Pricing
import Statistics
import Units
import Workloads

extension Report {
  /// The report's essence for a terminal, in lines of at most `width` columns (40 at least).
  ///
  /// - Parameters:
  ///   - colour: whether the text goes to a terminal that shows colours; without it there is no escape code.
  ///   - location: where the report's files are, if they were written.
  public func text(colour: Bool, width: Int = 80, location: String? = nil) -> String {
    let ink = Ink(isOn: colour)
    let width = max(40, width)
    var text = TextBlocks(ink: ink, width: width)
    text.heading(Wording.name(scenario, limit: width), note: subject)
    if !outcome.isComplete { text.warning("Stopped early: the figures cover the part up to the horizon.") }
    text.pairs(totalLines)
    text.table(percentileTable)
    if outcome.sources.contains(where: { $0.tally.responseTime.count > 0 }) { text.table(sourceTable) }
    if hasEventSources { text.table(eventSourceTable) }
    if outcome.functions.count > 1, outcome.totals.arrivals > 0 { text.table(functionTable(top: 8, width: width)) }
    if let bill {
      text.table(table(of: bill))
      if let parts = costs?.parts { text.table(parts.table(of: bill)) }
      if costs?.textShowsAlternatives == true { addAlternatives(beside: bill, to: &text) }
    }
    if let keepAliveCurve { text.table(Self.curveTable(keepAliveCurve)) }
    if let observations = outcome.observations {
      let pairs = Observed(observations).beside(totals)
      if !pairs.isEmpty { text.table(Self.comparisonTable(pairs)) }
    }
    text.list("What the rules did", ruleLines + eventSourceLines)
    text.list("How sure", certainty.remarks)
    text.list("Carried out", [wayOfExecution])
    text.list("Read, repaired, dropped", ledgerLines)
    text.list("Synthesised (not in the trace)", outcome.ledger.synthesised)
    text.list("Assumed", allAssumptions)
    text.list("Remarks", outcome.ledger.remarks)
    text.list("Missing prices", bill?.missing.map(\.description) ?? [])
    text.list("Not in the bill, or assumed", bill?.notes ?? [])
    text.closing(closingLines(location))
    return text.text
  }

  private var totalLines: [(String, String, String)] {
    let tally = outcome.totals
    let figures = totals
    func value(_ text: String, _ output: Output) -> String { said(output) ?? text }
    var lines = [
      (
        "Invocations", value(tally.arrivals.grouped, .invocations),
        figures.arrivalsPerSecond.map { "\(Wording.number($0)) a second on average" } ?? ""
      ),
      ("Cold starts", value(tally.coldStarts.grouped, .coldStarts), coldStartMeaning),
      (
        "Throttles", value(tally.throttles.grouped, .throttles),
        tally.throttles == 0
          ? (tally.arrivals > 0 ? "none was refused" : "")
          : "\(Wording.percent(figures.throttledShare)) of arrivals refused"
      ),
    ]
    if tally.errors > 0 { lines.append(("Errors", value(tally.errors.grouped, .errors), "function errors")) }
    if tally.timeouts > 0 {
      lines.append(("Timeouts", value(tally.timeouts.grouped, .timeouts), "cut off at the function's timeout"))
    }
    lines += [
      (
        "Peak concurrency", value(tally.peakConcurrency.grouped, .peakConcurrency),
        peakAgainstLimit ?? "no account limit set"
      ),
      (
        "Environments", value(Wording.number(figures.meanEnvironments), .meanEnvironments),
        "on average: \(Wording.number(figures.meanConcurrency)) busy, \(Wording.number(idleEnvironments)) idle"
      ),
      (
        "  created", value(tally.environmentsCreated.grouped, .environmentsCreated),
        figures.meanEnvironmentLifetime.map { "each lived \(Wording.span(milliseconds: $0 * 1000)) on average" } ?? ""
      ),
    ]
    return lines
  }

  /// Environments waiting, provisioned ones included.
  var idleEnvironments: Double? {
    guard let idle = totals.meanIdleEnvironments, let ready = totals.meanIdleProvisionedEnvironments else { return nil }
    return idle + ready
  }

  private var percentileTable: TextTable {
    let figures = totals
    var table = TextTable("Times", columns: Percentiles.keys)
    for (name, times, percentiles) in [
      ("latency", Output.Times.latency, figures.latency), ("duration", .duration, figures.duration),
      ("init", .initDuration, figures.initDuration),
    ] where percentiles.count > 0 {
      let outputs = Output.Statistic.allCases.map { times.output($0) }
      let estimates = zip(outputs, percentiles.values).map { intervals[$0]?.estimate ?? $1 }
      table.rows.append([name] + estimates.map { Wording.span(milliseconds: $0) })
      let widths = outputs.map { output in
        intervals[output].map { Self.saidHalfWidth($0, output) } ?? Wording.none
      }
      if widths.contains(where: { $0 != Wording.none }) { table.rows.append(["±"] + widths) }
    }
    return table
  }

  private func functionTable(top: Int, width: Int) -> TextTable {
    let chosen = busiestFirst.prefix(top)
    var columns = ["invocations", "cold %", "throttles", "peak", "p99", hasFunctionCosts ? "cost" : "GB-s"]
    if width < 72 { columns.removeAll { $0 == "throttles" || $0 == "peak" } }
    var table = TextTable(
      outcome.functions.count > top ? "Busiest functions" : "Functions", columns: columns)
    table.flexible = true
    for index in chosen {
      let item = outcome.functions[index]
      let figures = figures(ofFunction: index)
      let cells: [String: String] = [
        "invocations": item.tally.arrivals.grouped,
        "cold %": figures.coldShare.map(Wording.percentNumber) ?? Wording.none,
        "throttles": item.tally.throttles.grouped,
        "peak": item.tally.peakConcurrency.grouped,
        "p99": Wording.span(milliseconds: figures.latency.p99),
        "cost": hasFunctionCosts ? Wording.money(functionCosts[index]) : "",
        "GB-s": Wording.number(figures.gigabyteSeconds),
      ]
      table.rows.append([Wording.name(item.function.name, limit: 200)] + columns.map { cells[$0] ?? "" })
    }
    let rest = outcome.functions.count - chosen.count
    if rest > 0 { table.note = "and \(rest.grouped) more in functions.csv" }
    return table
  }

  private func table(of bill: Bill) -> TextTable {
    var table = bill.table
    table.title = "Cost, " + bill.places.joined(separator: ", ")
    let notes = [
      said(.cost).map { "over replications: \(bill.currency) \($0)" },
      costs?.month.map { "\($0.rule): \(bill.currency) \(Wording.money($0.bill.total))\($0.saidInterval)" },
    ].compactMap(\.self)
    table.note = notes.isEmpty ? nil : notes.joined(separator: "; ")
    return table
  }

  private func addAlternatives(beside bill: Bill, to text: inout TextBlocks) {
    text.table(Alternative.table(alternatives, beside: bill))
    text.list("Notes on alternatives", costs?.alternativeNotes ?? [])
    text.list(
      "What alternatives ignore", alternatives.map { "\($0.name): \($0.ignores.joined(separator: "; "))" })
  }

  private static func comparisonTable(_ pairs: [Observed.Pair]) -> TextTable {
    var table = TextTable("Against the trace", columns: ["simulated", "measured", "difference"])
    for pair in pairs {
      table.rows.append([pair.name, pair.said(pair.simulated), pair.said(pair.measured), pair.saidDifference])
    }
    return table
  }

  private var ledgerLines: [String] {
    let ledger = outcome.ledger
    guard ledger.read > 0 || ledger.repairedTotal > 0 || ledger.droppedTotal > 0 else { return [] }
    var lines = ["\(Wording.count(ledger.read, "row")) read"]
    for (reason, count) in ledger.repaired.sorted(by: { $0.key < $1.key }) {
      lines.append("\(count.grouped) repaired: \(reason)")
    }
    for (reason, count) in ledger.dropped.sorted(by: { $0.key < $1.key }) {
      lines.append("\(count.grouped) dropped: \(reason)")
    }
    return lines
  }

  /// How the run was carried out, and why that is enough.
  var wayOfExecution: String {
    switch outcome.execution {
    case .independent where platform.accountConcurrency == nil: "each function alone; no limit is shared"
    case .independent: "each function alone; their joint peak shows that the shared limit could not have bound"
    case .coupled: "all functions in one order of time; the shared limit could have bound"
    case .controlPlane: "event by event in one order of time, with the rules that the scenario asks for"
    }
  }

  private func closingLines(_ location: String?) -> [(String, String)] {
    var lines: [(String, String)] = []
    if let measured = run.measured {
      lines.append(
        (
          "Took",
          "\(Wording.span(milliseconds: measured.simulationSeconds * 1000)), "
            + "\(Wording.number(measured.invocationsPerSecond)) invocations a second, "
            + "\(Wording.number(measured.peakMemoryMB)) MB at most"
        ))
    }
    if let location { lines.append(("Report", location)) }
    return lines
  }
}

extension Observed.Pair {
  func said(_ value: Double?) -> String {
    switch form {
    case .count: value.map { Wording.fixed($0, places: 0) } ?? Wording.none
    case .milliseconds: Wording.span(milliseconds: value)
    case .seconds: Wording.span(milliseconds: value.map { $0 * 1000 })
    case .real: Wording.number(value)
    }
  }

  /// `+2.1 %`
  var saidDifference: String {
    guard let difference else { return simulated == measured ? "0 %" : Wording.none }
    return (difference > 0 ? "+" : "") + Wording.percent(difference)
  }
}
