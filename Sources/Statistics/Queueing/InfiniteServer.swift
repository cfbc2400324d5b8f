import Glibc

/// Poisson arrivals without a limit (M/G/∞): how many execution environments are busy at once.
///
/// The count is Poisson at every instant, whatever the law of the service time, with a rate that may vary too.
public struct InfiniteServer: Equatable, Sendable {
  /// Arrivals per second.
  public let rate: Double
  /// The law of the service time, in seconds.
  public let service: Distribution

  /// The law has a finite mean; rate × mean is at most `largestOfferedLoad`.
  public init(rate: Double, service: Distribution) throws(ParameterOutOfRange) {
    try requireLoad(rate: rate, service: service.mean)
    self.rate = rate
    self.service = service
  }

  /// Mean number busy, in Erlang; the variance is the same.
  public var offered: Double { rate * service.mean }

  /// The law of the number busy in steady state.
  public var occupancy: PoissonLaw { PoissonLaw(unchecked: offered) }

  /// Mean number busy `t` seconds after the first instant of an empty system: λ E[min(S, t)].
  public func meanBusy(secondsFromEmpty t: Double) -> Double { rate * service.limitedMean(t) }

  /// Variance of the time average over `seconds` of the number busy in steady state, for exponential service:
  /// how far a measured mean concurrency is from the truth.
  public func varianceOfTimeAverage(seconds: Double) throws(ParameterOutOfRange) -> Double {
    try requirePositive(seconds, "time")
    guard case .exponential(let mean) = service else {
      throw ParameterOutOfRange(parameter: "service law", found: "another", expected: "an exponential one")
    }
    return 2 * offered * decayAverage(seconds / mean) / (seconds / mean)
  }
}

/// A rate that swings around its mean: mean + amplitude × sin(2π t / period), in arrivals per second.
public struct SinusoidalRate: Equatable, Sendable {
  public let mean: Double
  public let amplitude: Double
  /// In seconds.
  public let period: Double

  /// The amplitude is from zero to the mean.
  public init(mean: Double, amplitude: Double, period: Double) throws(ParameterOutOfRange) {
    try requirePositive(mean, "rate")
    try requireNotNegative(amplitude, "amplitude")
    try requirePositive(period, "period")
    guard amplitude <= mean else {
      throw ParameterOutOfRange(
        parameter: "amplitude", found: "\(amplitude)/s",
        expected: "at most the mean rate, \(mean)/s, as no rate is negative")
    }
    self.mean = mean
    self.amplitude = amplitude
    self.period = period
  }

  /// The rate `t` seconds into the period.
  public func rate(at t: Double) -> Double { mean + amplitude * sin(2 * .pi * t / period) }

  /// Mean number busy `t` seconds into the period once the start is forgotten; the number is Poisson.
  ///
  /// λ(t) filtered by the survival of the service time (S. G. Eick, W. A. Massey and W. Whitt, "The physics of the
  /// Mt/G/∞ queue", Operations Research 41, 1993): the swing comes damped and late.
  /// Known for constant, uniform, exponential and gamma service, and mixtures of these.
  public func meanBusy(at t: Double, service: Distribution) throws(ParameterOutOfRange) -> Double {
    try requireLoad(rate: mean, service: service.mean)
    let omega = 2 * Double.pi / period
    guard let response = service.survivalTransform(Complex(0, omega)) else {
      throw ParameterOutOfRange(
        parameter: "service law", found: "another", expected: "constant, uniform, exponential or gamma, or a mixture")
    }
    let phase = Complex(cos(omega * t), sin(omega * t)) * response
    return mean * service.mean + amplitude * phase.imaginary
  }
}

extension Distribution {
  /// ∫ P(X > u) e^-su du for s ≠ 0; nil for laws that have no simple one.
  fileprivate func survivalTransform(_ s: Complex) -> Complex? {
    switch self {
    case .constant(let value): return (1 - Complex.exp(-value * s)) / s
    case .uniform(let lower, let upper):
      guard upper > lower else { return Distribution.constant(lower).survivalTransform(s) }
      return (1 - (Complex.exp(-lower * s) - Complex.exp(-upper * s)) / ((upper - lower) * s)) / s
    case .exponential(let mean): return Complex(mean, 0) / (1 + mean * s)
    case .gamma(let shape, let scale):
      return (1 - Complex.exp(-shape * Complex.log(1 + scale * s))) / s
    case .mixture(let parts):
      var sum = Complex.zero
      var weights = 0.0
      for part in parts {
        guard let transform = part.distribution.survivalTransform(s) else { return nil }
        sum = sum + part.weight * transform
        weights += part.weight
      }
      return (1 / weights) * sum
    case .lognormal, .weibull, .logLogistic, .burr, .empirical: return nil
    }
  }
}

/// 1 - (1 - e^-x) / x: how much of a decay's length x is left after averaging; x/2 for small x.
func decayAverage(_ x: Double) -> Double {
  x < 1e-4 ? x / 2 - x * x / 6 : 1 + expm1(-x) / x
}
