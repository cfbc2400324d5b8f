package import Engine
package import Statistics
package import Units

/// What a tally says once its integers are set against the horizon; nil where there is nothing to divide by.
package struct Figures {
  package let tally: Tally
  package let horizon: Instant
  package let latency: Percentiles
  package let duration: Percentiles
  package let initDuration: Percentiles

  package init(_ tally: Tally, horizon: Instant) {
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
  package var meanConcurrency: Double? { overHorizon(tally.busyTimeInHorizon) }
  /// On-demand environments waiting, averaged over the horizon.
  package var meanIdleEnvironments: Double? { overHorizon(tally.idleTimeInHorizon) }

  /// Provisioned environments waiting, averaged over the horizon.
  ///
  /// Allocated time less the time they serve. The tally does not split busy time by kind, so the latter is their billed
  /// time: too large by less than a millisecond for each invocation.
  package var meanIdleProvisionedEnvironments: Double? {
    let serving = min(tally.provisionedBilledMilliseconds &* 1_000_000, tally.busyTimeInHorizon)
    return overHorizon(max(0, tally.provisionedTimeInHorizon - serving))
  }

  /// Environments alive, busy or waiting, averaged over the horizon.
  package var meanEnvironments: Double? {
    guard let busy = meanConcurrency, let idle = meanIdleEnvironments, let ready = meanIdleProvisionedEnvironments
    else { return nil }
    return busy + idle + ready - (overHorizon(tally.sharedBusyTimeInHorizon) ?? 0)
  }

  /// How long an on-demand environment was there up to the horizon, s: time of all by their number, which is Little's
  /// law. Those that outlive the horizon count with their part before it.
  package var meanEnvironmentLifetime: Double? {
    let time = tally.busyTimeInHorizon - tally.provisionedBusyTimeInHorizon + tally.idleTimeInHorizon
    return tally.coldStarts > 0 ? Double(time) / Double(tally.coldStarts) / 1e9 : nil
  }

  /// Billed milliseconds of all invocations, on demand and provisioned.
  package var billedMilliseconds: Int128 { tally.billedMilliseconds + tally.provisionedBilledMilliseconds }

  /// Billed GB-seconds of all invocations, on demand and provisioned (1 GB = 1024 MB, as AWS bills).
  package var gigabyteSeconds: Double { Self.gigabyteSeconds(tally) }

  package static func gigabyteSeconds(_ tally: Tally) -> Double {
    Double(tally.billedMegabyteMilliseconds + tally.provisionedBilledMegabyteMilliseconds) / 1024 / 1000
  }

  /// Cold starts among the invocations that were started.
  package var coldShare: Double? { tally.starts > 0 ? Double(tally.coldStarts) / Double(tally.starts) : nil }
  /// Arrivals that were refused.
  package var throttledShare: Double? { tally.arrivals > 0 ? Double(tally.throttles) / Double(tally.arrivals) : nil }
  package var arrivalsPerSecond: Double? { overHorizon(Int128(tally.arrivals) * 1_000_000_000) }
}

/// Mean and percentiles of a histogram of nanoseconds, in milliseconds; all nil when it is empty.
package struct Percentiles: Equatable {
  package private(set) var mean: Double?
  package private(set) var p50: Double?
  package private(set) var p90: Double?
  package private(set) var p95: Double?
  package private(set) var p99: Double?
  package private(set) var p999: Double?
  package private(set) var maximum: Double?
  package private(set) var count: UInt64

  package init(_ histogram: LogLinearHistogram) {
    count = histogram.count
    guard count > 0 else { return }
    let quantiles = histogram.quantiles(Self.probabilities).map { $0 / 1e6 }
    mean = histogram.mean / 1e6
    (p50, p90, p95, p99, p999) = (quantiles[0], quantiles[1], quantiles[2], quantiles[3], quantiles[4])
    maximum = Double(histogram.maximum) / 1e6
  }

  /// Those of a histogram, in the order of `Output.Statistic`.
  package var values: [Double?] { [mean, p50, p90, p95, p99, p999, maximum] }

  package static let keys = Output.Statistic.allCases.map(\.rawValue)
  private static let probabilities = Output.Statistic.allCases.compactMap(\.probability)
}
