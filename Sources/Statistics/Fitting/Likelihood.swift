import CGSL
import Glibc

/// Laws of single families by maximum likelihood, with values that are only known to be larger counted by P(X > value).
///
/// Where a parameter's best value follows from the others it is put in, so that the search has fewer dimensions.
enum Likelihood {
  typealias Result = (law: Distribution, logLikelihood: Double)

  static func lognormal(_ sample: CensoredSample) -> Result {
    let count = Double(sample.values.count)
    let mean = sample.meanLogarithm
    let spread = sample.logarithmicSpread
    func logLikelihood(_ mu: Double, _ sigma: Double) -> Double {
      let squares = spread * spread + (mean - mu) * (mean - mu)
      let seen = -count * (log(sigma) + 0.5 * log(2 * .pi) + mean + 0.5 * squares / (sigma * sigma))
      return sample.censoredLogarithms.reduce(seen) { $0 + $1.count * logNormalTail(($1.logarithm - mu) / sigma) }
    }
    guard !sample.censored.isEmpty else {
      return (.lognormal(mu: mean, sigma: spread), logLikelihood(mean, spread))
    }
    let best = Minimum(from: [mean, log(spread)]) { -logLikelihood($0[0], exp($0[1])) }
    return (.lognormal(mu: best.point[0], sigma: exp(best.point[1])), -best.value)
  }

  static func weibull(_ sample: CensoredSample) -> Result {
    let count = Double(sample.values.count)
    let sum = sample.logarithms.reduce(0, +)
    let largest = max(sample.logarithms.last ?? 0, sample.censoredLogarithms.last?.logarithm ?? -.infinity)
    /// The logarithm of the scale that is best for a shape: scale^shape = Σ x^shape / values seen.
    func logScale(_ shape: Double) -> Double {
      var powers = sample.logarithms.reduce(0) { $0 + exp(shape * ($1 - largest)) }
      for (logarithm, times) in sample.censoredLogarithms { powers += times * exp(shape * (logarithm - largest)) }
      return largest + log(powers / count) / shape
    }
    let best = Minimum(from: [log(1.2 / sample.logarithmicSpread)]) {
      let shape = exp($0[0])
      return -(count * log(shape) + (shape - 1) * sum - count * shape * logScale(shape) - count)
    }
    let shape = exp(best.point[0])
    return (.weibull(shape: shape, scale: exp(logScale(shape))), -best.value)
  }

  static func gamma(_ sample: CensoredSample) -> Result {
    let count = Double(sample.values.count)
    let sum = sample.values.reduce(0, +)
    let logarithms = sample.logarithms.reduce(0, +)
    let firstShape = 1 / max(1e-9, sample.logarithmicSpread * sample.logarithmicSpread)
    func logLikelihood(_ shape: Double, _ scale: Double) -> Double {
      var sign: Int32 = 0
      let seen =
        (shape - 1) * logarithms - sum / scale - count * (lgamma_r(shape, &sign) + shape * log(scale))
      return sample.censoredLogarithms.reduce(seen) {
        $0 + $1.count * log(max(1e-300, gsl_cdf_gamma_Q(exp($1.logarithm), shape, scale)))
      }
    }
    guard !sample.censored.isEmpty else {
      let best = Minimum(from: [log(firstShape)]) { -logLikelihood(exp($0[0]), sum / count / exp($0[0])) }
      let shape = exp(best.point[0])
      return (.gamma(shape: shape, scale: sum / count / shape), -best.value)
    }
    _ = GSL.isQuiet
    let best = Minimum(from: [log(firstShape), log(sum / count / firstShape)]) {
      -logLikelihood(exp($0[0]), exp($0[1]))
    }
    return (.gamma(shape: exp(best.point[0]), scale: exp(best.point[1])), -best.value)
  }

  static func logLogistic(_ sample: CensoredSample) -> Result {
    let best = Minimum(from: logisticStart(sample)) { -Logistic(sample, $0).logLikelihood(tail: 1) }
    return (.logLogistic(shape: exp(best.point[0]), scale: exp(best.point[1])), -best.value)
  }

  static func burr(_ sample: CensoredSample) -> Result {
    let start = logisticStart(sample)
    let spread = sample.logarithmicSpread
    // The likelihood often has a long ridge between tail and scale: begun below, at and above the middle.
    var best: Minimum?
    for shift in [0, -spread, spread] {
      let found = Minimum(from: [start[0], start[1] + shift]) {
        let logistic = Logistic(sample, $0)
        return -logistic.logLikelihood(tail: logistic.bestTail)
      }
      if found.value < best?.value ?? .infinity { best = found }
    }
    let point = best?.point ?? start
    let tail = point.withUnsafeBufferPointer { Logistic(sample, $0).bestTail }
    return (
      .burr(shape: exp(point[0]), tail: tail, scale: exp(point[1])), -(best?.value ?? .infinity)
    )
  }

  private static func logisticStart(_ sample: CensoredSample) -> [Double] {
    // A logistic law's standard deviation is π / √3 over its shape.
    [log(1.814 / sample.logarithmicSpread), sample.logarithms[sample.logarithms.count / 2]]
  }

  /// Sums over a sample that the Burr law's likelihood is made of, for a shape and a scale given by their logarithms:
  /// with z = shape · ln(x / scale), ln f(x) = ln(shape · tail) - ln x + z - (tail + 1) ln(1 + e^z).
  private struct Logistic {
    let count: Double
    let logShape: Double
    let logarithms: Double
    /// Σ z and Σ ln(1 + e^z) over values seen, and the latter over those that were not.
    let exponents: Double
    let seen: Double
    let unseen: Double

    init(_ sample: CensoredSample, _ parameters: UnsafeBufferPointer<Double>) {
      let shape = exp(parameters[0])
      let logScale = parameters[1]
      var seen = 0.0
      var logarithms = 0.0
      for logarithm in sample.logarithms {
        logarithms += logarithm
        seen += logOnePlusExp(shape * (logarithm - logScale))
      }
      count = Double(sample.values.count)
      logShape = parameters[0]
      self.logarithms = logarithms
      self.seen = seen
      exponents = shape * (logarithms - count * logScale)
      unseen = sample.censoredLogarithms.reduce(0) {
        $0 + $1.count * logOnePlusExp(shape * ($1.logarithm - logScale))
      }
    }

    var bestTail: Double { count / max(1e-300, seen + unseen) }

    func logLikelihood(tail: Double) -> Double {
      count * (logShape + log(tail)) - logarithms + exponents - (tail + 1) * seen - tail * unseen
    }
  }
}

private func logOnePlusExp(_ x: Double) -> Double { x > 35 ? x : log1p(exp(x)) }

/// ln P(Z > z) of the standard normal law.
func logNormalTail(_ z: Double) -> Double { gsl_sf_log_erfc(z / 2.0.squareRoot()) - log(2) }
