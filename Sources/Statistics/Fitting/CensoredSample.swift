import Glibc

/// A sample of a positive quantity, of which some values may be known only to be larger than something: an invocation
/// that was cut off at its timeout would have run longer.
public struct CensoredSample: Hashable, Sendable {
  /// What was seen, ascending.
  public let values: [Double]
  /// What the values that were not seen exceed, ascending.
  public let censored: [Double]

  /// Logarithms of `values`.
  let logarithms: [Double]
  /// Logarithms of the different `censored`, each with how many there are.
  let censoredLogarithms: [(logarithm: Double, count: Double)]

  /// Nil unless there are at least two different values and all numbers are positive and finite.
  public init?(_ values: [Double], censored: [Double] = []) {
    let sorted = values.sorted()
    let bounds = censored.sorted()
    guard let first = sorted.first, let last = sorted.last, first > 0, first < last, last.isFinite,
      bounds.first.map({ $0 > 0 }) ?? true, bounds.last?.isFinite ?? true, sorted.allSatisfy({ !$0.isNaN })
    else { return nil }
    self.values = sorted
    self.censored = bounds
    logarithms = sorted.map { log($0) }
    var runs: [(logarithm: Double, count: Double)] = []
    for (index, bound) in bounds.enumerated() {
      if index > 0, bounds[index - 1] == bound {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((log(bound), 1))
      }
    }
    censoredLogarithms = runs
  }

  /// Values seen and not seen.
  public var count: Int { values.count + censored.count }

  var meanLogarithm: Double { logarithms.reduce(0, +) / Double(values.count) }

  /// Standard deviation of the logarithms seen.
  var logarithmicSpread: Double {
    let mean = meanLogarithm
    return (logarithms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
  }

  public static func == (a: CensoredSample, b: CensoredSample) -> Bool {
    a.values == b.values && a.censored == b.censored
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(values)
    hasher.combine(censored)
  }
}
