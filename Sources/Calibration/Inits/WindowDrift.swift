import Statistics

/// Whether laws fitted to a window's first half describe its second half as well as the first half itself does, over all
/// groups.
///
/// What the sample itself misses is the drift floor. It is a median over groups, known no better than groups are many:
/// its interval comes from resampling them. Law and floor are compared group by group, because groups drift together.
public struct WindowDrift: Hashable, Sendable {
  /// A median over groups.
  public struct Median: Hashable, Sendable {
    public var value: Double
    /// 95 %, by resampling groups.
    public var interval: ClosedRange<Double>
  }

  /// Kolmogorov distance of the first half's law to the second half.
  public var law: Median
  /// Kolmogorov distance of the first half itself to the second half.
  public var floor: Median
  /// The first less the second, group by group.
  public var difference: Median
  public var groups: Int

  /// Whether what a law adds to the floor, at most as much as its interval allows, is less than half the width of the
  /// floor's own interval.
  public var isNoWorse: Bool {
    difference.interval.upperBound <= (floor.interval.upperBound - floor.interval.lowerBound) / 2
  }

  /// Nil for less than six groups with two halves: fewer bracket no median.
  public init?(_ fits: [InitFit], replicates: Int = 1999, seed: UInt64 = 0) {
    let windows = fits.compactMap(\.outOfWindow)
    guard windows.count >= 6 else { return nil }
    groups = windows.count
    var stream = RandomStream(seed: seed, purpose: .resampling)
    func median(_ values: [Double]) -> Median {
      var medians: [Double] = []
      for _ in 0..<replicates {
        let drawn = values.map { _ in values[stream.index(below: values.count)] }
        medians.append(Self.middle(drawn))
      }
      return Median(value: Self.middle(values), interval: medians.middle(0.95))
    }
    law = median(windows.map(\.fit))
    floor = median(windows.map(\.drift.distance))
    difference = median(windows.map { $0.fit - $0.drift.distance })
  }

  private static func middle(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
