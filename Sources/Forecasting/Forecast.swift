public import Diagnostics
public import Engine
public import Foundation
public import Planning
public import Pricing
public import Reporting
public import Scenarios
import Units

/// A scenario on its way to a report: the one call behind `faascast simulate`.
///
/// ```swift
/// let scenario = try Scenario(contentsOf: "Scenarios/quickstart.yaml")
/// let report = try Forecast(of: scenario).run().report
/// print(report.outcome.totals.coldStarts)
/// ```
public struct Forecast {
  /// How a scenario is run, and what its report tells beyond the usual.
  public struct Options: Sendable {
    /// Replications, or a precision; nil: as many replications as the scenario says.
    public var goal: Replications.Goal?
    /// What each replication leaves out at its beginning; nil: several replications of a workload with a steady state
    /// leave out what is unsettled, all others nothing.
    public var warmUp: WarmUpChoice?
    /// Threads, at least 1. The answer does not depend on them.
    public var jobs: Int
    /// Whether to replay once more for the cold starts under every keep-alive.
    public var keepAliveCurve = false
    /// Whether to tell the bill of thirty days at the same pace.
    public var perMonth = false
    /// Whether to search for the cheapest provisioned concurrency, and to show alternatives in the text.
    public var searchesProvisioned = false

    public init(jobs: Int = ProcessInfo.processInfo.activeProcessorCount) { self.jobs = jobs }
  }

  /// How a forecast is watched, stopped and kept from outside.
  public struct Watch {
    /// Called now and then, one call at a time, from any thread.
    public var onProgress: (Progress) -> Void
    /// Asked now and then, from any thread; the forecast ends with what it has once this is true.
    public var shouldStop: () -> Bool

    /// What a single run goes on from, and what becomes of its checkpoints.
    public var checkpointing: Checkpointing?

    public init(
      onProgress: @escaping (Progress) -> Void = { _ in }, shouldStop: @escaping () -> Bool = { false },
      checkpointing: Checkpointing? = nil
    ) {
      self.onProgress = onProgress
      self.shouldStop = shouldStop
      self.checkpointing = checkpointing
    }

    /// `onProgress` for the steps of simulations.
    var onSteps: (Simulation.Progress) -> Void {
      { [onProgress] step in onProgress(Progress(invocations: step.invocations, share: step.share)) }
    }
  }

  /// How far a forecast has come.
  public struct Progress: Sendable {
    /// Invocations replayed so far; nil in a search that counts its own steps.
    public var invocations: Int?
    /// 0 to 1, where it can be told.
    public var share: Double?
  }

  /// A report, and whether it is what was asked for.
  public struct Result: Sendable {
    public var report: Report
    /// Whether everything was simulated: nothing stopped it.
    public var isComplete: Bool
    /// Outputs that are not as precise as the goal asks.
    public var missed: [Output]
  }

  public let scenario: Scenario
  public var options: Options

  private let prices: ScenarioPrices
  private let simulation: Simulation

  /// Opens the scenario's workload and checks what can be checked before a long run.
  ///
  /// - Parameter book: prices; nil: the scenario's book, else the program's own.
  /// - Throws: when the workload can't be opened, or the book lacks the scenario's Region.
  public init(of scenario: Scenario, book: PriceBook? = nil, options: Options = Options()) throws(InputFault) {
    self.scenario = scenario
    self.options = options
    prices = try ScenarioPrices(of: scenario, book: book)
    simulation = Simulation(
      workload: try scenario.openWorkload(), platform: scenario.platform, seed: scenario.seed)
  }

  /// Replications to run.
  public var goal: Replications.Goal { options.goal ?? .count(scenario.replications) }

  /// Simulates and makes the report.
  ///
  /// - Parameter run: what the report says of the run that made it; its measurements are filled in.
  /// - Throws: a fault of the workload or of settings that do not go together, with its place in the scenario's file.
  public func run(_ watch: Watch = Watch(), as run: Report.Run = Report.Run()) throws(InputFault) -> Result {
    try scenario.locatingFaults { () throws(InputFault) in try located(watch, run) }
  }

  private func located(_ watch: Watch, _ run: Report.Run) throws(InputFault) -> Result {
    let start = ContinuousClock.now
    var replications = Replications(simulation, jobs: options.jobs)
    let warmUp = try (options.warmUp ?? .standard(goal: goal, of: scenario))
      .settle(&replications, goal: goal, of: scenario, shouldStop: watch.shouldStop)
    let findings = try replications.run(
      goal,
      read: { [prices] (outcome) throws(InputFault) in Readings(of: outcome, cost: prices.bill(outcome).total) },
      onProgress: watch.onSteps, shouldStop: watch.shouldStop, checkpointing: watch.checkpointing)
    let outcome = findings.first
    let curve = try options.keepAliveCurve && outcome.isComplete ? keepAliveCurve(watch) : nil
    let seconds = (ContinuousClock.now - start) / .seconds(1)

    let certainty = Report.Certainty(
      of: findings, goal: goal, warmUp: warmUp, isStationary: scenario.isStationary)
    let alternative =
      try options.searchesProvisioned
      ? prices.cheapestProvisioned(beside: outcome, replications, watch) : ProvisionedAnswer.notAsked
    let costs = prices.costs(
      of: outcome, interval: certainty.intervals[.cost], perMonth: options.perMonth, provisioned: alternative)
    let measured = Report.Measured(
      simulationSeconds: seconds, invocationsPerSecond: findings.invocations / max(seconds, 1e-9),
      peakMemoryMB: peakMemoryMB)
    let report = Report(
      scenario: scenario.name, seed: scenario.seed, replications: max(1, findings.study.replications),
      platform: scenario.platform, outcome: outcome, costs: costs, certainty: certainty,
      keepAliveCurve: curve?.isComplete == true ? curve : nil,
      run: Report.Run(measured: measured, command: run.command, producer: run.producer))
    return Result(
      report: report,
      isComplete: outcome.isComplete && findings.isComplete && curve?.isComplete != false,
      missed: findings.missed(goal))
  }

  private func keepAliveCurve(_ watch: Watch) throws(InputFault) -> KeepAliveCurve {
    var simulation = simulation
    simulation.jobs = options.jobs
    return try simulation.keepAliveCurve(onProgress: watch.onSteps, shouldStop: watch.shouldStop)
  }

  /// The process's largest resident memory so far, MB (2^20 bytes).
  private var peakMemoryMB: Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return Double(usage.ru_maxrss) / 1024
  }
}
