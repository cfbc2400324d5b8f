import Statistics
import Workloads

/// Laws that reference values are named after.
enum OracleLaws {
  static let gaps: [String: Distribution] = [
    "exponential mean 600": .exponential(mean: 600),
    "gamma shape 4 mean 600 (cv .5)": .gamma(shape: 4, scale: 150),
    "gamma shape .25 mean 600 (cv 2)": .gamma(shape: 0.25, scale: 2400),
    "gamma shape 100 mean 3600 (cv .1)": .gamma(shape: 100, scale: 36),
    "weibull shape .5 scale 300 (mean 600)": .weibull(shape: 0.5, scale: 300),
    "lognormal mean 600 cv 1": lognormal(mean: 600, cv: 1),
    "uniform[540,660]": .uniform(lower: 540, upper: 660),
  ]

  /// A service law with this mean: constant, Erlang or exponential up to a coefficient of variation of one,
  /// hyperexponential with balanced means beyond.
  static func service(mean: Double, cv: Double) -> Distribution {
    if cv == 0 { return .constant(mean) }
    if cv <= 1 { return .gamma(shape: 1 / (cv * cv), scale: mean * cv * cv) }
    return (try? BalancedHyperexponential(mean: mean, cv: cv).distribution) ?? .constant(mean)
  }

  static func lognormal(mean: Double, cv: Double) -> Distribution {
    (try? Distribution.gap(law: .lognormal, rate: 1 / mean, cv: cv)) ?? .constant(mean)
  }
}
