import Units

/// Collects a timeline while a replay runs, in constant time an event and in any order of events.
///
/// How many run is a step function; its integral over each row is kept in two sums: what an event adds to its own row
/// (`area`), and by how much it changes all rows after it (`slope`, added up at the end). Everything is an integer, so
/// meters of several threads add up exactly.
struct TimelineMeter: Sendable {
  /// Rows beyond this number are folded: the interval doubles. 45 days of minutes.
  static let mostRows = 1 << 16

  /// One row; a cache line.
  private struct Cell: Sendable {
    var arrivals: Int64 = 0
    var coldStarts: Int64 = 0
    var throttles: Int64 = 0
    var busyArea: Int64 = 0
    var busySlope: Int64 = 0
    var idleArea: Int64 = 0
    var idleSlope: Int64 = 0
    /// MB x ms, by the row of the arrival; stays at Int64.max once there.
    var billed: Int64 = 0

    /// Two rows of `interval` ns as one.
    init(_ first: Cell, _ second: Cell, interval: Int64) {
      self = first
      add(second)
      busyArea += first.busySlope * interval
      idleArea += first.idleSlope * interval
    }

    init() {}

    mutating func add(_ other: Cell) {
      arrivals += other.arrivals
      coldStarts += other.coldStarts
      throttles += other.throttles
      busyArea += other.busyArea
      busySlope += other.busySlope
      idleArea += other.idleArea
      idleSlope += other.idleSlope
      bill(other.billed)
    }

    mutating func bill(_ megabyteMilliseconds: Int64) {
      let (sum, overflow) = billed.addingReportingOverflow(megabyteMilliseconds)
      billed = overflow ? .max : sum
    }
  }

  private(set) var interval: Int64 = TimeSpan.minutes(1).nanoseconds
  private var cells: [Cell] = [Cell()]
  /// The row used last, and where it begins: events come almost in order.
  private var cursor = 0
  private var cursorStart: Int64 = 0

  mutating func arrived(at time: Int64) { cells[row(time)].arrivals += 1 }
  mutating func throttled(at time: Int64) { cells[row(time)].throttles += 1 }
  mutating func startedCold(at time: Int64) { cells[row(time)].coldStarts += 1 }

  /// An invocation that arrived at `time` will be billed so much.
  mutating func billed(_ megabyteMilliseconds: Int64, at time: Int64) { cells[row(time)].bill(megabyteMilliseconds) }

  mutating func busyBegan(at time: Int64) { busy(at: time, by: 1) }
  mutating func busyEnded(at time: Int64) { busy(at: time, by: -1) }
  mutating func idleBegan(at time: Int64) { idle(at: time, by: 1) }
  mutating func idleEnded(at time: Int64) { idle(at: time, by: -1) }

  private mutating func busy(at time: Int64, by change: Int64) {
    let row = row(time)
    cells[row].busyArea += change * (cursorStart + interval - time)
    cells[row].busySlope += change
  }

  private mutating func idle(at time: Int64, by change: Int64) {
    let row = row(time)
    cells[row].idleArea += change * (cursorStart + interval - time)
    cells[row].idleSlope += change
  }

  /// The row of a moment, which becomes the row at hand.
  private mutating func row(_ time: Int64) -> Int {
    let offset = time - cursorStart
    if offset >= 0, offset < interval { return cursor }
    while time / interval >= Int64(Self.mostRows) { fold() }
    cursor = Int(time / interval)
    cursorStart = Int64(cursor) * interval
    if cursor >= cells.count { extend(to: max(cursor + 1, cells.count + cells.count / 2)) }
    return cursor
  }

  private mutating func extend(to count: Int) {
    cells.append(contentsOf: repeatElement(Cell(), count: max(0, count - cells.count)))
  }

  /// Joins rows two by two.
  private mutating func fold() {
    extend(to: cells.count + cells.count % 2)
    cells = stride(from: 0, to: cells.count, by: 2).map { Cell(cells[$0], cells[$0 + 1], interval: interval) }
    interval *= 2
    cursor = 0
    cursorStart = 0
  }

  /// Adds another meter.
  mutating func merge(_ other: TimelineMeter) {
    var other = other
    while interval < other.interval { fold() }
    while other.interval < interval { other.fold() }
    extend(to: other.cells.count)
    for (row, cell) in other.cells.enumerated() { cells[row].add(cell) }
  }

  /// The rows from zero to the horizon, with each row's largest concurrency from `peaks`.
  func timeline(horizon: Int64, peaks: PeakSeries) -> Timeline {
    var meter = self
    while horizon / meter.interval >= Int64(Self.mostRows) { meter.fold() }
    let interval = meter.interval
    let count = Int((horizon + interval - 1) / interval)
    meter.extend(to: count)
    let last = meter.cells.lastIndex { $0.arrivals != 0 } ?? -1
    let peaks = peaks.folded(to: interval)
    var busyLevel: Int64 = 0
    var idleLevel: Int64 = 0
    let rows = meter.cells.prefix(max(count, last + 1)).enumerated().map { index, cell in
      var row = Timeline.Row()
      row.arrivals = Int(cell.arrivals)
      row.coldStarts = Int(cell.coldStarts)
      row.throttles = Int(cell.throttles)
      row.peakConcurrency = index < peaks.count ? Int(peaks[index]) : 0
      row.busyTime = cell.busyArea + busyLevel * interval
      row.idleTime = cell.idleArea + idleLevel * interval
      row.billedMegabyteMilliseconds = cell.billed
      busyLevel += cell.busySlope
      idleLevel += cell.idleSlope
      return row
    }
    return Timeline(interval: TimeSpan(nanoseconds: interval), rows: rows)
  }
}
