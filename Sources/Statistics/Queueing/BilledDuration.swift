import Glibc

/// What rounding up to a billing granularity adds to a duration.
public struct BilledDuration: Equatable, Sendable {
  /// Mean billed duration, in the unit of the law.
  public let mean: Double
  /// A bound on the absolute error of `mean`; zero where a closed form was used.
  public let error: Double

  /// The mean of durations rounded up to whole multiples of `granularity`: g Σ P(X > k g).
  ///
  /// Exponential durations have the closed form g / (1 - e^(-g/mean)). Of other laws the first 20,000 terms are summed;
  /// as the survival function falls, the rest lies between its integral and that plus one term, so the middle is off by
  /// at most half a term.
  public init(of law: Distribution, granularity: Double) throws(ParameterOutOfRange) {
    try requirePositive(granularity, "granularity")
    guard law.mean > 0, law.mean.isFinite else {
      throw ParameterOutOfRange(parameter: "duration", found: "mean \(law.mean)", expected: "a finite mean above zero")
    }
    if case .exponential(let mean) = law {
      self.mean = granularity / -expm1(-granularity / mean)
      error = 0
      return
    }
    var sum = 0.0
    var units = 0.0
    var term = law.survival(0)
    while term > 0, units < 20_000 {
      sum += term
      units += 1
      term = law.survival(units * granularity)
    }
    let rest = term > 0 ? max(0, law.mean - law.limitedMean(units * granularity)) : 0
    mean = granularity * (sum + term / 2) + rest
    error = granularity * term / 2
  }
}

/// When provisioned concurrency costs less than on-demand.
public enum ProvisionedBreakEven {
  /// The busy share above which a provisioned environment is the cheaper one, from three prices for the same memory and
  /// time: on-demand duration, provisioned concurrency itself, and duration on provisioned concurrency. Above one where
  /// it never is.
  public static func utilisation(
    onDemand: Double, provisioned: Double, provisionedDuration: Double
  ) throws(ParameterOutOfRange) -> Double {
    try requirePositive(onDemand, "on-demand price")
    try requireNotNegative(provisioned, "provisioned price")
    try requireNotNegative(provisionedDuration, "provisioned duration price")
    guard onDemand > provisionedDuration else { return .infinity }
    return provisioned / (onDemand - provisionedDuration)
  }
}
