import CGSL
import Glibc

/// One thing that people know of a law and that, with a second one, fixes it.
public enum KnownParameter: Hashable, Sendable {
  case mean(Double)
  /// The value that a share `p` of all samples does not exceed; the median is the quantile at 0.5.
  case quantile(p: Double, value: Double)
  /// Standard deviation over mean.
  case cv(Double)
  /// The family's own shape; for the lognormal its sigma.
  case shape(Double)
  /// The family's own scale.
  case scale(Double)

  public static func median(_ value: Double) -> KnownParameter { .quantile(p: 0.5, value: value) }
}

/// Why two parameters fix no law: what would have been needed, for people.
public struct ParameterFault: Error, Equatable, Sendable {
  public var expected: String
}

/// Families of two parameters, a shape without unit and a scale: once the shape is known, every mean and quantile is a
/// known multiple of the scale.
public enum ScaleFamily: String, CaseIterable, Hashable, Sendable {
  case lognormal
  case gamma
  case weibull
  case logLogistic = "loglogistic"

  /// The law of this family that has both parameters.
  ///
  /// Takes a mean, quantile or scale with a shape or cv; two quantiles; and for the lognormal a mean with a quantile.
  /// All values are positive and finite. Where two lognormal laws fit (a mean below a high percentile), gives the one
  /// with the smaller spread.
  public func law(_ a: KnownParameter, _ b: KnownParameter) throws(ParameterFault) -> Distribution {
    for parameter in [a, b] { try check(parameter) }
    switch (a, b) {
    case (.quantile(let p, let value), .quantile(let q, let other)):
      let (low, high) = p < q ? ((p, value), (q, other)) : ((q, other), (p, value))
      guard low.0 < high.0 else { throw ParameterFault(expected: "two different percentiles") }
      guard low.1 < high.1 else {
        throw ParameterFault(expected: "\(percentileName(high.0)) above \(percentileName(low.0))")
      }
      return try scaled(shape: shape(low, high), to: a)
    case (.mean(let mean), .quantile(let p, let value)), (.quantile(let p, let value), .mean(let mean)):
      guard self == .lognormal else { break }
      return try scaled(shape: sigma(mean: mean, p: p, value: value), to: .mean(mean))
    case (.shape(let shape), let location), (let location, .shape(let shape)):
      return try scaled(shape: shape, to: location)
    case (.cv(let cv), let location), (let location, .cv(let cv)):
      return try scaled(shape: shape(cv: cv), to: location)
    default: break
    }
    throw ParameterFault(expected: pairs)
  }

  /// The pairs that fix a law, for people.
  public var pairs: String {
    switch self {
    case .lognormal: "two of mean, median and percentiles, or one of them with sigma or cv"
    case .gamma, .weibull: "mean or scale with shape or cv, or two of median and percentiles"
    case .logLogistic: "median, mean or scale with shape, or two of median and percentiles"
    }
  }

  private func check(_ parameter: KnownParameter) throws(ParameterFault) {
    let value: Double
    switch parameter {
    case .mean(let known), .cv(let known), .shape(let known), .scale(let known): value = known
    case .quantile(let p, let known):
      guard p > 0, p < 1 else { throw ParameterFault(expected: "percentiles between p0 and p100, both excluded") }
      value = known
    }
    guard value > 0, value.isFinite else { throw ParameterFault(expected: "parameters greater than zero") }
  }
}

// MARK: - Scale, the shape being known

extension ScaleFamily {
  private func scaled(shape: Double, to location: KnownParameter) throws(ParameterFault) -> Distribution {
    let scale: Double
    switch location {
    case .scale(let known): scale = known
    case .mean(let mean): scale = try mean / law(shape: shape, scale: 1).finiteMean()
    case .quantile(let p, let value): scale = value / unitQuantile(p, shape: shape)
    case .shape, .cv: throw ParameterFault(expected: pairs)
    }
    guard scale > 0, scale.isFinite, shape.isFinite else {
      throw ParameterFault(expected: "parameters that leave a finite spread")
    }
    return law(shape: shape, scale: scale)
  }

  private func law(shape: Double, scale: Double) -> Distribution {
    switch self {
    case .lognormal: .lognormal(mu: log(scale), sigma: shape)
    case .gamma: .gamma(shape: shape, scale: scale)
    case .weibull: .weibull(shape: shape, scale: scale)
    case .logLogistic: .logLogistic(shape: shape, scale: scale)
    }
  }

  /// The quantile of the law with scale 1.
  private func unitQuantile(_ p: Double, shape: Double) -> Double {
    switch self {
    case .lognormal: exp(shape * normalQuantile(p))
    case .gamma: gammaQuantile(p, shape: shape)
    case .weibull: pow(-log1p(-p), 1 / shape)
    case .logLogistic: pow(p / (1 - p), 1 / shape)
    }
  }
}

// MARK: - Shape, from two things known

extension ScaleFamily {
  /// From two quantiles, the lower one first. The ratio of two quantiles falls as the shape grows (rises with sigma),
  /// whatever the scale.
  private func shape(
    _ low: (p: Double, value: Double), _ high: (p: Double, value: Double)
  ) throws(ParameterFault) -> Double {
    let spread = log(high.value / low.value)
    switch self {
    case .lognormal: return spread / (normalQuantile(high.p) - normalQuantile(low.p))
    case .weibull: return (log(-log1p(-high.p)) - log(-log1p(-low.p))) / spread
    case .logLogistic: return (log(high.p / (1 - high.p)) - log(low.p / (1 - low.p))) / spread
    case .gamma:
      let found = bisect(from: 0.02, to: 1e5) { shape in
        log(gammaQuantile(high.p, shape: shape) / gammaQuantile(low.p, shape: shape)) - spread
      }
      guard let found else {
        throw ParameterFault(expected: "percentiles neither closer nor further apart than a gamma law has them")
      }
      return found
    }
  }

  private func shape(cv: Double) throws(ParameterFault) -> Double {
    switch self {
    case .lognormal: return log1p(cv * cv).squareRoot()
    case .gamma: return 1 / (cv * cv)
    case .weibull:
      let found = bisect(from: 0.05, to: 1e4) { shape in
        let mean = tgamma(1 + 1 / shape)
        return tgamma(1 + 2 / shape) / (mean * mean) - 1 - cv * cv
      }
      guard let found else { throw ParameterFault(expected: "a cv from 0.0002 to 100,000") }
      return found
    case .logLogistic: throw ParameterFault(expected: pairs)
    }
  }

  /// Sigma of the lognormal from its mean and a quantile: s²/2 - z s = ln(mean / quantile), z the normal quantile at p.
  private func sigma(mean: Double, p: Double, value: Double) throws(ParameterFault) -> Double {
    let z = normalQuantile(p)
    let excess = log(mean / value)
    let root = (z * z + 2 * excess).squareRoot()
    if root.isNaN {
      let bound = exp(z * z / 2)
      let limit = (bound * 100).rounded(.down) / 100
      throw ParameterFault(
        expected: z > 0 && bound > 1.01
          ? "a \(percentileName(p)) at most \(limit) times the mean, which is as far as a lognormal law goes"
          : "a mean above \(percentileName(p))")
    }
    for sigma in [z - root, z + root] where sigma > 0 { return sigma }
    throw ParameterFault(expected: "a mean above \(percentileName(p))")
  }

  /// The zero of a function that falls from positive to negative as its argument grows; nil when it has none between
  /// the bounds. Works on the logarithm of the argument, to full precision.
  private func bisect(from low: Double, to high: Double, _ function: (Double) -> Double) -> Double? {
    var low = log(low)
    var high = log(high)
    guard function(exp(low)) >= 0, function(exp(high)) <= 0 else { return nil }
    while true {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { return exp(low) }
      if function(exp(middle)) > 0 { low = middle } else { high = middle }
    }
  }
}

extension Distribution {
  fileprivate func finiteMean() throws(ParameterFault) -> Double {
    let mean = mean
    guard mean.isFinite, mean > 0 else {
      throw ParameterFault(expected: "a shape above 1, for only then has a loglogistic law a mean")
    }
    return mean
  }
}

/// `median` or `p99.9`.
private func percentileName(_ p: Double) -> String {
  if p == 0.5 { return "the median" }
  let percent = (p * 1e8).rounded() / 1e6
  return "p" + (percent == percent.rounded() ? String(Int(percent)) : String(percent))
}

private func normalQuantile(_ p: Double) -> Double { gsl_cdf_ugaussian_Pinv(p) }

/// GSL finds none for tiny quantiles of small shapes; there P(x) = x^shape / Γ(shape + 1) is exact to first order in x.
private func gammaQuantile(_ p: Double, shape: Double) -> Double {
  _ = GSL.isQuiet
  let quantile = gsl_cdf_gamma_Pinv(p, shape, 1)
  return quantile.isNaN ? pow(p * tgamma(shape + 1), 1 / shape) : quantile
}
