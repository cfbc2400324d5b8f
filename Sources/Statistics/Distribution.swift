import Glibc

/// The law of a non-negative quantity. The unit is the owner's (seconds for times).
///
/// A value: sampling draws from a stream that the caller owns, so that equal streams give equal samples.
public indirect enum Distribution: Hashable, Sendable {
  case constant(Double)
  case uniform(lower: Double, upper: Double)
  case exponential(mean: Double)
  /// The exponential of a normal with mean `mu` and standard deviation `sigma`.
  case lognormal(mu: Double, sigma: Double)
  case gamma(shape: Double, scale: Double)
  case weibull(shape: Double, scale: Double)
  /// Fisk's law: cdf 1 / (1 + (x / scale)^-shape).
  case logLogistic(shape: Double, scale: Double)
  /// Burr's law of type XII, the log-logistic with a tail of its own: cdf 1 - (1 + (x / scale)^shape)^-tail
  /// (I. W. Burr, "Cumulative frequency functions", Annals of Mathematical Statistics 13, 1942).
  case burr(shape: Double, tail: Double, scale: Double)
  case mixture([Component])
  case empirical(QuantileFunction)

  /// One part of a mixture; weights are positive and need not add up to one.
  public struct Component: Hashable, Sendable {
    public var weight: Double
    public var distribution: Distribution

    public init(weight: Double, distribution: Distribution) {
      self.weight = weight
      self.distribution = distribution
    }
  }
}

extension Distribution {
  /// The expectation; infinite where the law has none (log-logistic with shape ≤ 1, Burr with shape · tail ≤ 1).
  public var mean: Double {
    switch self {
    case .constant(let value): value
    case .uniform(let lower, let upper): (lower + upper) / 2
    case .exponential(let mean): mean
    case .lognormal(let mu, let sigma): exp(mu + sigma * sigma / 2)
    case .gamma(let shape, let scale): shape * scale
    case .weibull(let shape, let scale): scale * tgamma(1 + 1 / shape)
    case .logLogistic(let shape, let scale): shape > 1 ? scale * (.pi / shape) / sin(.pi / shape) : .infinity
    case .burr(let shape, let tail, let scale): scale * burrMoment(1, shape: shape, tail: tail)
    case .mixture(let parts):
      parts.reduce(0) { $0 + $1.weight * $1.distribution.mean } / parts.reduce(0) { $0 + $1.weight }
    case .empirical(let quantiles): quantiles.mean
    }
  }

  /// Whether every sample is the same, and which.
  public var constantValue: Double? {
    switch self {
    case .constant(let value): value
    case .uniform(let lower, let upper) where lower == upper: lower
    case .lognormal(let mu, let sigma) where sigma == 0: exp(mu)
    default: nil
    }
  }
}

/// E[X^order] of a Burr law with scale 1, Γ(tail - order/shape) Γ(1 + order/shape) / Γ(tail); infinite where it has none.
private func burrMoment(_ order: Double, shape: Double, tail: Double) -> Double {
  guard shape * tail > order else { return .infinity }
  var sign: Int32 = 0
  let logarithm =
    lgamma_r(tail - order / shape, &sign) + lgamma_r(1 + order / shape, &sign) - lgamma_r(tail, &sign)
  return exp(logarithm)
}

extension Distribution {
  /// E[X²] of a Burr law; infinite where it has none.
  public static func burrSecondMoment(shape: Double, tail: Double, scale: Double) -> Double {
    scale * scale * burrMoment(2, shape: shape, tail: tail)
  }
}
