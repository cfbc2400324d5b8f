/// What is counted while a stack is replayed. The kind of meter is chosen at compile time, so that a replay pays for
/// what it counts only.
///
/// Most is told by the block; single invocations only where something else than a warm start becomes of them.
protocol BlockMeter {
  /// Whether every start must be told by itself, so that no block is replayed by counting.
  static var needsEachStart: Bool { get }
  /// Whether the moments at which invocations end, and how many run at most, are asked for.
  static var needsEnds: Bool { get }

  /// So many invocations are longer than the timeout; negative to take one back that was throttled.
  mutating func timedOut(_ count: Int)
  /// One invocation starts warm in an on-demand environment; told where each start is asked for.
  mutating func startedWarm(at time: Int64, idleSince since: Int64)
  /// Warm starts of a block took environments that were idle for `idleTime` together, and at most `peak` ran at once.
  mutating func startedWarm(idleTime: Int128, peak: Int)
  /// A block of so many invocations was replayed by counting.
  mutating func certified(_ count: Int)
  mutating func startedCold(
    at time: Int64, overhead: Int64, initDuration: Int64, duration: Int64, running: Int, _ worker: Worker)
  /// An environment's lifetime ends as its invocation does.
  mutating func environmentEnded(at time: Int64, _ worker: Worker)
  /// An idle environment ends.
  mutating func environmentEnded(at time: Int64, idleSince since: Int64, _ worker: Worker)

  /// A block is over: `scratch` tells which of its invocations were throttled or cold, and the moments at which invocations
  /// ended.
  mutating func took(_ block: Block, _ scratch: inout ReplayScratch, _ worker: Worker)

  /// Invocations start in provisioned environments, with durations cut off at the timeout, and others end there, at the
  /// moments `finished`.
  mutating func tookProvisioned(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>,
    finished: UnsafeBufferPointer<Int64>, _ worker: Worker)
  /// The most that were told to run at once since this was asked last; zero where that is not counted.
  mutating func takePeak() -> Int

  /// An invocation runs on beyond the horizon.
  mutating func cutOff(at horizon: Int64, beyond: Int64, provisioned: Bool, _ worker: Worker)
  /// An idle environment waits on beyond the horizon.
  mutating func stillWaits(at horizon: Int64, idleSince since: Int64, _ worker: Worker)
  mutating func close(at horizon: Int64, provisioned: Int)
}

extension BlockMeter {
  static var needsEachStart: Bool { false }
  static var needsEnds: Bool { true }
  mutating func startedWarm(at time: Int64, idleSince since: Int64) {}
  mutating func startedWarm(idleTime: Int128, peak: Int) {}
  mutating func certified(_ count: Int) {}
  mutating func tookProvisioned(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>,
    finished: UnsafeBufferPointer<Int64>, _ worker: Worker
  ) {}
  mutating func takePeak() -> Int { 0 }
}
