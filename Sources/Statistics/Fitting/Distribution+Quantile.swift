import Glibc

extension Distribution {
  /// The value that a share `p` of all samples does not exceed; `p` lies strictly between 0 and 1.
  ///
  /// By halving the interval of logarithms in which the survival function crosses 1 - p, to full precision; directly
  /// where the law has its quantiles in closed form.
  public func quantile(_ p: Double) -> Double {
    if let constantValue { return constantValue }
    switch self {
    case .uniform(let lower, let upper): return lower + p * (upper - lower)
    case .exponential(let mean): return -mean * log1p(-p)
    case .weibull(let shape, let scale): return scale * pow(-log1p(-p), 1 / shape)
    case .logLogistic(let shape, let scale): return scale * pow(p / (1 - p), 1 / shape)
    case .burr(let shape, let tail, let scale): return scale * pow(expm1(-log1p(-p) / tail), 1 / shape)
    case .empirical(let quantiles): return quantiles.value(at: p)
    default: break
    }
    var low = -690.0
    var high = 690.0
    while high - low > 1e-14 * max(1, high.magnitude) {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { break }
      if survival(exp(middle)) > 1 - p { low = middle } else { high = middle }
    }
    return exp(high)
  }
}
