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

    let grid = Grid(from: swept, to: end, events: lists.reduce(0) { $0 + $1.begins.count + $1.ends.count })
    var begun = [Int32](repeating: 0, count: grid.count)
    var ended = begun
    for list in lists {
      count(list.begins, in: grid, &begun)
      count(list.ends, in: grid, &ended)
      keep(list, from: end)
    }
    let looks = bucketsToLookInto(grid, begun, ended)
    var begins = gather(lists.map(\.begins), grid, looks.index, begun)
    var ends = gather(lists.map(\.ends), grid, looks.index, ended)

    var bucket = 0
    for (index, look) in looks.buckets.enumerated() {
      jump(over: bucket..<look, grid, begun, ended)
      walk(&begins, &ends, index)
      bucket = look + 1
    }
    jump(over: bucket..<grid.count, grid, begun, ended)
    peaks.hold(until: end)
    swept = end
  }

  /// Narrow stretches of equal width, a power of two of ns, about one for every eight events: few enough to stay in
  /// a core's cache while events are counted.
  private struct Grid {
    let origin: Int64
    let shift: Int64
    let count: Int

    init(from start: Int64, to end: Int64, events: Int) {
      origin = start
      let width = max(1, (end - start) / Int64(max(1, events / 8)))
      shift = Int64(63 - width.leadingZeroBitCount)
      count = Int((end - start - 1) >> shift) + 1
    }

    func bucket(_ time: Int64) -> Int { Int(truncatingIfNeeded: (time &- origin) >> shift) }
    func start(of bucket: Int) -> Int64 { origin + Int64(bucket) << shift }
  }

  private func count(_ times: [Int64], in grid: Grid, _ counts: inout [Int32]) {
    counts.withUnsafeMutableBufferPointer { counts in
      for time in times {
        let bucket = grid.bucket(time)
        if bucket < counts.count { counts[bucket] &+= 1 }
      }
    }
  }

  /// Keeps a list's events at or after `end` for the next sweep.
  private mutating func keep(_ list: EventList, from end: Int64) {
    for time in list.begins where time >= end { pending.begins.append(time) }
    for time in list.ends where time >= end { pending.ends.append(time) }
  }

  /// The buckets whose levels counts alone can't settle, in order; and each bucket's place among them, or -1.
  private func bucketsToLookInto(
    _ grid: Grid, _ begun: [Int32], _ ended: [Int32]
  ) -> (buckets: [Int], index: [Int32]) {
    var buckets: [Int] = []
    var index = [Int32](repeating: -1, count: grid.count)
    var bucket = 0
    var level = peaks.level
    while bucket < grid.count {
      // One row: from `bucket` to the bucket in which the row ends.
      let rowEnd = peaks.endOfRow(at: grid.start(of: bucket))
      let last = min(grid.count - 1, grid.bucket(rowEnd - 1))
      var known = Int64.min
      var after = level
      for inside in bucket...last {
        after += Int64(begun[inside] - ended[inside])
        if inside < last { known = max(known, after) }
      }
      for inside in bucket...last {
        // The last bucket reaches into the next row, and the first may start with a level that has just ended.
        if inside == last || level + Int64(begun[inside]) > known, begun[inside] > 0 || ended[inside] > 0 {
          index[inside] = Int32(buckets.count)
          buckets.append(inside)
        }
        level += Int64(begun[inside] - ended[inside])
      }
      bucket = last + 1
    }
    return (buckets, index)
  }

  /// The events of some buckets, grouped.
  private struct Gathered {
    var times: [Int64]
    /// Where each bucket's events begin, with the end of the last one behind.
    var starts: [Int]
  }

  private func gather(_ lists: [[Int64]], _ grid: Grid, _ index: [Int32], _ counts: [Int32]) -> Gathered {
    var starts = [0]
    for (bucket, place) in index.enumerated() where place >= 0 {
      starts.append(starts[Int(place)] + Int(counts[bucket]))
    }
    var next = starts
    let times = [Int64](unsafeUninitializedCapacity: starts[starts.count - 1]) { times, initialised in
      for time in lists.joined() {
        let bucket = grid.bucket(time)
        guard bucket < index.count, index[bucket] >= 0 else { continue }
        let place = Int(index[bucket])
        times[next[place]] = time
        next[place] += 1
      }
      initialised = times.count
    }
    return Gathered(times: times, starts: starts)
  }

  private mutating func jump(over buckets: Range<Int>, _ grid: Grid, _ begun: [Int32], _ ended: [Int32]) {
    for bucket in buckets where begun[bucket] != ended[bucket] {
      // Where in the bucket the level changes is of no importance: it stays out of reach.
      peaks.change(by: Int64(begun[bucket] - ended[bucket]), at: grid.start(of: bucket))
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
