import Glibc

extension Distribution {
  /// The law of `factor` times the quantity; `factor` is positive and finite.
  public func multiplied(by factor: Double) -> Distribution {
    switch self {
    case .constant(let value): .constant(value * factor)
    case .uniform(let lower, let upper): .uniform(lower: lower * factor, upper: upper * factor)
    case .exponential(let mean): .exponential(mean: mean * factor)
    case .lognormal(let mu, let sigma): .lognormal(mu: mu + log(factor), sigma: sigma)
    case .gamma(let shape, let scale): .gamma(shape: shape, scale: scale * factor)
    case .weibull(let shape, let scale): .weibull(shape: shape, scale: scale * factor)
    case .logLogistic(let shape, let scale): .logLogistic(shape: shape, scale: scale * factor)
    case .burr(let shape, let tail, let scale): .burr(shape: shape, tail: tail, scale: scale * factor)
    case .mixture(let parts):
      .mixture(
        parts.map { Component(weight: $0.weight, distribution: $0.distribution.multiplied(by: factor)) })
    case .empirical(let quantiles):
      QuantileFunction(
        probabilities: quantiles.probabilities, values: quantiles.values.map { $0 * factor }, bend: quantiles.bend
      ).map { .empirical($0) } ?? self
    }
  }
}
