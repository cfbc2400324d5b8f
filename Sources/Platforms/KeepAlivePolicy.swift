public import Units

/// Which idle environments are kept, by policies of the literature in place of one keep-alive for all.
public enum KeepAlivePolicy: Hashable, Sendable {
  /// A window for each function from the histogram of its idle times.
  case hybridHistogram(HybridHistogram)
  /// Environments stay until memory is needed, which all functions share; then the ones that an order puts first go.
  case caching(EvictionOrder, memory: MemorySize)
  /// Every environment is there when its request comes and not before: no cold start, no idle time. What no policy can
  /// better.
  case clairvoyant
}

/// Which idle environment is evicted first when memory is short.
///
/// Greedy-dual and its relatives are FaasCache's (A. Fuerst, P. Sharma, "FaasCache: Keeping Serverless Computing Alive
/// with Greedy-Dual Caching", ASPLOS 2021): an environment's priority is clock + frequency · cost / size when it was used
/// last, the clock is the priority of the one evicted last; cost is what a cold start takes, size its memory.
public enum EvictionOrder: String, CaseIterable, Hashable, Sendable {
  case greedyDual = "greedy-dual"
  /// Greedy-dual without frequency (landlord; N. Young 2002).
  case landlord
  /// The one used longest ago.
  case leastRecentlyUsed = "lru"
  /// The one of the function used least often since it had no environment.
  case frequency
  /// The largest.
  case size
  /// The one used longest ago, and any that has been idle for the platform's keep-alive.
  case fixed
  /// The one whose next use is furthest away (L. Belady 1966): knows the future. The fewest cold starts where functions
  /// are of one size and never run twice at a time, and close to it elsewhere.
  case clairvoyant
}

/// The hybrid histogram policy (M. Shahrad et al., "Serverless in the Wild", USENIX ATC 2020): from the idle times of a
/// function so far, when to unload it, when to load it ahead, and how long to keep it then.
///
/// Percentiles of the histogram where that is representative; a forecast where most idle times lie beyond its range; else
/// the whole range as keep-alive. Published re-implementations disagree in details; these are the paper's where it says.
public struct HybridHistogram: Hashable, Sendable {
  public var bin: TimeSpan
  public var range: TimeSpan
  /// Shares of idle times that are shorter than when it is loaded, and than when it is unloaded.
  public var head: Double
  public var tail: Double
  /// How much sooner and later, for safety.
  public var margin: Double
  /// The least coefficient of variation of the bins' counts for the histogram to tell something.
  public var representative: Double
  /// The share of idle times beyond the range from which the forecast takes over.
  public var outOfBounds: Double
  /// The same around a forecast.
  public var forecastMargin: Double
  /// Idle times that must be known first.
  public var samples: Int

  public init(
    bin: TimeSpan = .minutes(1), range: TimeSpan = .hours(4), head: Double = 0.05, tail: Double = 0.99,
    margin: Double = 0.1, representative: Double = 2, outOfBounds: Double = 0.5, forecastMargin: Double = 0.15,
    samples: Int = 10
  ) {
    self.bin = bin
    self.range = range
    self.head = head
    self.tail = tail
    self.margin = margin
    self.representative = representative
    self.outOfBounds = outOfBounds
    self.forecastMargin = forecastMargin
    self.samples = samples
  }
}
