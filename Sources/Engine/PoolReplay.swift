public import Statistics
public import Units

/// Replays invocations of one function that stand in memory through an unlimited pool under most-recently-used reuse,
/// and counts the essentials: what fitting a keep-alive to a record asks thousands of times.
public struct PoolReplay {
  private let model: FunctionModel
  private let keepAlive: Int64
  private let worker = Worker(tellsShared: false)

  /// What a replay counted.
  public struct Count: Equatable, Sendable {
    /// Invocations that found no live environment.
    public var coldStarts = 0
    /// Time in which environments ran invocations, to their very end, ns.
    public var busyTime: Int128 = 0
    /// Time that environments waited for an invocation that came while they lived, ns.
    public var idleTimeBeforeReuse: Int128 = 0
    /// What callers wait: a cold start's extra time, then the duration, ns.
    public var latency = LogLinearHistogram()

    public init() {}
  }

  /// - Parameters:
  ///   - keepAlive: how long an environment waits for its next invocation; below 39 hours.
  ///   - coldStart: what a cold start takes before the invocation runs.
  public init(keepAlive: TimeSpan, coldStart: TimeSpan) {
    self.keepAlive = keepAlive.nanoseconds
    precondition(self.keepAlive < LineReplay<PoolMeter>.longestKeepAlive)
    model = FunctionModel(keepAlive: keepAlive.nanoseconds, coldStart: coldStart.nanoseconds)
  }

  /// Replays invocations from an empty pool.
  ///
  /// - Parameters:
  ///   - arrivals: ascending, not negative, ns.
  ///   - durations: as many, not negative, ns.
  public func count(arrivals: UnsafeBufferPointer<Int64>, durations: UnsafeBufferPointer<Int64>) -> Count {
    precondition(arrivals.count == durations.count)
    var counter = Counter(self)
    counter.add(arrivals: arrivals, durations: durations)
    return counter.finish()
  }

  /// A replay that takes its invocations in pieces.
  public struct Counter: ~Copyable {
    private var line: LineReplay<PoolMeter>
    private let worker: Worker

    /// Begins with an empty pool.
    public init(_ replay: PoolReplay) {
      line = LineReplay(
        replay.model, keepAlive: replay.keepAlive, meter: PoolMeter(),
        initStream: RandomStream(seed: 0, purpose: .initialisation))
      worker = replay.worker
    }

    /// Replays on: the first arrival is not before the last one of the piece before.
    public mutating func add(arrivals: UnsafeBufferPointer<Int64>, durations: UnsafeBufferPointer<Int64>) {
      line.replay(arrivals, durations, until: arrivals.last ?? 0, worker)
    }

    /// Ends the replay.
    public consuming func finish() -> Count { line.meter.count }

    deinit { line.deallocate() }
  }
}

/// Counts what `PoolReplay` tells.
struct PoolMeter: BlockMeter {
  static let needsEnds = false
  private var coldStarts = 0
  private var idleTime: Int128 = 0
  private var warm = LogLinearHistogram()
  private var cold = LogLinearHistogram()

  var count: PoolReplay.Count {
    var count = PoolReplay.Count()
    count.coldStarts = coldStarts
    count.idleTimeBeforeReuse = idleTime
    count.latency = warm
    count.latency.merge(cold)
    // An invocation of no duration holds its environment for a nanosecond.
    count.busyTime = count.latency.sum + Int128(count.latency.zeros)
    return count
  }

  mutating func startedWarm(idleTime: Int128, peak: Int) { self.idleTime += idleTime }

  mutating func startedCold(
    at time: Int64, overhead: Int64, initDuration: Int64, duration: Int64, running: Int, _ worker: Worker
  ) {
    coldStarts += 1
    cold.record(overhead + initDuration + duration)
  }

  mutating func took(_ block: Block, _ scratch: inout ReplayScratch, _ worker: Worker) {
    warm.record(block.durations, except: scratch.cold.elements)
  }

  mutating func timedOut(_ count: Int) {}
  mutating func environmentEnded(at time: Int64, _ worker: Worker) {}
  mutating func environmentEnded(at time: Int64, idleSince since: Int64, _ worker: Worker) {}
  mutating func cutOff(at horizon: Int64, beyond: Int64, provisioned: Bool, _ worker: Worker) {}
  mutating func stillWaits(at horizon: Int64, idleSince since: Int64, _ worker: Worker) {}
  mutating func close(at horizon: Int64, provisioned: Int) {}
}

extension LogLinearHistogram {
  /// Records all values but those at some places, which ascend.
  mutating func record(_ values: UnsafeBufferPointer<Int64>, except places: UnsafeBufferPointer<Int32>) {
    var first = 0
    for place in places {
      record(UnsafeBufferPointer(rebasing: values[first..<Int(place)]))
      first = Int(place) + 1
    }
    record(UnsafeBufferPointer(rebasing: values[first...]))
  }
}
