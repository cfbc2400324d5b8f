/// A function whose requests come one at a time, at gaps that are independent and of one law: a single environment, kept
/// alive for a while after each request, and perhaps unloaded and loaded again ahead of the next (pre-warming).
///
///     request       unload          load again                unload
///     |— service —|            |—————— keep-alive ——————|
///     0           s          s + pre-warm      s + pre-warm + keep-alive
///
/// Exact when no gap is shorter than the service time; `overlapProbability` says how often one is.
public struct RenewalEnvironment: Equatable, Sendable {
  /// The law of the gap between requests, start to start, in seconds.
  public let gap: Distribution
  /// Service time in seconds.
  public let service: Double
  /// Seconds after the service at which the environment is loaded again; zero for one that stays loaded.
  public let preWarm: Double
  /// Seconds that it stays from then on.
  public let keepAlive: Double

  /// The gap has a positive mean; the times are not negative.
  public init(
    gap: Distribution, service: Double = 0, preWarm: Double = 0, keepAlive: Double
  ) throws(ParameterOutOfRange) {
    guard gap.mean > 0 else {
      throw ParameterOutOfRange(parameter: "gap", found: "mean \(gap.mean)", expected: "a mean above zero")
    }
    try requireNotNegative(service, "service time")
    try requireNotNegative(preWarm, "pre-warm time")
    try requireNotNegative(keepAlive, "keep-alive")
    self.gap = gap
    self.service = service
    self.preWarm = preWarm
    self.keepAlive = keepAlive
  }

  /// Share of the requests that find the environment unloaded: too early for the pre-warming, or too late.
  public var coldProbability: Double {
    let late = gap.survival(service + preWarm + keepAlive)
    return preWarm > 0 ? 1 - gap.survival(service + preWarm) + late : late
  }

  /// Mean seconds, for each request, that the environment is loaded and idle.
  public var meanWarmIdle: Double {
    gap.limitedMean(service + preWarm + keepAlive) - gap.limitedMean(service + preWarm)
  }

  /// Share of the gaps that are shorter than the service time, in which a second environment would be started: what this
  /// model leaves out.
  public var overlapProbability: Double { service > 0 ? 1 - gap.survival(service) : 0 }

  /// The shortest keep-alive in seconds with at most a share `target` of late requests, those that come after it.
  public static func keepAlive(
    forLateProbability target: Double, gap: Distribution, service: Double = 0
  ) throws(ParameterOutOfRange) -> Double {
    try requireProbability(target, "target")
    try requireNotNegative(service, "service time")
    guard gap.survival(1e18) <= target else {
      throw ParameterOutOfRange(parameter: "gap", found: "a law without end", expected: "gaps within a human time")
    }
    if gap.survival(service) <= target { return 0 }
    let end = bisectLogarithm(from: 1e-12, to: 1e18) { gap.survival($0) > target }
    // The last time at which too many are late, and the next number after it.
    return max(0, end.nextUp * (1 + 8e-15) - service)
  }
}
