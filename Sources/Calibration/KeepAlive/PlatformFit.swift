import Glibc
public import Platforms
public import Statistics

/// The laws of keep-alive, lifetime and reuse that a trace of environments shows.
public struct PlatformFit: Sendable {
  /// What decided on the order of reuse.
  public var reuse: ReuseEvidence
  /// Waits of environments that were alone, and of those that were not, as single looks.
  public var soleLooks: CurrentStatus
  public var deeperLooks: CurrentStatus
  public var keepAlive: KeepAlive
  /// Nil where no environment grew old enough to show one.
  public var maximumLifetime: Distribution?
  /// The greatest age at which an environment still served, s.
  public var oldestServing: Double
  public var warnings: [String] = []

  /// A platform with these laws and no limits.
  public var platform: Platform {
    Platform(
      accountConcurrency: nil, reuse: reuse.order ?? .mostRecentlyUsed, keepAlive: keepAlive,
      maximumLifetime: maximumLifetime)
  }

  /// Fits all laws.
  ///
  /// Two numbers for the environment that is alone, by likelihood. One beside others lives at least as long; its upper end
  /// lies between the longest wait that one survived and the shortest beyond which none did, and likelihood puts it at the
  /// latter: the most that no look contradicts. Where reuse is most-recently-used, every invocation looks at the environments
  /// that it would have put first, and both laws rest on these looks.
  public init(_ trace: EnvironmentTrace) {
    reuse = ReuseEvidence(trace)
    let order = reuse.order
    let spells = trace.functions.flatMap { IdleSpells(of: $0, order: order).spells }
    let first = UniformLaw(Self.bounds(spells.filter(\.isSole)))
    let lifetime = Self.lifetime(trace, order, shortest: 0.9 * (first?.lower ?? 600))
    maximumLifetime = lifetime?.distribution
    oldestServing = spells.filter(\.isAlive).map(\.age).max() ?? 0
    // Beyond the lifetime's lower end, deaths say nothing of waiting.
    let young = spells.filter { $0.age < lifetime?.lower ?? .infinity }
    soleLooks = CurrentStatus(young.filter(\.isSole).map { .init(age: $0.gap, isAlive: $0.isAlive) })
    deeperLooks = CurrentStatus(young.filter { !$0.isSole }.map { .init(age: $0.gap, isAlive: $0.isAlive) })
    guard let sole = UniformLaw(Self.bounds(young.filter(\.isSole))) else {
      keepAlive = .default
      warnings.append("no environment that was alone was seen to end: keep-alive is left at 600 s")
      return
    }
    keepAlive = KeepAlive(sole.distribution)
    if let survived = deeperLooks.oldestAlive, let ended = deeperLooks.dead, survived > sole.lower {
      keepAlive.deeper = .uniform(lower: sole.lower, upper: ended)
    } else {
      warnings.append("environments beside others were seen too rarely for a law of their own")
    }
    if reuse.order == nil { warnings.append("choices between idle environments don't tell the order of reuse") }
    if lifetime == nil { warnings.append("no environment grew old enough to show a maximum lifetime") }
  }

  private static func bounds(_ spells: [IdleSpells.Spell]) -> [UniformLaw.Bounds] {
    spells.map { $0.isAlive ? .init(after: $0.gap) : .init(after: 0, before: $0.gap) }
  }

  /// Ages between which environments ended that had not waited long enough to end by idleness; those that ended
  /// otherwise lived at least that long. One that was there before the trace counts as made at its first use there.
  private static func lifetime(_ trace: EnvironmentTrace, _ order: ReuseOrder?, shortest: Double) -> UniformLaw? {
    var bounds: [UniformLaw.Bounds] = []
    for function in trace.functions {
      var last: [Int: IdleSpells.Spell] = [:]
      for spell in IdleSpells(of: function, order: order).spells { last[spell.environment] = spell }
      for spell in last.values.sorted(by: { $0.environment < $1.environment }) {
        let endedOfAge = !spell.isAlive && spell.gap < shortest
        bounds.append(
          .init(
            after: spell.isAlive ? spell.age : spell.ageAtStart, before: endedOfAge ? spell.age : .infinity))
      }
    }
    let oldest = bounds.map(\.after).max() ?? 0
    // At least three ends near the greatest age make a limit; one may be chance.
    guard bounds.count(where: { $0.before.isFinite && $0.before > 0.9 * oldest }) >= 3 else { return nil }
    return UniformLaw(bounds, lapse: .anyTime)
  }
}
