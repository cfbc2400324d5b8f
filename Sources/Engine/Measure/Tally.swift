public import Statistics

/// What was counted of one function, or of all: integers only, so that tallies add up exactly in any order.
///
/// Every arrival is either started or throttled: `arrivals == starts + throttles`.
public struct Tally: Hashable, Sendable {
  /// Invocations that arrived.
  public var arrivals = 0
  /// Invocations that found no initialised environment and waited for one.
  public var coldStarts = 0
  /// Arrivals refused by the function's reserved concurrency or the account's limit.
  public var throttles = 0
  /// The same by reason, where it is known.
  public var throttlesByReason: ThrottleCounts = [:]
  /// Invocations that ended with a function error.
  public var errors = 0
  /// Invocations cut off at the function's timeout.
  public var timeouts = 0
  /// Errors that reset the environment: exits of the runtime, out of memory or not.
  public var crashes = 0
  /// Invocations in which Init ran again, after a reset or because the Init phase took too long.
  public var suppressedInits = 0
  /// Init phases and restores given up at their limit.
  public var initTimeouts = 0
  /// Invocations that found a new environment initialised ahead by Lambda.
  public var proactiveStarts = 0
  /// Requests for provisioned environments that the account's or the function's concurrency did not allow.
  public var failedAllocations = 0
  /// Invocations served by provisioned environments.
  public var provisionedStarts = 0

  /// The largest number of invocations running at one moment.
  public var peakConcurrency = 0
  /// Environments created, provisioned ones included.
  public var environmentsCreated = 0
  /// Environments that ended before the horizon.
  public var environmentsEnded = 0

  /// Time in which invocations held environments (overhead, init and duration), to their very end, ns.
  public var busyTime: Int128 = 0
  /// The same up to the horizon.
  public var busyTimeInHorizon: Int128 = 0
  /// Time in which on-demand environments waited, up to the horizon, ns.
  public var idleTimeInHorizon: Int128 = 0
  /// Time in which provisioned environments stood allocated, busy or not, up to the horizon, ns.
  public var provisionedTimeInHorizon: Int128 = 0
  /// The part of `busyTimeInHorizon` spent in provisioned environments, ns.
  public var provisionedBusyTimeInHorizon: Int128 = 0

  /// Time of environments on managed instances, busy or not, up to the horizon, ns.
  public var managedTimeInHorizon: Int128 = 0
  /// Time of invocations beside the first in an environment that serves several, ns: by as much fewer environments are
  /// busy than invocations run.
  public var sharedBusyTimeInHorizon: Int128 = 0

  /// Billed milliseconds of on-demand invocations: each ⌈init + duration⌉.
  public var billedMilliseconds: Int128 = 0
  /// Billed milliseconds of invocations in provisioned environments.
  public var provisionedBilledMilliseconds: Int128 = 0
  /// `billedMilliseconds` times memory in MB.
  public var billedMegabyteMilliseconds: Int128 = 0
  /// `provisionedBilledMilliseconds` times memory in MB.
  public var provisionedBilledMegabyteMilliseconds: Int128 = 0

  /// What callers wait, ns: overhead and init of a cold start, then duration.
  public var latency = LogLinearHistogram()
  /// What functions run, ns.
  public var duration = LogLinearHistogram()
  /// Init of cold starts, ns, platform overhead aside.
  public var initDuration = LogLinearHistogram()

  public init() {}

  /// Invocations that were started.
  public var starts: Int { arrivals - throttles }

  /// Adds another tally. Peaks do not add: the larger stays, and a joint peak must be found by other means.
  public mutating func merge(_ other: Tally) {
    arrivals += other.arrivals
    coldStarts += other.coldStarts
    throttles += other.throttles
    throttlesByReason.add(other.throttlesByReason)
    errors += other.errors
    timeouts += other.timeouts
    crashes += other.crashes
    suppressedInits += other.suppressedInits
    initTimeouts += other.initTimeouts
    proactiveStarts += other.proactiveStarts
    failedAllocations += other.failedAllocations
    provisionedStarts += other.provisionedStarts
    peakConcurrency = max(peakConcurrency, other.peakConcurrency)
    environmentsCreated += other.environmentsCreated
    environmentsEnded += other.environmentsEnded
    busyTime += other.busyTime
    busyTimeInHorizon += other.busyTimeInHorizon
    idleTimeInHorizon += other.idleTimeInHorizon
    provisionedTimeInHorizon += other.provisionedTimeInHorizon
    provisionedBusyTimeInHorizon += other.provisionedBusyTimeInHorizon
    managedTimeInHorizon += other.managedTimeInHorizon
    sharedBusyTimeInHorizon += other.sharedBusyTimeInHorizon
    billedMilliseconds += other.billedMilliseconds
    provisionedBilledMilliseconds += other.provisionedBilledMilliseconds
    billedMegabyteMilliseconds += other.billedMegabyteMilliseconds
    provisionedBilledMegabyteMilliseconds += other.provisionedBilledMegabyteMilliseconds
    latency.merge(other.latency)
    duration.merge(other.duration)
    initDuration.merge(other.initDuration)
  }
}

extension Tally: Checkpointed {
  private static var counts: [WritableKeyPath<Tally, Int>] {
    [
      \.arrivals, \.coldStarts, \.throttles, \.errors, \.timeouts, \.provisionedStarts, \.peakConcurrency,
      \.environmentsCreated, \.environmentsEnded,
    ]
  }

  private static var sums: [WritableKeyPath<Tally, Int128>] {
    [
      \.busyTime, \.busyTimeInHorizon, \.idleTimeInHorizon, \.provisionedTimeInHorizon,
      \.provisionedBusyTimeInHorizon, \.billedMilliseconds, \.provisionedBilledMilliseconds,
      \.billedMegabyteMilliseconds, \.provisionedBilledMegabyteMilliseconds,
    ]
  }

  private static var histograms: [WritableKeyPath<Tally, LogLinearHistogram>] {
    [\.latency, \.duration, \.initDuration]
  }

  func save(to state: inout StateWriter) {
    for count in Self.counts { state.write(self[keyPath: count]) }
    for sum in Self.sums { state.write(self[keyPath: sum]) }
    for histogram in Self.histograms { self[keyPath: histogram].save(to: &state) }
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    for count in Self.counts { self[keyPath: count] = try state.read() }
    for sum in Self.sums { self[keyPath: sum] = try state.read() }
    for histogram in Self.histograms { try self[keyPath: histogram].restore(from: &state) }
  }
}

extension LogLinearHistogram: Checkpointed {
  func save(to state: inout StateWriter) {
    state.write(buckets.map(\.lower))
    state.write(buckets.map(\.count))
    state.write(sum)
    state.write(minimum)
    state.write(maximum)
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    let lower: [Int64] = try state.readArray()
    let counts: [UInt64] = try state.readArray()
    self = LogLinearHistogram(
      buckets: zip(lower, counts).map { ($0, $1) }, sum: try state.read(), minimum: try state.read(),
      maximum: try state.read())
  }
}
