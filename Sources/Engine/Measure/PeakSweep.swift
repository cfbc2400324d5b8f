/// Finds the exact largest concurrency of all functions together, although each was replayed alone.
///
/// Replays leave the moments at which invocations began and ended, in any order. A sweep counts them in narrow buckets of
/// time. From counts alone the level after each bucket is known, and it held for some time; inside a bucket the level is
/// at most its start plus all that begins there. Only where that bound passes the largest level known of the same row
/// are single events looked at: gathered, sorted and walked through, ends before begins at one moment.
struct PeakSweep: Sendable {
  private(set) var peaks = PeakSeries()
  /// All events before it are accounted.
  private var swept: Int64 = 0
  /// Events at or after `swept` that came early.
  private var pending = EventList()

  /// Accounts all events before `end`; later ones wait for the next sweep.
  ///
  /// Linear in the number of events. `lists` must hold every event from the last sweep's end on.
  mutating func sweep(before end: Int64, _ lists: [EventList]) {
    guard end > swept else {
      for list in lists { keep(list, from: swept) }
      return
    }
    let lists = lists + [pending]
    pending.removeAll()

    let events = lists.reduce(0) { $0 + $1.begins.count + $1.ends.count }
    let grid = Grid(from: swept, to: end, events: events, level: peaks.level)
    var counts = [Bucket](repeating: Bucket(), count: grid.count + 1)
    counts.withUnsafeMutableBufferPointer { counts in
      for list in lists {
        for time in list.begins { counts[grid.bucket(time)].begun &+= 1 }
        for time in list.ends { counts[grid.bucket(time)].ended &+= 1 }
      }
    }
    if counts[grid.count] != Bucket() { for list in lists { keep(list, from: end) } }
    let looks = bucketsToLookInto(grid, counts)
    var begins = gather(lists.map(\.begins), grid, looks, counts.map(\.begun))
    var ends = gather(lists.map(\.ends), grid, looks, counts.map(\.ended))

    var bucket = 0
    for (index, look) in looks.enumerated() {
      jump(over: bucket..<look, grid, counts)
      walk(&begins, &ends, index)
      bucket = look + 1
    }
    jump(over: bucket..<grid.count, grid, counts)
    peaks.hold(until: end)
    swept = end
  }

  /// How many invocations begin and end in a stretch of time.
  private struct Bucket: Equatable {
    var begun: Int32 = 0
    var ended: Int32 = 0
    var change: Int64 { Int64(begun &- ended) }
  }

  /// Narrow stretches of equal width, a power of two of ns; behind the last lies all that comes later.
  ///
  /// One for every eight events, or fewer where the level is high: what happens in one must be little beside the level's
  /// own swing, its root, or too many are looked into; and counts should not leave a core's cache.
  private struct Grid {
    let origin: Int64
    let end: Int64
    let shift: Int64
    let count: Int

    init(from start: Int64, to end: Int64, events: Int, level: Int64) {
      origin = start
      self.end = end
      let inOne = max(8, Int(Double(max(0, level)).squareRoot()))
      let width = max(1, (end - start) / Int64(max(1, events / inOne)))
      shift = Int64(64 - (width - 1).leadingZeroBitCount)
      count = Int((end - start - 1) >> shift) + 1
    }

    @inline(__always)
    func bucket(_ time: Int64) -> Int { time < end ? Int(truncatingIfNeeded: (time &- origin) &>> shift) : count }
    func start(of bucket: Int) -> Int64 { origin + Int64(bucket) << shift }
  }

  /// Keeps a list's events at or after `end` for the next sweep.
  private mutating func keep(_ list: EventList, from end: Int64) {
    for time in list.begins where time >= end { pending.begins.append(time) }
    for time in list.ends where time >= end { pending.ends.append(time) }
  }

  /// The buckets whose levels counts alone can't settle, in order.
  private func bucketsToLookInto(_ grid: Grid, _ counts: [Bucket]) -> [Int] {
    var buckets: [Int] = []
    var bucket = 0
    var level = peaks.level
    while bucket < grid.count {
      // One row: from `bucket` to the bucket in which the row ends.
      let rowEnd = peaks.endOfRow(at: grid.start(of: bucket))
      let last = min(grid.count - 1, grid.bucket(rowEnd - 1))
      var known = Int64.min
      var after = level
      for inside in bucket..<last {
        after += counts[inside].change
        known = max(known, after)
      }
      for inside in bucket...last {
        let count = counts[inside]
        // The last bucket reaches into the next row, and the first may start with a level that has just ended.
        if inside == last || level + Int64(count.begun) > known, count != Bucket() { buckets.append(inside) }
        level += count.change
      }
      bucket = last + 1
    }
    return buckets
  }

  /// The events of some buckets, grouped.
  private struct Gathered {
    var times: [Int64]
    /// Where each bucket's events begin, with the end of the last one behind.
    var starts: [Int]
  }

  private func gather(_ lists: [[Int64]], _ grid: Grid, _ buckets: [Int], _ counts: [Int32]) -> Gathered {
    var starts = [0]
    // Each bucket's place among those looked into, or -1.
    var places = [Int32](repeating: -1, count: grid.count + 1)
    for (place, bucket) in buckets.enumerated() {
      starts.append(starts[place] + Int(counts[bucket]))
      places[bucket] = Int32(truncatingIfNeeded: place)
    }
    var next = starts
    let times = [Int64](unsafeUninitializedCapacity: starts[starts.count - 1]) { times, initialised in
      places.withUnsafeBufferPointer { places in
        for list in lists {
          for time in list {
            let place = places[grid.bucket(time)]
            guard place >= 0 else { continue }
            times[next[Int(place)]] = time
            next[Int(place)] += 1
          }
        }
      }
      initialised = times.count
    }
    return Gathered(times: times, starts: starts)
  }

  private mutating func jump(over buckets: Range<Int>, _ grid: Grid, _ counts: [Bucket]) {
    for bucket in buckets where counts[bucket].change != 0 {
      // Where in the bucket the level changes is of no importance: it stays out of reach.
      peaks.change(by: counts[bucket].change, at: grid.start(of: bucket))
    }
  }

  /// Walks through one bucket event by event.
  private mutating func walk(_ begins: inout Gathered, _ ends: inout Gathered, _ index: Int) {
    begins.times[begins.starts[index]..<begins.starts[index + 1]].sort()
    ends.times[ends.starts[index]..<ends.starts[index + 1]].sort()
    var next = ends.starts[index]
    let last = ends.starts[index + 1]
    for place in begins.starts[index]..<begins.starts[index + 1] {
      let begin = begins.times[place]
      while next < last, ends.times[next] <= begin {
        peaks.change(by: -1, at: ends.times[next])
        next += 1
      }
      peaks.change(by: 1, at: begin)
    }
    while next < last {
      peaks.change(by: -1, at: ends.times[next])
      next += 1
    }
  }
}

extension PeakSweep: Checkpointed {
  func save(to state: inout StateWriter) {
    peaks.save(to: &state)
    state.write(swept)
    state.write(pending.begins)
    state.write(pending.ends)
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    try peaks.restore(from: &state)
    swept = try state.read()
    pending.begins = try state.readArray()
    pending.ends = try state.readArray()
  }
}
