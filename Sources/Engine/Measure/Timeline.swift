public import Units

/// What happened in each stretch of time, all functions together.
public struct Timeline: Hashable, Sendable {
  /// The length of a stretch: a minute, or a power of two of minutes for very long traces.
  public var interval: TimeSpan
  public var rows: [Row]

  /// One stretch; times in ns within it.
  public struct Row: Hashable, Sendable {
    public var arrivals = 0
    public var coldStarts = 0
    public var throttles = 0
    /// The largest number of invocations running at one moment of the stretch.
    public var peakConcurrency = 0
    /// Summed over invocations: time running in the stretch.
    public var busyTime: Int64 = 0
    /// Summed over on-demand environments: time waiting in the stretch.
    public var idleTime: Int64 = 0
    /// What invocations that arrived in the stretch are billed, on-demand and provisioned ones together: billed
    /// milliseconds times memory in MB, wherever they ended.
    public var billedMegabyteMilliseconds: Int64 = 0

    public init() {}
  }

  public init(interval: TimeSpan, rows: [Row]) {
    self.interval = interval
    self.rows = rows
  }

  /// The mean number of invocations running in the stretch at `index`.
  public func meanConcurrency(at index: Int) -> Double {
    Double(rows[index].busyTime) / Double(interval.nanoseconds)
  }

  /// The mean number of idle on-demand environments in the stretch at `index`.
  public func meanIdleEnvironments(at index: Int) -> Double {
    Double(rows[index].idleTime) / Double(interval.nanoseconds)
  }
}
