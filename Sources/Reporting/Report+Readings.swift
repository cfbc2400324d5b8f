public import Engine
public import Foundation
public import Planning
import Statistics
import Units

extension Report {
  /// What a run says of each output, for whoever runs replications: the totals of `summary.json` by name (nested ones are
  /// `latencyMs.p99`), then shares, then the cost of the bill where there is one.
  ///
  /// The names are the keys of `intervals`.
  public static func readings(of outcome: Outcome, cost: Decimal?) -> Readings {
    let totals = outcome.totals
    var readings = Figures(totals, horizon: outcome.horizon).named.compactMap { name, value in
      value.map { (name: name, reading: Reading.figure($0)) }
    }
    for (prefix, histogram) in [
      ("latencyMs", totals.latency), ("durationMs", totals.duration), ("initMs", totals.initDuration),
    ] {
      for (key, p) in zip(Percentiles.quantileKeys, Percentiles.probabilities) {
        guard let index = readings.firstIndex(where: { $0.name == "\(prefix).\(key)" }) else { continue }
        readings[index].reading = .quantile(p, of: histogram, unit: 1e6)
      }
    }
    readings.append((name: "coldShare", reading: .share(totals.coldStarts, of: totals.starts)))
    readings.append((name: "throttledShare", reading: .share(totals.throttles, of: totals.arrivals)))
    if let cost { readings.append((name: "cost", reading: .figure(NSDecimalNumber(decimal: cost).doubleValue))) }
    return Readings(readings)
  }

  /// The names that `readings(of:cost:)` may give, in its order.
  public static let outputNames: [String] =
    Figures(Tally(), horizon: .zero).named.map(\.0) + ["coldShare", "throttledShare", "cost"]

  /// An output's estimate with its interval for people, `226.3 ±8.5`; nil without an interval.
  func said(_ name: String) -> String? { intervals[name].map { Self.said($0, name) } }

  /// `±8.5` for an output that has an interval which is not a point.
  func plusMinus(_ name: String) -> String? {
    intervals[name].flatMap { $0.halfWidth > 0 ? "±" + Self.saidHalfWidth($0, name) : nil }
  }

  /// An estimate with its half-width, to as many decimals as that has meaning: `226.3 ±8.5`, `39,988 ±181`.
  static func said(_ interval: ConfidenceInterval, _ name: String) -> String {
    guard interval.halfWidth > 0 else { return said(interval.estimate, name) }
    let value =
      isPlain(name)
      ? Wording.fixed(interval.estimate, places: places(interval.halfWidth)) : said(interval.estimate, name)
    return "\(value) ±\(saidHalfWidth(interval, name))"
  }

  static func saidHalfWidth(_ interval: ConfidenceInterval, _ name: String) -> String {
    isPlain(name)
      ? Wording.fixed(interval.halfWidth, places: places(interval.halfWidth)) : said(interval.halfWidth, name)
  }

  /// Decimals that show two digits of a half-width, eight at most.
  private static func places(_ halfWidth: Double) -> Int { min(8, max(0, 1 - Int(log10(halfWidth).rounded(.down)))) }

  /// Whether an output is told as a number without a unit.
  private static func isPlain(_ name: String) -> Bool {
    !(name.contains("Ms.") || name.hasSuffix("Share") || name.hasSuffix("LifetimeSeconds"))
  }

  /// A value of the output in the unit that its name has.
  static func said(_ value: Double?, _ name: String) -> String {
    if name.contains("Ms.") { return Wording.span(milliseconds: value) }
    if name.hasSuffix("Share") { return Wording.percent(value) }
    if name == "cost" { return value.map { Wording.money(Decimal($0)) } ?? Wording.none }
    if name.hasSuffix("LifetimeSeconds") { return Wording.span(milliseconds: value.map { $0 * 1000 }) }
    return Wording.number(value)
  }
}
