import Diagnostics
import Platforms
import Units

enum LimitsKey: String, EntryKey {
  case scaling
  case requestsPerConcurrency = "requests-per-concurrency"
  case initLimit = "init"
  case restoreLimit = "restore"
}

enum ScalingKey: String, EntryKey {
  case environments
  case per
  case burst
  case perMinute = "per-minute"
}

extension Entry {
  /// Sets of limits that have a name.
  static let namedLimits: [(name: String, limits: ServiceLimits)] = [
    ("none", .none), ("lambda", .lambda), ("lambda-before-2023-11-26", .lambdaBefore2023),
  ]

  /// `lambda`, or a mapping; what a mapping leaves out does not apply.
  func serviceLimits() throws(InputFault) -> ServiceLimits {
    let names = Self.namedLimits.map(\.name)
    let form = "\(names.joined(separator: ", ")), or a mapping with \(LimitsKey.names.joined(separator: ", "))"
    guard isMapping else {
      guard let limits = Self.namedLimits.first(where: { isWord($0.name) })?.limits else {
        throw fault(expected: form, advice: text.flatMap { didYouMean($0, among: names) })
      }
      return limits
    }
    let fields = try Fields<LimitsKey>(self, form)
    return ServiceLimits(
      scaling: try fields[.scaling]?.scalingRate(),
      requestsPerConcurrency: try fields[.requestsPerConcurrency]?.integer(in: 1...10_000, "requests a second"),
      initLimit: try fields[.initLimit]?.positiveDuration("a limit"),
      restoreLimit: try fields[.restoreLimit]?.positiveDuration("a limit"))
  }

  private func scalingRate() throws(InputFault) -> ScalingRate {
    let form = "{environments: 1000, per: 10s} for each function, or {burst: 3000, per-minute: 500} for the account"
    let fields = try Fields<ScalingKey>(self, form)
    let counts = 1...Int(Int32.max)
    switch (fields[.environments], fields[.per], fields[.burst], fields[.perMinute]) {
    case (let environments?, let per?, nil, nil):
      return .perFunction(
        environments: try environments.integer(in: counts, "environments"), per: try per.positiveDuration("a period"))
    case (nil, nil, let burst?, let perMinute?):
      return .account(
        burst: try burst.integer(in: counts, "environments"),
        perMinute: try perMinute.integer(in: 0...Int(Int32.max), "environments"))
    default: throw fault(expected: form)
    }
  }
}
