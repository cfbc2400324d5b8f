import Statistics

/// Whether laws made from a window's first half describe its second half as well as the first half itself does, over all
/// groups.
///
/// What the first half itself misses is the drift floor: the distance between the cold starts of both halves, with no law in
/// between. It is a median over groups, known no better than groups are many: its interval comes from resampling them. Law and
/// floor are compared group by group, because groups drift together.
public struct WindowDrift: Hashable, Sendable {
  /// A median over groups.
  public struct Median: Hashable, Sendable {
    public var value: Double
    /// 95 %, by resampling groups.
    public var interval: ClosedRange<Double>
  }

  /// Kolmogorov distance to the second half of the law of the first half's latest part, that part itself, the law of the
  /// whole first half, and the first half itself.
  public var law: Median
  public var latest: Median
  public var wholeLaw: Median
  public var floor: Median
  /// The law of the latest part less the floor, group by group.
  public var difference: Median
  public var groups: Int

  /// Whether the difference, group by group, is not shown to be above zero.
  public var isNoWorse: Bool { difference.interval.lowerBound <= 0 }

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
    latest = median(windows.map(\.latest))
    wholeLaw = median(windows.map(\.whole))
    floor = median(windows.map(\.drift.distance))
    difference = median(windows.map { $0.fit - $0.drift.distance })
  }

  private static func middle(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
