/// An interval around the mean of one long series whose values depend on each other: means of long batches hardly do.
///
/// C. Alexopoulos and A. F. Seila, "Output data analysis", in J. Banks (ed.), "Handbook of Simulation", 1998.
public struct BatchMeans: Hashable, Sendable {
  public let interval: ConfidenceInterval
  /// Correlation of each batch's mean with the next one's.
  public let lagOneCorrelation: Double
  public let batches: Int

  /// Whether the means may pass for independent: their correlation is not above what chance alone gives one time in
  /// twenty (von Neumann's ratio, in its normal approximation).
  public var isIndependent: Bool { lagOneCorrelation <= 1.645 / Double(batches).squareRoot() }

  /// Nil when the series has fewer than ten values for each batch. Values at the beginning that do not fill a batch are
  /// left out.
  public init?(of series: [Double], batches: Int = 30, confidence: Double = 0.95) {
    let length = series.count / batches
    guard length >= 10 else { return nil }
    let start = series.count - length * batches
    let means = (0..<batches).map { batch in
      series[(start + batch * length)..<(start + (batch + 1) * length)].reduce(0, +) / Double(length)
    }
    guard let interval = ConfidenceInterval.mean(of: means, confidence: confidence) else { return nil }
    self.interval = interval
    self.batches = batches
    let deviations = means.map { $0 - interval.estimate }
    let variance = deviations.reduce(0) { $0 + $1 * $1 }
    let covariance = zip(deviations, deviations.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    lagOneCorrelation = variance > 0 ? covariance / variance : 0
  }
}
