import Documents
import Engine
import Planning
import Platforms
import Statistics
import Units
import Workloads

extension Report {
  /// `"sources"`: what became of each source's requests.
  var sourcesJSON: JSON {
    .array(
      outcome.sources.map { source in
        let tally = source.tally
        return .object([
          ("function", .text(outcome.functions[source.function].function.name)), ("kind", .text(source.kind.rawValue)),
          ("asynchronous", .boolean(source.isAsynchronous)), ("offered", .integer(tally.offered)),
          ("completed", .integer(tally.completed)), ("failed", .integer(tally.failed)),
          ("throttled", .integer(tally.throttled)), ("turnedAway", .integer(tally.turnedAway)),
          ("expired", .integer(tally.expired)), ("inFlight", .integer(tally.inFlight)),
          ("retries", .integer(tally.retries)), ("requeued", .integer(tally.requeued)),
          ("sentOn", .integer(tally.sentOn)), ("responseMs", Self.json(Percentiles(tally.responseTime))),
          ("states", .integer(tally.states)), ("eventSource", source.mapping.map(Self.json) ?? .null),
        ])
      })
  }

  /// What the rules of the control plane counted of a tally.
  static func ruleMembers(_ tally: Tally) -> [(String, JSON)] {
    let reasons = ThrottleReason.allCases.filter { tally.throttlesByReason[$0] > 0 }
      .map { ($0.rawValue, JSON.integer(tally.throttlesByReason[$0])) }
    return [
      ("throttlesByReason", .object(reasons)), ("crashes", .integer(tally.crashes)),
      ("suppressedInits", .integer(tally.suppressedInits)), ("initTimeouts", .integer(tally.initTimeouts)),
      ("proactiveStarts", .integer(tally.proactiveStarts)), ("failedAllocations", .integer(tally.failedAllocations)),
      ("managedEnvironmentSeconds", .number(Double(tally.managedTimeInHorizon) / 1e9)),
    ]
  }

  /// The same for people: what happened, one line each; nothing of what didn't.
  var ruleLines: [String] {
    let tally = outcome.totals
    var lines: [String] = []
    if tally.throttlesByReason[.concurrentInvocations] != tally.throttles {
      for reason in ThrottleReason.allCases where tally.throttlesByReason[reason] > 0 {
        lines.append("\(tally.throttlesByReason[reason].grouped) throttled: \(reason.rawValue)")
      }
    }
    func add(_ count: Int, _ what: String) {
      if count > 0 { lines.append("\(count.grouped) \(what)") }
    }
    add(tally.crashes, "crashes, which reset their environments")
    add(tally.suppressedInits, "invocations in which Init ran again")
    add(tally.initTimeouts, "Init phases or restores given up at their limit")
    add(tally.proactiveStarts, "new environments that were initialised before their request came")
    if tally.managedTimeInHorizon > 0 {
      lines.append(
        "\(Wording.number(Double(tally.managedTimeInHorizon) / 3.6e12)) hours of environments on managed instances, whose "
          + "price is not in the bill")
    }
    add(tally.failedAllocations, "requests for provisioned environments refused for want of concurrency")
    return lines
  }

  /// A row for each source, where any may ask more than once.
  var sourceTable: TextTable {
    var table = TextTable(
      "Requests by source", columns: ["offered", "completed", "given up", "retries", "in flight", "p99"])
    table.flexible = true
    for source in outcome.sources {
      let tally = source.tally
      let givenUp = tally.failed + tally.throttled + tally.turnedAway + tally.expired
      table.rows.append([
        Wording.name("\(outcome.functions[source.function].function.name), \(source.words)", limit: 200),
        tally.offered.grouped, tally.completed.grouped, givenUp.grouped, (tally.retries + tally.requeued).grouped,
        tally.inFlight.grouped, Wording.span(milliseconds: Percentiles(tally.responseTime).p99),
      ])
    }
    return table
  }
}

extension SourceOutcome {
  /// Whose requests they are.
  fileprivate var words: String {
    let kind =
      switch kind {
      case .workload: "workload"
      case .eventSource: "records"
      case .stateMachine: "executions"
      case .durable: "durable executions"
      case .users: "users"
      case .destination: "records of other functions"
      case .functions: "other functions"
      }
    return isAsynchronous ? kind + " (events)" : kind
  }
}
