public import Diagnostics
public import Statistics
import Units
public import Workloads

extension Workload {
  /// Invocations drawn from the metrics that CloudWatch keeps of Lambda functions: the JSON that
  /// `aws cloudwatch get-metric-data` prints, its pages one after the other if there are several.
  ///
  /// A series belongs to a function by its label: `checkout Invocations`, with the namespace and the statistic where you
  /// like; or the label is the function's name and the Id begins with the metric, `invocations_1`; or the label is the
  /// metric and the Id `invocations_checkout`. Taken are Invocations (sums), Duration (averages), Errors and Throttles
  /// (sums) and ConcurrentExecutions (maxima).
  ///
  /// The period is the greatest common divisor of all distances between timestamps; instant zero is the first period's
  /// start. Invocations leave throttled requests out.
  ///
  /// - Parameters:
  ///   - file: the answer's path.
  ///   - duration: the law of durations in seconds of functions that have no Duration in the file.
  ///   - arrivals: where arrivals lie inside a period.
  public static func cloudWatch(
    file: String, duration: Distribution? = nil, arrivals: ArrivalLaw = .uniform
  ) throws(InputFault) -> Workload {
    var metrics = try CloudWatchMetrics(path: file)
    let counts = try metrics.counts()
    let durations = try metrics.durations(otherwise: duration)
    let observations = metrics.observe()
    var ledger = metrics.ledger
    ledger.synthesise("arrivals inside a period of \(TimeSpan(nanoseconds: metrics.period)): \(arrivals.rawValue)")
    let names = metrics.functions
    let stretch = metrics.period / MinuteCountGenerator.minute
    let horizon = metrics.horizon
    let generated = GeneratedWorkload(
      functions: names.map { WorkloadFunction(name: $0) }, horizon: horizon, expectedInvocations: counts.total,
      ledger: ledger, observations: observations
    ) { function, seed, replication in
      PeriodGenerator(
        MinuteCountGenerator(
          counts: counts, function: function, name: names[function], law: arrivals, duration: durations[function],
          seed: seed, replication: replication), minutesInPeriod: stretch)
    }
    return Workload(title: file, feed: .generated(generated), epoch: Double(metrics.zero / 1_000_000_000))
  }
}
