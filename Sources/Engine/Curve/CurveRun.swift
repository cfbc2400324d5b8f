import Platforms
import Statistics
import Workloads

/// Collects the gaps of one function.
struct GapMeter: BlockMeter {
  static let needsEachStart = true
  var gaps = KeepAliveCurve.Gaps()
  private(set) var starts = 0

  mutating func startedWarm(at time: Int64, idleSince since: Int64) { gaps.close(time - since) }
  mutating func startedCold(
    at time: Int64, overhead: Int64, initDuration: Int64, duration: Int64, running: Int, _ worker: Worker
  ) { gaps.first += 1 }
  mutating func took(_ block: Block, _ scratch: inout ReplayScratch, _ worker: Worker) {
    starts += block.count - scratch.throttled.count
  }
  mutating func tookProvisioned(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>,
    finished: UnsafeBufferPointer<Int64>, _ worker: Worker
  ) { starts += arrivals.count }
  mutating func stillWaits(at horizon: Int64, idleSince since: Int64, _ worker: Worker) {
    gaps.leaveOpen(horizon - since)
  }

  mutating func timedOut(_ count: Int) {}
  mutating func environmentEnded(at time: Int64, _ worker: Worker) {}
  mutating func environmentEnded(at time: Int64, idleSince since: Int64, _ worker: Worker) {}
  mutating func cutOff(at horizon: Int64, beyond: Int64, provisioned: Bool, _ worker: Worker) {}
  mutating func close(at horizon: Int64, provisioned: Int) {}
}

extension GapMeter: Checkpointed {
  func save(to state: inout StateWriter) {
    gaps.save(to: &state)
    state.write(starts)
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    try gaps.restore(from: &state)
    starts = try state.read()
  }
}

/// A function that is replayed for its gaps only.
final class CurveRun: LoneRun {
  let function: WorkloadFunction
  let settings: FunctionSettings
  private(set) var tally = Tally()
  private var replay: ProvisionedReplay<StackReplay<GapMeter>>

  init(_ function: WorkloadFunction, _ settings: FunctionSettings, _ platform: Platform) {
    self.function = function
    self.settings = settings
    let model = FunctionModel(settings: settings, platform: platform).withEndlessKeepAlive
    replay = ProvisionedReplay(model, before: StackReplay(model.onDemand, meter: GapMeter()))
  }

  deinit { replay.deallocate() }

  var gaps: KeepAliveCurve.Gaps { replay.spillover.meter.gaps }

  func save(to state: inout StateWriter) { replay.save(to: &state) }
  func restore(from state: inout StateReader) throws(StateEndsEarly) { try replay.restore(from: &state) }

  func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker
  ) {
    replay.replay(arrivals, durations, until: end, worker)
  }

  func close(at horizon: Int64, _ worker: Worker) {
    let none = UnsafeBufferPointer<Int64>(start: nil, count: 0)
    replay.replay(none, none, until: horizon, worker)
    replay.close(at: horizon, worker)
    tally.arrivals = replay.spillover.meter.starts
  }
}

extension FunctionModel {
  /// The same function where environments wait for ever and a cold start takes no longer than a warm one.
  fileprivate var withEndlessKeepAlive: FunctionModel {
    var model = self
    model.keepAlive = TimeLaw(constant: TimeLaw.longest)
    model.deeperKeepAlive = model.keepAlive
    model.tellsDeeper = false
    model.maximumLifetime = nil
    model.initDuration = TimeLaw(constant: 0)
    model.platformOverhead = model.initDuration
    return model
  }
}
