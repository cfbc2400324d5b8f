/// Working memory for the blocks of `StackReplay`, one for each thread.
///
///     heads[bucket] ──▶ nodes[head] ──▶ nodes[next] ──▶ …     ends by bucket of time
///     due, crowd                                              the ends of the bucket at hand, in order
///
/// Its owner calls `deallocate()` when it goes away.
struct ReplayScratch {
  /// An end in a bucket of the calendar and the next one of the same bucket; -1 for none.
  struct Node: BitwiseCopyable {
    var ending: Ending
    var next: Int32
  }

  var heads = Vector<Int32>()
  var nodes = Vector<Node>()
  /// The ends of the bucket at hand, the next to happen last: a few.
  let due = Vector<Ending>(capacity: mostDue)
  /// Those that `due` has no room for, where many fall together.
  var crowd = EventQueue<Ending>()
  static let mostDue = 24

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

  /// Forgets what was told of the block before.
  mutating func beginBlock() {
    finished.removeAll()
    provisionedFinished.removeAll()
    cold.removeAll()
    provisioned.removeAll()
    throttled.removeAll()
  }

  /// Keeps an end for its bucket's time.
  @inline(__always)
  mutating func put(_ ending: Ending, in bucket: Int) {
    nodes.append(Node(ending: ending, next: heads.base[bucket]))
    heads.base[bucket] = Int32(truncatingIfNeeded: nodes.count &- 1)
  }

  /// Puts an end in its place among the `count` in `due`.
  @inline(__always)
  mutating func insert(_ ending: Ending, _ count: inout Int) {
    guard count < Self.mostDue else {
      crowd.insert(ending)
      return
    }
    let endings = due.base
    var place = count
    count &+= 1
    while place > 0, endings[place &- 1] < ending {
      endings[place] = endings[place &- 1]
      place &-= 1
    }
    endings[place] = ending
  }

  /// Removes the next of the `count` ends in `due`, if it happens by `time`.
  @inline(__always)
  mutating func popDue(by time: Int64, _ count: inout Int) -> Ending? {
    guard crowd.count == 0 else { return popCrowded(by: time, &count) }
    guard count > 0, due.base[count &- 1].time <= time else { return nil }
    count &-= 1
    return due.base[count]
  }

  @inline(never)
  private mutating func popCrowded(by time: Int64, _ count: inout Int) -> Ending? {
    if let first = crowd.first, count == 0 || first < due.base[count - 1] {
      return first.time <= time ? crowd.popFirst() : nil
    }
    guard count > 0, due.base[count - 1].time <= time else { return nil }
    count -= 1
    return due.base[count]
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
