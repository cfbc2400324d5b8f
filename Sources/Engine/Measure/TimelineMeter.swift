import Units

/// Collects a timeline while a replay runs, in constant time an event and in any order of events.
///
/// How many run is a step function; its integral over each row is kept in two sums: what an event adds to its own row
/// (`area`), and by how much it changes all rows after it (`slope`, added up at the end). So is how many environments
/// there are, busy or idle: that changes at cold starts and ends of environments only, and idle ones are the difference.
/// Everything is an integer, so meters of several threads add up exactly.
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
    var environmentArea: Int64 = 0
    var environmentSlope: Int64 = 0
    /// MB x ms, by the row of the arrival; stays at Int64.max once there.
    var billed: Int64 = 0

    /// Two rows of `interval` ns as one.
    init(_ first: Cell, _ second: Cell, interval: Int64) {
      self = first
      add(second)
      busyArea += first.busySlope * interval
      environmentArea += first.environmentSlope * interval
    }

    init() {}

    mutating func add(_ other: Cell) {
      arrivals += other.arrivals
      coldStarts += other.coldStarts
      throttles += other.throttles
      busyArea += other.busyArea
      busySlope += other.busySlope
      environmentArea += other.environmentArea
      environmentSlope += other.environmentSlope
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

  /// An invocation arrives, runs, and will be billed so much.
  mutating func started(at time: Int64, billed megabyteMilliseconds: Int64) {
    let row = row(time)
    cells[row].arrivals += 1
    cells[row].busyArea += cursorStart + interval - time
    cells[row].busySlope += 1
    cells[row].bill(megabyteMilliseconds)
  }

  /// An invocation that arrived at `time` will be billed so much more.
  mutating func billed(_ megabyteMilliseconds: Int64, at time: Int64) { cells[row(time)].bill(megabyteMilliseconds) }

  mutating func busyBegan(at time: Int64) { busy(at: time, by: 1) }
  mutating func busyEnded(at time: Int64) { busy(at: time, by: -1) }
  /// An environment is there from now on: busy or idle, provisioned ones only while they are busy.
  mutating func environmentBegan(at time: Int64) { environment(at: time, by: 1) }
  mutating func environmentEnded(at time: Int64) { environment(at: time, by: -1) }

  /// Invocations start in on-demand or provisioned environments, which are there while they are busy: they arrive, run,
  /// and will be billed `memory` MB each for their durations. Gives the billed milliseconds. There are at most 2^16.
  mutating func took(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, memory: Int64,
    areProvisioned: Bool = false
  ) -> Int128 {
    var total: Int128 = 0
    var first = 0
    while first < arrivals.count {
      let row = row(arrivals[first])
      let start = cursorStart
      let interval = interval
      var offsets: Int64 = 0
      var billed: Int64 = 0
      var index = first
      while index < arrivals.count {
        let offset = arrivals[index] &- start
        guard offset < interval else { break }
        offsets &+= offset
        billed &+= billedMilliseconds(durations[index])
        index &+= 1
      }
      let count = Int64(index - first)
      cells[row].arrivals += count
      cells[row].busyArea += count * interval - offsets
      cells[row].busySlope += count
      if areProvisioned {
        cells[row].environmentArea += count * interval - offsets
        cells[row].environmentSlope += count
      }
      cells[row].bill(Self.weigh(billed, memory: memory))
      total += Int128(billed)
      first = index
    }
    return total
  }

  /// Invocations end at these moments, in any order. There are at most 2^17.
  mutating func busyEnded(_ times: UnsafeBufferPointer<Int64>, areProvisioned: Bool = false) {
    var index = 0
    while index < times.count {
      let row = row(times[index])
      let start = cursorStart
      let interval = interval
      let first = index
      var offsets: Int64 = 0
      while index < times.count {
        let offset = times[index] &- start
        guard offset >= 0, offset < interval else { break }
        offsets &+= offset
        index &+= 1
      }
      let count = Int64(index - first)
      cells[row].busyArea -= count * interval - offsets
      cells[row].busySlope -= count
      if areProvisioned {
        cells[row].environmentArea -= count * interval - offsets
        cells[row].environmentSlope -= count
      }
    }
  }

  /// Milliseconds times MB, Int64.max where that is more.
  static func weigh(_ milliseconds: Int64, memory: Int64) -> Int64 {
    let (product, overflow) = milliseconds.multipliedReportingOverflow(by: memory)
    return overflow ? .max : product
  }

  private mutating func busy(at time: Int64, by change: Int64) {
    let row = row(time)
    cells[row].busyArea += change * (cursorStart + interval - time)
    cells[row].busySlope += change
  }

  private mutating func environment(at time: Int64, by change: Int64) {
    let row = row(time)
    cells[row].environmentArea += change * (cursorStart + interval - time)
    cells[row].environmentSlope += change
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
    var environmentLevel: Int64 = 0
    let rows = meter.cells.prefix(max(count, last + 1)).enumerated().map { index, cell in
      var row = Timeline.Row()
      row.arrivals = Int(cell.arrivals)
      row.coldStarts = Int(cell.coldStarts)
      row.throttles = Int(cell.throttles)
      row.peakConcurrency = index < peaks.count ? Int(peaks[index]) : 0
      row.busyTime = cell.busyArea + busyLevel * interval
      row.idleTime = cell.environmentArea - cell.busyArea + (environmentLevel - busyLevel) * interval
      row.billedMegabyteMilliseconds = cell.billed
      busyLevel += cell.busySlope
      environmentLevel += cell.environmentSlope
      return row
    }
    return Timeline(interval: TimeSpan(nanoseconds: interval), rows: rows)
  }
}

extension TimelineMeter: Checkpointed {
  func save(to state: inout StateWriter) {
    state.write(interval)
    state.write(cells)
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    interval = try state.read()
    cells = try state.readArray()
    cursor = 0
    cursorStart = 0
  }
}
