import Glibc
import Statistics

/// Whether memory changes init times: groups at their smallest against their largest size, day by day.
///
/// Init times of one day resemble each other, so a day counts once: the mean over its groups of the difference of mean
/// logarithms. Under no effect at all either sign is as likely for every day; the p-value is the share of sign patterns with a
/// mean at least as far from zero (R. A. Fisher's randomisation test), drawn at random. With thousands of cold starts that
/// finds differences nobody needs to model, so the other question is asked too: whether the effect may be 2 % or more.
public struct MemoryEffect: Hashable, Sendable {
  public var smallest: Int
  public var largest: Int
  public var days: Int
  /// The mean of init at the smallest size over init at the largest, geometric.
  public var ratio: Double
  /// 95 % interval of the ratio by resampling days.
  public var interval: ClosedRange<Double>
  /// Under no effect at all.
  public var pValue: Double
  /// Under an effect of 2 % or more: the share of resampled ratios that far from one. Small where memory makes no
  /// difference that matters.
  public var equivalencePValue: Double

  /// Smaller effects don't matter: init varies ten times as much from day to day.
  public static let negligible = 0.02

  /// Nil where sizes or days are fewer than two.
  public init?(_ table: InitTable, replicates: Int = 9_999, seed: UInt64 = 0) {
    let sizes = Set(table.groups.flatMap { $0.rows.compactMap(\.memory) }).sorted()
    guard let smallest = sizes.first, let largest = sizes.last, smallest < largest else { return nil }
    var byDay: [String: (sum: Double, groups: Int)] = [:]
    for (_, rows) in table.groups {
      for (day, rows) in Dictionary(grouping: rows, by: \.moment) {
        guard let low = Self.meanLogarithm(rows, smallest), let high = Self.meanLogarithm(rows, largest) else {
          continue
        }
        let before = byDay[day] ?? (0, 0)
        byDay[day] = (before.sum + low - high, before.groups + 1)
      }
    }
    let differences = byDay.sorted { $0.key < $1.key }.map { $0.value.sum / Double($0.value.groups) }
    guard differences.count > 1 else { return nil }
    self.smallest = smallest
    self.largest = largest
    days = differences.count
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
