import Diagnostics

/// Reads the fields of a cron expression.
struct CronParser {
  let text: String

  struct Field {
    var name: String
    var range: ClosedRange<Int>
    /// Names for the values from `firstName` on.
    var names: [String] = []
    var firstName = 0

    static let minute = Field(name: "minute", range: 0...59)
    static let hour = Field(name: "hour", range: 0...23)
    static let day = Field(name: "day", range: 1...31)
    static let month = Field(
      name: "month", range: 1...12,
      names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], firstName: 1)
    static let weekday = Field(
      name: "weekday", range: 0...7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], firstName: 0)
    static let awsWeekday = Field(
      name: "weekday", range: 1...7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], firstName: 1)
    static let year = Field(name: "year", range: 1970...2199)
  }

  func fault(_ found: String, expected: String, advice: String? = nil) -> InputFault {
    InputFault(at: .init(file: "", key: nil), found: found, expected: expected, advice: advice)
  }

  private func fault(_ part: Substring, in field: Field, advice: String? = nil) -> InputFault {
    fault(
      "\(excerpt(String(part))) as the \(field.name) of \(excerpt(text))",
      expected: "a number in \(field.range.lowerBound)-\(field.range.upperBound)"
        + (field.names.isEmpty ? "" : " or \(field.names[0])-\(field.names[field.names.count - 1])")
        + ", a list `a,b`, a range `a-b`, a step `*/n`, or `*`",
      advice: advice)
  }

  private func value(_ part: Substring, _ field: Field) throws(InputFault) -> Int {
    if let index = field.names.firstIndex(of: part.uppercased()) { return index + field.firstName }
    guard !part.isEmpty, part.utf8.allSatisfy({ $0 &- 48 < 10 }), let value = Int(part), field.range.contains(value)
    else { throw fault(part, in: field) }
    return value
  }

  /// The values that a field's text names, ascending.
  func values(_ fieldText: String, _ field: Field) throws(InputFault) -> [Int] {
    var chosen: Set<Int> = []
    for part in fieldText.split(separator: ",", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
      guard pieces.count <= 2 else { throw fault(part, in: field) }
      var step = 1
      if pieces.count == 2 {
        guard let given = Int(pieces[1]), given >= 1, pieces[1].utf8.allSatisfy({ $0 &- 48 < 10 }) else {
          throw fault(
            "\(excerpt(String(part))) as the \(field.name) of \(excerpt(text))",
            expected: "a step of at least 1 after the slash")
        }
        step = given
      }
      var low = field.range.lowerBound
      var high = field.range.upperBound
      if pieces[0] != "*" {
        let ends = pieces[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2 else { throw fault(part, in: field) }
        low = try value(ends[0], field)
        high = ends.count == 2 ? try value(ends[1], field) : pieces.count == 2 ? high : low
        if low > high {
          guard !field.names.isEmpty else {
            throw fault(part, in: field, advice: "write a range that falls as two, such as `22-23,0-6`")
          }
          // FRI-MON goes over the end of the week, NOV-FEB over that of the year.
          chosen.formUnion(stride(from: low, through: field.range.upperBound, by: step))
          low = field.range.lowerBound
        }
      }
      // A step may be as large as one writes it; beyond the range only the first value stays.
      chosen.formUnion(stride(from: low, through: high, by: min(step, 100_000)))
    }
    return chosen.sorted()
  }

  func bits(_ fieldText: String, _ field: Field) throws(InputFault) -> UInt64 {
    try values(fieldText, field).reduce(0) { $0 | 1 << UInt64($1) }
  }

  func years(_ fieldText: String) throws(InputFault) -> Set<Int>? {
    fieldText == "*" ? nil : Set(try values(fieldText, .year))
  }

  /// Weekday bits from Monday, of numbers that count from Sunday as 0 (cron) or 1 (AWS).
  private func weekdayBits(_ fieldText: String, _ field: Field) throws(InputFault) -> UInt8 {
    var bits: UInt8 = 0
    for value in try values(fieldText, field) { bits |= 1 << UInt8((value - field.firstName + 6) % 7) }
    return bits
  }

  func cronDayRule(day: String, weekday: String) throws(InputFault) -> CronSchedule.DayRule {
    let foreign = "`?`, `L`, `W` and `#` belong to AWS's form, cron(…) with six fields"
    if day.contains(where: { "?LlWw#".contains($0) }) { throw fault(day[...], in: .day, advice: foreign) }
    if weekday.contains(where: { "?#".contains($0) }) || weekday.uppercased().hasSuffix("L") {
      throw fault(weekday[...], in: .weekday, advice: foreign)
    }
    let days = UInt32(truncatingIfNeeded: try bits(day, .day))
    let weekdays = try weekdayBits(weekday, .weekday)
    return day.hasPrefix("*") || weekday.hasPrefix("*")
      ? .both(days: days, weekdays: weekdays) : .either(days: days, weekdays: weekdays)
  }

  func awsDayRule(day: String, weekday: String) throws(InputFault) -> CronSchedule.DayRule {
    guard (day == "?") != (weekday == "?") else {
      throw fault(
        "day \(excerpt(day)) and weekday \(excerpt(weekday)) in \(excerpt(text))",
        expected: "`?` in exactly one of them", advice: "AWS wants `?` in the one that does not matter")
    }
    if weekday == "?" {
      if day.uppercased() == "L" { return .lastDay }
      if day.uppercased() == "LW" || day.uppercased().hasPrefix("L-") {
        throw fault(
          "\(excerpt(day)) as the day of \(excerpt(text))", expected: "`L`, or a number with `W`",
          advice: "EventBridge documents neither LW nor L-n")
      }
      if day.uppercased().hasSuffix("W") {
        return .nearestWeekday(to: try value(day.dropLast(), .day))
      }
      return .both(days: UInt32(truncatingIfNeeded: try bits(day, .day)), weekdays: 0x7F)
    }
    // On its own: the week's last day, Saturday.
    if weekday.uppercased() == "L" { return .both(days: .max, weekdays: 1 << 5) }
    if weekday.uppercased().hasSuffix("L") {
      return .last(weekday: (try value(weekday.dropLast(), .awsWeekday) + 5) % 7)
    }
    if let hash = weekday.firstIndex(of: "#") {
      let which = weekday[weekday.index(after: hash)...]
      guard let n = Int(which), (1...5).contains(n) else {
        throw fault(
          "\(excerpt(weekday)) as the weekday of \(excerpt(text))",
          expected: "weekday#n with n from 1 to 5, such as 2#1 for the first Monday")
      }
      return .nth(n, weekday: (try value(weekday[..<hash], .awsWeekday) + 5) % 7)
    }
    return .both(days: .max, weekdays: try weekdayBits(weekday, .awsWeekday))
  }
}
