import Glibc

/// The Poisson law: how many execution environments are busy when nothing limits them (M/G/∞).
public struct PoissonLaw: Equatable, Sendable {
  public let mean: Double

  /// `mean` is positive and at most `largestOfferedLoad`.
  public init(mean: Double) throws(ParameterOutOfRange) {
    try requireLoad(mean)
    self.mean = mean
  }

  init(unchecked mean: Double) { self.mean = mean }

  /// P(N = n), to about 1e-14 relative; zero below zero.
  ///
  /// C. Loader, "Fast and accurate computation of binomial probabilities", 2000: no difference of large logarithms.
  public func probability(of n: Int) -> Double {
    if n < 0 { return 0 }
    if n == 0 { return exp(-mean) }
    let x = Double(n)
    return exp(-Self.stirlingError(x) - Self.deviance(x, mean)) / (2 * .pi * x).squareRoot()
  }

  /// P(N > n). Sums positive terms only, about √mean of them.
  public func probability(above n: Int) -> Double {
    if n < 0 { return 1 }
    if Double(n) + 1 < mean { return 1 - probability(upTo: n) }
    var term = 1.0
    var sum = 1.0
    var k = Double(n) + 1
    while term > 1e-17 * sum {
      k += 1
      term *= mean / k
      sum += term
    }
    return probability(of: n + 1) * sum
  }

  /// P(N ≤ n).
  public func probability(upTo n: Int) -> Double {
    if n < 0 { return 0 }
    if Double(n) >= mean { return 1 - probability(above: n) }
    var term = 1.0
    var sum = 1.0
    var k = Double(n)
    while term > 1e-17 * sum, k > 0 {
      term *= k / mean
      k -= 1
      sum += term
    }
    return probability(of: n) * sum
  }

  /// The smallest n with P(N ≤ n) ≥ p: the peak that a share p of all instants stays within. `p` is in 0..<1.
  public func quantile(_ p: Double) -> Int {
    var low = -1
    var high = peak(ofProbability: (1 - p) / 2)
    while probability(upTo: high) < p { high += 1 + high / 8 }
    while high - low > 1 {
      let middle = (low + high) / 2
      if probability(upTo: middle) >= p { high = middle } else { low = middle }
    }
    return high
  }

  /// The first n beyond the mean whose probability is below `probability`: where a truncated sum may end.
  func peak(ofProbability probability: Double) -> Int {
    var step = max(1, Int(mean.squareRoot()))
    var n = Int(mean) + 1
    while self.probability(of: n) >= probability { n += step }
    while step > 1 {
      step = (step + 1) / 2
      while n - step > Int(mean), self.probability(of: n - step) < probability { n -= step }
    }
    return n
  }

  /// The last n below the mean whose probability is below `probability`, or zero: where a truncated sum may begin.
  func trough(ofProbability probability: Double) -> Int {
    let step = max(1, Int(mean.squareRoot() / 4))
    var n = Int(mean)
    while n > 0, self.probability(of: n) >= probability { n -= step }
    return max(0, n)
  }

  /// log n! - log(√(2πn) (n/e)^n).
  private static func stirlingError(_ n: Double) -> Double {
    if n < 16 {
      var logFactorial = 0.0
      for k in stride(from: 2.0, through: n, by: 1) { logFactorial += log(k) }
      return logFactorial - 0.5 * log(2 * .pi * n) - n * log(n) + n
    }
    let square = n * n
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680) / square) / square) / square) / n
  }

  /// x log(x / mean) + mean - x, without cancellation near x = mean.
  private static func deviance(_ x: Double, _ mean: Double) -> Double {
    guard abs(x - mean) < 0.1 * (x + mean) else { return x * log(x / mean) + mean - x }
    let ratio = (x - mean) / (x + mean)
    var sum = (x - mean) * ratio
    var term = 2 * x * ratio
    var k = 1.0
    while true {
      term *= ratio * ratio
      k += 2
      let next = sum + term / k
      if next == sum { return sum }
      sum = next
    }
  }
}
