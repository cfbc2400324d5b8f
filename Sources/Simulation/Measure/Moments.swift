/// When invocations of functions that are replayed alone began and ended, in any order: what the joint peak is made of.
struct Moments: Sendable {
  private(set) var begins: [Int64] = []
  private(set) var ends: [Int64] = []
  /// The same for those that take from the concurrency that functions share, where that is not all of them.
  private(set) var sharedBegins: [Int64] = []
  private(set) var sharedEnds: [Int64] = []
  private let tellsShared: Bool

  init(tellsShared: Bool) { self.tellsShared = tellsShared }

  mutating func began(at time: Int64, takesShared: Bool) {
    begins.append(time)
    if tellsShared, takesShared { sharedBegins.append(time) }
  }

  mutating func ended(at time: Int64, takesShared: Bool) {
    ends.append(time)
    if tellsShared, takesShared { sharedEnds.append(time) }
  }

  /// Empties all and keeps the memory.
  mutating func removeAll() {
    begins.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    sharedBegins.removeAll(keepingCapacity: true)
    sharedEnds.removeAll(keepingCapacity: true)
  }
}
