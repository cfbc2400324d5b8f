import CGSL
import Glibc

extension Distribution {
  /// P(X > x).
  public func survival(_ x: Double) -> Double {
    switch self {
    case .constant(let value): return x < value ? 1 : 0
    case .uniform(let lower, let upper):
      return x < lower ? 1 : x >= upper ? 0 : (upper - x) / (upper - lower)
    case .lognormal(let mu, let sigma) where sigma == 0: return x < exp(mu) ? 1 : 0
    case .mixture(let parts):
      return parts.reduce(0) { $0 + $1.weight * $1.distribution.survival(x) } / parts.reduce(0) { $0 + $1.weight }
    case .empirical(let quantiles): return quantiles.survival(x)
    default: break
    }
    guard x > 0 else { return 1 }
    guard x < .infinity else { return 0 }
    switch self {
    case .exponential(let mean): return exp(-x / mean)
    case .lognormal(let mu, let sigma): return 0.5 * erfc((log(x) - mu) / (sigma * 2.0.squareRoot()))
    case .gamma(let shape, let scale): return upperGamma(shape, x / scale)
    case .weibull(let shape, let scale): return exp(-pow(x / scale, shape))
    case .logLogistic(let shape, let scale): return 1 / (1 + pow(x / scale, shape))
    case .burr(let shape, let tail, let scale): return exp(-tail * log1p(pow(x / scale, shape)))
    default: return 0
    }
  }

  /// E[min(X, x)], the integral of the survival function from zero to x: the mean time until an event or a deadline,
  /// whichever comes first. The mean for infinite x; zero for x below zero.
  public func limitedMean(_ x: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < .infinity else { return mean }
    switch self {
    case .constant(let value): return min(value, x)
    case .uniform(let lower, let upper):
      guard x > lower else { return x }
      guard x < upper else { return (lower + upper) / 2 }
      return x - (x - lower) * (x - lower) / (2 * (upper - lower))
    case .exponential(let mean): return mean * -expm1(-x / mean)
    case .lognormal(let mu, let sigma):
      guard sigma > 0 else { return min(exp(mu), x) }
      return mean * 0.5 * erfc(-(log(x) - mu - sigma * sigma) / (sigma * 2.0.squareRoot())) + x * survival(x)
    case .gamma(let shape, let scale): return mean * lowerGamma(shape + 1, x / scale) + x * survival(x)
    case .weibull(let shape, let scale):
      return mean * lowerGamma(1 + 1 / shape, pow(x / scale, shape)) + x * survival(x)
    case .logLogistic(let shape, let scale):
      return burrLimitedMean(shape: shape, tail: 1, scale: scale, x)
    case .burr(let shape, let tail, let scale):
      return burrLimitedMean(shape: shape, tail: tail, scale: scale, x)
    case .mixture(let parts):
      return parts.reduce(0) { $0 + $1.weight * $1.distribution.limitedMean(x) } / parts.reduce(0) { $0 + $1.weight }
    case .empirical(let quantiles): return quantiles.limitedMean(x)
    }
  }
}

/// ∫ du / (1 + (u / scale)^shape)^tail from 0 to x, over the logarithm of u, in steps from the right until nothing is left.
/// Gauss's rule of eight points in steps that keep away from the poles, π / shape beside the axis.
private func burrLimitedMean(shape: Double, tail: Double, scale: Double, _ x: Double) -> Double {
  let points = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362_0), (0.525_532_409_916_329_0, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_5), (0.960_289_856_497_536_3, 0.101_228_536_290_376_3),
  ]
  let width = min(0.5, 1 / shape)
  func value(_ y: Double) -> Double { exp(y - tail * log1p(exp(shape * (y - log(scale))))) }
  // Right of there, next to nothing is left of laws that fall faster than the logarithm widens.
  var right = shape * tail > 1 ? min(log(x), log(scale) + 45 / (shape * tail - 1)) : log(x)
  var sum = 0.0
  while right > log(scale) || exp(right) > 1e-18 * sum {
    let middle = right - width / 2
    for (place, weight) in points {
      let offset = place * width / 2
      sum += weight * width / 2 * (value(middle - offset) + value(middle + offset))
    }
    right -= width
  }
  return sum
}

extension QuantileFunction {
  /// The place within a step from `low` to `high` where `value` is reached.
  private func place(of value: Double, from low: Double, to high: Double) -> Double {
    pow((value - low) / (high - low), 1 / bend)
  }

  fileprivate func survival(_ x: Double) -> Double {
    guard let first = values.first, x >= first else { return 1 }
    for step in 1..<max(1, values.count) where values[step] > x {
      let share = place(of: x, from: values[step - 1], to: values[step])
      return 1 - probabilities[step - 1] - share * (probabilities[step] - probabilities[step - 1])
    }
    return 0
  }

  fileprivate func limitedMean(_ x: Double) -> Double {
    guard values.count > 1 else { return min(values.first ?? 0, x) }
    var sum = 0.0
    for step in 1..<values.count {
      let low = values[step - 1]
      let high = values[step]
      let share = high <= x ? 1 : low >= x ? 0 : place(of: x, from: low, to: high)
      let below = low * share + (high - low) * pow(share, bend + 1) / (bend + 1)
      sum += (probabilities[step] - probabilities[step - 1]) * (below + (1 - share) * x)
    }
    return sum
  }
}

private func upperGamma(_ shape: Double, _ x: Double) -> Double {
  _ = GSL.isQuiet
  return gsl_cdf_gamma_Q(x, shape, 1)
}

private func lowerGamma(_ shape: Double, _ x: Double) -> Double {
  _ = GSL.isQuiet
  return gsl_cdf_gamma_P(x, shape, 1)
}
