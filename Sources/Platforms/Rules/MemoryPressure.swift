/// What a lack of memory costs in processor time: the less is free, the more often the garbage collector runs.
///
/// Each collection costs in proportion to what lives, and comes when what is free has been used, so that the time for
/// collecting is to other work as weight × live / (memory − live) (A. W. Appel, "Garbage collection can be faster than
/// stack allocation", Information Processing Letters 25, 1987; R. Jones and R. Lins, "Garbage Collection", 1996). It is
/// what makes small sizes of memory up to an order of magnitude slower than processor shares alone.
public struct MemoryPressure: Hashable, Sendable {
  /// MB that live while the function works: runtime, code and data.
  public var live: Double
  /// Time for collecting as a share of other work where as much is free as lives.
  public var weight: Double

  public init(live: Double, weight: Double) {
    self.live = live
    self.weight = weight
  }

  /// How many times as much processor time work takes at a size in MB, above `live`.
  public func factor(megabytes: Double) -> Double { 1 + weight * live / max(1, megabytes - live) }
}
