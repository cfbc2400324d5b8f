import Glibc
public import Platform
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
  /// Lower ends tried for the deeper law: how far simulated cold starts lie from those of the trace (Σ (s - o)² / o).
  public var lowerEnds: [LowerEnd]
  public var warnings: [String] = []

  /// A lower end of the deeper keep-alive that was tried.
  public struct LowerEnd: Hashable, Sendable {
    /// Seconds.
    public var value: Double
    public var deviance: Double
  }

  /// A platform with these laws and no limits.
  public var platform: Platform {
    Platform(
      accountConcurrency: nil, reuse: reuse.order ?? .mostRecentlyUsed, keepAlive: keepAlive,
      maximumLifetime: maximumLifetime)
  }

  /// Fits all laws.
  ///
  /// Two numbers for the environment that is alone, by maximum likelihood. For others the upper end lies between the
  /// longest wait that one survived and the shortest beyond which none did. Their lower end is told by cold starts: of
  /// those whose simulated cold starts match the trace's as well as the best does, within one unit of chi-square, the one
  /// nearest to the sole environment's. Looks can't tell it: a dead environment is seen only when all others are dead or
  /// busy too, so the dead are seen too often.
  /// - Parameters:
  ///   - replications: simulations for each lower end tried.
  public init(_ trace: EnvironmentTrace, replications: Int = 8, step: Double = 50) {
    reuse = ReuseEvidence(trace)
    let spells = trace.functions.flatMap { IdleSpells(of: $0).spells }
    let first = UniformLaw(Self.bounds(spells.filter(\.isSole)))
    let lifetime = Self.lifetime(trace, shortest: 0.9 * (first?.lower ?? 600))
    maximumLifetime = lifetime?.distribution
    oldestServing = spells.filter(\.isAlive).map(\.age).max() ?? 0
    // Beyond the lifetime's lower end, deaths say nothing of waiting.
    let young = spells.filter { $0.age < lifetime?.lower ?? .infinity }
    soleLooks = CurrentStatus(young.filter(\.isSole).map { .init(age: $0.gap, isAlive: $0.isAlive) })
    deeperLooks = CurrentStatus(young.filter { !$0.isSole }.map { .init(age: $0.gap, isAlive: $0.isAlive) })
    lowerEnds = []
    guard let sole = UniformLaw(Self.bounds(young.filter(\.isSole))) else {
      keepAlive = .default
      warnings.append("no environment that was alone was seen to end: keep-alive is left at 600 s")
      return
    }
    keepAlive = KeepAlive(sole.distribution)
    guard let survived = deeperLooks.oldestAlive, let ended = deeperLooks.dead, survived > sole.lower else {
      warnings.append("environments beside others were seen too rarely for a law of their own")
      return
    }
    let upper = (survived + ended) / 2
    fitLowerEnd(upper: upper, near: sole, trace, replications: replications, step: step)
    if reuse.order == nil { warnings.append("choices between idle environments don't tell the order of reuse") }
    if lifetime == nil { warnings.append("no environment grew old enough to show a maximum lifetime") }
  }

  private static func bounds(_ spells: [IdleSpells.Spell]) -> [UniformLaw.Bounds] {
    spells.map { $0.isAlive ? .init(after: $0.gap) : .init(after: 0, before: $0.gap) }
  }

  /// Ages between which environments ended that had not waited long enough to end by idleness; those that ended
  /// otherwise lived at least that long.
  private static func lifetime(_ trace: EnvironmentTrace, shortest: Double) -> UniformLaw? {
    var bounds: [UniformLaw.Bounds] = []
    for function in trace.functions {
      var last: [Int: IdleSpells.Spell] = [:]
      for spell in IdleSpells(of: function).spells { last[spell.environment] = spell }
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
    return UniformLaw(bounds)
  }

  private mutating func fitLowerEnd(
    upper: Double, near sole: UniformLaw, _ trace: EnvironmentTrace, replications: Int, step: Double
  ) {
    let replay = EnvironmentReplay(trace)
    let measured = trace.functions.map { Double($0.coldStarts) }
    var lower = 0.0
    while lower < upper {
      var tried = platform
      tried.keepAlive.deeper = .uniform(lower: lower, upper: upper)
      let simulated = replay.coldStarts(under: tried, replications: replications)
      let deviance = zip(simulated, measured).reduce(0) { sum, pair in
        sum + (pair.0.mean - pair.1) * (pair.0.mean - pair.1) / max(1, pair.1)
      }
      lowerEnds.append(LowerEnd(value: lower, deviance: deviance))
      lower += step
    }
    let best = lowerEnds.map(\.deviance).min() ?? 0
    let chosen = lowerEnds.filter { $0.deviance <= best + 1 }
      .min { ($0.value - sole.lower).magnitude < ($1.value - sole.lower).magnitude }
    keepAlive.deeper = chosen.map { .uniform(lower: $0.value, upper: upper) }
  }
}
