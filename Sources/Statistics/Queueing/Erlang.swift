/// Poisson arrivals at a concurrency limit that rejects what finds it full (M/G/c/c, Erlang's loss system).
///
/// Blocking and occupancy hold for every law of the service time with this mean; the overflow's variance and the time to
/// overflow are for exponential service.
public struct LossSystem: Equatable, Sendable {
  /// Mean number of busy environments were there no limit, in Erlang (rate × mean service time).
  public let offered: Double
  /// The concurrency limit; zero rejects all.
  public let limit: Int
  /// The share of arrivals that is rejected, B(limit, offered). Below 1e-307 it is zero.
  public let blocking: Double

  /// `offered` is positive, at most `largestOfferedLoad`; `limit` is from 0 to ten million. Takes time proportional to
  /// `limit`, some nanoseconds each.
  public init(offered: Double, limit: Int) throws(ParameterOutOfRange) {
    try requireLoad(offered)
    try requireCount(limit, "limit", in: 0...10_000_000)
    self.offered = offered
    self.limit = limit
    blocking = Self.blocking(offered: offered, limit: limit)
  }

  /// Erlang's recursion B(n) = a B(n-1) / (n + a B(n-1)); it sums positive numbers and is stable for every load.
  static func blocking(offered: Double, limit: Int) -> Double {
    var blocking = 1.0
    var n = 0.0
    while n < Double(limit), blocking > 0 {
      n += 1
      blocking = offered * blocking / (n + offered * blocking)
    }
    return blocking
  }

  /// Mean number of busy environments.
  public var meanBusy: Double { offered * (1 - blocking) }

  /// Mean of the environments that the rejected arrivals would keep busy in a group of their own, in Erlang: what
  /// provisioned concurrency `limit` spills to on-demand environments.
  public var overflowMean: Double { offered * blocking }

  /// Variance of the same. L. Kosten 1937; J. Riordan in R. I. Wilkinson, BSTJ 35, 1956.
  public var overflowVariance: Double {
    let mean = overflowMean
    return mean * (1 - mean + offered / (Double(limit) + 1 + mean - offered))
  }

  /// Variance over mean of the overflow; above one because overflow comes in bursts.
  public var overflowPeakedness: Double {
    let mean = overflowMean
    return 1 - mean + offered / (Double(limit) + 1 + mean - offered)
  }

  /// Mean time between rejections in units of the mean service time: also the mean time from `limit` busy to
  /// `limit` + 1 when nothing limits them.
  public var meanTimeBetweenRejections: Double { 1 / (offered * blocking) }

  /// The smallest limit that rejects at most a share `target` of the arrivals.
  public static func smallestLimit(offered: Double, blocking target: Double) throws(ParameterOutOfRange) -> Int {
    try requireLoad(offered)
    try requireProbability(target, "target")
    var blocking = 1.0
    var limit = 0
    while blocking > target {
      limit += 1
      blocking = offered * blocking / (Double(limit) + offered * blocking)
    }
    return limit
  }

  /// The largest load in Erlang of which `limit` environments reject at most a share `target`.
  public static func largestLoad(limit: Int, blocking target: Double) throws(ParameterOutOfRange) -> Double {
    try requireCount(limit, "limit")
    try requireProbability(target, "target")
    return bisectLogarithm(from: 1e-300, to: largestOfferedLoad) { offered in
      Self.blocking(offered: offered, limit: limit) <= target
    }
  }
}

/// The last value, to full precision, at which a condition holds that holds up to some value and no further.
/// `low` when it holds nowhere, `high` when it holds throughout; both are positive.
func bisectLogarithm(from low: Double, to high: Double, while holds: (Double) -> Bool) -> Double {
  if holds(high) { return high }
  var low = low
  var high = high
  // Far apart, the geometric middle; once within an octave, the arithmetic one.
  while true {
    let middle = high > 2 * low ? low.squareRoot() * high.squareRoot() : low + (high - low) / 2
    guard middle > low, middle < high, high - low > 4e-15 * high else { return low }
    if holds(middle) { low = middle } else { high = middle }
  }
}
