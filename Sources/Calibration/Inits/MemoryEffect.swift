import Glibc
import Statistics

/// Whether memory changes init times: functions at their smallest against their largest size.
///
/// Memory belongs to a deployed function: a runtime, architecture and package at one size is one function, and its cold starts
/// of all days are repeated measures of it. So a pair of functions that differ in size alone counts once, by the difference
/// of mean logarithms, averaged over the days that both have. Under no effect either sign is as likely for every pair; the
/// p-value is the share of sign patterns with a mean at least as far from zero (R. A. Fisher's randomisation test), drawn at
/// random. Taking days or single cold starts for the units would count what is peculiar to one deployment hundreds of
/// times. The other question is asked too: whether the effect may be 2 % or more.
public struct MemoryEffect: Hashable, Sendable {
  public var smallest: Int
  public var largest: Int
  /// Pairs of functions that differ in size alone.
  public var pairs: Int
  /// The mean of init at the smallest size over init at the largest, geometric.
  public var ratio: Double
  /// 95 % interval of the ratio by resampling pairs.
  public var interval: ClosedRange<Double>
  /// Under no effect at all.
  public var pValue: Double
  /// Under an effect of 2 % or more: the share of resampled ratios that far from one. Small where memory makes no
  /// difference that matters.
  public var equivalencePValue: Double

  /// Smaller effects don't matter: init varies ten times as much from day to day.
  public static let negligible = 0.02

  /// Nil where sizes or pairs are fewer than two.
  public init?(_ table: InitTable, replicates: Int = 9_999, seed: UInt64 = 0) {
    let sizes = Set(table.groups.flatMap { $0.rows.compactMap(\.memory) }).sorted()
    guard let smallest = sizes.first, let largest = sizes.last, smallest < largest else { return nil }
    var differences: [Double] = []
    for (_, rows) in table.groups {
      var days: [Double] = []
      for (_, rows) in Dictionary(grouping: rows, by: \.moment).sorted(by: { $0.key < $1.key }) {
        guard let low = Self.meanLogarithm(rows, smallest), let high = Self.meanLogarithm(rows, largest) else {
          continue
        }
        days.append(low - high)
      }
      if !days.isEmpty { differences.append(days.reduce(0, +) / Double(days.count)) }
    }
    guard differences.count > 1 else { return nil }
    self.smallest = smallest
    self.largest = largest
    pairs = differences.count
    let count = Double(differences.count)
    let mean = differences.reduce(0, +) / count
    ratio = exp(mean)
    var stream = RandomStream(seed: seed, purpose: .resampling)
    var asFar = 0
    var resampled: [Double] = []
    for _ in 0..<replicates {
      var flipped = 0.0
      var drawn = 0.0
      for difference in differences {
        flipped += stream.next() & 1 == 0 ? difference : -difference
        drawn += differences[stream.index(below: differences.count)]
      }
      if (flipped / count).magnitude >= mean.magnitude { asFar += 1 }
      resampled.append(exp(drawn / count))
    }
    pValue = Double(asFar + 1) / Double(replicates + 1)
    interval = resampled.middle(0.95)
    let beyond = resampled.count { ($0 - 1).magnitude >= Self.negligible }
    equivalencePValue = Double(beyond + 1) / Double(replicates + 1)
  }

  private static func meanLogarithm(_ rows: [InitTable.Row], _ memory: Int) -> Double? {
    let logarithms = rows.filter { $0.memory == memory }.map { log($0.duration) }
    return logarithms.isEmpty ? nil : logarithms.reduce(0, +) / Double(logarithms.count)
  }
}
