import Statistics

/// A law of durations from averages of periods: each average as likely as the share of invocations in its period.
///
/// Its mean is that of all invocations. What varies inside a period is not in averages, so real tails are longer.
enum DurationAverages {
  /// More averages are thinned to about this many quantiles.
  private static let mostQuantiles = 1000

  /// Nil where no average has a weight. Averages in seconds, weights not negative.
  static func law(of averages: [(seconds: Double, weight: Double)]) -> Distribution? {
    let sorted = averages.filter { $0.weight > 0 }.sorted { ($0.seconds, $0.weight) < ($1.seconds, $1.weight) }
    let total = sorted.reduce(0) { $0 + $1.weight }
    guard let first = sorted.first, let last = sorted.last, total > 0 else { return nil }
    if first.seconds == last.seconds { return .constant(first.seconds) }
    var probabilities: [Double] = []
    var values: [Double] = []
    var below = 0.0
    let step = sorted.count > mostQuantiles ? 1 / Double(mostQuantiles) : 0
    for average in sorted {
      let middle = (below + average.weight / 2) / total
      below += average.weight
      guard middle > (probabilities.last ?? -1) + step, middle < 1 else { continue }
      probabilities.append(middle)
      values.append(average.seconds)
    }
    guard let quantiles = QuantileFunction(probabilities: probabilities, values: values) else { return nil }
    let mean = sorted.reduce(0) { $0 + $1.seconds * $1.weight } / total
    return .empirical(quantiles.bent(toMean: mean) ?? quantiles)
  }
}
