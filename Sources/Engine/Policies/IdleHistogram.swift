import Platforms
import Statistics
import Units

/// Idle times of one function, and what the hybrid histogram policy makes of them.
struct IdleHistogram {
  private let policy: HybridHistogram
  private var bins: [Int]
  private var total = 0
  private var beyond = 0
  /// Sum of the squares of the bins' counts.
  private var squares = 0
  /// The latest idle times, s, for the forecast.
  private var latest: [Double] = []
  private static let kept = 64

  /// From the moment at which the function falls idle, ns: unloaded until `load` where that is above zero, then kept until
  /// `unload`.
  struct Window: Equatable {
    var load: Int64
    var unload: Int64
  }

  init(_ policy: HybridHistogram) {
    self.policy = policy
    bins = Array(repeating: 0, count: max(1, Int(policy.range.nanoseconds / max(1, policy.bin.nanoseconds))))
  }

  mutating func record(_ idleTime: Int64) {
    total += 1
    let bin = Int(idleTime / policy.bin.nanoseconds)
    if bin < bins.count {
      squares += 2 * bins[bin] + 1
      bins[bin] += 1
    } else {
      beyond += 1
    }
    if latest.count == Self.kept { latest.removeFirst() }
    latest.append(Double(idleTime) / 1e9)
  }

  var window: Window {
    let standard = Window(load: 0, unload: policy.range.nanoseconds)
    guard total >= policy.samples else { return standard }
    if Double(beyond) > policy.outOfBounds * Double(total) { return forecast ?? standard }
    guard variation >= policy.representative else { return standard }
    let head = Int64(percentileBin(policy.head)) * policy.bin.nanoseconds
    let tail = Int64(percentileBin(policy.tail) + 1) * policy.bin.nanoseconds
    return Window(
      load: Int64(Double(head) * (1 - policy.margin)), unload: Int64(Double(tail) * (1 + policy.margin)))
  }

  private var forecast: Window? {
    guard let expected = Autoregression(latest)?.forecast, expected > 0 else { return nil }
    let centre = min(expected * 1e9, Double(TimeLaw.longest) / 2)
    return Window(
      load: Int64(centre * (1 - policy.forecastMargin)), unload: Int64(centre * (1 + policy.forecastMargin)))
  }

  /// Standard deviation of the bins' counts by their mean.
  private var variation: Double {
    let mean = Double(total - beyond) / Double(bins.count)
    guard mean > 0 else { return 0 }
    return max(0, Double(squares) / Double(bins.count) - mean * mean).squareRoot() / mean
  }

  /// The bin below whose end such a share of the idle times within the range lies.
  private func percentileBin(_ share: Double) -> Int {
    let wanted = share * Double(total - beyond)
    var sum = 0
    for (index, count) in bins.enumerated() where count > 0 {
      sum += count
      if Double(sum) >= wanted { return index }
    }
    return bins.count - 1
  }
}
