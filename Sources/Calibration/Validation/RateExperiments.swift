public import Diagnostics
import Engine
public import Platforms
import Reading
import Statistics
import Units
import Workloads

/// Experiments with Poisson arrivals at different rates, of which cold-start probability and environments were measured.
public struct RateExperiments: Sendable {
  public struct Experiment: Hashable, Sendable {
    public var name: String
    /// Arrivals per second.
    public var rate: Double
    /// Mean seconds of a warm and of a cold invocation, as the caller saw them.
    public var warm: Double
    public var cold: Double
    /// Environments on average.
    public var environments: Double
    /// Nobody sees an environment end: seconds after its last request for which it was counted, whatever became of it. Nil
    /// where the table doesn't say.
    public var countedIdle: Double?
    public var coldProbability: Double
    public var standardError: Double
  }

  public var experiments: [Experiment] = []
  private let path: String

  /// Seconds; synthetic workloads end after ten years.
  private static let longest = 3.1e8

  /// Invocations after which a mean wait is known well enough: by a fiftieth, where one in a thousand is cold.
  private static let enough = 1_000_000

  /// Reads the table that Mahmoudi and Khazaei publish with SimFaaS (github.com/pacslab/simfaas, examples/exp.csv). How they
  /// counted environments is in `parse_instance_info` of github.com/pacslab/serverless-performance-modeling,
  /// pacsltk/pacsltk/exp_parser.py; from their traces the same count gives the table's numbers to the last digit.
  public init(path: String) throws(InputFault) {
    self.path = path
    let csv = try CSVReader(path: path)
    let rate = try csv.requiredColumn("ArrivalRate")
    let warm = try csv.requiredColumn("ServiceTimeWarm")
    let cold = try csv.requiredColumn("ServiceTimeCold")
    let environments = try csv.requiredColumn("AverageInstanceCount")
    let probability = try csv.requiredColumn("ColdStartProbability")
    let error = try csv.requiredColumn("ColdStartProbabilitySE")
    let idle = csv.column("idleminutesbeforekill")
    while try csv.next() {
      experiments.append(
        Experiment(
          name: csv.text(0), rate: try csv.positive(rate, "a rate per second above zero"),
          warm: try csv.positive(warm, "milliseconds above zero") / 1000,
          cold: try csv.positive(cold, "milliseconds above zero") / 1000,
          environments: try csv.positive(environments, "a number above zero"),
          countedIdle: try idle.map { column throws(InputFault) in
            try csv.positive(column, "minutes above zero") * 60
          },
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
    /// Environments alive, on average.
    public var alive: Double
    /// Environments as the experiment counted them.
    public var environments: Double

    public var coldError: Double { coldProbability / experiment.coldProbability - 1 }
    public var environmentsError: Double { environments / experiment.environments - 1 }
    /// In standard errors of the measurement.
    public var z: Double { (coldProbability - experiment.coldProbability) / experiment.standardError }
  }

  /// Simulates each experiment with about `invocations` invocations.
  ///
  /// - Parameters:
  ///   - roundTrip: seconds of the caller's times that are on the way and hold no environment.
  ///   - goesOn: told the share of the experiments that are done; where it says no, the others are left out.
  public func predictions(
    under platform: Platform, roundTrip: Double = 0, invocations: Int = 1_000_000, seed: UInt64 = 0, jobs: Int = 1,
    goesOn: (Double) -> Bool = { _ in true }
  ) throws(InputFault) -> [Prediction] {
    var predictions: [Prediction] = []
    for experiment in experiments {
      guard goesOn(Double(predictions.count) / Double(experiments.count)) else { break }
      guard roundTrip < experiment.warm else {
        throw InputFault(
          at: .init(file: path, key: experiment.name), found: "a round trip of \(roundTrip) s",
          expected: "less than its warm invocations take, \(experiment.warm) s")
      }
      let warm = experiment.warm - roundTrip
      let cold = max(warm, experiment.cold - roundTrip)
      let function = SyntheticFunction(
        name: experiment.name, arrivals: .poisson(rate: experiment.rate), duration: .constant(warm))
      let length = min(Double(invocations) / experiment.rate, Self.longest)
      let workload = try Workload.synthetic(
        SyntheticWorkload(horizon: TimeSpan(seconds: length) ?? .hours(24), functions: [function]),
        title: experiment.name)
      var rule = FunctionRule(pattern: "*")
      rule.memory = MemorySize(megabytes: 128)
      rule.initDuration = .constant(cold - warm)
      rule.platformOverhead = .constant(0)
      var platform = platform
      platform.accountConcurrency = nil
      platform.rules = [rule]
      let outcome = try Simulation(workload: workload, platform: platform, seed: seed, jobs: jobs).run()
      let tally = outcome.totals
      let coldProbability = Double(tally.coldStarts) / Double(max(1, tally.arrivals))
      let alive =
        Double(tally.busyTimeInHorizon + tally.idleTimeInHorizon) / Double(max(1, outcome.horizon.nanoseconds))
      var environments = alive
      if let counted = experiment.countedIdle,
        // The engine keeps no account of single environments: how long one waits in vain is another replay's.
        let waited = ConstantRatePool(
          rate: experiment.rate, warm: warm, cold: cold, under: platform, invocations: min(tally.arrivals, Self.enough),
          seed: seed, subject: StableHash.of(experiment.name))?.lastWait
      {
        environments += experiment.rate * coldProbability * (counted - waited)
      }
      predictions.append(
        Prediction(
          experiment: experiment, coldProbability: coldProbability, alive: alive, environments: environments))
    }
    return predictions
  }
}
