import Glibc
import Statistics

/// Whether memory changes init times: functions at their smallest against their largest size, and the trend over all sizes.
///
/// Memory belongs to a deployed function, and its cold starts of all days repeat whatever is peculiar to that deployment:
/// they count once, as a mean of logarithms over the days that all of its sizes have. What is peculiar to deployments of the
/// same runtime and architecture goes together (of 77 pairs of zip and image in the public data the differences between sizes
/// correlate by 0.6; those of the two architectures don't, -0.07), so a runtime on an architecture is one unit: inside
/// it, sizes can change places when memory has no effect, all packages alike. Then either sign of a unit's difference is as
/// likely, and the p-value is the share of sign patterns with a mean at least as far from zero (R. A. Fisher's
/// randomisation test), drawn at random. The other question is asked too: whether the effect may be 2 % or more.
///
/// Sizes have something in common beside memory, such as the hour at which a benchmark comes to them. It can't be told from
/// memory by one size; but memory goes one way. So the trend is held against the scatter of the sizes about it: its p-value
/// is the share of orders of the sizes, the same in all units, with a slope at least as steep.
public struct MemoryEffect: Hashable, Sendable {
  public var smallest: Int
  public var largest: Int
  /// Runtimes on an architecture.
  public var units: Int
  /// The mean of init at the smallest size over init at the largest, geometric.
  public var ratio: Double
  /// 95 % interval of the ratio by resampling units.
  public var interval: ClosedRange<Double>
  /// Under no effect at all.
  public var pValue: Double
  /// Under an effect of 2 % or more: the share of resampled ratios that far from one. Small where memory makes no
  /// difference that matters.
  public var equivalencePValue: Double
  /// By what init changes when memory doubles, relative; nil for less than four sizes, whose order says too little.
  public var trend: Trend?

  public struct Trend: Hashable, Sendable {
    /// 0.01 is one percent longer with twice the memory.
    public var perDoubling: Double
    /// 95 % interval by resampling units.
    public var interval: ClosedRange<Double>
    /// Under an order of the sizes at random.
    public var pValue: Double
  }

  /// Smaller effects don't matter: init varies ten times as much from day to day.
  public static let negligible = 0.02

  /// Nil where sizes or units are fewer than two.
  public init?(_ table: InitTable, replicates: Int = 9_999, seed: UInt64 = 0) {
    let sizes = Set(table.groups.flatMap { $0.rows.compactMap(\.memory) }).sorted()
    guard let smallest = sizes.first, let largest = sizes.last, smallest < largest else { return nil }
    let units = Self.units(table, at: sizes)
    guard units.count > 1 else { return nil }
    self.smallest = smallest
    self.largest = largest
    self.units = units.count
    let count = Double(units.count)
    let differences = units.map { $0[0] - $0[sizes.count - 1] }
    let mean = differences.reduce(0, +) / count
    ratio = exp(mean)
    let slope = Slope(over: sizes)
    let slopes = units.map { slope.of($0) }
    var stream = RandomStream(seed: seed, purpose: .resampling)
    var asFar = 0
    var ratios: [Double] = []
    var trends: [Double] = []
    for _ in 0..<replicates {
      var flipped = 0.0
      var drawn = (difference: 0.0, slope: 0.0)
      for difference in differences {
        flipped += stream.next() & 1 == 0 ? difference : -difference
        let unit = stream.index(below: units.count)
        drawn.difference += differences[unit]
        drawn.slope += slopes[unit]
      }
      if (flipped / count).magnitude >= mean.magnitude { asFar += 1 }
      ratios.append(exp(drawn.difference / count))
      trends.append(exp(drawn.slope / count) - 1)
    }
    pValue = Double(asFar + 1) / Double(replicates + 1)
    interval = ratios.middle(0.95)
    let beyond = ratios.count { ($0 - 1).magnitude >= Self.negligible }
    equivalencePValue = Double(beyond + 1) / Double(replicates + 1)
    guard sizes.count > 3 else { return }
    var means = sizes.indices.map { size in units.reduce(0) { $0 + $1[size] } / count }
    let steepness = slope.of(means)
    // Orders that give the same slope give it to the last digit or two.
    let asSteep = (0..<replicates).count { _ in
      means.shuffle(using: &stream)
      return slope.of(means).magnitude >= steepness.magnitude * (1 - 1e-9)
    }
    trend = Trend(
      perDoubling: exp(steepness) - 1, interval: trends.middle(0.95),
      pValue: Double(asSteep + 1) / Double(replicates + 1))
  }

  /// Of each function, runtime and architecture, the mean logarithm of init at each size, its packages averaged.
  private static func units(_ table: InitTable, at sizes: [Int]) -> [[Double]] {
    var found: [InitTable.Group: [[Double]]] = [:]
    for (group, rows) in table.groups {
      guard let means = means(rows, at: sizes) else { continue }
      var unit = group
      unit.package = nil
      found[unit, default: []].append(means)
    }
    return found.sorted { $0.key.name < $1.key.name }.map { _, packages in average(packages) }
  }

  /// The mean logarithm at each size, averaged over the days that all sizes have; nil where there is none.
  private static func means(_ rows: [InitTable.Row], at sizes: [Int]) -> [Double]? {
    var days: [[Double]] = []
    for (_, rows) in Dictionary(grouping: rows, by: \.moment).sorted(by: { $0.key < $1.key }) {
      let means = sizes.compactMap { size -> Double? in
        let logarithms = rows.filter { $0.memory == size }.map { log($0.duration) }
        return logarithms.isEmpty ? nil : logarithms.reduce(0, +) / Double(logarithms.count)
      }
      if means.count == sizes.count { days.append(means) }
    }
    return days.isEmpty ? nil : average(days)
  }

  private static func average(_ rows: [[Double]]) -> [Double] {
    rows[0].indices.map { place in rows.reduce(0) { $0 + $1[place] } / Double(rows.count) }
  }
}

/// The slope of a line through values at memory sizes, by least squares, for a doubling of memory.
private struct Slope {
  private let weights: [Double]

  init(over sizes: [Int]) {
    let places = sizes.map { log2(Double($0)) }
    let middle = places.reduce(0, +) / Double(places.count)
    let squares = places.reduce(0) { $0 + ($1 - middle) * ($1 - middle) }
    weights = places.map { ($0 - middle) / squares }
  }

  func of(_ values: [Double]) -> Double { zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 } }
}
