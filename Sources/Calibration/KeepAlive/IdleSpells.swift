import Platforms

/// The times that environments waited, and whether they were still there when it was seen.
///
/// A wait is looked at once: when the environment serves again it was alive; when an invocation passes it over, it was
/// dead. Who is passed over follows from the order of reuse: of environments that never serve again, those that it puts
/// before the one that served; at a cold start, all. Where the order is not known, only cold starts tell, and then the
/// dead are seen too often: only when every other one is dead or busy.
struct IdleSpells {
  struct Spell {
    /// How long it had waited when it was seen, s.
    var gap: Double
    var isAlive: Bool
    /// Whether no other environment of the function lived when the wait began.
    var isSole: Bool
    /// Age of the environment when the wait began and when it was seen, s.
    var ageAtStart: Double
    var age: Double { ageAtStart + gap }
    var environment: Int
  }

  private(set) var spells: [Spell] = []

  /// An environment that is not seen again counts as living for so long when others fall idle beside it: what Lambda's
  /// keep-alive measures as.
  private static let likelyAlive = 600.0

  private struct Waiting {
    var since: Double
    var isSole: Bool
  }

  /// - Parameter order: most-recently-used, or nil for any other.
  init(of function: EnvironmentTrace.Function, order: ReuseOrder? = nil) {
    var lastStart: [Int: Double] = [:]
    var created: [Int: Double] = [:]
    for use in function.uses {
      lastStart[use.environment] = max(lastStart[use.environment] ?? use.start, use.start)
      if created[use.environment] == nil { created[use.environment] = use.start }
    }
    var waiting: [Int: Waiting] = [:]
    var busy: [(end: Double, environment: Int)] = []
    for use in function.uses {
      busy.sort { $0.end > $1.end }
      while let next = busy.last, next.end <= use.start {
        busy.removeLast()
        let othersLive =
          !busy.isEmpty
          || waiting.contains { other, wait in
            (lastStart[other] ?? 0) > next.end || next.end - wait.since < Self.likelyAlive
          }
        waiting[next.environment] = Waiting(since: next.end, isSole: !othersLive)
      }
      let own = waiting.removeValue(forKey: use.environment)
      if let own { note(own, use, isAlive: true, use.environment, created) }
      // Those that fell idle later than the one that served would have come first.
      let passedOver = own.map(\.since) ?? (use.isCold ? -.infinity : .infinity)
      guard order == .mostRecentlyUsed || own == nil else {
        busy.append((use.end, use.environment))
        continue
      }
      for (other, wait) in waiting.sorted(by: { $0.key < $1.key })
      where wait.since > passedOver && (lastStart[other] ?? 0) < use.start {
        waiting[other] = nil
        note(wait, use, isAlive: false, other, created)
      }
      busy.append((use.end, use.environment))
    }
  }

  private mutating func note(
    _ wait: Waiting, _ use: EnvironmentTrace.Use, isAlive: Bool, _ environment: Int, _ created: [Int: Double]
  ) {
    spells.append(
      Spell(
        gap: use.start - wait.since, isAlive: isAlive, isSole: wait.isSole,
        ageAtStart: wait.since - (created[environment] ?? wait.since), environment: environment))
  }
}

/// What choices between idle environments say of the order of reuse.
public struct ReuseEvidence: Hashable, Sendable {
  /// Choices between at least two environments known to live: the one that served, and others that serve later.
  public private(set) var choices = 0
  /// Choices that fell on the environment used last, used longest ago, created last, created first.
  public private(set) var mostRecentlyUsed = 0
  public private(set) var leastRecentlyUsed = 0
  public private(set) var newestCreated = 0
  public private(set) var oldestCreated = 0
  /// How many would have fallen on any given one by chance.
  public private(set) var byChance = 0.0

  public init(_ trace: EnvironmentTrace) {
    for function in trace.functions { take(function) }
  }

  private mutating func take(_ function: EnvironmentTrace.Function) {
    var lastStart: [Int: Double] = [:]
    for use in function.uses { lastStart[use.environment] = use.start }
    // Environments are numbered in order of their first use.
    var idleSince: [Int: Double] = [:]
    var busy: [(end: Double, environment: Int)] = []
    for use in function.uses {
      busy.sort { $0.end > $1.end }
      while let next = busy.last, next.end <= use.start {
        busy.removeLast()
        idleSince[next.environment] = next.end
      }
      let candidates = idleSince.filter { (lastStart[$0.key] ?? 0) >= use.start }
      if candidates.count > 1, let chosen = candidates[use.environment] {
        choices += 1
        byChance += 1 / Double(candidates.count)
        if candidates.values.allSatisfy({ $0 <= chosen }) { mostRecentlyUsed += 1 }
        if candidates.values.allSatisfy({ $0 >= chosen }) { leastRecentlyUsed += 1 }
        if candidates.keys.allSatisfy({ $0 <= use.environment }) { newestCreated += 1 }
        if candidates.keys.allSatisfy({ $0 >= use.environment }) { oldestCreated += 1 }
      }
      idleSince[use.environment] = nil
      busy.append((use.end, use.environment))
    }
  }
}
