extension ProvisionedReplay {
  /// Finds which invocations of a block provisioned environments serve and which spill over.
  ///
  /// As where blocks are certified (LineReplay+Certified.swift), ends are counted in buckets of time: where all that
  /// arrives in a bucket fits beside those busy at its start, nothing need be put in order.
  ///
  /// - Returns: as many as were busy at most, or a bound on it that is not above `mostBusy`.
  @discardableResult
  mutating func split(_ block: Block, _ scratch: inout ReplayScratch) -> Int {
    let calendar = Calendar(block, wanted: max(1, block.count / (level < 400 ? 4 : 8)))
    scratch.beginSplit(calendar.count, invocations: block.count, running: running.count)
    var bins = EndBins(scratch, calendar, until: block.end)
    for end in running.elements { bins.add(end &- block.start) }
    var ways = Ways(scratch, timeout: timeout)
    let (arrivals, durations, count, start) = (block.arrivals, block.durations, block.count, block.start)
    let level = level
    var (busy, most, mostBusy) = (running.count, running.count, mostBusy)
    var next = 0
    for bucket in 0..<calendar.count {
      let first = next
      let bucketEnd = Int64(bucket &+ 1) &<< calendar.shift
      while next < count, arrivals[next] &- start < bucketEnd { next &+= 1 }
      if busy &+ next &- first <= min(level, mostBusy) {
        for place in first..<next {
          bins.add(arrivals[place] &- start &+ ways.serve(arrivals[place], durations[place]))
        }
        busy &+= next &- first
        most = max(most, busy)
      } else if next > first {
        scratch.gatherEnds(bucket)
        var now = busy
        for place in first..<next {
          let arrival = arrivals[place] &- start
          now &-= scratch.dropEnds(by: arrival)
          guard now < level else {
            ways.spill(arrivals[place], durations[place])
            continue
          }
          let end = arrival &+ ways.serve(arrivals[place], durations[place])
          if bins.add(end) == bucket { scratch.insertEnd(end) }
          now &+= 1
          busy &+= 1
          most = max(most, now)
        }
        mostBusy = max(mostBusy, most)
      }
      busy &-= bins.ended(in: bucket)
    }
    self.mostBusy = mostBusy
    ways.close(&scratch)
    spillover.meter.timedOut(ways.timeouts)
    keepRunning(bins.count, block, &scratch)
    return most
  }

  /// Parts the ends that a split has left: those up to the block's end are over, the others go on.
  private mutating func keepRunning(_ count: Int, _ block: Block, _ scratch: inout ReplayScratch) {
    let last = block.end &- block.start
    running.reserve(count)
    scratch.finished.reserve(count)
    let (ends, kept, finished) = (scratch.ends.base, running.base, scratch.finished.base)
    var left = 0
    for index in 0..<count {
      let end = ends[index]
      kept[left] = end &+ block.start
      finished[index &- left] = end &+ block.start
      left &+= end > last ? 1 : 0
    }
    running.setCount(left)
    scratch.finished.setCount(count - left)
  }
}

/// Ends of invocations, told since a block's start, chained by bucket of time; behind the last bucket, those after the
/// block.
private struct EndBins {
  private let levels: UnsafeMutablePointer<LevelBucket>
  private let ends: UnsafeMutablePointer<Int64>
  private let links: UnsafeMutablePointer<Int32>
  private let last: Int64
  private let shift: Int64
  private let beyond: Int
  private(set) var count = 0

  init(_ scratch: ReplayScratch, _ calendar: Calendar, until end: Int64) {
    (levels, ends, links) = (scratch.levels.base, scratch.ends.base, scratch.links.base)
    (last, shift, beyond) = (end - calendar.start, calendar.shift, calendar.count)
  }

  /// - Returns: the end's bucket.
  @inline(__always) @discardableResult
  mutating func add(_ end: Int64) -> Int {
    ends[count] = end
    let bucket = end > last ? beyond : Int(truncatingIfNeeded: max(0, end) &>> shift)
    let its = levels + bucket
    links[count] = its.pointee.head
    its.pointee.head = Int32(truncatingIfNeeded: count)
    its.pointee.ended &+= 1
    count &+= 1
    return bucket
  }

  @inline(__always)
  func ended(in bucket: Int) -> Int { Int(levels[bucket].ended) }
}

/// The two ways of a block's invocations.
private struct Ways {
  private let timeout: Int64
  private let servedAt: UnsafeMutablePointer<Int64>
  private let servedDurations: UnsafeMutablePointer<Int64>
  private let spilledAt: UnsafeMutablePointer<Int64>
  private let spilledDurations: UnsafeMutablePointer<Int64>
  private var served = 0
  private var spilled = 0
  /// Of those served.
  private(set) var timeouts = 0

  init(_ scratch: ReplayScratch, timeout: Int64) {
    self.timeout = timeout
    (servedAt, servedDurations) = (scratch.servedAt.base, scratch.servedDurations.base)
    (spilledAt, spilledDurations) = (scratch.spilledAt.base, scratch.spilledDurations.base)
  }

  /// - Returns: how long the invocation holds its environment.
  @inline(__always)
  mutating func serve(_ arrival: Int64, _ asked: Int64) -> Int64 {
    let duration = min(asked, timeout)
    servedAt[served] = arrival
    servedDurations[served] = duration
    served &+= 1
    timeouts &+= asked > timeout ? 1 : 0
    return max(1, duration)
  }

  @inline(__always)
  mutating func spill(_ arrival: Int64, _ asked: Int64) {
    spilledAt[spilled] = arrival
    spilledDurations[spilled] = asked
    spilled &+= 1
  }

  func close(_ scratch: inout ReplayScratch) {
    scratch.servedAt.setCount(served)
    scratch.servedDurations.setCount(served)
    scratch.spilledAt.setCount(spilled)
    scratch.spilledDurations.setCount(spilled)
  }
}
