public import Diagnostics

/// When a timer fires.
public enum Schedule: Hashable, Sendable {
  /// Every so often, from instant zero.
  case every(TimeSpan)
  case cron(CronSchedule)

  /// Reads a period (`5m`), AWS's `rate(5 minutes)`, five-field cron (`*/15 8-18 * * MON-FRI`) or AWS's six-field
  /// `cron(0 2 ? * MON *)`. - Throws: a fault without file or key that says what was found and what is taken.
  public init(parsing text: String) throws(InputFault) {
    let trimmed = String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    if trimmed.hasPrefix("rate("), trimmed.hasSuffix(")") {
      self = .every(try Self.awsRate(trimmed))
    } else if trimmed.hasPrefix("cron(") || trimmed.contains(" ") && !trimmed.contains(where: \.isUnitLetter) {
      self = .cron(try CronSchedule(parsing: trimmed))
    } else if let period = TimeSpan(parsing: trimmed) {
      self = .every(period)
    } else if trimmed.contains("*") {
      self = .cron(try CronSchedule(parsing: trimmed))
    } else {
      throw InputFault(
        at: .init(file: ""), found: excerpt(text),
        expected: "a period such as `5m`, `rate(5 minutes)`, five fields of cron or `cron(…)` with six",
        advice: trimmed.hasPrefix("at(") ? "`at(…)` fires once and is not taken" : nil)
    }
  }

  private static func awsRate(_ text: String) throws(InputFault) -> TimeSpan {
    let words = text.dropFirst(5).dropLast().split(separator: " ")
    let units: [(names: [Substring], span: TimeSpan)] = [
      (["minute", "minutes"], .minutes(1)), (["hour", "hours"], .hours(1)), (["day", "days"], .hours(24)),
    ]
    guard words.count == 2, let count = Int64(words[0]), count >= 1, count <= 100_000,
      let unit = units.first(where: { $0.names.contains(words[1]) })
    else {
      throw InputFault(
        at: .init(file: ""), found: excerpt(text), expected: "`rate(5 minutes)`, with minutes, hours or days")
    }
    return TimeSpan(nanoseconds: unit.span.nanoseconds * count)
  }
}

extension Character {
  /// Letters that units have and the names of days and months, in capitals, have not.
  fileprivate var isUnitLetter: Bool { self == "s" || self == "m" || self == "h" || self == "d" }
}
