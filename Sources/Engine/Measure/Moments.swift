/// When invocations of functions that are replayed alone began and ended, in any order: what the joint peak is made of.
struct Moments: Sendable {
  private(set) var all = EventList()
  /// Those that take from the concurrency that functions share, where that is not all of them.
  private(set) var shared = EventList()
  private let tellsShared: Bool

  init(tellsShared: Bool) { self.tellsShared = tellsShared }

  mutating func began(at time: Int64, takesShared: Bool) {
    all.begins.append(time)
    if tellsShared, takesShared { shared.begins.append(time) }
  }

  mutating func ended(at time: Int64, takesShared: Bool) {
    all.ends.append(time)
    if tellsShared, takesShared { shared.ends.append(time) }
  }

  mutating func began(_ times: UnsafeBufferPointer<Int64>, takesShared: Bool) {
    all.begins.append(contentsOf: times)
    if tellsShared, takesShared { shared.begins.append(contentsOf: times) }
  }

  mutating func ended(_ times: UnsafeBufferPointer<Int64>, takesShared: Bool) {
    all.ends.append(contentsOf: times)
    if tellsShared, takesShared { shared.ends.append(contentsOf: times) }
  }

  /// Adds what another collected.
  mutating func append(_ other: Moments) {
    all.append(other.all)
    if tellsShared { shared.append(other.shared) }
  }

  /// Empties all and keeps the memory.
  mutating func removeAll() {
    all.removeAll()
    shared.removeAll()
  }
}

/// Moments at which invocations began and ended, ns, in any order.
struct EventList: Sendable {
  var begins: [Int64] = []
  var ends: [Int64] = []

  mutating func append(_ other: EventList) {
    begins += other.begins
    ends += other.ends
  }

  mutating func removeAll() {
    begins.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }
}
