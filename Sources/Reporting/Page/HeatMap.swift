import Engine
import Units

/// What happens at which hour: by weekday where the trace tells its date, else by day of the trace.
struct HeatMap {
  struct Row {
    var name: String
    /// 24 hours.
    var cells: [Cell]
  }

  struct Cell {
    var arrivals = 0
    var coldStarts = 0
    /// MB·ms that invocations which arrived in this hour are billed.
    var billed: Int128 = 0
    /// Time of the trace that fell into this hour, minutes.
    var minutes = 0.0

    var arrivalsPerMinute: Double? { minutes > 0 ? Double(arrivals) / minutes : nil }
    var coldStartsPerMinute: Double? { minutes > 0 ? Double(coldStarts) / minutes : nil }
  }

  let rows: [Row]
  /// Whether rows are weekdays and hours are UTC.
  let isByWeekday: Bool

  /// Nil for traces of two days or less and for timelines coarser than an hour.
  init?(_ timeline: Timeline, horizon: Instant, naming: TimeNaming) {
    let day = TimeUnit.days.nanoseconds
    let interval = timeline.interval.nanoseconds
    guard horizon.nanoseconds > 2 * day, interval > 0, interval <= TimeUnit.hours.nanoseconds else { return nil }
    let epoch = naming.epoch
    isByWeekday = epoch != nil
    // Past a fortnight, days of a trace without dates share rows.
    let days = (horizon.nanoseconds - 1) / day + 1
    let daysPerRow = isByWeekday ? 1 : (days + 13) / 14
    let count = isByWeekday ? 7 : Int((days + daysPerRow - 1) / daysPerRow)
    var cells = [[Cell]](repeating: [Cell](repeating: Cell(), count: 24), count: count)
    for (index, row) in timeline.rows.enumerated() {
      let (start, overflow) = interval.multipliedReportingOverflow(by: Int64(index))
      guard !overflow, start < horizon.nanoseconds else { break }
      let place: (row: Int, hour: Int)
      if let epoch {
        guard let clock = WallClock(epoch: epoch, plus: Instant(nanoseconds: start)) else { continue }
        place = (clock.weekday, clock.hour)
      } else {
        place = (Int(start / day / daysPerRow), Int(start % day / TimeUnit.hours.nanoseconds))
      }
      guard cells.indices.contains(place.row) else { continue }
      cells[place.row][place.hour].arrivals += row.arrivals
      cells[place.row][place.hour].coldStarts += row.coldStarts
      cells[place.row][place.hour].billed += Int128(row.billedMegabyteMilliseconds)
      cells[place.row][place.hour].minutes += Double(min(interval, horizon.nanoseconds - start)) / 60e9
    }
    rows = cells.enumerated().map { index, cells in
      let first = Int64(index) * daysPerRow + 1
      let last = min(first + daysPerRow - 1, days)
      let name = epoch != nil ? WallClock.weekdays[index] : first == last ? "Day \(first)" : "Days \(first)–\(last)"
      return Row(name: name, cells: cells)
    }
  }
}
