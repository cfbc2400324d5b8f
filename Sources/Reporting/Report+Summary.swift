import Documents
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
  /// The name of the form that `summaryJSON()` writes; described by `Schemas/summary.schema.json`.
  public static let summarySchema = "faascast.summary/1"

  /// `summary.json`: every figure of the report for other programs.
  ///
  /// Keys stand in a fixed order and numbers in their shortest exact form, so that equal outcomes give equal bytes up to
  /// the last three keys, which tell what the run took.
  public func summaryJSON() -> String {
    let head: [(String, JSON)] = [
      ("schema", .text(Self.summarySchema)), ("scenario", .text(scenario)), ("seed", .natural(seed)),
      ("replications", .integer(replications)), ("complete", .boolean(outcome.isComplete)),
      ("horizonSeconds", .number(Double(outcome.horizon.nanoseconds) / 1e9)),
      ("execution", .text(outcome.execution.rawValue)),
      ("totals", .object(Self.members(totals) + intervalMembers)),
      ("functions", .array(outcome.functions.indices.map(functionJSON))),
      ("sources", sourcesJSON), ("bill", billJSON), ("ledger", Self.json(outcome.ledger)),
      ("assumptions", .texts(allAssumptions)), ("uncertainty", .texts(certainty.remarks)),
    ]
    let observed = outcome.observations.map { [("observed", Self.json(Observed($0)))] } ?? []
    let curve = keepAliveCurve.map { [("keepAliveCurve", Self.json($0))] } ?? []
    let tail: [(String, JSON)] = [
      ("simulationSeconds", .number(run.measured?.simulationSeconds)),
      ("invocationsPerSecond", .number(run.measured?.invocationsPerSecond)),
      ("peakMemoryMB", .number(run.measured?.peakMemoryMB)),
    ]
    // Lines down to each function's: a change between two summaries shows as the lines that it touches.
    return JSON.object(head + observed + curve + tail).written(depth: 2) + "\n"
  }

  /// Labels of everything that was assumed, those of functions' settings with how many they concern.
  var allAssumptions: [String] {
    assumptions
      + settingAssumptions.map { "\($0.label) (\($0.functions) of \(outcome.functions.count) functions)" }
  }

  private static func members(_ figures: Figures) -> [(String, JSON)] {
    let tally = figures.tally
    return [
      ("invocations", .integer(tally.arrivals)), ("coldStarts", .integer(tally.coldStarts)),
      ("throttles", .integer(tally.throttles)), ("errors", .integer(tally.errors)),
      ("timeouts", .integer(tally.timeouts)), ("requestsRejected", .integer(tally.throttles)),
      ("peakConcurrency", .integer(tally.peakConcurrency)), ("meanConcurrency", .number(figures.meanConcurrency)),
      ("meanIdleEnvironments", .number(figures.meanIdleEnvironments)),
      ("meanEnvironments", .number(figures.meanEnvironments)),
      ("environmentsCreated", .integer(tally.environmentsCreated)),
      ("meanEnvironmentLifetimeSeconds", .number(figures.meanEnvironmentLifetime)),
      ("latencyMs", json(figures.latency)), ("durationMs", json(figures.duration)),
      ("initMs", json(figures.initDuration)), ("billedMs", .integer(figures.billedMilliseconds)),
      ("gbSeconds", .number(figures.gigabyteSeconds)), ("provisionedStarts", .integer(tally.provisionedStarts)),
      ("meanIdleProvisionedEnvironments", .number(figures.meanIdleProvisionedEnvironments)),
    ] + ruleMembers(tally)
  }

  static func json(_ percentiles: Percentiles) -> JSON {
    .object(zip(Percentiles.keys, percentiles.values).map { ($0, .number($1)) })
  }

  /// `"intervals"`, nested as the totals are; nothing when there are none.
  private var intervalMembers: [(String, JSON)] {
    guard !intervals.isEmpty else { return [] }
    var members: [(name: String, values: [(String, JSON)])] = []
    for output in Output.all {
      guard let interval = intervals[output] else { continue }
      let name = output.name
      let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
      let value = Self.json(interval)
      if parts.count == 1 {
        members.append((name, value))
      } else if members.last?.name == parts[0] {
        members[members.count - 1].values.append((parts[1], .object(value)))
      } else {
        members.append((parts[0], [(parts[1], .object(value))]))
      }
    }
    return [("intervals", .object(members.map { ($0.name, .object($0.values)) }))]
  }

  static func json(_ interval: ConfidenceInterval) -> [(String, JSON)] {
    [
      ("mean", .number(interval.estimate)), ("halfWidth95", .number(interval.halfWidth)),
      ("lower95", .number(interval.lower)), ("upper95", .number(interval.upper)),
    ]
  }

  private func functionJSON(_ index: Int) -> JSON {
    let item = outcome.functions[index]
    let settings = item.settings
    return .object(
      [("name", .text(item.function.name))]
        + Self.members(figures(ofFunction: index))
        + [
          ("application", .text(item.function.application)), ("trigger", .text(item.function.trigger)),
          ("memoryMB", .integer(settings.memory.megabytes)), ("architecture", .text(settings.architecture.rawValue)),
          ("runtime", .text(settings.runtime)), ("timeoutSeconds", .number(settings.timeout?.seconds)),
          ("reservedConcurrency", settings.reservedConcurrency.map { .integer($0) } ?? .null),
          ("provisionedConcurrency", .integer(settings.provisionedConcurrency)),
          ("cost", hasFunctionCosts ? .decimal(functionCosts[index]) : .null),
        ])
  }

  private var billJSON: JSON {
    guard let bill else { return .null }
    return .object(
      bill.members + (costs?.month.map { [("month", .object($0.members))] } ?? [])
        + (costs?.parts.map { [("parts", $0.json)] } ?? [])
        + [
          ("alternatives", .array(alternatives.map(\.json))),
          ("alternativeNotes", .texts(costs?.alternativeNotes ?? [])),
        ])
  }

  private static func json(_ ledger: ImportLedger) -> JSON {
    func reasons(_ counts: [String: Int]) -> JSON {
      .object(counts.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })
    }
    return .object([
      ("read", .integer(ledger.read)), ("repaired", reasons(ledger.repaired)), ("dropped", reasons(ledger.dropped)),
      ("remarks", .texts(ledger.remarks)), ("synthesised", .texts(ledger.synthesised)),
    ])
  }

  private static func json(_ observed: Observed) -> JSON {
    func integer(_ value: Int?) -> JSON { value.map { .integer($0) } ?? .null }
    return .object([
      ("coldStarts", integer(observed.coldStarts)), ("environments", integer(observed.environments)),
      ("meanEnvironmentLifetimeSeconds", .number(observed.meanEnvironmentLifetime)),
      ("initMs", json(observed.initDuration)), ("billedMs", integer(observed.billedMilliseconds)),
      ("peakConcurrency", .number(observed.peakConcurrency)), ("throttles", .number(observed.throttles)),
      ("gbSeconds", .number(observed.gigabyteSeconds)), ("errors", integer(observed.errors)),
      ("timeouts", integer(observed.timeouts)),
    ])
  }
}
