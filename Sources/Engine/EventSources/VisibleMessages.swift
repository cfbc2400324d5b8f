import DequeModule

/// The messages of a queue that may be received, by number: one line, or a FIFO queue's groups.
struct VisibleMessages {
  private var line: Deque<Int> = []
  private var groups: MessageGroups?

  /// - Parameter groups: how many message groups there are; nil for a standard queue.
  init(groups: Int?) { self.groups = groups.map { MessageGroups(count: $0) } }

  /// Messages that may be received now; some may have been deleted meanwhile.
  var count: Int { groups?.count ?? line.count }

  mutating func append(_ number: Int, group: Int) {
    if groups == nil { line.append(number) } else { groups?.append(number, group: group) }
  }

  /// A message that was hidden is visible again: at the end, or in its old place in a group.
  mutating func putBack(_ number: Int, group: Int) {
    if groups == nil { line.append(number) } else { groups?.putBack(number, group: group) }
  }

  mutating func next() -> Int? { groups == nil ? line.popFirst() : groups?.next() }

  /// A message of the group is hidden from now on; nothing of a FIFO queue's group is received beside this batch until as
  /// many `unlock`.
  mutating func lock(_ group: Int) { groups?.lock(group) }
  mutating func unlock(_ group: Int) { groups?.unlock(group) }
  mutating func endBatch() { groups?.endBatch() }
}

/// Message groups of a FIFO queue. A batch takes as many messages of one group as it can, then of the next, in the order in
/// which groups became ready.
private struct MessageGroups {
  private var waiting: [Deque<Int>]
  /// Hidden messages of each group.
  private var locks: [Int]
  /// Groups with messages, none of them hidden.
  private var ready: Deque<Int> = []
  private var isReady: [Bool]
  /// The group that the batch being received takes from.
  private var current: Int?
  /// Messages of ready groups.
  private(set) var count = 0

  init(count groups: Int) {
    waiting = Array(repeating: [], count: groups)
    locks = Array(repeating: 0, count: groups)
    isReady = Array(repeating: false, count: groups)
  }

  mutating func append(_ number: Int, group: Int) {
    waiting[group].append(number)
    if isReady[group] { count += 1 } else { becomeReady(group) }
  }

  mutating func putBack(_ number: Int, group: Int) {
    waiting[group].prepend(number)
    if isReady[group] { count += 1 } else { becomeReady(group) }
  }

  private mutating func becomeReady(_ group: Int) {
    guard !isReady[group], locks[group] == 0, !waiting[group].isEmpty else { return }
    isReady[group] = true
    count += waiting[group].count
    ready.append(group)
  }

  mutating func next() -> Int? {
    while true {
      if let current, let number = waiting[current].popFirst() {
        count -= 1
        return number
      }
      if let current { isReady[current] = false }
      current = ready.popFirst()
      guard current != nil else { return nil }
    }
  }

  mutating func lock(_ group: Int) { locks[group] += 1 }

  mutating func unlock(_ group: Int) {
    locks[group] -= 1
    becomeReady(group)
  }

  mutating func endBatch() {
    guard let group = current else { return }
    current = nil
    isReady[group] = false
    count -= waiting[group].count
    becomeReady(group)
  }
}
