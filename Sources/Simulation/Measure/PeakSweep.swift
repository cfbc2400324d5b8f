/// Finds the exact largest concurrency of all functions together, although each was replayed alone.
///
/// Replays leave the moments at which invocations began and ended, in any order. A sweep sorts them into narrow buckets
/// by time; the level at a bucket's edges is known from counts alone, and bounds the level inside: at most its start
/// plus all that begins in it. Only buckets whose bound exceeds the largest level seen at an edge of their row are
/// looked into, event by event. Where an invocation ends as another begins, the end comes first.
struct PeakSweep: Sendable {
  private(set) var peaks = PeakSeries()
  /// Running at `swept`.
  private var level: Int64 = 0
  /// All events before it are accounted.
  private var swept: Int64 = 0
  /// Events at or after `swept` that came early.
  private var pendingBegins: [Int64] = []
  private var pendingEnds: [Int64] = []

  /// Accounts all events before `end`; later ones wait for the next sweep.
  ///
  /// Amortised linear in the number of events. `begins` and `ends` must hold every event from the last sweep's end on.
  mutating func sweep(before end: Int64, begins: [[Int64]], ends: [[Int64]]) {
    guard end > swept else {
      pendingBegins += begins.joined()
      pendingEnds += ends.joined()
      return
    }
    var up = take(&pendingBegins, begins, before: end)
    var down = take(&pendingEnds, ends, before: end)
    let buckets = Buckets(from: swept, to: end, events: up.count + down.count)
    let upStarts = buckets.scatter(&up)
    let downStarts = buckets.scatter(&down)
    var bucket = 0
    while bucket < buckets.count {
      let begins = upStarts[bucket + 1] - upStarts[bucket]
      let ends = downStarts[bucket + 1] - downStarts[bucket]
      let start = buckets.start(of: bucket)
      if begins == 0, ends == 0 {
        // A run of empty buckets is one step.
        var next = bucket + 1
        while next < buckets.count, upStarts[next + 1] == upStarts[bucket], downStarts[next + 1] == downStarts[bucket] {
          next += 1
        }
        peaks.note(level, from: start, to: min(end, buckets.start(of: next)))
        bucket = next
        continue
      }
      peaks.note(level, at: start)
      if begins > 0 {
        lookInside(
          up[upStarts[bucket]..<upStarts[bucket + 1]].sorted(),
          down[downStarts[bucket]..<downStarts[bucket + 1]].sorted())
      }
      level += Int64(begins - ends)
      bucket += 1
    }
    swept = end
  }

  /// Notes every level inside one bucket; both lists ascend.
  private mutating func lookInside(_ begins: [Int64], _ ends: [Int64]) {
    var level = level
    var nextEnd = 0
    for begin in begins {
      while nextEnd < ends.count, ends[nextEnd] <= begin {
        level -= 1
        nextEnd += 1
      }
      level += 1
      peaks.note(level, at: begin)
    }
  }

  /// All of `pending` and `fresh` that lies before `end`; the rest is pending afterwards.
  private func take(_ pending: inout [Int64], _ fresh: [[Int64]], before end: Int64) -> [Int64] {
    var due = pending.filter { $0 < end }
    pending.removeAll { $0 < end }
    due.reserveCapacity(due.count + fresh.reduce(0) { $0 + $1.count })
    for list in fresh {
      for time in list {
        if time < end { due.append(time) } else { pending.append(time) }
      }
    }
    return due
  }

  /// Narrow stretches of equal width, a power of two of ns, about one for every four events.
  private struct Buckets {
    var origin: Int64
    var shift: Int64
    var count: Int

    init(from start: Int64, to end: Int64, events: Int) {
      origin = start
      let width = max(1, (end - start) / Int64(max(1, events / 4)))
      shift = Int64(63 - width.leadingZeroBitCount)
      count = Int((end - start - 1) >> shift) + 1
    }

    func start(of bucket: Int) -> Int64 { origin + Int64(bucket) << shift }

    /// Groups times by bucket; the result tells where each bucket's times begin, with the end of the last one behind.
    func scatter(_ times: inout [Int64]) -> [Int] {
      var starts = [Int](repeating: 0, count: count + 2)
      for time in times { starts[Int((time - origin) >> shift) + 2] += 1 }
      for bucket in 2..<(count + 2) { starts[bucket] += starts[bucket - 1] }
      let grouped = [Int64](unsafeUninitializedCapacity: times.count) { grouped, initialised in
        for time in times {
          let bucket = Int((time - origin) >> shift) + 1
          grouped[starts[bucket]] = time
          starts[bucket] += 1
        }
        initialised = times.count
      }
      times = grouped
      starts.removeLast()
      return starts
    }
  }
}
