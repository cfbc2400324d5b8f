import Units

/// The wall-clock moment that a log event bears.
package enum LogTimestamp: Hashable {
  /// The event has none.
  case absent
  /// It has one that can't be read, or that lies outside the years 2010 to 2099.
  case unreadable
  /// Nanoseconds since 1970, UTC.
  case at(Int64)

  /// 2010-01-01 to 2100-01-01: Lambda began in 2014.
  private static let sensible: Range<Int64> = 1_262_304_000_000_000_000..<4_102_444_800_000_000_000

  /// Reads a whole field: a count of seconds, milliseconds, microseconds or nanoseconds since 1970 (its size tells
  /// which), or ISO 8601 with `T` or a blank between date and time; without a zone it is UTC.
  package init(parsing field: UnsafeRawBufferPointer) {
    var start = 0
    var end = field.count
    while start < end, field[start] <= 32 { start += 1 }
    while end > start, field[end - 1] <= 32 { end -= 1 }
    guard start < end else {
      self = .absent
      return
    }
    let field = UnsafeRawBufferPointer(rebasing: field[start..<end])
    if let (moment, length) = Self.leading(field), length == field.count {
      self = .at(moment)
    } else {
      self = .unreadable
    }
  }

  /// The timestamp at the beginning of a line and its length; a blank or the end must follow it.
  static func leading(_ line: UnsafeRawBufferPointer) -> (nanoseconds: Int64, length: Int)? {
    guard let first = line.first, first &- 48 < 10 else { return nil }
    guard let result = date(line) ?? count(line), result.length == line.count || line[result.length] <= 32,
      sensible.contains(result.nanoseconds)
    else { return nil }
    return result
  }

  private static func count(_ line: UnsafeRawBufferPointer) -> (nanoseconds: Int64, length: Int)? {
    var whole = 0
    while whole < line.count, line[whole] &- 48 < 10 { whole += 1 }
    let unit: Int64
    switch whole {
    case 10: unit = 1_000_000_000
    case 13: unit = 1_000_000
    case 16: unit = 1000
    case 19: unit = 1
    default: return nil
    }
    var length = whole
    if length + 1 < line.count, line[length] == UInt8(ascii: "."), line[length + 1] &- 48 < 10 {
      length += 1
      while length < line.count, length < 40, line[length] &- 48 < 10 { length += 1 }
    }
    guard let value = Decimal64.scaled(UnsafeRawBufferPointer(rebasing: line[..<length]), by: unit) else { return nil }
    return (value, length)
  }

  /// `2024-05-01T12:00:00`, then perhaps a fraction, then perhaps `Z`, `+00:00`, `+0000` or `+00`.
  private static func date(_ line: UnsafeRawBufferPointer) -> (nanoseconds: Int64, length: Int)? {
    func number(_ start: Int, _ digits: Int) -> Int? {
      guard start + digits <= line.count else { return nil }
      var value = 0
      for index in start..<(start + digits) {
        guard line[index] &- 48 < 10 else { return nil }
        value = value * 10 + Int(line[index] &- 48)
      }
      return value
    }
    guard line.count >= 19, line[4] == UInt8(ascii: "-"), line[7] == UInt8(ascii: "-"),
      line[10] == UInt8(ascii: "T") || line[10] == 32, line[13] == UInt8(ascii: ":"), line[16] == UInt8(ascii: ":"),
      let year = number(0, 4), (2000...2200).contains(year), let month = number(5, 2), (1...12).contains(month),
      let day = number(8, 2), (1...31).contains(day), let hour = number(11, 2), let minute = number(14, 2),
      let second = number(17, 2), hour < 24, minute < 60, second <= 60
    else { return nil }
    var index = 19
    var fraction = 0
    if index < line.count, line[index] == UInt8(ascii: ".") || line[index] == UInt8(ascii: ",") {
      index += 1
      var unit = 100_000_000
      while index < line.count, line[index] &- 48 < 10 {
        fraction += Int(line[index] &- 48) * unit
        unit /= 10
        index += 1
      }
    }
    var offset = 0
    if index < line.count, line[index] == UInt8(ascii: "Z") {
      index += 1
    } else if index < line.count, line[index] == UInt8(ascii: "+") || line[index] == UInt8(ascii: "-"),
      let hours = number(index + 1, 2), hours < 24
    {
      let sign = line[index] == UInt8(ascii: "-") ? -1 : 1
      index += 3
      var minutes = number(index, 2)
      if minutes != nil {
        index += 2
      } else if index < line.count, line[index] == UInt8(ascii: ":") {
        minutes = number(index + 1, 2)
        index += 3
        if minutes == nil { return nil }
      }
      offset = sign * (hours * 60 + (minutes ?? 0)) * 60
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
    return (Int64(seconds) * 1_000_000_000 + Int64(fraction), index)
  }

  /// Days from 1970-01-01 to a date of the Gregorian calendar: years counted from March, so that leap days come last.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
