import Engine
import Logs
import Planning
import Statistics
import Workloads

/// What a trace measured of itself, as figures that stand beside simulated ones.
struct Observed {
  let coldStarts: Int?
  let environments: Int?
  /// From first to last sign of life, s.
  let meanEnvironmentLifetime: Double?
  let initDuration: Percentiles
  let billedMilliseconds: Int?
  let gigabyteSeconds: Double?
  let errors: Int?
  let timeouts: Int?
  let peakConcurrency: Double?
  let throttles: Double?

  init(_ observations: Observations) {
    coldStarts = observations.coldStarts
    environments = observations.environments
    meanEnvironmentLifetime =
      observations.environmentLifetimes.isEmpty ? nil : observations.environmentLifetimes.mean / 1e9
    initDuration = Percentiles(observations.initDurations)
    billedMilliseconds = observations.billedMilliseconds
    gigabyteSeconds = observations.billedMegabyteMilliseconds.map { Double($0) / 1024 / 1000 }
    errors = observations.errors
    timeouts = observations.timeouts
    peakConcurrency = observations.concurrency.map(\.value).filter(\.isFinite).max()
    let throttled = observations.throttles.map(\.value).filter(\.isFinite)
    throttles = throttled.isEmpty ? nil : throttled.reduce(0, +)
  }

  /// One quantity that both the simulation and the measurement have.
  struct Pair {
    enum Form {
      case count
      case milliseconds
      case seconds
      case real
    }
    var name: String
    var form: Form
    var simulated: Double?
    var measured: Double?

    /// How far the simulation lies from the measurement, as a share of the measurement.
    var difference: Double? {
      guard let simulated, let measured, measured != 0 else { return nil }
      return (simulated - measured) / abs(measured)
    }
  }

  /// The measured quantities beside the simulated ones, without those that were not measured.
  func beside(_ figures: Figures) -> [Pair] {
    let tally = figures.tally
    func real(_ value: Int?) -> Double? { value.map { Double($0) } }
    let pairs = [
      Pair(name: "cold starts", form: .count, simulated: Double(tally.coldStarts), measured: real(coldStarts)),
      Pair(
        name: "environments", form: .count, simulated: Double(tally.environmentsCreated), measured: real(environments)),
      Pair(
        name: "mean environment lifetime", form: .seconds, simulated: figures.meanEnvironmentLifetime,
        measured: meanEnvironmentLifetime),
      Pair(
        name: "peak concurrency", form: .count, simulated: Double(tally.peakConcurrency), measured: peakConcurrency),
      Pair(name: "throttles", form: .count, simulated: Double(tally.throttles), measured: throttles),
      Pair(name: "errors", form: .count, simulated: Double(tally.errors), measured: real(errors)),
      Pair(name: "timeouts", form: .count, simulated: Double(tally.timeouts), measured: real(timeouts)),
      Pair(
        name: "init, median", form: .milliseconds, simulated: figures.initDuration.p50, measured: initDuration.p50),
      Pair(
        name: "init, 99th percentile", form: .milliseconds, simulated: figures.initDuration.p99,
        measured: initDuration.p99),
      Pair(
        name: "billed ms", form: .count, simulated: Double(figures.billedMilliseconds),
        measured: real(billedMilliseconds)),
      Pair(
        name: "billed GB-s", form: .real, simulated: figures.gigabyteSeconds, measured: gigabyteSeconds),
    ]
    return pairs.filter { $0.measured != nil }
  }
}
