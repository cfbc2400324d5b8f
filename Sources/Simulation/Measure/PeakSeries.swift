import Units

/// The largest concurrency in each stretch of time, folding like the timeline's rows.
struct PeakSeries: Sendable {
  private var interval: Int64 = TimeSpan.minutes(1).nanoseconds
  private var peaks: [Int64] = []
  /// The largest of all.
  private(set) var overall: Int64 = 0

  /// A concurrency that held at `time`.
  mutating func note(_ level: Int64, at time: Int64) {
    if level > overall { overall = level }
    while time / interval >= Int64(TimelineMeter.mostRows) {
      peaks = folded(to: interval * 2)
      interval *= 2
    }
    let row = Int(time / interval)
    while row >= peaks.count { peaks.append(0) }
    if level > peaks[row] { peaks[row] = level }
  }

  /// A concurrency that held from `start` until just before `end`.
  mutating func note(_ level: Int64, from start: Int64, to end: Int64) {
    note(level, at: start)
    guard level > 0, end > start else { return }
    var next = (start / interval + 1) * interval
    while next < end {
      note(level, at: next)
      next = (next / interval + 1) * interval
    }
  }

  /// The peaks of rows of `wider` ns, a power of two times the own interval.
  func folded(to wider: Int64) -> [Int64] {
    let factor = Int(max(1, wider / interval))
    return stride(from: 0, to: peaks.count, by: factor).map { start in
      peaks[start..<min(start + factor, peaks.count)].max() ?? 0
    }
  }
}
