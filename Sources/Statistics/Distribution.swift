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
  /// The expectation; infinite where the law has none (log-logistic with shape ≤ 1).
  public var mean: Double {
    switch self {
    case .constant(let value): value
    case .uniform(let lower, let upper): (lower + upper) / 2
    case .exponential(let mean): mean
    case .lognormal(let mu, let sigma): exp(mu + sigma * sigma / 2)
    case .gamma(let shape, let scale): shape * scale
    case .weibull(let shape, let scale): scale * tgamma(1 + 1 / shape)
    case .logLogistic(let shape, let scale): shape > 1 ? scale * (.pi / shape) / sin(.pi / shape) : .infinity
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

  /// One variate.
  public func sample(_ stream: inout RandomStream) -> Double {
    switch self {
    case .constant(let value): return value
    case .uniform(let lower, let upper): return lower + (upper - lower) * stream.uniform()
    case .exponential(let mean): return mean * stream.exponential()
    case .lognormal(let mu, let sigma): return exp(mu + sigma * stream.normal())
    case .gamma(let shape, let scale): return scale * stream.gamma(shape: shape)
    case .weibull(let shape, let scale): return scale * pow(stream.exponential(), 1 / shape)
    case .logLogistic(let shape, let scale):
      let u = stream.uniform()
      return scale * pow(u / (1 - u), 1 / shape)
    case .mixture(let parts):
      var left = stream.uniform() * parts.reduce(0) { $0 + $1.weight }
      for part in parts.dropLast() {
        left -= part.weight
        if left < 0 { return part.distribution.sample(&stream) }
      }
      return parts.last?.distribution.sample(&stream) ?? 0
    case .empirical(let quantiles): return quantiles.value(at: stream.uniform())
    }
  }

  /// Appends `count` variates: what a loop over `sample` gives, without looking at the law each time.
  public func append(_ count: Int, to samples: inout [Double], from stream: inout RandomStream) {
    samples.reserveCapacity(samples.count + count)
    switch self {
    case .constant(let value):
      for _ in 0..<count { samples.append(value) }
    case .exponential(let mean):
      for _ in 0..<count { samples.append(mean * stream.exponential()) }
    case .lognormal(let mu, let sigma):
      for _ in 0..<count { samples.append(exp(mu + sigma * stream.normal())) }
    case .empirical(let quantiles):
      for _ in 0..<count { samples.append(quantiles.value(at: stream.uniform())) }
    default:
      for _ in 0..<count { samples.append(sample(&stream)) }
    }
  }
}

extension RandomStream {
  /// A gamma variate with scale 1. G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables",
  /// ACM TOMS 26(3), 2000.
  public mutating func gamma(shape: Double) -> Double {
    if shape < 1 { return gamma(shape: shape + 1) * pow(uniform(), 1 / shape) }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let root = 1 + c * x
      if root <= 0 { continue }
      let v = root * root * root
      if log(uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
    }
  }
}
