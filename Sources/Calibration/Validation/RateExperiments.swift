public import Diagnostics
public import Platform
import Simulation
import Statistics
import Units
import Workload

/// Experiments with Poisson arrivals at different rates, of which cold-start probability and environments were measured.
public struct RateExperiments: Sendable {
  public struct Experiment: Hashable, Sendable {
    public var name: String
    /// Arrivals per second.
    public var rate: Double
    /// Mean seconds of a warm and of a cold invocation.
    public var warm: Double
    public var cold: Double
    public var environments: Double
    public var coldProbability: Double
    public var standardError: Double
  }

  public var experiments: [Experiment] = []

  /// Seconds; synthetic workloads end after ten years.
  private static let longest = 3.1e8

  /// Reads the table that Mahmoudi and Khazaei publish with SimFaaS (github.com/pacslab/simfaas, examples/exp.csv).
  public init(path: String) throws(InputFault) {
    let csv = try CSVReader(path: path)
    let rate = try csv.requiredColumn("ArrivalRate")
    let warm = try csv.requiredColumn("ServiceTimeWarm")
    let cold = try csv.requiredColumn("ServiceTimeCold")
    let environments = try csv.requiredColumn("AverageInstanceCount")
    let probability = try csv.requiredColumn("ColdStartProbability")
    let error = try csv.requiredColumn("ColdStartProbabilitySE")
    while try csv.next() {
      experiments.append(
        Experiment(
          name: csv.text(0), rate: try csv.positive(rate, "a rate per second above zero"),
          warm: try csv.positive(warm, "milliseconds above zero") / 1000,
          cold: try csv.positive(cold, "milliseconds above zero") / 1000,
          environments: try csv.positive(environments, "a number above zero"),
          coldProbability: try csv.positive(probability, "a probability above zero"),
          standardError: try csv.positive(error, "a standard error above zero")))
    }
    guard !experiments.isEmpty else {
      throw InputFault(at: .init(file: path), found: "no rows", expected: "experiments")
    }
    experiments.sort { $0.rate < $1.rate }
  }

  /// What laws predict of an experiment.
  public struct Prediction: Hashable, Sendable {
    public var experiment: Experiment
    public var coldProbability: Double
    public var environments: Double

    public var coldError: Double { coldProbability / experiment.coldProbability - 1 }
    public var environmentsError: Double { environments / experiment.environments - 1 }
    /// In standard errors of the measurement.
    public var z: Double { (coldProbability - experiment.coldProbability) / experiment.standardError }
  }

  /// Simulates each experiment with about `invocations` invocations.
  ///
  /// - Parameter goesOn: told the share of the experiments that are done; where it says no, the others are left out.
  public func predictions(
    under platform: Platform, invocations: Int = 1_000_000, seed: UInt64 = 0, jobs: Int = 1,
    goesOn: (Double) -> Bool = { _ in true }
  ) throws(InputFault) -> [Prediction] {
    var predictions: [Prediction] = []
    for experiment in experiments {
      guard goesOn(Double(predictions.count) / Double(experiments.count)) else { break }
      let function = SyntheticFunction(
        name: experiment.name, arrivals: .poisson(rate: experiment.rate), duration: .constant(experiment.warm))
      let length = min(Double(invocations) / experiment.rate, Self.longest)
      let workload = try Workload.synthetic(
        SyntheticWorkload(horizon: TimeSpan(seconds: length) ?? .hours(24), functions: [function]),
        title: experiment.name)
      var rule = FunctionRule(pattern: "*")
      rule.memory = MemorySize(megabytes: 128)
      rule.initDuration = .constant(max(0, experiment.cold - experiment.warm))
      rule.platformOverhead = .constant(0)
      var platform = platform
      platform.accountConcurrency = nil
      platform.rules = [rule]
      let outcome = try Simulation(workload: workload, platform: platform, seed: seed, jobs: jobs).run()
      let tally = outcome.totals
      predictions.append(
        Prediction(
          experiment: experiment, coldProbability: Double(tally.coldStarts) / Double(max(1, tally.arrivals)),
          environments: Double(tally.busyTimeInHorizon + tally.idleTimeInHorizon)
            / Double(max(1, outcome.horizon.nanoseconds))))
    }
    return predictions
  }
}
