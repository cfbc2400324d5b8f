import Diagnostics
import Units

extension Entry {
  /// A text with at least one character.
  func string(_ expected: String) throws(InputFault) -> String {
    guard let text, !text.isEmpty else { throw fault(expected: expected) }
    return text
  }

  /// A whole number within a range.
  func integer(in range: ClosedRange<Int>, _ what: String) throws(InputFault) -> Int {
    let bounds =
      range.upperBound == .max ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
    guard let text, let value = Int(text.filter { $0 != "_" }), range.contains(value) else {
      throw fault(expected: "\(what), \(bounds)")
    }
    return value
  }

  /// A finite number.
  func signedNumber(_ what: String) throws(InputFault) -> Double {
    guard let text, let value = Double(text.filter { $0 != "_" }), value.isFinite else { throw fault(expected: what) }
    return value
  }

  /// A finite number that is not negative.
  func number(_ what: String) throws(InputFault) -> Double {
    let form = "\(what), a number that is not negative"
    let value = try signedNumber(form)
    guard value >= 0 else { throw fault(expected: form) }
    return value
  }

  /// A number that random streams start from.
  func seed() throws(InputFault) -> UInt64 {
    guard let text, let seed = UInt64(text.filter { $0 != "_" }) else {
      throw fault(expected: "a seed, a whole number from 0 to \(UInt64.max)")
    }
    return seed
  }

  /// A length of time with its unit, zero or more.
  func duration(_ what: String = "a duration") throws(InputFault) -> TimeSpan {
    let form = "\(what) with its unit, such as 250ms, 1.5s or 2h"
    guard let text else { throw fault(expected: form) }
    guard let span = TimeSpan(parsing: text) else {
      throw fault(expected: form, advice: unitAdvice(text))
    }
    guard span >= .zero else { throw fault(expected: "\(what) that is not negative") }
    return span
  }

  /// A length of time above zero.
  func positiveDuration(_ what: String = "a duration") throws(InputFault) -> TimeSpan {
    let span = try duration(what)
    guard span > .zero else { throw fault(expected: "\(what) above zero") }
    return span
  }

  private func unitAdvice(_ text: String) -> String? {
    if let number = Double(text), number.isFinite, number >= 0 {
      return "write \(text)s for seconds or \(text)ms for milliseconds"
    }
    if text.wholeMatch(of: #/ *[0-9]+(\.[0-9]+)? *(ns|us|µs|ms|s|m|h|d) */#) != nil {
      return "the longest duration is 292 years"
    }
    let unit = text.lowercased().filter(\.isLetter)
    let names: [(written: [String], unit: String)] = [
      (["ms", "msec", "millis", "milliseconds", "millisecond"], "ms"),
      (["s", "sec", "secs", "second", "seconds"], "s"), (["m", "min", "mins", "minute", "minutes"], "m"),
      (["h", "hr", "hrs", "hour", "hours"], "h"), (["d", "day", "days"], "d"),
    ]
    return names.first { $0.written.contains(unit) }.map { "the unit is written \($0.unit)" }
  }

  /// Memory in MB as Lambda writes it.
  func memory() throws(InputFault) -> MemorySize {
    let range = MemorySize.lambdaRange
    let form = "memory in whole MB, \(range.lowerBound) to \(range.upperBound)"
    guard let text else { throw fault(expected: form) }
    guard let size = MemorySize(parsing: text), range.contains(size.megabytes) else { throw fault(expected: form) }
    return size
  }

  /// One of a few words.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ what: String) throws(InputFault) -> Choice {
    let names = Choice.allCases.map(\.rawValue)
    let form = "\(what): \(names.joined(separator: ", "))"
    guard let text else { throw fault(expected: form) }
    guard let choice = Choice(rawValue: text) else {
      throw fault(expected: form, advice: nearest(to: text, among: names).map { "did you mean '\($0)'?" })
    }
    return choice
  }

  /// Whether the value is the word.
  func isWord(_ word: String) -> Bool { text == word }
}
