/// Working memory for the blocks of `StackReplay` and `LineReplay`, one for each thread.
///
/// Its owner calls `deallocate()` when it goes away.
struct ReplayScratch {
  /// See StackReplay+Walk.swift.
  var calendar = BlockCalendar<Ending>()

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
    provisionedFinished.deallocate()
    cold.deallocate()
    provisioned.deallocate()
    throttled.deallocate()
    durations.deallocate()
    startedAt.deallocate()
    startedDurations.deallocate()
    levels.deallocate()
    ends.deallocate()
    links.deallocate()
    kept.deallocate()
    sortedEnds.deallocate()
  }

  /// Forgets what was told of the block before.
  mutating func beginBlock() {
    finished.removeAll()
    provisionedFinished.removeAll()
    cold.removeAll()
    provisioned.removeAll()
    throttled.removeAll()
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
