import Units

/// Follows how many invocations run at once, and keeps the largest number in each stretch of time.
///
/// Only a level that holds for some time counts: what ends and begins at one moment cancels out. Rows fold like the
/// timeline's.
struct PeakSeries: Sendable {
  private var interval: Int64 = TimeSpan.minutes(1).nanoseconds
  /// Finished rows.
  private var peaks: [Int64] = []
  /// The row at hand ends here, and this is its peak so far.
  private var rowEnd: Int64 = TimeSpan.minutes(1).nanoseconds
  private var rowPeak: Int64 = 0

  /// How many run since the last change.
  private(set) var level: Int64 = 0
  private var since: Int64 = 0
  /// The largest of all.
  private(set) var overall: Int64 = 0

  /// The number changes; times never fall.
  mutating func change(by change: Int64, at time: Int64) {
    if time > since { hold(until: time) }
    level += change
  }

  /// The number stays as it is until `time`.
  mutating func hold(until time: Int64) {
    guard time > since else { return }
    if level > overall { overall = level }
    if since >= rowEnd { closeRow() }
    while true {
      if level > rowPeak { rowPeak = level }
      if time <= rowEnd { break }
      closeRow()
    }
    since = time
  }

  /// A number is reached that holds for some time in the row at hand: for users that tell by `turn` where rows change, and
  /// not of every change.
  @inline(__always)
  mutating func reached(_ level: Int64) {
    if level > rowPeak { rowPeak = level }
    if level > overall { overall = level }
  }

  /// Goes on to the row of a moment, until which a number held; gives the first moment of which this must be told again.
  mutating func turn(at time: Int64, level held: Int64) -> Int64 {
    reached(held)
    guard time >= rowEnd else { return rowEnd }
    while time >= rowEnd {
      closeRow()
      if time > rowEnd - interval { reached(held) }
    }
    // What holds after all that happens at this moment counts in its row too.
    return time + 1
  }

  /// Where the row of a moment ends.
  func endOfRow(at time: Int64) -> Int64 { (time / interval + 1) * interval }

  private mutating func closeRow() {
    peaks.append(rowPeak)
    rowPeak = 0
    if peaks.count == TimelineMeter.mostRows {
      peaks = Self.folded(peaks, by: 2)
      interval *= 2
    }
    rowEnd += interval
  }

  /// The peaks of rows of `wider` ns, a power of two times the own interval.
  func folded(to wider: Int64) -> [Int64] { Self.folded(peaks + [rowPeak], by: Int(max(1, wider / interval))) }

  private static func folded(_ peaks: [Int64], by factor: Int) -> [Int64] {
    stride(from: 0, to: peaks.count, by: factor).map { start in
      peaks[start..<min(start + factor, peaks.count)].reduce(0, max)
    }
  }
}

extension PeakSeries: Checkpointed {
  func save(to state: inout StateWriter) {
    state.write(interval)
    state.write(peaks)
    state.write(rowEnd)
    state.write(rowPeak)
    state.write(level)
    state.write(since)
    state.write(overall)
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    interval = try state.read()
    peaks = try state.readArray()
    rowEnd = try state.read()
    rowPeak = try state.read()
    level = try state.read()
    since = try state.read()
    overall = try state.read()
  }
}
