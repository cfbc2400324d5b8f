/// Finds the exact largest concurrency of all functions together, although each was replayed alone.
///
/// Replays leave the moments at which invocations began and ended, in any order. A sweep sorts them, first into narrow
/// buckets by time and then the few in each bucket, and walks through them; at one moment ends come before begins.
struct PeakSweep: Sendable {
  private(set) var peaks = PeakSeries()
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
    let up = Self.take(&pendingBegins, begins, before: end)
    let down = Self.take(&pendingEnds, ends, before: end)
    let buckets = Buckets(from: swept, to: end, events: up.count + down.count)
    let (begins, beginStarts) = buckets.group(up)
    let (ends, endStarts) = buckets.group(down)
    for bucket in 0..<buckets.count {
      walk(begins[beginStarts[bucket]..<beginStarts[bucket + 1]], ends[endStarts[bucket]..<endStarts[bucket + 1]])
    }
    peaks.hold(until: end)
    swept = end
  }

  /// Walks through one bucket.
  private mutating func walk(_ begins: ArraySlice<Int64>, _ ends: ArraySlice<Int64>) {
    if begins.isEmpty, ends.isEmpty { return }
    let begins = begins.count > 1 ? begins.sorted()[...] : begins
    var ends = ends.count > 1 ? ends.sorted()[...] : ends
    for begin in begins {
      while let end = ends.first, end <= begin {
        peaks.change(by: -1, at: end)
        ends.removeFirst()
      }
      peaks.change(by: 1, at: begin)
    }
    for end in ends { peaks.change(by: -1, at: end) }
  }

  /// All of `pending` and `fresh` that lies before `end`; the rest is pending afterwards.
  private static func take(_ pending: inout [Int64], _ fresh: [[Int64]], before end: Int64) -> [Int64] {
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

  /// Stretches of equal width, a power of two of ns, about one for every four events.
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

    /// The times by bucket, and where each bucket begins, with the end of the last one behind.
    func group(_ times: [Int64]) -> (times: [Int64], starts: [Int]) {
      var starts = [Int](repeating: 0, count: count + 2)
      for time in times { starts[Int((time - origin) >> shift) + 2] += 1 }
      for bucket in starts.indices.dropFirst() { starts[bucket] += starts[bucket - 1] }
      let grouped = [Int64](unsafeUninitializedCapacity: times.count) { grouped, initialised in
        for time in times {
          let bucket = Int((time - origin) >> shift) + 1
          grouped[starts[bucket]] = time
          starts[bucket] += 1
        }
        initialised = times.count
      }
      starts.removeLast()
      return (grouped, starts)
    }
  }
}
