import Foundation

/// An autoregressive model of a short series, ARIMA(p, d, 0): order and differences by Akaike's criterion, coefficients by
/// Yule and Walker (Levinson's recursion).
public struct Autoregression: Sendable {
  /// 0 or 1.
  public let differences: Int
  /// Of the values before, the last one first.
  public let coefficients: [Double]
  /// What the next value is expected to be.
  public let forecast: Double

  /// Nil for fewer than three values.
  ///
  /// - Parameter largestOrder: at most a third of the values is used.
  public init?(_ series: [Double], largestOrder: Int = 5) {
    guard series.count >= 3 else { return nil }
    let steps = zip(series.dropFirst(), series).map { $0 - $1 }
    let level = Self.fit(series, largestOrder)
    let change = Self.fit(steps, largestOrder)
    // The differences have one value less, and variances of the same unit: compared by criterion for each value.
    if change.criterion < level.criterion, let last = series.last {
      (differences, coefficients, forecast) = (1, change.coefficients, last + change.forecast)
    } else {
      (differences, coefficients, forecast) = (0, level.coefficients, level.forecast)
    }
  }

  private static func fit(
    _ series: [Double], _ largest: Int
  ) -> (coefficients: [Double], forecast: Double, criterion: Double) {
    let count = Double(series.count)
    let mean = series.reduce(0, +) / count
    let centred = series.map { $0 - mean }
    let order = min(largest, series.count / 3)
    let covariances = (0...order).map { lag in
      zip(centred.dropFirst(lag), centred).reduce(0) { $0 + $1.0 * $1.1 } / count
    }
    // A constant series is foretold without error; what is left of rounding counts as none.
    let least = max(1e-300, 1e-24 * (mean * mean))
    func criterion(_ variance: Double, _ order: Int) -> Double {
      log(max(variance, least)) + 2 * Double(order + 1) / count
    }
    var best: (coefficients: [Double], criterion: Double) = ([], criterion(covariances[0], 0))
    var phi: [Double] = []
    var variance = covariances[0]
    for next in stride(from: 1, through: order, by: 1) where variance > least {
      let known = phi.enumerated().reduce(0.0) { $0 + $1.element * covariances[next - 1 - $1.offset] }
      let reflection = (covariances[next] - known) / variance
      phi = zip(phi, phi.reversed()).map { $0 - reflection * $1 } + [reflection]
      variance *= 1 - reflection * reflection
      let value = criterion(variance, next)
      if value < best.criterion { best = (phi, value) }
    }
    let forecast = zip(best.coefficients, centred.reversed()).reduce(mean) { $0 + $1.0 * $1.1 }
    return (best.coefficients, forecast, best.criterion)
  }
}
