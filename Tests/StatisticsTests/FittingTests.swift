import Foundation
import Testing

@testable import Statistics

@Suite("Fitting laws to samples")
struct FittingTests {
  /// Twenty-five times in seconds, and five that were cut off.
  static let values = [
    0.31, 0.48, 0.52, 0.55, 0.61, 0.64, 0.70, 0.73, 0.77, 0.82, 0.88, 0.93, 0.97, 1.04, 1.12, 1.21, 1.33, 1.46, 1.71,
    2.05, 2.6, 3.4, 5.2, 0.69, 0.91,
  ]
  static let cut = [2.0, 2.0, 2.0, 3.0, 6.0]

  private static func drawn(_ count: Int, _ law: Distribution, seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed, purpose: .durations)
    var values: [Double] = []
    law.append(count, to: &values, from: &stream)
    return values
  }

  private static func parameters(_ law: Distribution) -> [Double] {
    switch law {
    case .lognormal(let mu, let sigma): [exp(mu), sigma]
    case .gamma(let shape, let scale), .weibull(let shape, let scale), .logLogistic(let shape, let scale):
      [shape, scale]
    case .burr(let shape, let tail, let scale): [shape, tail, scale]
    default: []
    }
  }

  private static func fitted(
    _ family: LawFamily, _ values: [Double], censored: [Double] = []
  ) throws -> (sample: CensoredSample, fit: LawFit) {
    let sample = try #require(CensoredSample(values, censored: censored))
    return (sample, try #require(family.fit(to: sample)))
  }

  @Test("single families agree with SciPy 1.17's optimisers, with and without values cut off")
  func witnesses() throws {
    let witnesses: [(LawFamily, censored: Bool, [Double], logLikelihood: Double)] = [
      (.lognormal, false, [1.0065866, 0.62763006], -23.99247973),
      (.lognormal, true, [1.2796665, 0.81301524], -35.6670049),
      (.gamma, false, [2.3397278, 0.54074666], -26.77276045),
      (.gamma, true, [1.6299618, 1.083664], -38.99848241),
      (.weibull, false, [1.4044812, 1.4076067], -28.44639673),
      (.weibull, true, [1.202715, 1.9155907], -39.89709314),
      (.logLogistic, false, [2.9044716, 0.9506454], -23.68735832),
      (.logLogistic, true, [2.1070542, 1.1883284], -35.86555878),
      (.burr, false, [4.9978147, 0.36162242, 0.6372925], -22.38937683),
      (.burr, true, [5.5269573, 0.18850634, 0.5611749], -32.59103646),
    ]
    for (family, censored, expected, logLikelihood) in witnesses {
      let sample = try #require(CensoredSample(Self.values, censored: censored ? Self.cut : []))
      let fit = try #require(family.fit(to: sample))
      #expect((fit.logLikelihood - logLikelihood).magnitude < 1e-6, "\(family) \(censored)")
      for (found, value) in zip(Self.parameters(fit.law), expected) {
        #expect((found / value - 1).magnitude < 1e-3, "\(family) \(censored): \(fit.law)")
      }
      #expect(fit.count == (censored ? 30 : 25))
    }
  }

  @Test("distance and A² of the lognormal fit are SciPy's for the standardised logarithms")
  func agreement() throws {
    let fit = try Self.fitted(.lognormal, Self.values).fit
    #expect((fit.distance - 0.12352017905569079).magnitude < 1e-9)
    #expect(((fit.andersonDarling ?? 0) - 0.46962683817713113).magnitude < 1e-9)
    let drift = try #require(SampleDrift(from: Array(Self.values[..<12]), to: Array(Self.values[12...])))
    #expect((drift.distance - 0.8461538461538461).magnitude < 1e-12)
    #expect((kolmogorovTail(1.3581) - 0.05).magnitude < 1e-4)
  }

  @Test("every family is recognised by BIC in a sample of its own, and its parameters are found")
  func recognition() throws {
    let laws: [(LawFamily, Distribution)] = [
      (.lognormal, .lognormal(mu: -2, sigma: 0.4)), (.logLogistic, .logLogistic(shape: 6, scale: 0.3)),
      (.gamma, .gamma(shape: 2, scale: 0.1)), (.weibull, .weibull(shape: 2.5, scale: 0.2)),
      (.burr, .burr(shape: 8, tail: 0.3, scale: 0.1)),
      (
        .twoLognormals,
        .mixture([
          .init(weight: 0.7, distribution: .lognormal(mu: -2, sigma: 0.1)),
          .init(weight: 0.3, distribution: .lognormal(mu: -1, sigma: 0.2)),
        ])
      ),
      (
        .threeLognormals,
        .mixture([
          .init(weight: 0.6, distribution: .lognormal(mu: -2, sigma: 0.1)),
          .init(weight: 0.3, distribution: .lognormal(mu: -1.3, sigma: 0.1)),
          .init(weight: 0.1, distribution: .lognormal(mu: -0.3, sigma: 0.3)),
        ])
      ),
    ]
    for (family, law) in laws {
      let sample = try #require(CensoredSample(Self.drawn(2_000, law, seed: 3)))
      let candidates = LawFit.candidates(for: sample)
      #expect(candidates.count == LawFamily.allCases.count)
      #expect(candidates.first?.family == family, "\(law): \(candidates.map { ($0.family, $0.bic) })")
      let truth = LawFit(family: family, law: law, logLikelihood: Self.logLikelihood(law, sample), sample: sample)
      let fit = try #require(candidates.first { $0.family == family })
      // Twice the gain of fitting over the truth is chi-square with as many degrees as parameters: 30 is far beyond.
      #expect(fit.logLikelihood >= truth.logLikelihood - 1e-3, "\(law)")
      #expect(2 * (fit.logLikelihood - truth.logLikelihood) < 30, "\(law)")
      for p in [0.1, 0.5, 0.9] { #expect((fit.law.quantile(p) / law.quantile(p) - 1).magnitude < 0.06, "\(law) \(p)") }
    }
  }

  /// From differences of the survival function, without the fits' own formulas.
  private static func logLikelihood(_ law: Distribution, _ sample: CensoredSample) -> Double {
    sample.values.reduce(0) { sum, x in
      sum + log((law.survival(x * (1 - 1e-5)) - law.survival(x * (1 + 1e-5))) / (2e-5 * x))
    } + sample.censored.reduce(0) { $0 + log(law.survival($1)) }
  }

  @Test("the likelihood that a fit states is its law's")
  func likelihoods() throws {
    for censored in [[], Self.cut] {
      let sample = try #require(CensoredSample(Self.values + Self.values.map { $0 * 1.3 + 0.1 }, censored: censored))
      for fit in LawFit.candidates(for: sample) {
        #expect((fit.logLikelihood - Self.logLikelihood(fit.law, sample)).magnitude < 2e-3, "\(fit)")
      }
    }
  }

  @Test("timeouts don't bend the law: a mixture cut off at its p85 is found as if it were whole")
  func censoredMixture() throws {
    let law = Distribution.mixture([
      .init(weight: 0.6, distribution: .lognormal(mu: -1, sigma: 0.2)),
      .init(weight: 0.4, distribution: .lognormal(mu: 0.2, sigma: 0.3)),
    ])
    let bound = law.quantile(0.85)
    let all = Self.drawn(3_000, law, seed: 11)
    let seen = all.filter { $0 <= bound }
    let sample = try #require(
      CensoredSample(seen, censored: Array(repeating: bound, count: all.count - seen.count)))
    let fit = try #require(LawFamily.twoLognormals.fit(to: sample))
    for p in [0.2, 0.5, 0.8] { #expect((fit.law.quantile(p) / law.quantile(p) - 1).magnitude < 0.04, "\(p)") }
    #expect((fit.law.quantile(0.97) / law.quantile(0.97) - 1).magnitude < 0.12)
    #expect(fit.distance < 0.03)
    let blind = try Self.fitted(.twoLognormals, seen).fit
    #expect(blind.law.quantile(0.97) < 0.9 * law.quantile(0.97), "or the test could not fail")
  }

  @Test("bootstrap p-values reproduce Lilliefors's table and find the wrong family")
  func bootstrap() throws {
    // H. W. Lilliefors, JASA 62, 1967: of 40 logarithms with fitted mean and spread, 5 % lie farther than about 0.14.
    var (sample, fit) = try Self.fitted(.lognormal, Self.drawn(40, .lognormal(mu: 0, sigma: 1), seed: 5))
    fit.distance = 0.1386
    let five = try #require(FitBootstrap(of: fit, to: sample, replicates: 999))
    #expect((0.03...0.075).contains(five.distancePValue), "\(five.distancePValue)")
    #expect(five.median.contains(fit.law.quantile(0.5)) && five.p99.contains(fit.law.quantile(0.99)))
    let bimodal =
      Self.drawn(100, .lognormal(mu: 0, sigma: 0.1), seed: 1) + Self.drawn(100, .lognormal(mu: 1, sigma: 0.1), seed: 2)
    let wrong = try Self.fitted(.lognormal, bimodal)
    let rejection = try #require(FitBootstrap(of: wrong.fit, to: wrong.sample, replicates: 99))
    #expect(rejection.distancePValue == 0.01)
    let right = try Self.fitted(.twoLognormals, bimodal)
    let acceptance = try #require(FitBootstrap(of: right.fit, to: right.sample, replicates: 49))
    #expect(acceptance.distancePValue > 0.05)
    #expect(acceptance.andersonDarlingPValue ?? 0 > 0.05)
  }

  @Test("quantiles are the inverse of the survival function")
  func quantiles() throws {
    for law in try TestLaws.all() where law.constantValue == nil {
      if case .mixture(let parts) = law, parts.contains(where: { $0.distribution.constantValue != nil }) { continue }
      for p in [0.001, 0.3, 0.5, 0.9, 0.999] {
        #expect((1 - law.survival(law.quantile(p)) - p).magnitude < 1e-9, "\(law) \(p)")
      }
    }
  }

  @Test("samples that say nothing are refused")
  func refusals() {
    #expect(CensoredSample([]) == nil && CensoredSample([1]) == nil && CensoredSample([2, 2, 2]) == nil)
    #expect(CensoredSample([0, 1]) == nil && CensoredSample([-1, 1]) == nil && CensoredSample([1, .infinity]) == nil)
    #expect(CensoredSample([1, .nan, 3]) == nil && CensoredSample([1, 2], censored: [0]) == nil)
    #expect(CensoredSample([1, 2, 3]).map { LawFamily.threeLognormals.fit(to: $0) } == .some(nil))
  }
}

@Suite("Lifetimes from single looks")
struct CurrentStatusTests {
  @Test("the estimate is the likeliest falling step function")
  func likeliest() {
    // Small enough to try every falling assignment on a grid.
    let alive = [true, true, false, true, false, true, false, false]
    let looks = alive.enumerated().map { CurrentStatus.Look(age: Double($0.offset), isAlive: $0.element) }
    let status = CurrentStatus(looks)
    var curve = Array(repeating: 0.0, count: looks.count)
    for step in status.steps {
      for age in Int(step.ages.lowerBound)...Int(step.ages.upperBound) { curve[age] = step.alive }
    }
    #expect(zip(curve, curve.dropFirst()).allSatisfy { $0 >= $1 })
    func logLikelihood(_ curve: [Double]) -> Double {
      zip(curve, alive).reduce(0) { $0 + log(max(1e-12, $1.1 ? $1.0 : 1 - $1.0)) }
    }
    let best = logLikelihood(curve)
    let grid = [1, 0.75, 2.0 / 3, 0.5, 1.0 / 3, 0.25, 0]
    func tryAll(_ prefix: [Double]) {
      if prefix.count == alive.count { return #expect(logLikelihood(prefix) <= best + 1e-9) }
      for value in grid where value <= prefix.last ?? 1 { tryAll(prefix + [value]) }
    }
    tryAll([])
    #expect(status.oldestAlive == 5 && status.dead == 6)
  }

  @Test("a law is recovered from many looks")
  func recovery() {
    var stream = RandomStream(seed: 8, purpose: .keepAlive)
    let looks = (0..<4_000).map { _ in
      let age = 1000 * stream.uniform()
      return CurrentStatus.Look(age: age, isAlive: 300 + 400 * stream.uniform() > age)
    }
    for step in CurrentStatus(looks).steps where step.looks > 100 {
      let middle = (step.ages.lowerBound + step.ages.upperBound) / 2
      let truth = min(1, max(0, (700 - middle) / 400))
      #expect((step.alive - truth).magnitude < 0.12, "\(step)")
    }
  }
}
