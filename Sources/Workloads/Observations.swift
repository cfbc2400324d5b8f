public import Statistics
public import Units

/// What a trace measured of the platform that ran it, to be held against what the simulation says.
public struct Observations: Hashable, Sendable {
  /// A measured value at a moment.
  public struct Point: Hashable, Sendable {
    public var at: Instant
    public var value: Double

    public init(at: Instant, value: Double) {
      self.at = at
      self.value = value
    }
  }

  /// Cold starts seen; nil where the trace cannot tell.
  public var coldStarts: Int?
  /// Execution environments seen.
  public var environments: Int?
  /// Nanoseconds from an environment's first sign of life to its last.
  public var environmentLifetimes = LogLinearHistogram()
  /// Nanoseconds of init.
  public var initDurations = LogLinearHistogram()
  /// Billed milliseconds.
  public var billedMilliseconds: Int?
  /// Billed milliseconds times memory in MB.
  public var billedMegabyteMilliseconds: Int?
  public var errors: Int?
  public var timeouts: Int?
  /// Concurrent executions over time.
  public var concurrency: [Point] = []
  /// Throttles over time.
  public var throttles: [Point] = []

  public init() {}
}
