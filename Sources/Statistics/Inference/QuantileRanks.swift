import CGSL

/// Which two of the values in ascending order hold a quantile between them, whatever law the values have.
///
/// The number of values at or below the quantile is binomial; the ranks are its quantiles, the upper one plus one.
/// H. A. David and H. N. Nagaraja, "Order Statistics", 3rd edition, section 7.1.
public struct QuantileRanks: Hashable, Sendable {
  /// Counted from one; 0 where no value is known to lie below the quantile.
  public let lower: Int
  /// Counted from one; one more than there are values where no value is known to lie above the quantile.
  public let upper: Int
  /// The probability that the quantile lies between the two, at least what was asked for.
  public let coverage: Double

  /// - Parameters:
  ///   - p: which quantile, between 0 and 1.
  ///   - count: how many independent values there are, from one to four thousand million.
  public init(of p: Double, in count: Int, confidence: Double = 0.95) {
    let trials = UInt32(clamping: max(1, count))
    let tail = (1 - confidence) / 2
    func atMost(_ k: Int) -> Double { k < 0 ? 0 : gsl_cdf_binomial_P(UInt32(clamping: k), p, trials) }
    /// The least k with P(at most k) ≥ `probability`.
    func quantile(_ probability: Double) -> Int {
      var (low, high) = (-1, Int(trials))
      while high - low > 1 {
        let middle = (low + high) / 2
        if atMost(middle) >= probability { high = middle } else { low = middle }
      }
      return high
    }
    lower = quantile(tail)
    upper = quantile(1 - tail) + 1
    coverage = atMost(upper - 1) - atMost(lower - 1)
  }
}
