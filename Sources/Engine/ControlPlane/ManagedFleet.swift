import Platforms
import Units

/// Environments of a function on managed instances: see `ManagedInstances`.
struct ManagedFleet {
  let policy: ManagedInstances
  private(set) var environments: Int
  private(set) var busy = 0
  /// Asked for and not ready.
  private var coming = 0
  private var largest = 0
  /// The largest demand of each of the last periods, the newest last.
  private var demands: [Int] = []
  private var time: Int128 = 0
  private var since: Int64 = 0

  init(_ policy: ManagedInstances) {
    self.policy = policy
    environments = policy.minimum
  }

  /// Takes room; false when there is none.
  mutating func take() -> Bool {
    largest = max(largest, busy + 1)
    guard busy < environments * policy.room else { return false }
    busy += 1
    return true
  }

  mutating func giveBack() { busy -= 1 }

  /// Thinks the number over; how many more are to come.
  mutating func scale(at now: Int64) -> Int {
    demands.append(largest)
    let kept = max(1, Int(300_000_000_000 / max(1, policy.period.nanoseconds)))
    if demands.count > kept { demands.removeFirst() }
    largest = busy
    let perEnvironment = Double(policy.room) * policy.target
    let wanted = Int((Double(demands.max() ?? 0) / perEnvironment).rounded(.up))
    let level = min(policy.maximum, max(policy.minimum, wanted))
    if level > environments + coming {
      let more = level - environments - coming
      coming += more
      return more
    }
    if level < environments, coming == 0 { change(to: level, at: now) }
    return 0
  }

  mutating func arrived(_ count: Int, at now: Int64) {
    coming -= count
    change(to: environments + count, at: now)
  }

  private mutating func change(to level: Int, at now: Int64) {
    time += Int128(environments) * Int128(now - since)
    since = now
    environments = level
  }

  /// Environments times nanoseconds.
  func environmentTime(until horizon: Int64) -> Int128 {
    time + Int128(environments) * Int128(horizon - since)
  }
}
