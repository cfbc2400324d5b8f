import DequeModule
import HeapModule
import Statistics

/// One function's idle environments, handed out in a reuse order.
///
/// A pool knows nothing of expiry: it hands out candidates, and the replay discards those that expired. Handing out
/// until a live one appears gives each order its meaning, for `random` too: the first live one of a random sequence is
/// a uniform choice among the live.
/// Its owner calls `deallocate()` when it goes away.
protocol IdlePool: Checkpointed {
  init(stream: RandomStream)
  var count: Int { get }
  mutating func add(_ environment: IdleEnvironment)
  /// Removes the environment that the order puts next; nil when none is left.
  mutating func next() -> IdleEnvironment?
  /// Removes all that expired by `time` and gives them to `body`, in no stated order.
  mutating func removeExpired(by time: Int64, _ body: (IdleEnvironment) -> Void)
  /// Whether any would still be alive at `time`.
  func hasLive(at time: Int64) -> Bool
  func deallocate()
}

extension IdlePool {
  func deallocate() {}
}

/// The environment used last serves next: a stack.
struct MostRecentlyUsedPool: IdlePool {
  private var stack = Vector<IdleEnvironment>()
  init(stream: RandomStream) {}
  func deallocate() { stack.deallocate() }
  var count: Int { stack.count }
  mutating func add(_ environment: IdleEnvironment) { stack.append(environment) }
  mutating func next() -> IdleEnvironment? { stack.popLast() }
  mutating func removeExpired(by time: Int64, _ body: (IdleEnvironment) -> Void) {
    stack.remove(where: { $0.expires <= time }, body)
  }
  func hasLive(at time: Int64) -> Bool { stack.contains { $0.expires > time } }
  func save(to state: inout StateWriter) { stack.save(to: &state) }
  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) { try stack.restore(from: &state) }
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
  func save(to state: inout StateWriter) { state.write(Array(queue)) }
  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    queue = Deque(try state.readArray(of: IdleEnvironment.self))
  }
}

/// The environment created last serves next.
typealias NewestCreatedPool = CreationOrderPool<Newest>

/// The environment created first serves next.
typealias OldestCreatedPool = CreationOrderPool<Oldest>

/// Which end of the order of creation serves next.
protocol CreationEnd {
  static func pop(_ heap: inout Heap<IdleEnvironment>) -> IdleEnvironment?
}

enum Newest: CreationEnd {
  static func pop(_ heap: inout Heap<IdleEnvironment>) -> IdleEnvironment? { heap.popMax() }
}

enum Oldest: CreationEnd {
  static func pop(_ heap: inout Heap<IdleEnvironment>) -> IdleEnvironment? { heap.popMin() }
}

/// Environments by order of creation.
struct CreationOrderPool<End: CreationEnd>: IdlePool {
  private var heap = Heap<IdleEnvironment>()
  init(stream: RandomStream) {}
  var count: Int { heap.count }
  mutating func add(_ environment: IdleEnvironment) { heap.insert(environment) }
  mutating func next() -> IdleEnvironment? { End.pop(&heap) }
  mutating func removeExpired(by time: Int64, _ body: (IdleEnvironment) -> Void) {
    for environment in heap.unordered where environment.expires <= time { body(environment) }
    heap = Heap(heap.unordered.filter { $0.expires > time })
  }
  func hasLive(at time: Int64) -> Bool { heap.unordered.contains { $0.expires > time } }
  func save(to state: inout StateWriter) { state.write(heap.unordered) }
  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    heap = Heap(try state.readArray(of: IdleEnvironment.self))
  }
}

/// Any idle environment serves next, each with the same chance.
struct RandomPool: IdlePool {
  private var members = Vector<IdleEnvironment>()
  private var stream: RandomStream
  init(stream: RandomStream) { self.stream = stream }
  func deallocate() { members.deallocate() }
  var count: Int { members.count }
  mutating func add(_ environment: IdleEnvironment) { members.append(environment) }
  mutating func next() -> IdleEnvironment? {
    guard let last = members.last else { return nil }
    let index = stream.index(below: members.count)
    let chosen = members[index]
    members[index] = last
    _ = members.popLast()
    return chosen
  }
  mutating func removeExpired(by time: Int64, _ body: (IdleEnvironment) -> Void) {
    members.remove(where: { $0.expires <= time }, body)
  }
  func hasLive(at time: Int64) -> Bool { members.contains { $0.expires > time } }
  func save(to state: inout StateWriter) {
    members.save(to: &state)
    state.write(stream)
  }
  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    try members.restore(from: &state)
    stream = try state.read()
  }
}
