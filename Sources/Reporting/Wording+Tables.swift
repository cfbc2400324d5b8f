import Foundation

/// Numbers of tables that people copy into spreadsheets: a hyphen for minus, nothing between thousands.
extension Wording {
  /// `count` significant digits, with an exponent where the value is far from one.
  package static func digits(_ value: Double, _ count: Int = 6) -> String {
    if value.isNaN { return "undefined" }
    if value.isInfinite { return "endless" }
    return String(format: "%.\(count)g", value)
  }

  /// A number with `places` decimals; significant digits where the value is too large for them.
  package static func plain(_ value: Double, _ places: Int) -> String {
    let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
    guard (value * scale).magnitude < 1e15 else { return digits(value) }
    let scaled = Int((value * scale).rounded())
    let digits = String(scaled.magnitude)
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let sign = scaled < 0 ? "-" : ""
    return places == 0 ? sign + padded : sign + padded.dropLast(places) + "." + padded.suffix(places)
  }

  /// A share in percent with `places` decimals.
  package static func plainPercent(_ share: Double, _ places: Int = 2) -> String { plain(share * 100, places) + " %" }

  package static func plainRange(_ range: ClosedRange<Double>, _ places: Int) -> String {
    plain(range.lowerBound, places) + " to " + plain(range.upperBound, places)
  }

  /// Seconds; in milliseconds below ten seconds.
  package static func plainTime(_ seconds: Double) -> String {
    seconds < 10 ? plain(seconds * 1000, seconds < 0.1 ? 2 : 1) + " ms" : plain(seconds, 2) + " s"
  }
}
