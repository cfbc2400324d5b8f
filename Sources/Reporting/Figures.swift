import Engine
import Statistics
import Units

/// What a tally says once its integers are set against the horizon; nil where there is nothing to divide by.
struct Figures {
  let tally: Tally
  let horizon: Instant
  let latency: Percentiles
  let duration: Percentiles
  let initDuration: Percentiles

  init(_ tally: Tally, horizon: Instant) {
    self.tally = tally
    self.horizon = horizon
    latency = Percentiles(tally.latency)
    duration = Percentiles(tally.duration)
    initDuration = Percentiles(tally.initDuration)
  }

  private func overHorizon(_ time: Int128) -> Double? {
    horizon.nanoseconds > 0 ? Double(time) / Double(horizon.nanoseconds) : nil
  }

  /// Invocations running, averaged over the horizon.
  var meanConcurrency: Double? { overHorizon(tally.busyTimeInHorizon) }
  /// On-demand environments waiting, averaged over the horizon.
  var meanIdleEnvironments: Double? { overHorizon(tally.idleTimeInHorizon) }

  /// Provisioned environments waiting, averaged over the horizon.
  ///
  /// Allocated time less the time they serve. The tally does not split busy time by kind, so the latter is their billed
  /// time: too large by less than a millisecond for each invocation.
  var meanIdleProvisionedEnvironments: Double? {
    let serving = min(tally.provisionedBilledMilliseconds &* 1_000_000, tally.busyTimeInHorizon)
    return overHorizon(max(0, tally.provisionedTimeInHorizon - serving))
  }

  /// Environments alive, busy or waiting, averaged over the horizon.
  var meanEnvironments: Double? {
    guard let busy = meanConcurrency, let idle = meanIdleEnvironments, let ready = meanIdleProvisionedEnvironments
    else { return nil }
    return busy + idle + ready - (overHorizon(tally.sharedBusyTimeInHorizon) ?? 0)
  }

  /// How long an on-demand environment was there up to the horizon, s: time of all by their number, which is Little's
  /// law. Those that outlive the horizon count with their part before it.
  var meanEnvironmentLifetime: Double? {
    let time = tally.busyTimeInHorizon - tally.provisionedBusyTimeInHorizon + tally.idleTimeInHorizon
    return tally.coldStarts > 0 ? Double(time) / Double(tally.coldStarts) / 1e9 : nil
  }

  /// Billed milliseconds of all invocations, on demand and provisioned.
  var billedMilliseconds: Int128 { tally.billedMilliseconds + tally.provisionedBilledMilliseconds }

  /// Billed GB-seconds of all invocations, on demand and provisioned (1 GB = 1024 MB, as AWS bills).
  var gigabyteSeconds: Double { Self.gigabyteSeconds(tally) }

  static func gigabyteSeconds(_ tally: Tally) -> Double {
    Double(tally.billedMegabyteMilliseconds + tally.provisionedBilledMegabyteMilliseconds) / 1024 / 1000
  }

  /// Cold starts among the invocations that were started.
  var coldShare: Double? { tally.starts > 0 ? Double(tally.coldStarts) / Double(tally.starts) : nil }
  /// Arrivals that were refused.
  var throttledShare: Double? { tally.arrivals > 0 ? Double(tally.throttles) / Double(tally.arrivals) : nil }
  var arrivalsPerSecond: Double? { overHorizon(Int128(tally.arrivals) * 1_000_000_000) }

  /// All figures by the names and in the order of `summary.json`; nil for those without a value.
  var named: [(String, Double?)] {
    [
      ("invocations", Double(tally.arrivals)), ("coldStarts", Double(tally.coldStarts)),
      ("throttles", Double(tally.throttles)), ("errors", Double(tally.errors)),
      ("timeouts", Double(tally.timeouts)), ("requestsRejected", Double(tally.throttles)),
      ("peakConcurrency", Double(tally.peakConcurrency)), ("meanConcurrency", meanConcurrency),
      ("meanIdleEnvironments", meanIdleEnvironments), ("meanEnvironments", meanEnvironments),
      ("environmentsCreated", Double(tally.environmentsCreated)),
      ("meanEnvironmentLifetimeSeconds", meanEnvironmentLifetime),
    ] + latency.named("latencyMs") + duration.named("durationMs") + initDuration.named("initMs")
      + [("billedMs", Double(billedMilliseconds)), ("gbSeconds", gigabyteSeconds)]
  }
}

/// Mean and percentiles of a histogram of nanoseconds, in milliseconds; all nil when it is empty.
struct Percentiles: Equatable {
  private(set) var mean: Double?
  private(set) var p50: Double?
  private(set) var p90: Double?
  private(set) var p95: Double?
  private(set) var p99: Double?
  private(set) var p999: Double?
  private(set) var maximum: Double?
  private(set) var count: UInt64

  init(_ histogram: LogLinearHistogram) {
    count = histogram.count
    guard count > 0 else { return }
    let quantiles = histogram.quantiles(Self.probabilities).map { $0 / 1e6 }
    mean = histogram.mean / 1e6
    (p50, p90, p95, p99, p999) = (quantiles[0], quantiles[1], quantiles[2], quantiles[3], quantiles[4])
    maximum = Double(histogram.maximum) / 1e6
  }

  /// The columns that every table of percentiles has, in order.
  static let keys = ["mean", "p50", "p90", "p95", "p99", "p99.9", "max"]
  /// Those of them that are quantiles, and which.
  static let quantileKeys = ["p50", "p90", "p95", "p99", "p99.9"]
  static let probabilities = [0.5, 0.9, 0.95, 0.99, 0.999]
  var values: [Double?] { [mean, p50, p90, p95, p99, p999, maximum] }

  func named(_ prefix: String) -> [(String, Double?)] {
    zip(Self.keys, values).map { ("\(prefix).\($0)", $1) }
  }
}
