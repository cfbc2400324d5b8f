import Foundation
import Units

/// How numbers are said to people: the same in every locale, a point for decimals, commas between thousands.
package enum Wording {
  /// A number with `places` decimals: `1,234.50`; a dash for NaN and infinity.
  static func fixed(_ value: Double, places: Int) -> String {
    guard value.isFinite else { return none }
    let text = String(format: "%.\(places)f", abs(value))
    let whole = text.prefix { $0 != "." }
    var grouped = ""
    for (offset, digit) in whole.enumerated() {
      if offset > 0, (whole.count - offset) % 3 == 0 { grouped += "," }
      grouped.append(digit)
    }
    let isZero = text.allSatisfy { $0 == "0" || $0 == "." }
    return (value < 0 && !isZero ? "−" : "") + grouped + text.dropFirst(whole.count)
  }

  /// About three significant digits: `0.0123`, `1.23`, `12.3`, `1,234`; a dash for nothing.
  static func number(_ value: Double?) -> String {
    guard let value, value.isFinite else { return none }
    let size = abs(value)
    if size == 0 { return "0" }
    if size >= 99.95 { return fixed(value, places: 0) }
    if size < 0.0005 { return "<0.001" }
    return fixed(value, places: size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3)
  }

  /// A count that may be too long to take in: `1,234,567`, `12.3 million`, `4.56 billion`.
  static func large(_ count: Int) -> String {
    switch count.magnitude {
    case ..<10_000_000: count.grouped
    case ..<1_000_000_000: threeDigits(Double(count) / 1e6) + " million"
    default: threeDigits(Double(count) / 1e9) + " billion"
    }
  }

  /// A share as a percentage that is zero or whole only when it truly is: `0.42 %`, `<0.01 %`, `>99.9 %`.
  static func percent(_ share: Double?) -> String {
    guard let share, share.isFinite else { return none }
    return percentNumber(share) + " %"
  }

  /// As `percent(_:)` without the sign, for columns whose head has it.
  static func percentNumber(_ share: Double) -> String {
    let percent = share * 100
    if percent == 0 { return "0" }
    if percent == 100 { return "100" }
    if percent < 0.01, percent > 0 { return "<0.01" }
    if percent > 99.9, percent < 100 { return ">99.9" }
    let size = abs(percent)
    return fixed(percent, places: size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2)
  }

  /// A length of time given in milliseconds, in the unit that suits it: `0.85 ms`, `120 ms`, `1.24 s`, `3.40 min`.
  static func span(milliseconds: Double?) -> String {
    guard let milliseconds, milliseconds.isFinite else { return none }
    let size = abs(milliseconds)
    if size == 0 { return "0 ms" }
    if size < 0.000_5 { return threeDigits(milliseconds * 1e6) + " ns" }
    if size < 0.099_95 { return threeDigits(milliseconds * 1e3) + " µs" }
    if size < 999.5 { return threeDigits(milliseconds) + " ms" }
    if size < 119_950 { return threeDigits(milliseconds / 1e3) + " s" }
    if size < 7_197_000 { return threeDigits(milliseconds / 60e3) + " min" }
    if size < 172_728_000 { return threeDigits(milliseconds / 3600e3) + " h" }
    return threeDigits(milliseconds / 86_400e3) + " days"
  }

  /// A trace's length: `7 days`, `8 hours`, `90 minutes`.
  static func length(_ span: TimeSpan) -> String {
    if span.nanoseconds <= 0 { return "no time" }
    let units: [(TimeUnit, String)] = [(.days, "day"), (.hours, "hour"), (.minutes, "minute"), (.seconds, "second")]
    for (unit, name) in units where span.nanoseconds % unit.nanoseconds == 0 {
      return count(Int(span.nanoseconds / unit.nanoseconds), name)
    }
    return self.span(milliseconds: span.milliseconds)
  }

  /// `1 function`, `30 functions`.
  static func count(_ number: Int, _ thing: String) -> String { "\(number.grouped) \(thing)\(number == 1 ? "" : "s")" }

  /// `1 in 241`, for a share between 0 and 1; nil for zero and where it says less than the percentage.
  static func oneIn(_ share: Double?) -> String? {
    guard let share, share > 0, share < 0.667, 1 / share < 1e15 else { return nil }
    let parts = 1 / share
    return "1 in " + (parts < 9.95 && parts.rounded() != parts ? fixed(parts, places: 1) : fixed(parts, places: 0))
  }

  /// An exact amount for a price: all digits that it has.
  static func exact(_ value: Decimal) -> String { grouped(value.description) }

  /// An amount of money with two decimals, or more when it is too small for them.
  static func money(_ value: Decimal) -> String {
    guard value.isFinite else { return none }
    if value != 0, value.magnitude < 0.01 { return value.fixed(places: value.magnitude < 0.0001 ? 8 : 6) }
    return grouped(value.fixed(places: 2))
  }

  /// A decimal quantity with at most `places` decimals, none when it is whole.
  static func quantity(_ value: Decimal, places: Int = 3) -> String {
    guard value.isFinite else { return none }
    var text = value.fixed(places: places)
    while text.contains("."), text.hasSuffix("0") || text.hasSuffix(".") { text.removeLast() }
    return grouped(text)
  }

  private static func grouped(_ plain: String) -> String {
    let sign = plain.hasPrefix("-") ? "−" : ""
    let digits = plain.drop { $0 == "-" }
    let whole = digits.prefix { $0 != "." }
    var text = ""
    for (offset, digit) in whole.enumerated() {
      if offset > 0, (whole.count - offset) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return sign + text + digits.dropFirst(whole.count)
  }

  private static func threeDigits(_ value: Double) -> String {
    let size = abs(value)
    return fixed(value, places: size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2)
  }

  /// What stands where there is no value.
  static let none = "–"

  /// A name from the data as one visible line: control characters and those that turn the direction of text are
  /// written out, and a long one is cut in the middle, where names differ least.
  static func name(_ text: String, limit: Int = 120) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(limit * 40) {
      switch scalar.value {
      case 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfeff:
        shown += "\\u{\(String(scalar.value, radix: 16))}"
      case _ where scalar.properties.generalCategory == .control:
        shown += "\\u{\(String(scalar.value, radix: 16))}"
      default: shown.unicodeScalars.append(scalar)
      }
    }
    if shown.isEmpty { return "(no name)" }
    guard shown.count > limit else { return shown }
    let head = (limit - 1) * 2 / 3
    return shown.prefix(head) + "…" + shown.suffix(limit - 1 - head)
  }
}
