/// A length of time in whole nanoseconds. May be negative; the range is ±292 years.
public struct TimeSpan: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static let zero = TimeSpan(nanoseconds: 0)
  public static func milliseconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count * 1_000_000) }
  public static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count * 1_000_000_000) }
  public static func minutes(_ count: Int64) -> TimeSpan { seconds(count * 60) }
  public static func hours(_ count: Int64) -> TimeSpan { seconds(count * 3600) }

  /// The nearest whole nanosecond to a number of seconds; nil for NaN and for what lies outside the range.
  public init?(seconds: Double) {
    guard let nanoseconds = Int64(exactly: (seconds * 1e9).rounded()) else { return nil }
    self.nanoseconds = nanoseconds
  }

  public var seconds: Double { Double(nanoseconds) / 1e9 }
  public var milliseconds: Double { Double(nanoseconds) / 1e6 }

  public static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.nanoseconds < b.nanoseconds }
  public static func + (a: TimeSpan, b: TimeSpan) -> TimeSpan { TimeSpan(nanoseconds: a.nanoseconds + b.nanoseconds) }
  public static func - (a: TimeSpan, b: TimeSpan) -> TimeSpan { TimeSpan(nanoseconds: a.nanoseconds - b.nanoseconds) }
  public static prefix func - (a: TimeSpan) -> TimeSpan { TimeSpan(nanoseconds: -a.nanoseconds) }
}

/// A unit in which people write times.
public enum TimeUnit: String, CaseIterable, Sendable {
  case nanoseconds = "ns"
  case microseconds = "us"
  case milliseconds = "ms"
  case seconds = "s"
  case minutes = "m"
  case hours = "h"
  case days = "d"

  /// Nanoseconds in one of this unit.
  public var nanoseconds: Int64 {
    switch self {
    case .nanoseconds: 1
    case .microseconds: 1000
    case .milliseconds: 1_000_000
    case .seconds: 1_000_000_000
    case .minutes: 60_000_000_000
    case .hours: 3_600_000_000_000
    case .days: 86_400_000_000_000
    }
  }
}

extension TimeSpan {
  /// Reads `600s`, `1.5 s`, `200ms`, `1h30m`, `2d`: numbers each followed by a unit (ns, us, µs, ms, s, m, h, d).
  ///
  /// Digits below a nanosecond are rounded half away from zero. Nil for anything else, a bare number included:
  /// durations carry units.
  public init?(parsing text: String) {
    var rest = Substring(text.filter { $0 != " " && $0 != "_" })
    let negative = rest.first == "-"
    if negative { rest.removeFirst() }
    guard !rest.isEmpty else { return nil }
    var total: Int64 = 0
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "e") }
      rest = rest.dropFirst(number.count)
      let name = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(name.count)
      guard !number.isEmpty, let unit = TimeUnit(rawValue: name == "µs" || name == "μs" ? "us" : String(name)),
        let part = Decimal64.scaled(Array(number.utf8), by: unit.nanoseconds)
      else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(part)
      guard !overflow else { return nil }
      total = sum
    }
    nanoseconds = negative ? -total : total
  }
}

extension TimeSpan: CustomStringConvertible {
  /// An exact form with one unit: `10m`, `1.5s`, `200ms`; minutes, hours and days only when whole.
  public var description: String {
    if nanoseconds == 0 { return "0s" }
    for unit in [TimeUnit.days, .hours, .minutes] where nanoseconds % unit.nanoseconds == 0 {
      return "\(nanoseconds / unit.nanoseconds)\(unit.rawValue)"
    }
    let size = nanoseconds.magnitude
    let unit: TimeUnit =
      size >= 1_000_000_000 ? .seconds : size >= 1_000_000 ? .milliseconds : size >= 1000 ? .microseconds : .nanoseconds
    let (whole, fraction) = size.quotientAndRemainder(dividingBy: UInt64(unit.nanoseconds))
    var digits = String(fraction + UInt64(unit.nanoseconds)).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return (nanoseconds < 0 ? "-" : "") + "\(whole)" + (digits.isEmpty ? "" : ".\(digits)") + unit.rawValue
  }
}
