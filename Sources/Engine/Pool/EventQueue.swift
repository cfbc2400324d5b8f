/// Something that happens at a moment. Events of equal moments have an order of their own.
protocol Event {
  /// ns since the trace's start.
  var time: Int64 { get }
  static func < (a: Self, b: Self) -> Bool
}

/// Events, the next to happen first: a 4-ary heap, shallow and friendly to cache lines.
///
/// Its owner calls `deallocate()` when it goes away.
struct EventQueue<Element: Event & BitwiseCopyable> {
  private var heap = Vector<Element>()

  func deallocate() { heap.deallocate() }

  var count: Int { heap.count }
  var first: Element? { heap.first }
  /// When the next one happens; Int64.max when there is none.
  var nextTime: Int64 { heap.first?.time ?? .max }

  /// O(log n).
  mutating func insert(_ event: Element) {
    heap.append(event)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 4
      guard event < heap[parent] else { break }
      heap[child] = heap[parent]
      child = parent
    }
    heap[child] = event
  }

  /// Removes the next one; nil when there is none. O(log n).
  mutating func popFirst() -> Element? {
    guard let moved = heap.popLast() else { return nil }
    guard let first = heap.first else { return moved }
    var hole = 0
    while true {
      var least = 4 * hole + 1
      guard least < heap.count else { break }
      let end = min(least + 4, heap.count)
      var child = least + 1
      while child < end {
        if heap[child] < heap[least] { least = child }
        child += 1
      }
      guard heap[least] < moved else { break }
      heap[hole] = heap[least]
      hole = least
    }
    heap[hole] = moved
    return first
  }
}

/// A running invocation of one function, told by when it ends, and the environment that it holds.
struct Completion: Event, BitwiseCopyable {
  var time: Int64
  /// When the environment's maximum lifetime ends; Int64.max for never.
  var lifetimeEnd: Int64
  /// Breaks ties: environments created first end first, so that simultaneous ends have one order.
  var serial: UInt32
  var isProvisioned: Bool

  static func < (a: Completion, b: Completion) -> Bool { a.time != b.time ? a.time < b.time : a.serial < b.serial }
}

extension EventQueue: Checkpointed {
  func save(to state: inout StateWriter) { heap.save(to: &state) }
  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) { try heap.restore(from: &state) }
}
