import Foundation
import Testing

@testable import Statistics

@Suite("Laws from the parameters that people know")
struct ParameterTests {
  /// Quantiles of big samples: a witness that shares no formula with the solver.
  private func sampleQuantile(_ law: Distribution, _ p: Double) -> Double {
    var stream = RandomStream(seed: 11, purpose: .durations)
    var samples: [Double] = []
    law.append(200_000, to: &samples, from: &stream)
    samples.sort()
    return samples[Int(p * Double(samples.count))]
  }

  private func near(_ a: Double, _ b: Double, within tolerance: Double) -> Bool {
    (a / b - 1).magnitude <= tolerance
  }

  @Test("a lognormal with median 145 ms and p99 216 ms has those quantiles")
  func lognormalFromQuantiles() throws {
    let law = try ScaleFamily.lognormal.law(.median(0.145), .quantile(p: 0.99, value: 0.216))
    guard case .lognormal(let mu, let sigma) = law else { return #expect(Bool(false)) }
    #expect(near(exp(mu), 0.145, within: 1e-12))
    #expect(near(sigma, log(0.216 / 0.145) / 2.3263478740408408, within: 1e-9))
    #expect(near(sampleQuantile(law, 0.5), 0.145, within: 0.01))
    #expect(near(sampleQuantile(law, 0.99), 0.216, within: 0.01))
  }

  @Test("every pair that a family takes gives back the law it was read from")
  func roundTrips() throws {
    for sigma in [0.05, 0.5, 1, 2] {
      let law = Distribution.lognormal(mu: -1.5, sigma: sigma)
      let quantile = { (p: Double, z: Double) in KnownParameter.quantile(p: p, value: exp(-1.5 + sigma * z)) }
      let known: [(KnownParameter, KnownParameter)] = [
        (.mean(law.mean), .median(exp(-1.5))),
        (.mean(law.mean), quantile(0.99, 2.3263478740408408)),
        (quantile(0.95, 1.6448536269514722), quantile(0.05, -1.6448536269514722)),
        (.median(exp(-1.5)), .shape(sigma)),
        (.cv((exp(sigma * sigma) - 1).squareRoot()), .mean(law.mean)),
      ]
      for (a, b) in known {
        guard case .lognormal(let mu, let found) = try ScaleFamily.lognormal.law(a, b) else { continue }
        #expect(near(found, sigma, within: 1e-9) && near(mu, -1.5, within: 1e-9), "\(sigma) from \(a), \(b)")
      }
    }
    for shape in [0.2, 0.7, 1, 3, 40] {
      try expectRoundTrip(.gamma, .gamma(shape: shape, scale: 0.3), cv: 1 / shape.squareRoot(), shape: shape)
      let weibullCV = (tgamma(1 + 2 / shape) / pow(tgamma(1 + 1 / shape), 2) - 1).squareRoot()
      try expectRoundTrip(.weibull, .weibull(shape: shape, scale: 0.3), cv: weibullCV, shape: shape)
    }
    let fisk = try ScaleFamily.logLogistic.law(.median(0.3), .quantile(p: 0.99, value: 0.3 * pow(99, 1 / 2.5)))
    guard case .logLogistic(let shape, let scale) = fisk else { return #expect(Bool(false)) }
    #expect(near(shape, 2.5, within: 1e-9) && near(scale, 0.3, within: 1e-9))
  }

  private func expectRoundTrip(_ family: ScaleFamily, _ law: Distribution, cv: Double, shape: Double) throws {
    for known in [KnownParameter.cv(cv), .shape(shape)] {
      let found = try family.law(.mean(law.mean), known)
      #expect(near(found.mean, law.mean, within: 1e-9), "\(law) from \(known)")
      #expect(near(try #require(found.shape), shape, within: 1e-9), "\(law) from \(known)")
    }
  }

  @Test("gamma quantiles are met: two percentiles give a law whose samples have them")
  func gammaFromQuantiles() throws {
    for (median, p95) in [(0.1, 0.15), (0.1, 0.5), (0.1, 3.0)] {
      let law = try ScaleFamily.gamma.law(.median(median), .quantile(p: 0.95, value: p95))
      #expect(near(sampleQuantile(law, 0.5), median, within: 0.03), "\(median) \(p95)")
      #expect(near(sampleQuantile(law, 0.95), p95, within: 0.03), "\(median) \(p95)")
    }
  }

  @Test(
    "parameters that no law has are refused with what would do",
    arguments: [
      (ScaleFamily.lognormal, KnownParameter.median(2), KnownParameter.quantile(p: 0.99, value: 1), "p99 above"),
      (.lognormal, .median(2), .mean(1), "a mean above the median"),
      (.lognormal, .median(2), .mean(2), "a mean above the median"),
      (.lognormal, .mean(1), .quantile(p: 0.99, value: 100), "at most 14.96 times the mean"),
      (.lognormal, .cv(1), .shape(1), "two of mean, median"),
      (.lognormal, .mean(.nan), .cv(1), "greater than zero"),
      (.gamma, .mean(-1), .cv(1), "greater than zero"),
      (.gamma, .median(1), .quantile(p: 0.9, value: 1e300), "than a gamma law has them"),
      (.weibull, .mean(1), .cv(1e9), "a cv from"),
      (.weibull, .mean(1), .median(1), "mean or scale with shape or cv"),
      (.logLogistic, .mean(1), .shape(0.5), "a shape above 1"),
      (.logLogistic, .median(1), .cv(1), "median, mean or scale with shape"),
      (.logLogistic, .median(1), .median(2), "two different percentiles"),
      (.weibull, .quantile(p: 1, value: 1), .median(1), "between p0 and p100"),
    ])
  func refusals(family: ScaleFamily, a: KnownParameter, b: KnownParameter, expected: String) {
    let fault = #expect(throws: ParameterFault.self) { try family.law(a, b) }
    #expect(fault?.expected.contains(expected) == true, "\(fault?.expected ?? "")")
  }
}

extension Distribution {
  fileprivate var shape: Double? {
    switch self {
    case .gamma(let shape, _), .weibull(let shape, _), .logLogistic(let shape, _): shape
    default: nil
    }
  }
}
