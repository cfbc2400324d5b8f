import DequeModule
import Platforms
import Statistics

/// An execution environment in the control plane.
struct Environment {
  /// Counts the function's environments in order of creation.
  var serial: UInt32
  /// When its maximum lifetime ends; Int64.max for never.
  var lifetimeEnd: Int64
  /// The function's version that it runs.
  var version: Int
  var condition: Condition
  /// The tenant that it serves, where they are kept apart.
  var tenant = 0

  enum Condition {
    case initialised
    /// Reset after a crash or timeout: the next invocation runs Init again inside its duration.
    case reset
  }
}

/// An environment that waits for its next invocation.
struct RestingEnvironment {
  var environment: Environment
  var since: Int64
  /// The first moment at which it can no longer serve: end of keep-alive or of its lifetime.
  var expires: Int64
}

/// The waiting environments of one version, handed out in the platform's reuse order: the rules of `IdlePool`, literally.
///
/// It knows nothing of expiry: it hands out candidates, and its owner discards those whose time is up.
struct RestingEnvironments {
  private var members: Deque<RestingEnvironment> = []
  private let order: ReuseOrder
  private var stream: RandomStream

  init(order: ReuseOrder, stream: RandomStream) {
    self.order = order
    self.stream = stream
  }

  var count: Int { members.count }

  mutating func add(_ waiting: RestingEnvironment) { members.append(waiting) }

  /// Removes the one that the order puts next; nil when none is left.
  mutating func next() -> RestingEnvironment? {
    switch order {
    case .mostRecentlyUsed: return members.popLast()
    case .leastRecentlyUsed: return members.popFirst()
    case .newestCreated: return remove(members.indices.max { serial($0) < serial($1) })
    case .oldestCreated: return remove(members.indices.min { serial($0) < serial($1) })
    case .random:
      guard !members.isEmpty else { return nil }
      members.swapAt(stream.index(below: members.count), members.count - 1)
      return members.popLast()
    }
  }

  private func serial(_ index: Int) -> UInt32 { members[index].environment.serial }
  private mutating func remove(_ index: Int?) -> RestingEnvironment? { index.map { members.remove(at: $0) } }

  /// Removes all that expired by `time`; the others keep their order.
  mutating func removeExpired(by time: Int64) -> [RestingEnvironment] {
    let expired = members.filter { $0.expires <= time }
    if !expired.isEmpty { members.removeAll { $0.expires <= time } }
    return Array(expired)
  }

  /// Whether any would still be alive at `time`.
  func hasLive(at time: Int64) -> Bool { members.contains { $0.expires > time } }
}
