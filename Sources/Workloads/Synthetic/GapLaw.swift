public import Diagnostics
import Glibc
public import Statistics

/// Laws for the gaps of a renewal process that a rate and a coefficient of variation describe.
public enum GapLaw: String, CaseIterable, Hashable, Sendable {
  case gamma
  case weibull
  case lognormal
  /// Two exponentials with balanced means; for coefficients of variation of one and more.
  case hyperexponential
}

extension Distribution {
  /// The largest coefficient of variation that renewal gaps may have. Beyond it the typical gap is so far below the mean
  /// that a finite trace does not show the rate.
  static let largestGapVariation = 100.0

  /// Gaps with mean `1 / rate` seconds and the given coefficient of variation.
  ///
  /// - Parameters:
  ///   - rate: arrivals per second, positive.
  ///   - cv: 0 to 100 (1 to 100 for hyperexponential); 0 gives a constant.
  /// - Throws: a fault with key `rate` or `cv` outside these ranges.
  public static func gap(law: GapLaw, rate: Double, cv: Double) throws(InputFault) -> Distribution {
    guard rate > 0, rate <= ArrivalProcess.highestRate else {
      throw InputFault(
        at: .init(file: "", key: "rate"), found: "\(rate)", expected: "more than 0 and at most 10,000,000 per second")
    }
    let least: Double = law == .hyperexponential ? 1 : 0
    guard cv >= least, cv <= largestGapVariation else {
      throw InputFault(
        at: .init(file: "", key: "cv"), found: "\(cv)", expected: "\(Int(least)) to \(Int(largestGapVariation))",
        advice: law == .hyperexponential && cv < 1 && cv >= 0 ? "use gamma for a coefficient of variation below 1" : nil
      )
    }
    let mean = 1 / rate
    if cv == 0 { return .constant(mean) }
    switch law {
    case .gamma: return .gamma(shape: 1 / (cv * cv), scale: mean * cv * cv)
    case .weibull:
      let shape = weibullShape(cv: cv).settled
      return .weibull(shape: shape, scale: (mean / tgamma(1 + 1 / shape)).settled)
    case .lognormal:
      let variance = log1p(cv * cv)
      return .lognormal(mu: (log(mean) - variance / 2).settled, sigma: variance.squareRoot().settled)
    case .hyperexponential:
      // Balanced means: both branches carry half of the time.
      let share = (1 + ((cv * cv - 1) / (cv * cv + 1)).squareRoot()) / 2
      return .mixture([
        Component(weight: share, distribution: .exponential(mean: mean / (2 * share))),
        Component(weight: 1 - share, distribution: .exponential(mean: mean / (2 * (1 - share)))),
      ])
    }
  }

  /// The shape with which a Weibull law has the coefficient of variation: bisection, as it falls in the shape.
  private static func weibullShape(cv: Double) -> Double {
    var low = log(0.15)
    var high = log(1e4)
    for _ in 0..<100 {
      let middle = (low + high) / 2
      let shape = exp(middle)
      let first = tgamma(1 + 1 / shape)
      if tgamma(1 + 2 / shape) / (first * first) - 1 > cv * cv { low = middle } else { high = middle }
    }
    return exp((low + high) / 2)
  }

  /// E[X²]; infinite where the law has none.
  var secondMoment: Double {
    switch self {
    case .constant(let value): return value * value
    case .uniform(let lower, let upper): return (lower * lower + lower * upper + upper * upper) / 3
    case .exponential(let mean): return 2 * mean * mean
    case .lognormal(let mu, let sigma): return exp(2 * mu + 2 * sigma * sigma)
    case .gamma(let shape, let scale): return shape * (shape + 1) * scale * scale
    case .weibull(let shape, let scale): return scale * scale * tgamma(1 + 2 / shape)
    case .logLogistic(let shape, let scale):
      let angle = 2 * Double.pi / shape
      return shape > 2 ? scale * scale * angle / sin(angle) : .infinity
    case .burr(let shape, let tail, let scale):
      return Distribution.burrSecondMoment(shape: shape, tail: tail, scale: scale)
    case .mixture(let parts):
      return parts.reduce(0) { $0 + $1.weight * $1.distribution.secondMoment } / parts.reduce(0) { $0 + $1.weight }
    case .empirical(let law):
      guard law.values.count > 1 else { return law.values[0] * law.values[0] }
      return (1..<law.values.count).reduce(0) { sum, step in
        let low = law.values[step - 1]
        let rise = law.values[step] - low
        let square = low * low + 2 * low * rise / (law.bend + 1) + rise * rise / (2 * law.bend + 1)
        return sum + (law.probabilities[step] - law.probabilities[step - 1]) * square
      }
    }
  }

  /// Standard deviation over mean.
  var coefficientOfVariation: Double {
    max(0, secondMoment / (mean * mean) - 1).squareRoot()
  }

  /// What is left of a gap at a random moment of a stationary renewal process: a uniform share of a gap drawn with
  /// probability proportional to its length (W. Feller, An Introduction to Probability Theory II, XI.4). Exact for every
  /// law.
  func sampleResidual(_ stream: inout RandomStream) -> Double {
    let whole = sampleLengthBiased(&stream)
    return whole * stream.uniform()
  }

  private func sampleLengthBiased(_ stream: inout RandomStream) -> Double {
    switch self {
    case .constant(let value): return value
    case .uniform(let lower, let upper):
      return (lower * lower + stream.uniform() * (upper * upper - lower * lower)).squareRoot()
    case .exponential(let mean): return mean * stream.gamma(shape: 2)
    case .lognormal(let mu, let sigma):
      return Distribution.lognormal(mu: mu + sigma * sigma, sigma: sigma).sample(&stream)
    case .gamma(let shape, let scale): return scale * stream.gamma(shape: shape + 1)
    case .weibull(let shape, let scale): return scale * pow(stream.gamma(shape: 1 + 1 / shape), 1 / shape)
    case .logLogistic(let shape, let scale):
      // u/(1−u) is a ratio of gammas when u is Beta(1 + 1/shape, 1 − 1/shape).
      let above = stream.gamma(shape: 1 + 1 / shape)
      let below = stream.gamma(shape: 1 - 1 / shape)
      return scale * pow(above / below, 1 / shape)
    case .burr(let shape, let tail, let scale):
      let above = stream.gamma(shape: 1 + 1 / shape)
      let below = stream.gamma(shape: tail - 1 / shape)
      return scale * pow(above / below, 1 / shape)
    case .mixture(let parts):
      var left = stream.uniform() * parts.reduce(0) { $0 + $1.weight * $1.distribution.mean }
      for part in parts {
        left -= part.weight * part.distribution.mean
        if left < 0 { return part.distribution.sampleLengthBiased(&stream) }
      }
      return parts.last?.distribution.sampleLengthBiased(&stream) ?? 0
    case .empirical(let law):
      guard law.values.count > 1 else { return law.values[0] }
      var left = stream.uniform() * law.mean
      for step in 1..<law.values.count {
        let width = law.probabilities[step] - law.probabilities[step - 1]
        let low = law.values[step - 1]
        let rise = law.values[step] - low
        let flat = width * low
        let bent = width * rise / (law.bend + 1)
        // Within a step s has density proportional to low + rise · s^bend: a mixture of a flat and a power law.
        if left < flat { return low + rise * pow(stream.uniform(), law.bend) }
        if left < flat + bent { return low + rise * pow(stream.uniform(), law.bend / (law.bend + 1)) }
        left -= flat + bent
      }
      return law.values[law.values.count - 1]
    }
  }
}
