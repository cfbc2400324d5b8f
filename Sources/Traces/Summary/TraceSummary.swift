public import Diagnostics
public import Statistics
public import Units
public import Workloads

/// What a trace is like: size, rate, burstiness, durations, oddities. Made in one pass; memory grows with functions only.
public struct TraceSummary: Sendable {
  /// What it was made from: a path or a kind.
  public var title: String
  public var invocations: Int
  /// Functions that the trace names, invoked or not.
  public var functions: Int
  /// Functions without any invocation.
  public var idleFunctions: Int
  /// Applications; nil where the trace doesn't group functions.
  public var applications: Int?
  /// The wall-clock moment of instant zero in seconds since 1970, where the trace tells.
  public var epoch: Double?
  /// Where the trace ends; means over time are taken from zero to here.
  public var horizon: Instant
  /// The first and the last arrival; nil without invocations.
  public var arrivals: ClosedRange<Instant>?
  /// Invocations per second.
  public var meanRate: Double
  /// The minute with the most arrivals, the first of several; nil without invocations.
  public var peakMinute: Peak?
  /// The functions with the most invocations, the most first.
  public var busiest: [BusyFunction]
  /// How arrivals of all functions together clump on several scales of time.
  public var dispersion: [Dispersion]
  /// The coefficient of variation of the time from one arrival to the next, of any function: 1 for a Poisson process,
  /// 0 for a clock. Nil for fewer than three invocations.
  public var gapVariation: Double?
  /// The same of each function by itself, over functions with at least ten invocations.
  public var gapVariationOfFunctions: Spread?
  /// Nanoseconds.
  public var durations: LogLinearHistogram
  /// Memory settings in MB over functions, where the trace has them.
  public var memorySettings: Spread?
  /// Mean memory in use in MB over functions, where the trace has it.
  public var memoryUsed: Spread?
  /// Invocations running at a time, init aside: the sum of durations over the trace's length.
  public var meanConcurrency: Double
  public var oddities: Oddities
  public var ledger: ImportLedger
  /// What the trace measured of the platform that ran it.
  public var observations: Observations?

  /// A minute and its arrivals.
  public struct Peak: Hashable, Sendable {
    public var start: Instant
    public var invocations: Int
  }

  /// One function's part.
  public struct BusyFunction: Hashable, Sendable {
    public var function: WorkloadFunction
    public var invocations: Int
    /// Of all invocations, 0 to 1.
    public var share: Double
    public var meanDuration: TimeSpan
    /// Of the time between its arrivals; nil for fewer than three invocations.
    public var gapVariation: Double?
  }

  /// The index of dispersion of counts: the variance of the number of arrivals in an interval over its mean. 1 on all
  /// scales for a Poisson process (Gusella 1991, "Characterizing the variability of arrival processes with indexes of
  /// dispersion").
  public struct Dispersion: Hashable, Sendable {
    public var interval: TimeSpan
    /// Intervals looked at, from zero on; a last one counts when 99 % of it lies inside the trace.
    public var intervals: Int
    /// Nil for fewer than two intervals.
    public var index: Double?
  }

  /// What may be a property of the trace or a flaw in it.
  public struct Oddities: Hashable, Sendable {
    /// Invocations with a duration of zero.
    public var zeroDurations = 0
    /// Invocations that arrive at the same nanosecond as the one before.
    public var simultaneousArrivals = 0
    /// Of these, invocations of the function that arrived then already: perhaps rows that stand twice.
    public var simultaneousInFunction = 0
    /// Times of more than an hour without any arrival.
    public var longGaps = 0
    /// The longest time without any arrival between the first and the last, and when it begins.
    public var longestGap: TimeSpan?
    public var longestGapStart: Instant?
    /// Functions invoked once.
    public var singleInvocations = 0
  }

  /// Reads a workload from beginning to end and sums it up.
  /// - Parameters:
  ///   - seed: with `replication`, what a generated workload is drawn by.
  ///   - busiest: how many functions to name.
  ///   - progress: told the share done, where it can be told, after each batch.
  /// - Throws: what reading the workload throws.
  public static func of(
    _ workload: Workload, seed: UInt64 = 0, replication: UInt64 = 0, busiest: Int = 10,
    progress: (Double?) -> Void = { _ in }
  ) throws(InputFault) -> TraceSummary {
    let ordered = try OrderedInvocations(workload, seed: seed, replication: replication)
    let count = try ordered.fold { () throws(InputFault) in
      TraceCount()
    } _: { (count, batch) throws(InputFault) in
      count.add(batch)
      progress(ordered.progress)
    }
    return count.summary(of: ordered, title: workload.title, busiest: busiest)
  }
}

/// The distribution of some figure over functions.
public struct Spread: Hashable, Sendable {
  /// Functions that have the figure.
  public var functions: Int
  public var minimum: Double
  public var median: Double
  public var p95: Double
  public var maximum: Double
  public var mean: Double

  /// Nil without any value. Quantiles are those of rank ⌈pn⌉.
  init?(_ values: [Double]) {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    func quantile(_ p: Double) -> Double {
      sorted[min(sorted.count - 1, max(0, Int((p * Double(sorted.count)).rounded(.up)) - 1))]
    }
    functions = sorted.count
    minimum = first
    median = quantile(0.5)
    p95 = quantile(0.95)
    maximum = last
    mean = sorted.reduce(0, +) / Double(sorted.count)
  }
}
