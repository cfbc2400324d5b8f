import DequeModule
import HeapModule
import Statistics

/// One function's idle environments, handed out in a reuse order.
///
/// A pool knows nothing of expiry: it hands out candidates, and the replay discards those that expired. Handing out
/// until a live one appears gives each order its meaning, for `random` too: the first live one of a random sequence is
/// a uniform choice among the live.
protocol IdlePool: Sendable {
  init(stream: RandomStream)
  var count: Int { get }
  mutating func add(_ environment: IdleEnvironment)
  /// Removes the environment that the order puts next; nil when none is left.
  mutating func next() -> IdleEnvironment?
  /// Removes all that expired by `time` and gives them to `body`, in no stated order.
  mutating func removeExpired(by time: Int64, _ body: (IdleEnvironment) -> Void)
  /// Whether any would still be alive at `time`.
  func hasLive(at time: Int64) -> Bool
}

/// The environment used last serves next: a stack.
struct MostRecentlyUsedPool: IdlePool {
  private var stack: [IdleEnvironment] = []
  init(stream: RandomStream) {}
  var count: Int { stack.count }
  mutating func add(_ environment: IdleEnvironment) { stack.append(environment) }
  mutating func next() -> IdleEnvironment? { stack.popLast() }
  mutating func removeExpired(by time: Int64, _ body: (IdleEnvironment) -> Void) {
    for environment in stack where environment.expires <= time { body(environment) }
    stack.removeAll { $0.expires <= time }
  }
  func hasLive(at time: Int64) -> Bool { stack.last { $0.expires > time } != nil }
}

/// The environment that waited longest serves next: a queue.
struct LeastRecentlyUsedPool: IdlePool {
  private var queue: Deque<IdleEnvironment> = []
  init(stream: RandomStream) {}
  var count: Int { queue.count }
  mutating func add(_ environment: IdleEnvironment) { queue.append(environment) }
  mutating func next() -> IdleEnvironment? { queue.popFirst() }
  mutating func removeExpired(by time: Int64, _ body: (IdleEnvironment) -> Void) {
    for environment in queue where environment.expires <= time { body(environment) }
    queue.removeAll { $0.expires <= time }
  }
  func hasLive(at time: Int64) -> Bool { queue.last { $0.expires > time } != nil }
}

/// The environment created last serves next.
struct NewestCreatedPool: IdlePool {
  private var heap = Heap<IdleEnvironment>()
  init(stream: RandomStream) {}
  var count: Int { heap.count }
  mutating func add(_ environment: IdleEnvironment) { heap.insert(environment) }
  mutating func next() -> IdleEnvironment? { heap.popMax() }
  mutating func removeExpired(by time: Int64, _ body: (IdleEnvironment) -> Void) {
    for environment in heap.unordered where environment.expires <= time { body(environment) }
    heap = Heap(heap.unordered.filter { $0.expires > time })
  }
  func hasLive(at time: Int64) -> Bool { heap.unordered.contains { $0.expires > time } }
}

/// The environment created first serves next.
struct OldestCreatedPool: IdlePool {
  private var heap = Heap<IdleEnvironment>()
  init(stream: RandomStream) {}
  var count: Int { heap.count }
  mutating func add(_ environment: IdleEnvironment) { heap.insert(environment) }
  mutating func next() -> IdleEnvironment? { heap.popMin() }
  mutating func removeExpired(by time: Int64, _ body: (IdleEnvironment) -> Void) {
    for environment in heap.unordered where environment.expires <= time { body(environment) }
    heap = Heap(heap.unordered.filter { $0.expires > time })
  }
  func hasLive(at time: Int64) -> Bool { heap.unordered.contains { $0.expires > time } }
}

/// Any idle environment serves next, each with the same chance.
struct RandomPool: IdlePool {
  private var members: [IdleEnvironment] = []
  private var stream: RandomStream
  init(stream: RandomStream) { self.stream = stream }
  var count: Int { members.count }
  mutating func add(_ environment: IdleEnvironment) { members.append(environment) }
  mutating func next() -> IdleEnvironment? {
    guard !members.isEmpty else { return nil }
    members.swapAt(stream.index(below: members.count), members.count - 1)
    return members.popLast()
  }
  mutating func removeExpired(by time: Int64, _ body: (IdleEnvironment) -> Void) {
    for environment in members where environment.expires <= time { body(environment) }
    members.removeAll { $0.expires <= time }
  }
  func hasLive(at time: Int64) -> Bool { members.contains { $0.expires > time } }
}
