import CGSL
import Glibc
import Testing

@testable import Statistics

@Suite("Laws")
struct DistributionTests {
  private func samples(_ count: Int, seed: UInt64 = 1, _ law: Distribution) -> [Double] {
    var stream = RandomStream(seed: seed, purpose: .durations)
    var result: [Double] = []
    law.append(count, to: &result, from: &stream)
    return result
  }

  @Test("the exponential and the logarithm agree with the C library's to 1e-15")
  func elementary() {
    var stream = RandomStream(seed: 9, purpose: .reuse)
    for _ in 0..<3_000 {
      let x = (stream.uniform() - 0.5) * 1400
      #expect((Elementary.exp(x) / exp(x) - 1).magnitude < 1e-15)
      let y = exp((stream.uniform() - 0.5) * 1400)
      #expect((Elementary.log(y) - log(y)).magnitude <= 1e-15 * max(1, log(y).magnitude))
    }
    #expect(Elementary.exp(0) == 1)
    #expect(Elementary.log(1) == 0)
    #expect(Elementary.exp(1e9) == Elementary.exp(700))
    #expect(Elementary.exp(-1e9) == Elementary.exp(-700))
    #expect(Elementary.pow(0, 2) < 1e-200)
    for near in [1 - 0x1p-53, 1 + 0x1p-52, 1 - 1e-9, 1 + 1e-9] {
      #expect((Elementary.log(near) / log(near) - 1).magnitude < 1e-15)
    }
  }

  @Test("exponential variates follow 1 - exp(-x), tail and all")
  func exponential() {
    let sample = samples(100_000, .exponential(mean: 1))
    #expect(kolmogorovDistance(sample) { 1 - exp(-$0) } < 1.95)
    // The ziggurat's tail begins at 7.697: about 45 of 100,000 lie there, again exponential.
    let tail = sample.filter { $0 > 7.697117470131050 }.map { $0 - 7.697117470131050 }
    #expect((Double(tail.count) - 45.4).magnitude < 4 * 6.74)
    #expect(kolmogorovDistance(tail) { 1 - exp(-$0) } < 1.95)
    for (power, moment, spread) in [(1.0, 1.0, 1.0), (2, 2, 20), (3, 6, 684), (4, 24, 39_744)] {
      let mean = sample.reduce(0) { $0 + pow($1, power) } / Double(sample.count)
      #expect((mean - moment).magnitude < 4 * (spread / Double(sample.count)).squareRoot(), "moment \(power)")
    }
  }

  @Test("normal variates follow the normal law, both tails and all")
  func normal() {
    var stream = RandomStream(seed: 2, purpose: .durations)
    var sample = Array(repeating: 0.0, count: 100_000)
    sample.withUnsafeMutableBufferPointer { stream.fillNormal($0) }
    #expect(kolmogorovDistance(sample) { 0.5 * erfc(-$0 / 2.0.squareRoot()) } < 1.95)
    // Beyond 3 lie 135 on each side; their law is the normal's, cut off.
    for side in [1.0, -1.0] {
      let tail = sample.filter { $0 * side > 3 }.map { $0 * side }
      let beyond = 0.5 * erfc(3 / 2.0.squareRoot())
      #expect((Double(tail.count) - 100_000 * beyond).magnitude < 4 * 11.6)
      #expect(kolmogorovDistance(tail) { 1 - 0.5 * erfc($0 / 2.0.squareRoot()) / beyond } < 1.95)
    }
    for (power, moment, spread) in [(1.0, 0.0, 1.0), (2, 1, 2), (3, 0, 15), (4, 3, 96), (6, 15, 10_170)] {
      let mean = sample.reduce(0) { $0 + pow($1, power) } / Double(sample.count)
      #expect((mean - moment).magnitude < 4 * (spread / Double(sample.count)).squareRoot(), "moment \(power)")
    }
  }

  @Test("every law's variates have its mean")
  func means() throws {
    for law in try TestLaws.all() {
      let sample = samples(8_000, law)
      let mean = sample.reduce(0, +) / Double(sample.count)
      let variance = sample.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sample.count)
      #expect((mean - law.mean).magnitude <= 4 * (variance / Double(sample.count)).squareRoot() + 1e-12, "\(law)")
    }
  }

  @Test("every law's variates have the variance of the textbook")
  func variances() {
    let sigma = 0.8
    let cases: [(Distribution, Double)] = [
      (.constant(3), 0), (.uniform(lower: 1, upper: 4), 0.75), (.exponential(mean: 0.2), 0.04),
      (.lognormal(mu: -0.38, sigma: sigma), (exp(sigma * sigma) - 1) * exp(-0.76 + sigma * sigma)),
      (.gamma(shape: 0.4, scale: 2), 1.6), (.gamma(shape: 7.5, scale: 0.3), 0.675),
      (.weibull(shape: 3, scale: 2), 4 * (tgamma(1 + 2.0 / 3) - pow(tgamma(1 + 1.0 / 3), 2))),
      (
        .logLogistic(shape: 9, scale: 2),
        4 * (2 * .pi / 9 / sin(2 * .pi / 9) - pow(.pi / 9 / sin(.pi / 9), 2))
      ),
    ]
    for (law, variance) in cases {
      let sample = samples(20_000, law)
      let squares = sample.map { ($0 - law.mean) * ($0 - law.mean) }
      let mean = squares.reduce(0, +) / Double(squares.count)
      let spread = squares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(squares.count)
      #expect((mean - variance).magnitude <= 5 * (spread / Double(squares.count)).squareRoot() + 1e-12, "\(law)")
    }
  }

  @Test("every law's variates follow its distribution function")
  func shapes() throws {
    let bent = try TestLaws.percentiles(mean: 30)
    let cases: [(Distribution, (Double) -> Double)] = [
      (.uniform(lower: 1, upper: 4), { ($0 - 1) / 3 }),
      (.lognormal(mu: -0.38, sigma: 2.36), { gsl_cdf_lognormal_P($0, -0.38, 2.36) }),
      (.gamma(shape: 0.4, scale: 2), { gsl_cdf_gamma_P($0, 0.4, 2) }),
      (.gamma(shape: 7.5, scale: 0.3), { gsl_cdf_gamma_P($0, 7.5, 0.3) }),
      (.gamma(shape: 500, scale: 1), { gsl_cdf_gamma_P($0, 500, 1) }),
      (.weibull(shape: 0.7, scale: 2), { gsl_cdf_weibull_P($0, 2, 0.7) }),
      (.logLogistic(shape: 1.5, scale: 2), { 1 / (1 + pow($0 / 2, -1.5)) }),
      (.burr(shape: 2.5, tail: 0.8, scale: 2), { 1 - pow(1 + pow($0 / 2, 2.5), -0.8) }),
      (.empirical(bent), { bent.probability(ofAtMost: $0) }),
    ]
    for (law, cdf) in cases { #expect(kolmogorovDistance(samples(8_000, law), cdf) < 1.95, "\(law)") }
  }

  @Test("a log-logistic law with a heavy tail has no mean")
  func heavyTail() {
    #expect(Distribution.logLogistic(shape: 1, scale: 2).mean == .infinity)
    #expect(Distribution.logLogistic(shape: 0.5, scale: 2).mean == .infinity)
  }

  @Test("constants are recognised in every guise")
  func constants() {
    #expect(Distribution.constant(2).constantValue == 2)
    #expect(Distribution.uniform(lower: 2, upper: 2).constantValue == 2)
    #expect(Distribution.lognormal(mu: 0, sigma: 0).constantValue == 1)
    #expect(Distribution.exponential(mean: 2).constantValue == nil)
  }
}
