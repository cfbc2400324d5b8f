import Documents
import Foundation
public import Logs
public import Pricing
import Statistics
import Traces
import Units
import Workloads

/// What logged invocations really cost: by function, by log stream, by hour, and what of it was used.
public struct LogCostReport {
  /// What a table's rows stand for.
  public enum Grouping: String, CaseIterable, Sendable {
    case function
    case stream
    case hour
  }

  private let costs: LogCosts
  private let reports: LoggedReports
  public let bill: Bill
  /// What was assumed about the functions.
  private let assumptions: [String]

  public init(_ costs: LogCosts, _ reports: LoggedReports, bill: Bill, assumptions: [String]) {
    self.costs = costs
    self.reports = reports
    self.bill = bill
    self.assumptions = assumptions
  }

  private struct Row {
    var name: String
    var function: String?
    var sums: LogCosts.Sums
  }

  /// Groups, the dearest first; hours in their order.
  private func rows(_ grouping: Grouping) -> [Row] {
    func function(_ index: Int?) -> String? {
      index.flatMap { reports.functions.indices.contains($0) ? reports.functions[$0] : nil }
    }
    switch grouping {
    case .function:
      return costs.functions.map { Row(name: function($0.key) ?? "", sums: $0.value) }.sorted(by: Self.isDearer)
    case .stream:
      return costs.streams.map { index, sums in
        let name = reports.streams.indices.contains(index) ? reports.streams[index] : ""
        return Row(
          name: name.isEmpty ? "(not said)" : name, function: function(costs.functionsOfStreams[index]), sums: sums)
      }.sorted(by: Self.isDearer)
    case .hour:
      return costs.hours.sorted { ($0.key ?? .max) < ($1.key ?? .max) }.map { hour, sums in
        Row(name: hour.flatMap { WallClock(epoch: Double($0) * 3600)?.iso } ?? "(not said)", sums: sums)
      }
    }
  }

  private static func isDearer(_ a: Row, _ b: Row) -> Bool { (b.sums.billed, a.name) < (a.sums.billed, b.name) }

  /// A share of the bill: requests at their price, running time at its.
  private func cost(_ sums: LogCosts.Sums) -> Decimal {
    let requests = Decimal(sums.requests) * rate(.requests, Int128(costs.total.requests))
    return requests + running(sums.billed) + Decimal(sums.restoredMegabytes)
      * rate(.snapStartRestore, costs.total.restoredMegabytes)
  }

  private func running(_ megabyteMilliseconds: Int128) -> Decimal {
    Decimal(megabyteMilliseconds) * rate(.duration, costs.total.billed)
  }

  private func rate(_ meter: Meter, _ quantity: Int128) -> Decimal {
    quantity > 0 ? bill.amount(of: meter) / Decimal(quantity) : 0
  }

  // MARK: - Parts

  private var parts: [(name: String, amount: Decimal, note: String)] {
    let total = costs.total
    let rounding = max(0, total.billedMilliseconds * 1_000_000 - total.usedTime)
    let rounded =
      total.billedMilliseconds > 0
      ? running(total.billed) * Decimal(rounding) / Decimal(total.billedMilliseconds * 1_000_000) : 0
    return [
      ("cold starts", running(total.billedInit), "billed init and restore"),
      (
        "failures", running(total.billedFailures),
        "\(total.failures.grouped), \(total.timeouts.grouped) of them timeouts"
      ),
      ("retries", running(total.billedRetries), "\(total.retries.grouped) reports of requests that had failed"),
      (
        "memory never used", running(max(0, total.usedMemoryOf - total.usedMemory)),
        "setting beyond the most in use; less memory is less processor too"
      ),
      ("rounding up", rounded, "billed steps beyond the time that ran"),
    ].filter { $0.1 > 0 }
  }

  // MARK: - Forms

  public func text(title: String, by grouping: Grouping, colour: Bool, width: Int = 80) -> String {
    var text = TextBlocks(ink: Ink(isOn: colour), width: max(40, width))
    text.heading(Wording.name(title, limit: width), note: span)
    text.table(bill.table)
    var parts = TextTable("Of it", columns: [bill.currency, "share"])
    for part in self.parts {
      let share = Page.share(part.amount, of: bill.total)
      parts.rows.append([part.name, Wording.money(part.amount), Wording.percent(share)])
    }
    text.table(parts)
    text.table(table(by: grouping))
    if let share = costs.dearestHundredth {
      text.list("Dearest invocations", ["the dearest 1 % were billed \(Wording.percent(share)) of all GB-seconds"])
    }
    text.list("Missing prices", bill.missing.map(\.description))
    text.list("Assumed", assumptions)
    text.list("Remarks", remarks)
    text.list("Not in the bill, or assumed", bill.notes)
    return text.text
  }

  private func table(by grouping: Grouping) -> TextTable {
    var table = TextTable(
      "By \(grouping.rawValue)",
      columns: ["requests", "cold", "time used", "memory used", "MB", "largest", bill.currency])
    table.flexible = true
    let rows = rows(grouping)
    let shown = grouping == .hour ? 24 : 12
    for row in rows.prefix(shown) {
      table.rows.append([
        Wording.name(row.name, limit: 200), row.sums.requests.grouped, row.sums.coldStarts.grouped,
        Wording.percent(row.sums.usedTimeShare), Wording.percent(row.sums.usedMemoryShare), "\(row.sums.memory)",
        row.sums.largestMemoryUsed > 0 ? "\(row.sums.largestMemoryUsed)" : Wording.none, Wording.money(cost(row.sums)),
      ])
    }
    if rows.count > shown { table.note = "and \((rows.count - shown).grouped) more, see --csv" }
    return table
  }

  private var span: String {
    guard let span = costs.span, let from = WallClock(epoch: Double(span.lowerBound / 1_000_000_000)),
      let to = WallClock(epoch: Double(span.upperBound / 1_000_000_000))
    else { return "" }
    return "\(from.said) to \(to.said)"
  }

  private var remarks: [String] {
    var remarks = reports.ledger.dropped.sorted { $0.key < $1.key }.map { "\($0.value.grouped) dropped: \($0.key)" }
    remarks += reports.ledger.remarks
    if costs.unbilled > 0 {
      remarks.append("\(costs.unbilled.grouped) reports bill no duration (Lambda Managed Instances): not in the bill")
    }
    return remarks
  }

  /// A row for each group; RFC 4180.
  public func csv(by grouping: Grouping) -> String {
    var table = CSVText([
      grouping.rawValue, "function_of_stream", "requests", "cold_starts", "billed_ms", "billed_gb_s", "used_time_share",
      "used_memory_share", "memory_mb", "largest_memory_used_mb", "failures", "timeouts", "retries",
      "cost_\(bill.currency.lowercased())",
    ])
    for row in rows(grouping) {
      let sums = row.sums
      table.append([
        row.name, row.function ?? "", "\(sums.requests)", "\(sums.coldStarts)", "\(sums.billedMilliseconds)",
        (Decimal(sums.billed) / 1_024_000).description, CSVText.field(sums.usedTimeShare),
        CSVText.field(sums.usedMemoryShare), "\(sums.memory)", "\(sums.largestMemoryUsed)", "\(sums.failures)",
        "\(sums.timeouts)", "\(sums.retries)", cost(sums).description,
      ])
    }
    return table.text
  }

  /// Everything, in the form `faascast.log-bill/1`.
  public func json(title: String) -> String {
    func groups(_ grouping: Grouping) -> (String, JSON) {
      (
        grouping.rawValue + "s",
        .array(
          rows(grouping).map { row in
            .object([
              ("name", .text(row.name)), ("function", .text(row.function)), ("requests", .integer(row.sums.requests)),
              ("coldStarts", .integer(row.sums.coldStarts)), ("billedMs", .integer(row.sums.billedMilliseconds)),
              ("gbSeconds", .decimal(Decimal(row.sums.billed) / 1_024_000)),
              ("usedTimeShare", .number(row.sums.usedTimeShare)),
              ("usedMemoryShare", .number(row.sums.usedMemoryShare)),
              ("memoryMB", .integer(row.sums.memory)), ("largestMemoryUsedMB", .integer(row.sums.largestMemoryUsed)),
              ("failures", .integer(row.sums.failures)), ("timeouts", .integer(row.sums.timeouts)),
              ("retries", .integer(row.sums.retries)), ("cost", .decimal(cost(row.sums))),
            ])
          })
      )
    }
    let parts = self.parts.map { part in
      JSON.object([("name", .text(part.name)), ("amount", .decimal(part.amount)), ("note", .text(part.note))])
    }
    return JSON.object(
      [("schema", .text("faascast.log-bill/1")), ("name", .text(title)), ("bill", .object(bill.members))]
        + [("parts", .array(parts)), ("dearestHundredth", .number(costs.dearestHundredth))]
        + Grouping.allCases.map(groups) + [("assumptions", .texts(assumptions)), ("remarks", .texts(remarks))]
    ).written(depth: 2) + "\n"
  }
}
