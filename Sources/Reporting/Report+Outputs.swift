import Foundation
import Planning
import Statistics
import Units

extension Report {
  /// An output's estimate with its interval for people, `226.3 ±8.5`; nil without an interval.
  func said(_ output: Output) -> String? { intervals[output].map { Self.said($0, output) } }

  /// `±8.5` for an output that has an interval which is not a point.
  func plusMinus(_ output: Output) -> String? {
    intervals[output].flatMap { $0.halfWidth > 0 ? "±" + Self.saidHalfWidth($0, output) : nil }
  }

  /// An estimate with its half-width, to as many decimals as that has meaning: `226.3 ±8.5`, `39,988 ±181`.
  static func said(_ interval: ConfidenceInterval, _ output: Output) -> String {
    guard interval.halfWidth > 0 else { return said(interval.estimate, output) }
    let value =
      output.isPlain
      ? Wording.fixed(interval.estimate, places: places(interval.halfWidth)) : said(interval.estimate, output)
    return "\(value) ±\(saidHalfWidth(interval, output))"
  }

  static func saidHalfWidth(_ interval: ConfidenceInterval, _ output: Output) -> String {
    output.isPlain
      ? Wording.fixed(interval.halfWidth, places: places(interval.halfWidth)) : said(interval.halfWidth, output)
  }

  /// Decimals that show two digits of a half-width, eight at most.
  private static func places(_ halfWidth: Double) -> Int { min(8, max(0, 1 - Int(log10(halfWidth).rounded(.down)))) }

  /// A value of an output in the output's unit.
  static func said(_ value: Double?, _ output: Output) -> String {
    switch output.unit {
    case .number: Wording.number(value)
    case .share: Wording.percent(value)
    case .milliseconds: Wording.span(milliseconds: value)
    case .seconds: Wording.span(milliseconds: value.map { $0 * 1000 })
    case .money: value.map { Wording.money(Decimal($0)) } ?? Wording.none
    }
  }
}

extension Output {
  /// Whether values are told as numbers without a unit.
  fileprivate var isPlain: Bool { unit == .number || unit == .money }
}
