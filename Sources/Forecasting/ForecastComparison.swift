public import Diagnostics
import Engine
public import Planning
public import Pricing
public import Reporting
public import Scenarios
import Units

/// Scenarios held against the first one, over common random numbers: the one call behind `faascast compare`.
public struct ForecastComparison {
  public let scenarios: [Scenario]
  /// Runs of each scenario, two at least.
  public var replications = 20
  /// What each run leaves out at its beginning; nil: as for forecasts. The longest of all scenarios is left out of each.
  public var warmUp: WarmUpChoice?

  private let prices: [ScenarioPrices]
  private var prepared: [Replications]

  /// Opens the workloads of all scenarios.
  ///
  /// - Parameters:
  ///   - scenarios: two or more.
  ///   - book: prices for all; nil: each scenario's own, else the program's.
  ///   - seed: nil: the first scenario's.
  ///   - jobs: threads, at least 1. The answer does not depend on them.
  public init(
    of scenarios: [Scenario], book: PriceBook? = nil, seed: UInt64? = nil, jobs: Int
  ) throws(InputFault) {
    self.scenarios = scenarios
    let seed = seed ?? scenarios.first?.seed ?? 0
    prices = try scenarios.map { (scenario) throws(InputFault) in try ScenarioPrices(of: scenario, book: book) }
    prepared = try scenarios.map { (scenario) throws(InputFault) in
      Replications(
        Simulation(workload: try scenario.openWorkload(), platform: scenario.platform, seed: seed), jobs: jobs)
    }
  }

  /// Runs all scenarios.
  ///
  /// - Parameter outputs: what text and Markdown of the report show.
  /// - Returns: nil where it was stopped before all were run.
  public func run(
    showing outputs: [Output] = ComparisonReport.usualOutputs, _ watch: Forecast.Watch = Forecast.Watch()
  ) throws(InputFault) -> ComparisonReport? {
    var prepared = prepared
    var remarks: [String] = []
    let goal = Replications.Goal.count(replications)
    for (index, scenario) in scenarios.enumerated() {
      let found = try scenario.locatingFaults { () throws(InputFault) in
        try (warmUp ?? .standard(goal: goal, of: scenario))
          .settle(&prepared[index], goal: goal, of: scenario, shouldStop: watch.shouldStop)
      }
      if let remark = found.remark, !remarks.contains(remark) { remarks.append(remark) }
    }
    // The same stretch of time for all.
    let longest = prepared.map(\.warmUp).max() ?? .zero
    var studies: [(name: String, study: Study)] = []
    for (index, scenario) in scenarios.enumerated() {
      prepared[index].warmUp = longest
      let prices = prices[index]
      let findings = try scenario.locatingFaults { () throws(InputFault) in
        try prepared[index].run(
          goal,
          read: { (outcome) throws(InputFault) in Readings(of: outcome, cost: prices.bill(outcome).total) },
          onProgress: { [count = Double(scenarios.count)] step in
            let share = step.share.map { (Double(index) + $0) / count }
            watch.onProgress(Forecast.Progress(invocations: step.invocations, share: share))
          }, shouldStop: watch.shouldStop)
      }
      guard findings.isComplete else { return nil }
      studies.append((names[index], findings.study))
      if scenario.workload != scenarios[0].workload || scenario.window != scenarios[0].window {
        remarks.append("\(names[index]) has another workload than the first: differences are also its doing")
      }
    }
    return ComparisonReport(Comparison(studies), outputs: outputs, remarks: remarks)
  }

  /// The scenarios' names, or their files where names are not told apart.
  private var names: [String] {
    let names = scenarios.map(\.name)
    return Set(names).count == names.count ? names : scenarios.map(\.file)
  }
}
