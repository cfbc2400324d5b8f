/// Where a series that began from an unusual state has settled.
public enum WarmUp {
  /// How many values at the beginning to leave out, by the rule MSER-5: values are averaged in fives, and as many are
  /// left out as make the standard error of the mean of the rest smallest.
  ///
  /// Looked for in the first half. Nil when it is smallest only there where the half ends, which says that the series is
  /// too short to have settled, and for fewer than twenty values. K. P. White, M. J. Cobb and S. C. Spratt, "A comparison of five steady-state truncation
  /// heuristics for simulation", Winter Simulation Conference 2000.
  public static func length(of series: [Double]) -> Int? {
    let batch = 5
    let means = stride(from: 0, through: series.count - batch, by: batch).map { start in
      series[start..<start + batch].reduce(0, +) / Double(batch)
    }
    guard means.count >= 4 else { return nil }
    // From the end, so that each step adds one value to the rest; sums are of differences to a typical value.
    let typical = means[means.count / 2]
    var (sum, squares) = (0.0, 0.0)
    var best = (dropped: 0, error: Double.infinity)
    for dropped in means.indices.reversed() {
      let value = means[dropped] - typical
      sum += value
      squares += value * value
      let left = Double(means.count - dropped)
      guard dropped * 2 <= means.count else { continue }
      let error = max(0, squares - sum * sum / left) / (left * left)
      if error <= best.error { best = (dropped, error) }
    }
    return best.dropped == means.count / 2 ? nil : best.dropped * batch
  }
}
