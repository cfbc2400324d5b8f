import Units

/// Collects a timeline while a replay runs, in constant time an event and in any order of events.
///
/// How many run is a step function; its integral over each row is kept as two columns: what an event adds to its own
/// row (`area`), and by how much it changes all rows after (`slope`, summed up at the end). Everything is an integer, so
/// meters of several threads add up exactly.
struct TimelineMeter: Sendable {
  /// Rows beyond this number are folded: the interval doubles. 45 days of minutes.
  static let mostRows = 1 << 16

  /// What changes a level over time.
  private struct Level: Sendable {
    var area: [Int64] = []
    var slope: [Int64] = []
  }

  private(set) var interval: Int64 = TimeSpan.minutes(1).nanoseconds
  private var arrivals: [Int64] = []
  private var coldStarts: [Int64] = []
  private var throttles: [Int64] = []
  private var busy = Level()
  private var idle = Level()
  /// The row used last: events come almost in order.
  private var cursor = 0
  private var cursorStart: Int64 = 0

  mutating func arrival(at time: Int64) { arrivals[row(time)] += 1 }
  mutating func coldStart(at time: Int64) { coldStarts[row(time)] += 1 }
  mutating func throttle(at time: Int64) { throttles[row(time)] += 1 }
  mutating func busyBegins(at time: Int64) { step(&busy, at: row(time), time, by: 1) }
  mutating func busyEnds(at time: Int64) { step(&busy, at: row(time), time, by: -1) }
  mutating func idleBegins(at time: Int64) { step(&idle, at: row(time), time, by: 1) }
  mutating func idleEnds(at time: Int64) { step(&idle, at: row(time), time, by: -1) }

  private func step(_ level: inout Level, at row: Int, _ time: Int64, by change: Int64) {
    level.area[row] += change * (Int64(row + 1) * interval - time)
    level.slope[row + 1] += change
  }

  /// The row of a moment; there is always one more row after it.
  private mutating func row(_ time: Int64) -> Int {
    let offset = time - cursorStart
    if offset >= 0, offset < interval, cursor + 1 < arrivals.count { return cursor }
    while time / interval >= Int64(Self.mostRows) { fold() }
    let row = Int(time / interval)
    if row + 1 >= arrivals.count { extend(to: max(row + 2, arrivals.count + arrivals.count / 2)) }
    cursor = row
    cursorStart = Int64(row) * interval
    return row
  }

  private mutating func extend(to count: Int) {
    func grow(_ column: inout [Int64]) {
      column.append(contentsOf: repeatElement(0, count: max(0, count - column.count)))
    }
    grow(&arrivals)
    grow(&coldStarts)
    grow(&throttles)
    grow(&busy.area)
    grow(&busy.slope)
    grow(&idle.area)
    grow(&idle.slope)
  }

  /// Joins rows two by two.
  private mutating func fold() {
    let folded = (arrivals.count + 1) / 2 + 1
    extend(to: 2 * folded)
    func join(_ column: inout [Int64]) { column = (0..<folded).map { column[2 * $0] + column[2 * $0 + 1] } }
    func join(_ level: inout Level) {
      level.area = (0..<folded).map {
        level.area[2 * $0] + level.area[2 * $0 + 1] + level.slope[2 * $0 + 1] * interval
      }
      level.slope = (0..<folded).map { level.slope[2 * $0] + ($0 > 0 ? level.slope[2 * $0 - 1] : 0) }
    }
    join(&arrivals)
    join(&coldStarts)
    join(&throttles)
    join(&busy)
    join(&idle)
    interval *= 2
    cursor = 0
    cursorStart = 0
  }

  /// Adds another meter.
  mutating func merge(_ other: TimelineMeter) {
    var other = other
    while interval < other.interval { fold() }
    while other.interval < interval { other.fold() }
    extend(to: other.arrivals.count)
    func add(_ column: inout [Int64], _ others: [Int64]) {
      for (row, value) in others.enumerated() { column[row] += value }
    }
    add(&arrivals, other.arrivals)
    add(&coldStarts, other.coldStarts)
    add(&throttles, other.throttles)
    add(&busy.area, other.busy.area)
    add(&busy.slope, other.busy.slope)
    add(&idle.area, other.idle.area)
    add(&idle.slope, other.idle.slope)
  }

  /// The rows from zero to the horizon; `peaks` has each row's largest concurrency at this meter's interval or finer.
  func timeline(horizon: Int64, peaks: PeakSeries) -> Timeline {
    var meter = self
    while horizon / meter.interval >= Int64(Self.mostRows) { meter.fold() }
    let interval = meter.interval
    let count = Int((horizon + interval - 1) / interval)
    meter.extend(to: count)
    let last = meter.arrivals.lastIndex { $0 != 0 } ?? -1
    let peaks = peaks.folded(to: interval)
    var busyLevel: Int64 = 0
    var idleLevel: Int64 = 0
    let rows = (0..<max(count, last + 1)).map { index in
      var row = Timeline.Row()
      row.arrivals = Int(meter.arrivals[index])
      row.coldStarts = Int(meter.coldStarts[index])
      row.throttles = Int(meter.throttles[index])
      row.peakConcurrency = index < peaks.count ? Int(peaks[index]) : 0
      busyLevel += meter.busy.slope[index]
      idleLevel += meter.idle.slope[index]
      row.busyTime = meter.busy.area[index] + busyLevel * interval
      row.idleTime = meter.idle.area[index] + idleLevel * interval
      return row
    }
    return Timeline(interval: TimeSpan(nanoseconds: interval), rows: rows)
  }
}
