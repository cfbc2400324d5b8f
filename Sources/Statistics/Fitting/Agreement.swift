import Glibc

/// How far a sample lies from a law.
struct Agreement {
  /// The largest distance between distribution functions; the sample's is Kaplan and Meier's where values were censored.
  var distance: Double
  /// Anderson and Darling's A² (Annals of Mathematical Statistics 23, 1952); nil where values were censored.
  var andersonDarling: Double?

  init(of law: Distribution, with sample: CensoredSample) {
    let survivals = sample.values.map { law.survival($0) }
    distance = Self.distance(survivals, sample)
    guard sample.censored.isEmpty else { return }
    let count = sample.values.count
    let smallest = 1e-16
    var sum = 0.0
    for index in 0..<count {
      let below = max(smallest, 1 - survivals[index])
      let above = max(1e-300, survivals[count - 1 - index])
      sum += Double(2 * index + 1) * (log(below) + log(above))
    }
    andersonDarling = -Double(count) - sum / Double(count)
  }

  private static func distance(_ survivals: [Double], _ sample: CensoredSample) -> Double {
    var largest = 0.0
    var left = 1.0
    var atRisk = sample.count
    var nextCensored = 0
    var index = 0
    while index < survivals.count {
      let value = sample.values[index]
      while nextCensored < sample.censored.count, sample.censored[nextCensored] < value {
        atRisk -= 1
        nextCensored += 1
      }
      var end = index
      while end < survivals.count, sample.values[end] == value { end += 1 }
      largest = max(largest, (left - survivals[index]).magnitude)
      left *= Double(atRisk - (end - index)) / Double(atRisk)
      largest = max(largest, (left - survivals[index]).magnitude)
      atRisk -= end - index
      index = end
    }
    return largest
  }
}

/// Two samples of the same quantity, held against each other: what changed between the halves of a window.
public struct SampleDrift: Hashable, Sendable {
  /// The largest distance between the two empirical distribution functions, 0 to 1.
  public var distance: Double
  /// The probability of at least this distance between samples of one law, by Smirnov's limit law.
  public var pValue: Double
  /// How far the second sample's median, p90 and p99 lie from the first's, relative to these.
  public var median: Double
  public var p90: Double
  public var p99: Double

  /// Nil where a sample is empty.
  public init?(from first: [Double], to second: [Double]) {
    guard !first.isEmpty, !second.isEmpty else { return nil }
    let a = first.sorted()
    let b = second.sorted()
    var largest = 0.0
    var i = 0
    var j = 0
    while i < a.count, j < b.count {
      let value = min(a[i], b[j])
      while i < a.count, a[i] <= value { i += 1 }
      while j < b.count, b[j] <= value { j += 1 }
      largest = max(largest, (Double(i) / Double(a.count) - Double(j) / Double(b.count)).magnitude)
    }
    distance = largest
    let size = (Double(a.count) * Double(b.count) / Double(a.count + b.count)).squareRoot()
    pValue = kolmogorovTail(largest * (size + 0.12 + 0.11 / size))
    func change(_ p: Double) -> Double { b.quantile(p) / a.quantile(p) - 1 }
    (median, p90, p99) = (change(0.5), change(0.9), change(0.99))
  }
}

extension LawFit {
  /// The Kolmogorov distance between the law and another sample than the one it was fitted to.
  public func distance(to sample: CensoredSample) -> Double { Agreement(of: law, with: sample).distance }
}

extension [Double] {
  /// The quantile at `p` of numbers in ascending order, interpolated; the array is not empty.
  func quantile(_ p: Double) -> Double {
    let place = p * Double(count - 1)
    let low = Int(place)
    return self[low] + (self[Swift.min(low + 1, count - 1)] - self[low]) * (place - Double(low))
  }
}

/// Kolmogorov's limit law: P(√n D > x) = 2 Σ (-1)^(k-1) e^(-2 k² x²). With Stephens's correction of x (JRSS B 32, 1970)
/// good to a percent from five values on.
func kolmogorovTail(_ x: Double) -> Double {
  guard x > 0.2 else { return 1 }
  var sum = 0.0
  for k in 1...100 {
    let term = exp(-2 * Double(k * k) * x * x)
    sum += k % 2 == 1 ? term : -term
    if term < 1e-12 { break }
  }
  return min(1, max(0, 2 * sum))
}
