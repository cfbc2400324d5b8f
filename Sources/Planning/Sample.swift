public import Statistics

/// One output over replications.
///
/// Replications are independent of each other, and nothing is assumed of the invocations within one: where they depend
/// on each other (they come in bursts, cold starts follow quiet spells), the differences between replications show how
/// much, and intervals are as much wider.
public struct Sample: Sendable {
  /// Each replication's own value; nil for one that has none.
  public private(set) var values: [Double?] = []
  private var shares: [(hits: Double, trials: Double)] = []
  private var histograms: [LogLinearHistogram] = []
  private var pooled = LogLinearHistogram()
  private var quantile: (p: Double, unit: Double)?

  public init() {}

  public mutating func add(_ reading: Reading?) {
    let value = reading?.value
    values.append(value)
    guard let reading, value != nil else { return }
    switch reading {
    case .figure: break
    case .share(let hits, let trials): shares.append((Double(hits), Double(trials)))
    case .quantile(let p, let histogram, let unit):
      histograms.append(histogram)
      pooled.merge(histogram)
      quantile = (p, unit)
    }
  }

  /// The output and its interval; nil with fewer than two replications, and for a quantile that so few independent values
  /// do not enclose (the 99th percentile needs about three hundred).
  public func interval(confidence: Double = 0.95) -> ConfidenceInterval? {
    let present = values.compactMap(\.self)
    guard present.count > 1 else { return nil }
    if !shares.isEmpty { return shareInterval(confidence) }
    if let quantile { return quantileInterval(quantile.p, quantile.unit, confidence) }
    return .mean(of: present, confidence: confidence)
  }

  /// Wilson's interval around the share over all replications.
  private func shareInterval(_ confidence: Double) -> ConfidenceInterval? {
    let hits = shares.reduce(0) { $0 + $1.hits }
    let trials = shares.reduce(0) { $0 + $1.trials }
    let inflation = Self.inflation(shares, confidence)
    return .share(of: hits / inflation, in: trials / inflation, quantile: normalMargin(confidence))
  }

  /// The quantile of the values of all replications together, between two of them in order (`QuantileRanks`), as if there
  /// were only as many as are worth independent ones.
  private func quantileInterval(_ p: Double, _ unit: Double, _ confidence: Double) -> ConfidenceInterval? {
    let estimate = pooled.quantile(p)
    let inflation = Self.inflation(
      histograms.map { (Double($0.count(atMost: estimate)), Double($0.count)) }, confidence)
    let worth = max(1, min(Double(pooled.count) / inflation, 4e9))
    let ranks = QuantileRanks(of: p, in: Int(worth), confidence: confidence)
    guard ranks.lower >= 1, ranks.upper <= Int(worth) else { return nil }
    func bucket(_ rank: Int) -> LogLinearHistogram.Bucket? {
      let share = Double(rank) / worth * Double(pooled.count)
      return pooled.bucket(ofRank: min(pooled.count, max(1, UInt64(share.rounded()))))
    }
    guard let low = bucket(ranks.lower), let high = bucket(ranks.upper) else { return nil }
    // The bucket's bounds, so that the histogram's own error lies within.
    return ConfidenceInterval(
      estimate: estimate / unit, lower: min(estimate, max(Double(low.lower), Double(pooled.minimum))) / unit,
      upper: max(estimate, min(Double(high.upper), Double(pooled.maximum))) / unit)
  }

  /// By how much a share's trials must be divided so that a formula for independent trials and a normal quantile gives
  /// the interval that replications support: the variance between replications over that of independent trials (the
  /// design effect of L. Kish, "Survey Sampling", 1965), times (t/z)² for having estimated it from so few.
  ///
  /// Between shares of 0 or 1 throughout there is no variance to compare: trials count as they are.
  private static func inflation(_ shares: [(hits: Double, trials: Double)], _ confidence: Double) -> Double {
    let hits = shares.reduce(0) { $0 + $1.hits }
    let trials = shares.reduce(0) { $0 + $1.trials }
    let share = hits / trials
    let independent = share * (1 - share) / trials
    guard independent > 0 else { return 1 }
    let count = Double(shares.count)
    // The variance of a ratio of sums, by linearisation.
    let residuals = shares.reduce(0) { $0 + ($1.hits - share * $1.trials) * ($1.hits - share * $1.trials) }
    let variance = residuals * count / (count - 1) / (trials * trials)
    let ratio = studentMargin(confidence, degreesOfFreedom: count - 1) / normalMargin(confidence)
    // No worse than one trial in all, no better than a millionfold.
    return min(max(variance / independent * ratio * ratio, 1e-6), trials)
  }
}
