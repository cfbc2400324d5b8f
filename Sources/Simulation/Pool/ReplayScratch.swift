/// Working memory for the blocks of `StackReplay`, one for each thread.
///
///     heads[bucket] ──▶ nodes[head] ──▶ nodes[next] ──▶ …     ends by bucket of time
///     due, crowd                                              the ends of the bucket at hand, in order
///
/// Its owner calls `deallocate()` when it goes away.
struct ReplayScratch {
  /// An end in a bucket of the calendar and the next one of the same bucket; -1 for none.
  private struct Node: BitwiseCopyable {
    var ending: Ending
    var next: Int32
  }

  private var heads = Vector<Int32>()
  private var nodes = Vector<Node>()
  /// The ends of the bucket at hand, the next to happen last: a few.
  private var due = Vector<Ending>(capacity: mostDue)
  /// Those that `due` has no room for, where many fall together.
  private var crowd = EventQueue<Ending>()
  private static let mostDue = 24

  /// Moments at which invocations ended.
  var finished = Vector<Int64>()
  var provisionedFinished = Vector<Int64>()
  /// Places in the block, ascending, of what did not just start warm.
  var cold = Vector<Int32>()
  var provisioned = Vector<Int32>()
  var throttled = Vector<Int32>()
  /// Durations cut off at the timeout.
  var durations = Vector<Int64>()
  /// What is left of a block without its throttled invocations.
  var startedAt = Vector<Int64>()
  var startedDurations = Vector<Int64>()
  /// See StackReplay+Certified.swift.
  var levels = Vector<LevelBucket>()
  var links = Vector<Int32>()
  var kept = Vector<Ending>()
  /// Ends of one bucket, the last one first.
  private(set) var sortedEnds = Vector<Int64>()

  func deallocate() {
    heads.deallocate()
    nodes.deallocate()
    due.deallocate()
    crowd.deallocate()
    finished.deallocate()
    provisionedFinished.deallocate()
    cold.deallocate()
    provisioned.deallocate()
    throttled.deallocate()
    durations.deallocate()
    startedAt.deallocate()
    startedDurations.deallocate()
    levels.deallocate()
    links.deallocate()
    kept.deallocate()
    sortedEnds.deallocate()
  }

  /// Makes an empty calendar.
  mutating func openCalendar(_ buckets: Int) {
    heads.reserve(buckets)
    heads.setCount(buckets)
    heads.base.update(repeating: -1, count: buckets)
    nodes.removeAll()
  }

  /// Keeps an end for its bucket's time; `current` is the bucket at hand.
  @inline(__always)
  mutating func put(_ ending: Ending, in bucket: Int, at current: Int) {
    if bucket == current {
      insert(ending)
    } else {
      nodes.append(Node(ending: ending, next: heads[bucket]))
      heads[bucket] = Int32(truncatingIfNeeded: nodes.count - 1)
    }
  }

  /// Takes up the ends of a bucket.
  @inline(__always)
  mutating func gather(_ bucket: Int) {
    var node = Int(heads[bucket])
    while node >= 0 {
      let found = nodes[node]
      insert(found.ending)
      node = Int(found.next)
    }
  }

  /// Puts an end in its place among those of the bucket at hand.
  @inline(__always)
  private mutating func insert(_ ending: Ending) {
    guard due.count < Self.mostDue else {
      crowd.insert(ending)
      return
    }
    var place = due.count
    due.setCount(place + 1)
    let endings = due.base
    while place > 0, endings[place - 1] < ending {
      endings[place] = endings[place - 1]
      place -= 1
    }
    endings[place] = ending
  }

  /// Removes the next end of the bucket at hand, if it happens by `time`.
  @inline(__always)
  mutating func popDue(by time: Int64) -> Ending? {
    if crowd.count == 0 {
      guard due.count > 0 else { return nil }
      let ending = due[due.count - 1]
      guard ending.time <= time else { return nil }
      due.setCount(due.count - 1)
      return ending
    }
    return popCrowded(by: time)
  }

  @inline(never)
  private mutating func popCrowded(by time: Int64) -> Ending? {
    if let first = crowd.first, due.last.map({ first < $0 }) ?? true {
      guard first.time <= time else { return nil }
      return crowd.popFirst()
    }
    guard let ending = due.last, ending.time <= time else { return nil }
    return due.popLast()
  }

  /// Puts the ends of one bucket of `levels` in descending order.
  mutating func gatherEnds(_ bucket: Int) {
    sortedEnds.removeAll()
    let count = Int(levels[bucket].ended)
    sortedEnds.reserve(count)
    sortedEnds.setCount(count)
    let ends = sortedEnds.base
    var link = levels[bucket].head
    let isFew = count <= 32
    for index in 0..<count {
      let time = finished[Int(link)]
      link = links.base[Int(link)]
      var place = index
      while isFew, place > 0, ends[place - 1] < time {
        ends[place] = ends[place - 1]
        place -= 1
      }
      ends[place] = time
    }
    guard !isFew else { return }
    var many = UnsafeMutableBufferPointer(start: ends, count: count)
    many.sort(by: >)
  }
}
