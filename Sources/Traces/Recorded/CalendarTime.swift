import Logs
import Units

/// Reads dates and times of day as ISO 8601 writes them, exactly to the nanosecond.
enum CalendarTime {
  /// Nanoseconds since 1970-01-01T00:00:00Z of `2024-05-01T12:00:00.123Z` and its kin, or nil.
  ///
  /// Takes a blank for the `T`, a comma for the point, seconds or a fraction left out, `Z`, `+02:00`, `+0200`, `+02` or
  /// nothing (then UTC). Digits below a nanosecond are cut off, as clocks do. Leap seconds count as the second that
  /// follows.
  static func nanoseconds(_ text: UnsafeRawBufferPointer) -> Int64? {
    var cursor = Cursor(text: text)
    guard let year = cursor.number(digits: 4), cursor.take("-"), let month = cursor.number(digits: 2), 1...12 ~= month,
      cursor.take("-"), let day = cursor.number(digits: 2), 1...daysOf(month: month, year: year) ~= day,
      cursor.take("T") || cursor.take(" ") || cursor.take("t"),
      let hour = cursor.number(digits: 2), hour < 24, cursor.take(":"),
      let minute = cursor.number(digits: 2), minute < 60
    else { return nil }
    var second = 0
    var fraction = 0
    if cursor.take(":") {
      guard let value = cursor.number(digits: 2), value <= 60 else { return nil }
      second = value
      if cursor.take(".") || cursor.take(",") {
        guard let value = cursor.fraction() else { return nil }
        fraction = value
      }
    }
    guard let offset = cursor.offset(), cursor.isAtEnd else { return nil }
    let seconds =
      CivilDate(year: year, month: month, day: day).daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second - offset
    // Years 1 to 9999 do not all fit into 64 bits of nanoseconds.
    let (product, tooLarge) = Int64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflow) = product.addingReportingOverflow(Int64(fraction))
    return tooLarge || overflow ? nil : sum
  }

  private static func daysOf(month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private struct Cursor {
    let text: UnsafeRawBufferPointer
    var index = 0

    var isAtEnd: Bool { index == text.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard index < text.count, text[index] == UInt8(ascii: character) else { return false }
      index += 1
      return true
    }

    private mutating func digit() -> Int? {
      guard index < text.count, text[index] &- 48 < 10 else { return nil }
      index += 1
      return Int(text[index - 1] - 48)
    }

    mutating func number(digits: Int) -> Int? {
      var value = 0
      for _ in 0..<digits {
        guard let digit = digit() else { return nil }
        value = value * 10 + digit
      }
      return value
    }

    /// The digits after the point as nanoseconds; at least one.
    mutating func fraction() -> Int? {
      var value = 0
      var unit = 100_000_000
      guard var next = digit() else { return nil }
      while true {
        value += next * unit
        unit /= 10
        guard let more = digit() else { return value }
        next = more
      }
    }

    /// Seconds east of Greenwich.
    mutating func offset() -> Int? {
      if isAtEnd || take("Z") || take("z") { return 0 }
      let sign: Int
      if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
      guard let hours = number(digits: 2), hours < 24 else { return nil }
      if isAtEnd { return sign * hours * 3600 }
      _ = take(":")
      guard let minutes = number(digits: 2), minutes < 60 else { return nil }
      return sign * (hours * 3600 + minutes * 60)
    }
  }
}
