import Testing

@testable import Statistics

/// Laws of every kind, with what is known of them in closed form.
enum TestLaws {
  static func percentiles(mean: Double? = nil) throws -> QuantileFunction {
    let straight = try #require(
      QuantileFunction(probabilities: [0, 0.01, 0.25, 0.5, 0.75, 0.99, 1], values: [1, 2, 5, 10, 30, 200, 1000]))
    return try mean.map { try #require(straight.bent(toMean: $0)) } ?? straight
  }

  static func all() throws -> [Distribution] {
    [
      .constant(3), .uniform(lower: 1, upper: 4), .exponential(mean: 0.2), .lognormal(mu: -0.38, sigma: 1.2),
      .gamma(shape: 0.4, scale: 2), .gamma(shape: 1, scale: 2), .gamma(shape: 7.5, scale: 0.3),
      .weibull(shape: 0.7, scale: 2), .weibull(shape: 3, scale: 2), .logLogistic(shape: 5, scale: 2),
      .burr(shape: 4, tail: 1.5, scale: 2), .burr(shape: 1.2, tail: 6, scale: 0.3),
      .empirical(try percentiles()), .empirical(try percentiles(mean: 30)), .empirical(try percentiles(mean: 21)),
      .empirical(try #require(QuantileFunction(sample: (0..<100).map { Double($0 * $0) }))),
      .mixture([
        .init(weight: 3, distribution: .exponential(mean: 1)),
        .init(weight: 1, distribution: .empirical(try percentiles(mean: 30))),
        .init(weight: 0.5, distribution: .constant(7)),
      ]),
    ]
  }
}

/// The largest distance between a sample's distribution and a law's, times the root of the sample's size: below 1.95 in
/// 999 of 1000 cases where the sample is from the law (Kolmogorov).
func kolmogorovDistance(_ sample: [Double], _ cdf: (Double) -> Double) -> Double {
  let sorted = sample.sorted()
  let count = Double(sorted.count)
  var largest = 0.0
  for (index, value) in sorted.enumerated() {
    let p = cdf(value)
    largest = max(largest, p - Double(index) / count, Double(index + 1) / count - p)
  }
  return largest * count.squareRoot()
}
