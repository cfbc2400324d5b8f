import Glibc

/// What is published of the Azure Functions population of July 2019, as readings of its figures (±0.015).
///
/// Where readings do not agree with each other:
/// - Rates: functions' CDF and functions' table of top shares are both held exactly. Applications' rates and shares then
///   follow from putting functions into applications at random, and lie within 0.03 of the published ones.
/// - Triggers: the paper's shares win over those of the released files, which leave out functions.
/// - Gaps: the CDFs of applications with timers only and without timers win over the CDF of all applications; and they
///   hold for applications with one function, since what several functions do together follows from each.
/// - The less invoked 90 % of functions: with the CDF and the shares of the top 1 % the top 10 % hold 0.9955 of all
///   invocations, not the 0.994 that the table has.
enum Azure2019Marginals {
  /// Mean invocations a day over functions. Up to 86,400 the published CDF (its left end is one invocation in the
  /// trace's 14 days); above it values for which the top 1 %, 0.1 % and 0.01 % of functions hold 0.915, 0.63 and 0.32 of
  /// all invocations.
  static let dailyInvocations = LogLinearCurve(
    probabilities: [0, 0.33, 0.55, 0.64, 0.83, 0.93, 0.965, 0.99, 0.999, 0.9999, 1],
    values: [1.0 / 14, 1, 10, 24, 288, 1440, 10_000, 86_400, 1_197_618, 11_660_710, 105_887_707])

  /// Shares of functions and of invocations by trigger, percent.
  static let triggers: [(trigger: Population.Trigger, functions: Double, invocations: Double)] = [
    (.http, 55.0, 35.9), (.queue, 15.2, 33.5), (.event, 2.2, 24.7), (.orchestration, 6.9, 2.3), (.timer, 15.6, 2.0),
    (.storage, 2.8, 0.7), (.others, 2.2, 1.0),
  ]

  /// Functions in an application: the range and its probability.
  static let applicationSizes: [(sizes: ClosedRange<Int>, probability: Double)] = [
    (1...1, 0.54), (2...2, 0.16), (3...3, 0.10), (4...5, 0.08), (6...10, 0.07), (11...2000, 0.05),
  ]
  /// Sizes from 11 follow Pareto's law, with which 1 in 2,500 applications has more than 100 functions, as the paper says.
  static let largeApplicationExponent = 2.18

  /// Coefficient of variation of the gaps between invocations of applications without timers, and with timers only;
  /// the last value is a guess at the figure's right end.
  static let gapVariation = LinearCurve(
    probabilities: [0, 0.11, 0.35, 0.55, 0.76, 0.91, 1], values: [0, 0, 1, 2, 4, 10, 40])
  static let timerGapVariation = LinearCurve(
    probabilities: [0, 0.46, 0.935, 0.98, 1], values: [0, 0, 1, 2, 4])

  /// Functions' mean durations: log-seconds are normal.
  static let durationMu = -0.38
  static let durationSigma = 2.36
  /// Within a function durations are lognormal with this sigma: the median, over 500 functions of the trace, of what
  /// their quartiles (0.47) and their 50th and 99th percentiles (0.64) say.
  static let durationSpread = 0.55

  /// Memory of an application, MB: a Burr XII law.
  static func memory(_ u: Double) -> Double {
    107.083 * pow(pow(1 - u, -1 / 0.221) - 1, 1 / 11.652)
  }
}

/// A quantile function whose logarithm is straight between given points.
struct LogLinearCurve: Sendable {
  let probabilities: [Double]
  let values: [Double]

  /// ∫ of the quantile function from 0 to `p`.
  func integral(to p: Double) -> Double {
    var sum = 0.0
    for step in 1..<values.count where probabilities[step - 1] < p {
      let width = probabilities[step] - probabilities[step - 1]
      let share = min(1, (p - probabilities[step - 1]) / width)
      let slope = log(values[step] / values[step - 1])
      sum += width * values[step - 1] * (exp(slope * share) - 1) / slope
    }
    return sum
  }

  /// The means of `count` equal slices of the law, ascending: a sample without sampling error.
  func slices(_ count: Int) -> [Double] {
    var below = 0.0
    return (1...count).map { slice in
      let above = integral(to: Double(slice) / Double(count))
      defer { below = above }
      return ((above - below) * Double(count)).settled
    }
  }
}

/// A quantile function that is straight between given points.
struct LinearCurve: Sendable {
  let probabilities: [Double]
  let values: [Double]

  func value(at p: Double) -> Double {
    for step in 1..<values.count where p <= probabilities[step] {
      let share = (p - probabilities[step - 1]) / (probabilities[step] - probabilities[step - 1])
      return values[step - 1] + share * (values[step] - values[step - 1])
    }
    return values[values.count - 1]
  }
}
