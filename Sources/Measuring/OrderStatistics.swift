import Glibc

/// A quantile of measurements with an interval that needs no law: two of the measurements themselves.
public struct QuantileEstimate: Equatable, Sendable {
  public var value: Double
  /// Together they hold the true quantile with 95 % confidence; nil where there are too few measurements to tell.
  public var lower: Double?
  public var upper: Double?
}

/// Quantiles by ranks.
///
/// The number of measurements below the true p-quantile is binomial(n, p); ranks l < u with P(l <= B < u) >= 0.95 bracket
/// it (David and Nagaraja, Order Statistics, 3rd edition, 7.1). The tails are halved.
public struct OrderStatistics: Sendable {
  private let sorted: [Double]

  public init(_ values: some Sequence<Double>) { sorted = values.sorted() }

  public var count: Int { sorted.count }
  public var minimum: Double? { sorted.first }
  public var maximum: Double? { sorted.last }
  public var mean: Double? { sorted.isEmpty ? nil : sorted.reduce(0, +) / Double(sorted.count) }

  /// The measurement at rank ⌈p n⌉; nil when there is none. `p` is in 0...1.
  public func quantile(_ p: Double) -> QuantileEstimate? {
    guard !sorted.isEmpty else { return nil }
    let rank = max(1, min(count, Int((p * Double(count)).rounded(.up))))
    let ranks = Self.ranks(count, p)
    return QuantileEstimate(
      value: sorted[rank - 1], lower: ranks.lower.map { sorted[$0 - 1] }, upper: ranks.upper.map { sorted[$0 - 1] })
  }

  /// The ranks, counted from one, that bracket the p-quantile of `n` measurements; nil where a tail cannot be cut.
  static func ranks(_ n: Int, _ p: Double) -> (lower: Int?, upper: Int?) {
    guard n > 0, p > 0, p < 1 else { return (nil, nil) }
    let tail = 0.025
    var lower: Int?
    var upper: Int?
    var below = 0.0
    let logChance = (log(p), log1p(-p))
    for successes in 0..<n {
      let logMass =
        lgamma(Double(n) + 1) - lgamma(Double(successes) + 1) - lgamma(Double(n - successes) + 1)
        + Double(successes) * logChance.0 + Double(n - successes) * logChance.1
      below += exp(logMass)
      // P(B <= successes) = `below`. The rank above `successes` still lies below the quantile with that chance.
      if below <= tail { lower = successes + 1 }
      if upper == nil, below >= 1 - tail { upper = successes + 1 }
    }
    return (lower, upper)
  }
}
