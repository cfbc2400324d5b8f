public import Diagnostics

/// Moments given by a cron expression, in UTC, to the minute.
///
/// Two spellings are taken:
/// - the five fields of cron, `minute hour day month weekday`, with `*`, `,`, `-`, `/` and English three-letter names;
///   weekdays 0-7 from Sunday. When neither day nor weekday begins with `*` a day that meets either counts, else both must
///   be met, as in cron(8).
/// - AWS's six fields in `cron(minute hour day month weekday year)`: weekdays 1-7 from Sunday; exactly one of day and
///   weekday is `?`; `L` (last day of the month), `15W` (the weekday nearest to the 15th), `6L` (the month's last
///   Friday) and `2#1` (its first Monday) as documented for EventBridge
///   (docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html, read 2026-11).
public struct CronSchedule: Hashable, Sendable {
  /// A way to pick days within a month.
  enum DayRule: Hashable, Sendable {
    /// Days of the month (bit n for day n) that are also days of the week (bit 0 for Monday).
    case both(days: UInt32, weekdays: UInt8)
    /// Days of the month or of the week.
    case either(days: UInt32, weekdays: UInt8)
    case lastDay
    /// The day from Monday to Friday nearest to a day of the month, within the month.
    case nearestWeekday(to: Int)
    /// The month's last Monday (0) to Sunday (6).
    case last(weekday: Int)
    /// The month's n-th Monday (0) to Sunday (6).
    case nth(Int, weekday: Int)
  }

  /// The text that it was read from.
  public let text: String
  /// Bit n for minute n.
  let minutes: UInt64
  /// Bit n for hour n.
  let hours: UInt32
  /// Bit n for month n, from 1.
  let months: UInt16
  let dayRule: DayRule
  /// Nil for every year.
  let years: Set<Int>?

  /// Reads either spelling. - Throws: a fault that names the field and the part that is not understood.
  public init(parsing text: String) throws(InputFault) {
    let parser = CronParser(text: text)
    let aws = text.hasPrefix("cron(") && text.hasSuffix(")")
    let inner = aws ? text.dropFirst(5).dropLast() : text[...]
    let fields = inner.split { $0 == " " || $0 == "\t" }.map(String.init)
    guard fields.count == (aws ? 6 : 5) else {
      throw parser.fault(
        "\(fields.count) fields in \(excerpt(text))",
        expected: aws
          ? "six: cron(minute hour day month weekday year)" : "five: minute hour day month weekday",
        advice: aws || fields.count != 6 ? nil : "six fields are AWS's form: write cron(\(inner))")
    }
    self.text = text
    minutes = try parser.bits(fields[0], .minute)
    hours = UInt32(truncatingIfNeeded: try parser.bits(fields[1], .hour))
    months = UInt16(truncatingIfNeeded: try parser.bits(fields[3], .month))
    if aws {
      dayRule = try parser.awsDayRule(day: fields[2], weekday: fields[4])
      years = try parser.years(fields[5])
    } else {
      dayRule = try parser.cronDayRule(day: fields[2], weekday: fields[4])
      years = nil
    }
  }

  /// How often it fires on a day on which it fires.
  package var timesPerDay: Int { minutes.nonzeroBitCount * hours.nonzeroBitCount }

  /// Whether it fires on the day.
  package func fires(onDay days: Int) -> Bool {
    let date = CivilDate(daysSince1970: days)
    guard months >> UInt16(date.month) & 1 == 1, years?.contains(date.year) ?? true else { return false }
    let weekday = CivilDate.weekday(daysSince1970: days)
    switch dayRule {
    case .both(let dayBits, let weekdayBits):
      return dayBits >> UInt32(date.day) & 1 == 1 && weekdayBits >> UInt8(weekday) & 1 == 1
    case .either(let dayBits, let weekdayBits):
      return dayBits >> UInt32(date.day) & 1 == 1 || weekdayBits >> UInt8(weekday) & 1 == 1
    case .lastDay: return date.day == date.daysInMonth
    case .nearestWeekday(let wanted): return date.day == nearestWeekday(to: wanted, in: date, itsWeekday: weekday)
    case .last(let wanted): return weekday == wanted && date.day + 7 > date.daysInMonth
    case .nth(let n, let wanted): return weekday == wanted && (date.day + 6) / 7 == n
    }
  }

  /// The day of the month, Monday to Friday, nearest to `wanted` without leaving the month; nil where the month has no
  /// such day.
  private func nearestWeekday(to wanted: Int, in date: CivilDate, itsWeekday weekday: Int) -> Int? {
    guard wanted <= date.daysInMonth else { return nil }
    let target = ((weekday + wanted - date.day) % 7 + 7) % 7
    switch target {
    case 5: return wanted > 1 ? wanted - 1 : wanted + 2
    case 6: return wanted < date.daysInMonth ? wanted + 1 : wanted - 2
    default: return wanted
    }
  }
}

/// Walks through a schedule's moments in order.
package struct CronCursor: Sendable {
  private let schedule: CronSchedule
  private let start: Int64
  private let lastDay: Int
  private var day: Int
  /// The minute of the day from which to look.
  private var minuteOfDay: Int
  private var dayFires: Bool

  /// - Parameters:
  ///   - start: the wall-clock second of instant zero, since 1970.
  ///   - horizon: where to stop, ns after instant zero.
  package init(_ schedule: CronSchedule, start: Int64, horizon: Double) {
    self.schedule = schedule
    self.start = start
    let (day, second) = CivilDate.split(secondsSince1970: start)
    self.day = day
    minuteOfDay = (second + 59) / 60
    lastDay = day + Int(min(horizon / 86_400e9, 110_000)) + 1
    dayFires = schedule.fires(onDay: day)
  }

  /// The next moment in ns after instant zero; infinity after the last. Amortised: a few ns a moment and a day.
  package mutating func next() -> Double {
    while day <= lastDay {
      if dayFires {
        while minuteOfDay < 1440 {
          let (hour, minute) = minuteOfDay.quotientAndRemainder(dividingBy: 60)
          if schedule.hours >> UInt32(hour) & 1 == 0 {
            minuteOfDay = (hour + 1) * 60
            continue
          }
          let rest = schedule.minutes >> UInt64(minute)
          if rest == 0 {
            minuteOfDay = (hour + 1) * 60
            continue
          }
          minuteOfDay += rest.trailingZeroBitCount
          let moment = Int64(day) * 86_400 + Int64(minuteOfDay) * 60 - start
          minuteOfDay += 1
          return Double(moment) * 1e9
        }
      }
      day += 1
      minuteOfDay = 0
      dayFires = schedule.fires(onDay: day)
    }
    return .infinity
  }
}
