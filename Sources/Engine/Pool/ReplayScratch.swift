/// Working memory for the blocks of `LineReplay`, `StackReplay` and `ProvisionedReplay`, one for each thread.
///
/// Its owner calls `deallocate()` when it goes away.
struct ReplayScratch {
  /// See StackReplay+Walk.swift.
  var calendar = BlockCalendar<Ending>()

  /// Moments at which invocations ended.
  var finished = Vector<Int64>()
  /// Places in the block, ascending, of what did not just start warm.
  var cold = Vector<Int32>()
  var throttled = Vector<Int32>()
  /// Durations cut off at the timeout.
  var durations = Vector<Int64>()
  /// What is left of a block without its throttled invocations.
  var startedAt = Vector<Int64>()
  var startedDurations = Vector<Int64>()
  /// The two ways of a block's invocations: see ProvisionedReplay+Split.swift.
  var servedAt = Vector<Int64>()
  var servedDurations = Vector<Int64>()
  var spilledAt = Vector<Int64>()
  var spilledDurations = Vector<Int64>()
  /// See LineReplay+Certified.swift.
  var levels = Vector<LevelBucket>()
  var ends = Vector<Int64>()
  var links = Vector<Int32>()
  var kept = Vector<Int64>()
  /// Ends of one bucket, the last one first.
  private(set) var sortedEnds = Vector<Int64>()

  func deallocate() {
    calendar.deallocate()
    finished.deallocate()
    cold.deallocate()
    throttled.deallocate()
    durations.deallocate()
    startedAt.deallocate()
    startedDurations.deallocate()
    servedAt.deallocate()
    servedDurations.deallocate()
    spilledAt.deallocate()
    spilledDurations.deallocate()
    levels.deallocate()
    ends.deallocate()
    links.deallocate()
    kept.deallocate()
    sortedEnds.deallocate()
  }

  /// Forgets what was told of the block before.
  mutating func beginBlock() {
    finished.removeAll()
    cold.removeAll()
    throttled.removeAll()
  }

  /// Makes room for a block's two ways, and empty buckets for the ends of those that run.
  mutating func beginSplit(_ buckets: Int, invocations: Int, running: Int) {
    levels.reserve(buckets + 1)
    levels.setCount(buckets + 1)
    levels.base.update(repeating: LevelBucket(), count: buckets + 1)
    ends.reserve(running + invocations)
    ends.setCount(running + invocations)
    links.reserve(running + invocations)
    servedAt.reserve(invocations)
    servedDurations.reserve(invocations)
    spilledAt.reserve(invocations)
    spilledDurations.reserve(invocations)
  }

  /// Takes out the ends gathered of a bucket that lie up to `time`, and tells how many.
  @inline(__always)
  mutating func dropEnds(by time: Int64) -> Int {
    let before = sortedEnds.count
    while let end = sortedEnds.last, end <= time { sortedEnds.setCount(sortedEnds.count &- 1) }
    return before &- sortedEnds.count
  }

  /// Puts one more end among those gathered of a bucket.
  @inline(__always)
  mutating func insertEnd(_ end: Int64) {
    sortedEnds.append(end)
    let ends = sortedEnds.base
    var place = sortedEnds.count - 1
    while place > 0, ends[place - 1] < end {
      ends[place] = ends[place - 1]
      place -= 1
    }
    ends[place] = end
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
      let time = self.ends[Int(link)]
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
