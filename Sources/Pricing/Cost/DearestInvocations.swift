import Statistics

/// How much of everything the dearest few invocations cost.
enum DearestInvocations {
  /// The share that the dearest `part` of values has of the sum of all, where each histogram's values count `weight`
  /// times as much; nil when all is zero. Within the histograms' relative error, 0.8 %.
  static func share(_ histograms: [(values: LogLinearHistogram, weight: Double)], of part: Double) -> Double? {
    // Those of one weight add up: thousands of functions have a few memory sizes.
    var byWeight: [Double: LogLinearHistogram] = [:]
    for (values, weight) in histograms { byWeight[weight, default: LogLinearHistogram()].merge(values) }
    var buckets: [(cost: Double, count: Double)] = []
    for (weight, values) in byWeight.sorted(by: { $0.key < $1.key }) {
      for bucket in values.buckets {
        let middle = (Double(bucket.lower) + Double(bucket.upper - 1)) / 2
        buckets.append((middle * weight, Double(bucket.count)))
      }
    }
    buckets.sort { $0.cost > $1.cost }
    let all = buckets.reduce(0) { $0 + $1.cost * $1.count }
    guard all > 0 else { return nil }
    var left = part * buckets.reduce(0) { $0 + $1.count }
    var sum = 0.0
    for bucket in buckets where left > 0 {
      sum += bucket.cost * min(bucket.count, left)
      left -= bucket.count
    }
    return sum / all
  }
}
