import Units

/// The date and time of a moment in UTC, proleptic Gregorian calendar, years 1 to 9999.
///
/// H. Hinnant, "chrono-compatible low-level date algorithms", 2013: days are counted from 1 March, so that the leap day
/// comes last.
struct WallClock: Equatable {
  let year: Int
  let month: Int
  let day: Int
  let hour: Int
  let minute: Int
  let second: Int
  /// 0 is Monday.
  let weekday: Int

  /// The second of `epoch` (seconds since 1970) plus `time`; nil outside the years 1 to 9999 and for NaN.
  init?(epoch: Double, plus time: Instant = .zero) {
    let moment = (epoch + Double(time.nanoseconds) / 1e9).rounded(.down)
    guard moment >= -62_135_596_800, moment < 253_402_300_800 else { return nil }
    let seconds = Int(moment)
    let days = Self.floor(seconds, 86_400)
    let rest = seconds - days * 86_400
    let shifted = days + 719_468
    let era = Self.floor(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    hour = rest / 3600
    minute = rest / 60 % 60
    second = rest % 60
    weekday = days + 3 - 7 * Self.floor(days + 3, 7)
  }

  private static func floor(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((b - 1 - a) / b) }

  static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

  /// `2026-11-21T08:05:00Z`
  var iso: String { "\(date)T\(two(hour)):\(two(minute)):\(two(second))Z" }
  /// `2026-11-21`
  var date: String { "\(two(year / 100))\(two(year % 100))-\(two(month))-\(two(day))" }
  /// `Sat 2026-11-21 08:05 UTC`
  var said: String { "\(Self.weekdays[weekday]) \(date) \(two(hour)):\(two(minute)) UTC" }

  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// How a moment of a trace is named: by date where the trace tells its own, else by day and time since its start.
struct TimeNaming {
  let epoch: Double?

  init(epoch: Double?, horizon: Instant) {
    // An epoch whose dates cannot be written is none.
    self.epoch = epoch.flatMap { WallClock(epoch: $0) != nil && WallClock(epoch: $0, plus: horizon) != nil ? $0 : nil }
  }

  /// `Sat 2026-11-21 08:05 UTC`, or `day 3, 08:05` of the trace.
  func said(_ time: Instant) -> String {
    if let epoch, let clock = WallClock(epoch: epoch, plus: time) { return clock.said }
    let minutes = time.nanoseconds / 60_000_000_000
    let clock =
      "\(minutes / 60 % 24 < 10 ? "0" : "")\(minutes / 60 % 24):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60)"
    return "day \(minutes / 1440 + 1), \(clock)"
  }
}
