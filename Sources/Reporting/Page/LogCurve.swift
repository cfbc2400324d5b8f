import Glibc
import Statistics

/// A histogram of nanoseconds seen on a logarithmic axis of milliseconds: at equal ratios, the share of values below.
struct LogCurve {
  /// Grid points are 10^(index / perDecade) ns.
  let perDecade: Int
  let indices: ClosedRange<Int>

  /// The grid that covers all of `histograms`; nil when they are all empty. Nothing is told apart below a microsecond.
  init?(covering histograms: [LogLinearHistogram], perDecade: Int) {
    let filled = histograms.filter { !$0.isEmpty }
    guard let low = filled.map(\.minimum).min(), let high = filled.map(\.maximum).max() else { return nil }
    self.perDecade = perDecade
    let first = Int((log10(Double(max(low, 1000))) * Double(perDecade)).rounded(.down))
    let last = Int((log10(Double(max(high, 1000)) * (1 + 1e-9)) * Double(perDecade)).rounded(.down)) + 1
    indices = first...max(first + 1, last)
  }

  /// The decimal logarithm of each grid point in milliseconds.
  var logMilliseconds: [Double] { indices.map { Double($0) / Double(perDecade) - 6 } }

  /// At each grid point the share of values below it; values are taken as spread evenly inside their buckets.
  func below(_ histogram: LogLinearHistogram) -> [Double] {
    guard !histogram.isEmpty else { return indices.map { _ in 0 } }
    let buckets = Array(histogram.buckets)
    let total = Double(histogram.count)
    var next = 0
    var seen = 0.0
    return indices.map { index in
      let edge = pow(10, Double(index) / Double(perDecade))
      if edge > Double(histogram.maximum) { return 1 }
      if edge <= Double(histogram.minimum) { return 0 }
      while next < buckets.count, Double(buckets[next].upper) <= edge {
        seen += Double(buckets[next].count)
        next += 1
      }
      guard next < buckets.count else { return 1 }
      let bucket = buckets[next]
      let part = (edge - Double(bucket.lower)) / (Double(bucket.upper) - Double(bucket.lower))
      return min(1, (seen + max(0, part) * Double(bucket.count)) / total)
    }
  }

  /// The share of values from each grid point to the next; the last is zero. Values below the grid count in the first.
  func density(_ histogram: LogLinearHistogram) -> [Double] {
    var below = below(histogram)
    if histogram.minimum < 1000, !below.isEmpty { below[0] = 0 }
    return zip(below, below.dropFirst()).map { max(0, $1 - $0) } + [0]
  }

  /// How far into the tail each grid point lies: −log10 of the share of values not below it, so that 1, 2, 3 stand for
  /// the 90th, 99th and 99.9th percentile; nil beyond the last value.
  func tail(_ histogram: LogLinearHistogram) -> [Double?] {
    guard !histogram.isEmpty else { return indices.map { _ in nil } }
    return below(histogram).map { $0 < 1 ? max(0, -log10(1 - $0)) : nil }
  }
}
