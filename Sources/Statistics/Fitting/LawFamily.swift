/// Families of laws that a sample of times is held against.
public enum LawFamily: String, CaseIterable, Hashable, Sendable {
  case lognormal
  case logLogistic = "loglogistic"
  case gamma
  case weibull
  case burr
  /// Mixtures of lognormal laws: init times come in groups, by host or by what was cached.
  case twoLognormals = "two lognormals"
  case threeLognormals = "three lognormals"

  /// Free parameters, for information criteria.
  public var parameterCount: Int {
    switch self {
    case .lognormal, .logLogistic, .gamma, .weibull: 2
    case .burr: 3
    case .twoLognormals: 5
    case .threeLognormals: 8
    }
  }

  /// Below so many values a fit of the family says little.
  var fewestValues: Int { 5 * parameterCount }

  /// The law of this family under which the sample is likeliest; nil where the sample is too small for the family.
  public func fit(to sample: CensoredSample) -> LawFit? {
    guard sample.values.count >= fewestValues else { return nil }
    let found =
      switch self {
      case .lognormal: Likelihood.lognormal(sample)
      case .logLogistic: Likelihood.logLogistic(sample)
      case .gamma: Likelihood.gamma(sample)
      case .weibull: Likelihood.weibull(sample)
      case .burr: Likelihood.burr(sample)
      case .twoLognormals: LognormalMixture.fitted(to: sample, parts: 2).result
      case .threeLognormals: LognormalMixture.fitted(to: sample, parts: 3).result
      }
    return LawFit(family: self, law: found.law, logLikelihood: found.logLikelihood, sample: sample)
  }

  /// As `fit(to:)`, begun at a law of this family that is known to be near: for resampling.
  func refit(_ law: Distribution, to sample: CensoredSample) -> LawFit? {
    guard let start = LognormalMixture(law) else { return fit(to: sample) }
    let found = start.improved(on: LognormalMixture.Points(sample), limit: 60)
    return LawFit(
      family: self, law: found.mixture.law, logLikelihood: found.logLikelihood, sample: sample)
  }
}
