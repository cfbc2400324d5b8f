import CGSL

/// An estimate, and the range around it that holds the truth in a stated share of cases.
public struct ConfidenceInterval: Hashable, Sendable {
  public var estimate: Double
  public var lower: Double
  public var upper: Double

  public init(estimate: Double, lower: Double, upper: Double) {
    self.estimate = estimate
    self.lower = lower
    self.upper = upper
  }

  /// Half of its width: the number behind the ±.
  public var halfWidth: Double { (upper - lower) / 2 }
  public func contains(_ value: Double) -> Bool { lower <= value && value <= upper }

  /// The mean of independent values and Student's interval around it; nil for fewer than two.
  ///
  /// Holds the stated share exactly for normal values and nearly so for means of long runs.
  public static func mean(of values: [Double], confidence: Double = 0.95) -> ConfidenceInterval? {
    guard values.count > 1 else { return nil }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = (squares / (count - 1) / count).squareRoot()
    let halfWidth = studentMargin(confidence, degreesOfFreedom: count - 1) * error
    return ConfidenceInterval(estimate: mean, lower: mean - halfWidth, upper: mean + halfWidth)
  }

  /// The share of `hits` in `trials` and Wilson's interval around it, which stays within 0...1 and says something even
  /// where there are no hits. E. B. Wilson, "Probable inference", JASA 22, 1927. Nil without trials.
  ///
  /// - Parameter quantile: how many standard errors wide; `normalMargin(confidence)` for independent trials.
  public static func share(of hits: Double, in trials: Double, quantile: Double) -> ConfidenceInterval? {
    guard trials > 0 else { return nil }
    let share = hits / trials
    let spread = quantile * quantile / trials
    let centre = (share + spread / 2) / (1 + spread)
    let halfWidth = quantile * (share * (1 - share) / trials + spread / (4 * trials)).squareRoot() / (1 + spread)
    // At the ends the formula is 0 and 1 but for rounding.
    return ConfidenceInterval(
      estimate: share, lower: hits == 0 ? 0 : centre - halfWidth, upper: hits == trials ? 1 : centre + halfWidth)
  }
}

/// How many standard errors to each side hold a normal value with probability `confidence`: 1.96 for 0.95.
public func normalMargin(_ confidence: Double) -> Double { gsl_cdf_ugaussian_Pinv((1 + confidence) / 2) }

/// The same where the standard error is itself an estimate with so many degrees of freedom (Student's law).
public func studentMargin(_ confidence: Double, degreesOfFreedom: Double) -> Double {
  gsl_cdf_tdist_Pinv((1 + confidence) / 2, degreesOfFreedom)
}
