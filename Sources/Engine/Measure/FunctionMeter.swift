import Statistics

/// Counts all that a report tells: the function's tally, and in its thread's worker the timeline and the moments that
/// the joint peak is made of.
struct FunctionMeter: BlockMeter {
  /// Complete once closed.
  private(set) var tally = Tally()
  private let memory: Int64
  private let sharesConcurrency: Bool
  /// Durations and latencies of cold starts. In `tally.duration` are those of all others until the close: their
  /// latencies are the same, and need no second histogram.
  private var coldDuration = LogLinearHistogram()
  private var coldLatency = LogLinearHistogram()
  /// Billed milliseconds of all invocations, provisioned ones too.
  private var billed: Int128 = 0

  init(_ model: FunctionModel) {
    memory = Int64(clamping: model.memory)
    sharesConcurrency = model.sharesConcurrency
    tally.environmentsCreated = model.provisioned
  }

  @inline(__always)
  mutating func timedOut(_ count: Int) { tally.timeouts += count }

  mutating func startedWarm(idleTime: Int128, peak: Int) {
    tally.idleTimeInHorizon += idleTime
    tally.peakConcurrency = max(tally.peakConcurrency, peak)
  }

  /// An invocation starts in a provisioned environment, beside what its block tells.
  mutating func startedProvisioned(at time: Int64, duration: Int64, running: Int, _ worker: Worker) {
    tally.peakConcurrency = max(tally.peakConcurrency, running)
    tally.provisionedStarts += 1
    tally.provisionedBusyTimeInHorizon += Int128(max(1, duration))
    tally.provisionedBilledMilliseconds += Int128(billedMilliseconds(duration))
    worker.meter.environmentBegan(at: time)
  }

  mutating func startedCold(
    at time: Int64, overhead: Int64, initDuration: Int64, duration: Int64, running: Int, _ worker: Worker
  ) {
    tally.peakConcurrency = max(tally.peakConcurrency, running)
    tally.coldStarts += 1
    tally.environmentsCreated += 1
    tally.initDuration.record(initDuration)
    coldDuration.record(duration)
    coldLatency.record(overhead + initDuration + duration)
    // What it takes and costs beyond a warm one, which the block will count.
    tally.busyTime += Int128(max(1, overhead + initDuration + duration) - max(1, duration))
    let more = billedMilliseconds(initDuration + duration) - billedMilliseconds(duration)
    billed += Int128(more)
    worker.meter.startedCold(at: time)
    worker.meter.environmentBegan(at: time)
    worker.meter.billed(weighed(more), at: time)
  }

  mutating func environmentEnded(at time: Int64, _ worker: Worker) {
    tally.environmentsEnded += 1
    worker.meter.environmentEnded(at: time)
  }

  mutating func environmentEnded(at time: Int64, idleSince since: Int64, _ worker: Worker) {
    tally.environmentsEnded += 1
    tally.idleTimeInHorizon += Int128(time - since)
    worker.meter.environmentEnded(at: time)
  }

  /// Counts a block's invocations, but not what ended in it; gives the block of those that started.
  @discardableResult
  mutating func began(_ block: Block, _ scratch: inout ReplayScratch, _ worker: Worker) -> Block {
    let started = scratch.throttled.isEmpty ? block : refuse(block, &scratch, worker)
    tally.arrivals += started.count
    billed += worker.meter.took(started.arrivals, started.durations, memory: memory)
    tally.duration.record(started.durations, except: scratch.cold.elements)
    return started
  }

  mutating func took(_ block: Block, _ scratch: inout ReplayScratch, _ worker: Worker) {
    let started = began(block, &scratch, worker)
    worker.meter.busyEnded(scratch.finished.elements)
    worker.moments.began(started.arrivals, takesShared: sharesConcurrency)
    worker.moments.ended(scratch.finished.elements, takesShared: sharesConcurrency)
  }

  mutating func tookProvisioned(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>,
    finished: UnsafeBufferPointer<Int64>, _ worker: Worker
  ) {
    let (sum, zeros) = (tally.duration.sum, tally.duration.zeros)
    tally.duration.record(durations)
    tally.provisionedBusyTimeInHorizon += tally.duration.sum - sum + Int128(tally.duration.zeros - zeros)
    tally.arrivals += arrivals.count
    tally.provisionedStarts += arrivals.count
    let itsBilled = worker.meter.took(arrivals, durations, memory: memory, areProvisioned: true)
    billed += itsBilled
    tally.provisionedBilledMilliseconds += itsBilled
    worker.meter.busyEnded(finished, areProvisioned: true)
    worker.moments.began(arrivals, takesShared: false)
    worker.moments.ended(finished, takesShared: false)
  }

  mutating func takePeak() -> Int {
    defer { tally.peakConcurrency = 0 }
    return tally.peakConcurrency
  }

  /// Counts a block's throttled invocations and gives the block of the others.
  private mutating func refuse(_ block: Block, _ scratch: inout ReplayScratch, _ worker: Worker) -> Block {
    tally.arrivals += scratch.throttled.count
    tally.throttles += scratch.throttled.count
    scratch.startedAt.removeAll()
    scratch.startedDurations.removeAll()
    var refused = 0
    var cold = 0
    for index in 0..<block.count {
      if refused < scratch.throttled.count, scratch.throttled[refused] == index {
        refused += 1
        worker.meter.arrived(at: block.arrivals[index])
        worker.meter.throttled(at: block.arrivals[index])
        continue
      }
      // Places move up.
      if cold < scratch.cold.count, scratch.cold[cold] == index {
        scratch.cold[cold] -= Int32(refused)
        cold += 1
      }
      scratch.startedAt.append(block.arrivals[index])
      scratch.startedDurations.append(block.durations[index])
    }
    return Block(
      arrivals: scratch.startedAt.elements, durations: scratch.startedDurations.elements, from: block.start,
      to: block.end)
  }

  mutating func cutOff(at horizon: Int64, beyond: Int64, provisioned: Bool, _ worker: Worker) {
    tally.busyTimeInHorizon -= Int128(beyond)
    if provisioned { tally.provisionedBusyTimeInHorizon -= Int128(beyond) }
    worker.meter.busyEnded(at: horizon)
    worker.meter.environmentEnded(at: horizon)
  }

  mutating func stillWaits(at horizon: Int64, idleSince since: Int64, _ worker: Worker) {
    tally.idleTimeInHorizon += Int128(horizon - since)
    worker.meter.environmentEnded(at: horizon)
  }

  mutating func close(at horizon: Int64, provisioned: Int) {
    tally.latency = tally.duration
    tally.latency.merge(coldLatency)
    tally.duration.merge(coldDuration)
    (coldDuration, coldLatency) = (LogLinearHistogram(), LogLinearHistogram())
    // An invocation of no duration holds its environment for a nanosecond.
    tally.busyTime += tally.duration.sum + Int128(tally.duration.zeros)
    tally.busyTimeInHorizon += tally.busyTime
    tally.provisionedTimeInHorizon = Int128(horizon) * Int128(provisioned)
    tally.billedMilliseconds = billed - tally.provisionedBilledMilliseconds
    tally.billedMegabyteMilliseconds = tally.billedMilliseconds * Int128(memory)
    tally.provisionedBilledMegabyteMilliseconds = tally.provisionedBilledMilliseconds * Int128(memory)
  }

  private func weighed(_ milliseconds: Int64) -> Int64 { TimelineMeter.weigh(milliseconds, memory: memory) }
}

/// ⌈duration⌉ in milliseconds, at least one.
@inline(__always)
func billedMilliseconds(_ nanoseconds: Int64) -> Int64 {
  max(1, Int64(bitPattern: (UInt64(bitPattern: nanoseconds) &+ 999_999) / 1_000_000))
}

extension FunctionMeter: Checkpointed {
  func save(to state: inout StateWriter) {
    tally.save(to: &state)
    coldDuration.save(to: &state)
    coldLatency.save(to: &state)
    state.write(billed)
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    try tally.restore(from: &state)
    try coldDuration.restore(from: &state)
    try coldLatency.restore(from: &state)
    billed = try state.read()
  }
}
