import Glibc

/// Mean rate and burstiness of an arrival process.
///
/// The index of dispersion for counts is the variance over the mean of the arrivals in a window; one for Poisson.
public struct ArrivalMoments: Equatable, Sendable {
  /// Arrivals per second.
  public let meanRate: Double
  /// The index of dispersion for counts in long windows.
  public let dispersion: Double
  /// Seconds within which the burstiness builds up, where it does so exponentially.
  private let memory: Double?

  private init(meanRate: Double, dispersion: Double, memory: Double? = nil) {
    self.meanRate = meanRate
    self.dispersion = dispersion
    self.memory = memory
  }

  /// The index of dispersion for counts in windows of `seconds`; nil where only the limit is known.
  public func dispersion(seconds: Double) -> Double? {
    if dispersion == 1 { return 1 }
    guard let memory, seconds > 0 else { return nil }
    return 1 + (dispersion - 1) * decayAverage(seconds / memory)
  }

  public static func poisson(rate: Double) throws(ParameterOutOfRange) -> ArrivalMoments {
    try requirePositive(rate, "rate")
    return ArrivalMoments(meanRate: rate, dispersion: 1)
  }

  /// A Poisson process whose rate switches between two values (MMPP-2); `leaving` are the rates at which each is left.
  /// W. Fischer and K. Meier-Hellstern, "The Markov-modulated Poisson process cookbook", Performance Evaluation 18, 1993.
  public static func switchedPoisson(
    rates: (Double, Double), leaving: (Double, Double)
  ) throws(ParameterOutOfRange) -> ArrivalMoments {
    try requireNotNegative(rates.0, "first rate")
    try requireNotNegative(rates.1, "second rate")
    try requirePositive(leaving.0, "rate of leaving the first rate")
    try requirePositive(leaving.1, "rate of leaving the second rate")
    try requirePositive(rates.0 + rates.1, "sum of the rates")
    let turnover = leaving.0 + leaving.1
    let flow = rates.0 * leaving.1 + rates.1 * leaving.0
    let gap = rates.0 - rates.1
    return ArrivalMoments(
      meanRate: flow / turnover,
      dispersion: 1 + 2 * gap * gap * leaving.0 * leaving.1 / (turnover * turnover * flow),
      memory: 1 / turnover)
  }

  /// A self-exciting process (Hawkes): a base rate, and on average `branching` further arrivals caused by each.
  /// A. G. Hawkes, Biometrika 58, 1971.
  public static func selfExciting(base: Double, branching: Double) throws(ParameterOutOfRange) -> ArrivalMoments {
    try requirePositive(base, "base rate")
    guard branching >= 0, branching < 1 else {
      throw ParameterOutOfRange(
        parameter: "branching", found: "\(branching)", expected: "from 0 to below 1, or else arrivals explode")
    }
    return ArrivalMoments(meanRate: base / (1 - branching), dispersion: 1 / ((1 - branching) * (1 - branching)))
  }

  /// Independent gaps of one law: the index tends to the square of their coefficient of variation.
  public static func renewal(meanGap: Double, cv: Double) throws(ParameterOutOfRange) -> ArrivalMoments {
    try requirePositive(meanGap, "gap")
    try requireNotNegative(cv, "cv")
    return ArrivalMoments(meanRate: 1 / meanGap, dispersion: cv * cv)
  }

  /// Batches at Poisson instants: E[B²] / E[B] in every window.
  public static func batches(
    rate: Double, meanSize: Double, meanSquaredSize: Double
  ) throws(ParameterOutOfRange) -> ArrivalMoments {
    try requirePositive(rate, "batch rate")
    try requirePositive(meanSize, "batch size")
    guard meanSquaredSize >= meanSize * meanSize, meanSquaredSize.isFinite else {
      throw ParameterOutOfRange(
        parameter: "mean squared batch size", found: "\(meanSquaredSize)", expected: "at least the mean's square")
    }
    return ArrivalMoments(meanRate: rate * meanSize, dispersion: meanSquaredSize / meanSize)
  }

  /// Batches at Poisson instants with geometric sizes from one on.
  public static func geometricBatches(rate: Double, meanSize: Double) throws(ParameterOutOfRange) -> ArrivalMoments {
    guard meanSize >= 1 else {
      throw ParameterOutOfRange(parameter: "batch size", found: "\(meanSize)", expected: "a mean of at least one")
    }
    return try batches(rate: rate, meanSize: meanSize, meanSquaredSize: (2 * meanSize - 1) * meanSize)
  }
}

/// The mixture of two exponential laws with a given mean and coefficient of variation from one on, whose parts carry
/// equal shares of the mean.
public struct BalancedHyperexponential: Equatable, Sendable {
  /// The chance of the first part.
  public let probability: Double
  /// The rates of the parts.
  public let rates: (Double, Double)

  public init(mean: Double, cv: Double) throws(ParameterOutOfRange) {
    try requirePositive(mean, "mean")
    guard cv >= 1, cv.isFinite else {
      throw ParameterOutOfRange(parameter: "cv", found: "\(cv)", expected: "1 or more")
    }
    let square = cv * cv
    probability = 0.5 * (1 + ((square - 1) / (square + 1)).squareRoot())
    rates = (2 * probability / mean, 1 / ((square + 1) * probability * mean))
  }

  public var distribution: Distribution {
    .mixture([
      .init(weight: probability, distribution: .exponential(mean: 1 / rates.0)),
      .init(weight: 1 - probability, distribution: .exponential(mean: 1 / rates.1)),
    ])
  }

  public static func == (a: BalancedHyperexponential, b: BalancedHyperexponential) -> Bool {
    a.probability == b.probability && a.rates == b.rates
  }
}
