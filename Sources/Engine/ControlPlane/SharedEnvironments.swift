/// Environments that serve several invocations at a time.
struct SharedEnvironments {
  struct Member {
    var serial: UInt32
    var active = 0
    /// When its overhead and init are over.
    var ready: Int64
    /// When its maximum lifetime ends.
    var lifetimeEnd: Int64
    /// When it fell idle, and the first moment at which it can no longer serve.
    var since: Int64 = 0
    var expires: Int64 = .max
  }

  private let concurrency: Int
  private var members: [Member] = []

  init(concurrency: Int) { self.concurrency = concurrency }

  /// Takes room in the environment that has most invocations, of equal ones in that used last; nil when there is none.
  mutating func take(at now: Int64) -> Member? {
    var best: Int?
    for (index, member) in members.enumerated() {
      guard member.active < concurrency, member.expires > now, member.lifetimeEnd > now else {
        continue
      }
      if let other = best,
        (members[other].active, members[other].since) > (member.active, member.since)
      {
        continue
      }
      best = index
    }
    guard let best else { return nil }
    let before = members[best]
    members[best].active += 1
    members[best].expires = .max
    return before
  }

  mutating func add(_ member: Member) { members.append(member) }

  /// An invocation in an environment is over; nil when others still run there, else when its lifetime ends.
  mutating func leave(_ serial: UInt32) -> Int64? {
    guard let index = members.firstIndex(where: { $0.serial == serial }) else { return nil }
    members[index].active -= 1
    return members[index].active == 0 ? members[index].lifetimeEnd : nil
  }

  /// An environment is idle until `expires`.
  mutating func rest(_ serial: UInt32, since now: Int64, expires: Int64) {
    guard let index = members.firstIndex(where: { $0.serial == serial }) else { return }
    members[index].since = now
    members[index].expires = expires
  }

  mutating func remove(_ serial: UInt32) { members.removeAll { $0.serial == serial } }

  /// Removes idle environments whose time is up.
  mutating func removeExpired(by now: Int64) -> [Member] {
    let expired = members.filter { $0.expires <= now }
    if !expired.isEmpty { members.removeAll { $0.expires <= now } }
    return expired
  }

  mutating func removeIdle() -> [Member] {
    let idle = members.filter { $0.active == 0 }
    members.removeAll { $0.active == 0 }
    return idle
  }
}
