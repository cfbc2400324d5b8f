import Platforms
import Statistics
import Workloads

/// One function in a run: what a report needs of it at the end.
protocol FunctionRun: AnyObject {
  var function: WorkloadFunction { get }
  var settings: FunctionSettings { get }
  var tally: Tally { get }
  /// What became of each source's requests, where they may be made more than once.
  var sources: [SourceOutcome] { get }

  /// Saves and restores what it keeps between two slices of time (see `Checkpointed`).
  func save(to state: inout StateWriter)
  func restore(from state: inout StateReader) throws(StateEndsEarly)
}

extension FunctionRun {
  var sources: [SourceOutcome] { [] }
}

/// A function that is replayed alone, behind a face that does not show how its environments are kept.
protocol LoneRun: FunctionRun {
  /// Replays the function: arrivals ascend and lie before `end`; ends up to `end` are accounted too.
  func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker)
  func close(at horizon: Int64, _ worker: Worker)
}

/// A function that is replayed together with others.
protocol CoupledRun: FunctionRun {
  /// An arrival, nil when it was throttled; the caller ends what it began.
  func arrive(
    at time: Int64, duration: Int64, sharedIsFull: Bool, _ meter: inout TimelineMeter
  ) -> (completion: Completion, takesShared: Bool)?
  func finish(_ completion: Completion, _ meter: inout TimelineMeter)
  func close(at horizon: Int64, stillRunning: [Completion], _ meter: inout TimelineMeter)
}

/// What one thread collects, and its working memory.
final class Worker {
  var meter = TimelineMeter()
  var moments: Moments
  /// Requests that take from a rate that functions share.
  var requests = RequestCounts()
  var block = InvocationBlock()
  /// Empty ones for what is drawn ahead, with the memory of those replayed before.
  var spareBlocks: [InvocationBlock] = []
  var scratch = ReplayScratch()
  /// Generated invocations that this thread has replayed.
  var arrivals = 0

  init(tellsShared: Bool) { moments = Moments(tellsShared: tellsShared) }

  deinit { scratch.deallocate() }

  /// Replays a function's generated invocations, and counts them.
  func replay(_ run: any LoneRun, _ block: InvocationBlock, until end: Int64) {
    arrivals += block.count
    block.arrivals.withUnsafeBufferPointer { arrivals in
      block.durations.withUnsafeBufferPointer { durations in run.replay(arrivals, durations, until: end, self) }
    }
  }
}

/// A replay that takes a function's invocations block by block.
private protocol BlockReplay: Checkpointed {
  var tally: Tally { get }
  mutating func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker)
  mutating func close(at horizon: Int64, _ worker: Worker)
  func deallocate()
}

extension LineReplay: BlockReplay where Meter == FunctionMeter {
  fileprivate var tally: Tally { meter.tally }
}
extension StackReplay: BlockReplay where Meter == FunctionMeter {
  fileprivate var tally: Tally { meter.tally }
}
extension ProvisionedReplay: BlockReplay where Spillover: Checkpointed, Spillover.Meter == FunctionMeter {}

/// A run block by block.
private final class BlockRun<Replay: BlockReplay>: LoneRun {
  let function: WorkloadFunction
  let settings: FunctionSettings
  private var replay: Replay

  init(_ function: WorkloadFunction, _ settings: FunctionSettings, _ replay: Replay) {
    (self.function, self.settings, self.replay) = (function, settings, replay)
  }

  deinit { replay.deallocate() }

  var tally: Tally { replay.tally }

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
  }
}

/// A run whose replay is of one reuse order.
private protocol PooledRun: LoneRun, CoupledRun {
  associatedtype Pool: IdlePool
  var replay: FunctionReplay<Pool> { get set }
}

extension PooledRun {
  var tally: Tally { replay.tally }

  func save(to state: inout StateWriter) { replay.save(to: &state) }
  func restore(from state: inout StateReader) throws(StateEndsEarly) { try replay.restore(from: &state) }

  func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker
  ) {
    replay.replay(arrivals, durations, until: end, &worker.meter, &worker.moments)
  }

  func close(at horizon: Int64, _ worker: Worker) {
    let none = UnsafeBufferPointer<Int64>(start: nil, count: 0)
    replay(none, none, until: horizon, worker)
    let rest = replay.takeRunning()
    replay.close(at: horizon, stillRunning: rest, &worker.meter)
  }

  func arrive(
    at time: Int64, duration: Int64, sharedIsFull: Bool, _ meter: inout TimelineMeter
  ) -> (completion: Completion, takesShared: Bool)? {
    if sharedIsFull, replay.wouldTakeShared {
      replay.throttle(at: time, &meter)
      return nil
    }
    guard case .began(let completion, let takesShared) = replay.arrive(at: time, duration: duration, &meter) else {
      return nil
    }
    return (completion, takesShared)
  }

  func finish(_ completion: Completion, _ meter: inout TimelineMeter) { replay.finish(completion, &meter) }

  func close(at horizon: Int64, stillRunning: [Completion], _ meter: inout TimelineMeter) {
    replay.close(at: horizon, stillRunning: stillRunning, &meter)
  }
}

private final class MostRecentlyUsedRun: PooledRun {
  let function: WorkloadFunction
  let settings: FunctionSettings
  var replay: FunctionReplay<MostRecentlyUsedPool>

  init(_ function: WorkloadFunction, _ settings: FunctionSettings, _ replay: FunctionReplay<MostRecentlyUsedPool>) {
    (self.function, self.settings, self.replay) = (function, settings, replay)
  }

  deinit { replay.deallocate() }
}

private final class LeastRecentlyUsedRun: PooledRun {
  let function: WorkloadFunction
  let settings: FunctionSettings
  var replay: FunctionReplay<LeastRecentlyUsedPool>

  init(_ function: WorkloadFunction, _ settings: FunctionSettings, _ replay: FunctionReplay<LeastRecentlyUsedPool>) {
    (self.function, self.settings, self.replay) = (function, settings, replay)
  }

  deinit { replay.deallocate() }
}

private final class NewestCreatedRun: PooledRun {
  let function: WorkloadFunction
  let settings: FunctionSettings
  var replay: FunctionReplay<NewestCreatedPool>

  init(_ function: WorkloadFunction, _ settings: FunctionSettings, _ replay: FunctionReplay<NewestCreatedPool>) {
    (self.function, self.settings, self.replay) = (function, settings, replay)
  }

  deinit { replay.deallocate() }
}

private final class OldestCreatedRun: PooledRun {
  let function: WorkloadFunction
  let settings: FunctionSettings
  var replay: FunctionReplay<OldestCreatedPool>

  init(_ function: WorkloadFunction, _ settings: FunctionSettings, _ replay: FunctionReplay<OldestCreatedPool>) {
    (self.function, self.settings, self.replay) = (function, settings, replay)
  }

  deinit { replay.deallocate() }
}

private final class RandomRun: PooledRun {
  let function: WorkloadFunction
  let settings: FunctionSettings
  var replay: FunctionReplay<RandomPool>

  init(_ function: WorkloadFunction, _ settings: FunctionSettings, _ replay: FunctionReplay<RandomPool>) {
    (self.function, self.settings, self.replay) = (function, settings, replay)
  }

  deinit { replay.deallocate() }
}

extension Simulation {
  /// Makes the run of a function that is replayed alone: on a line or through a stack where the platform's laws make one,
  /// else literally.
  func makeLoneRun(_ function: WorkloadFunction) -> any LoneRun {
    let settings = settings(of: function)
    let model = FunctionModel(settings: settings, platform: platform)
    guard platform.reuse == .mostRecentlyUsed else { return makePooledRun(function, settings, model) }
    let isProvisioned = model.provisioned > 0
    if let line = onDemandLine(of: function, model) {
      return isProvisioned
        ? BlockRun(function, settings, ProvisionedReplay(model, before: line)) : BlockRun(function, settings, line)
    }
    if let stack = onDemandStack(of: function, model) {
      return isProvisioned
        ? BlockRun(function, settings, ProvisionedReplay(model, before: stack)) : BlockRun(function, settings, stack)
    }
    return makePooledRun(function, settings, model)
  }

  /// A function's environments but for the provisioned ones, on a line; nil where they are not alike.
  func onDemandLine(of function: WorkloadFunction, _ model: FunctionModel) -> LineReplay<FunctionMeter>? {
    LineReplay(
      model: model.onDemand, meter: FunctionMeter(model), initStream: stream(of: function, .initialisation))
  }

  /// The same as a stack; nil where they don't make one.
  func onDemandStack(of function: WorkloadFunction, _ model: FunctionModel) -> StackReplay<FunctionMeter>? {
    StackReplay(
      model: model.onDemand, meter: FunctionMeter(model), initStream: stream(of: function, .initialisation))
  }

  /// Makes the run of a function that is replayed literally, event by event.
  func makeCoupledRun(_ function: WorkloadFunction) -> any CoupledRun {
    let settings = settings(of: function)
    return makePooledRun(function, settings, FunctionModel(settings: settings, platform: platform))
  }

  /// As `makeLoneRun`, but literally: what the stack is held against.
  func makeLiteralRun(_ function: WorkloadFunction) -> any LoneRun {
    let settings = settings(of: function)
    return makePooledRun(function, settings, FunctionModel(settings: settings, platform: platform))
  }

  /// What the platform and the trace say of a function.
  func settings(of function: WorkloadFunction) -> FunctionSettings {
    platform.settings(
      for: function.name,
      hints: FunctionHints(
        memory: function.memory, memoryUsed: function.memoryUsed, initDuration: function.initDuration))
  }

  /// A function's random numbers for a purpose.
  func stream(of function: WorkloadFunction, _ purpose: RandomPurpose) -> RandomStream {
    RandomStream(seed: seed, replication: replication, subject: StableHash.of(function.name), purpose: purpose)
  }

  private func makePooledRun(
    _ function: WorkloadFunction, _ settings: FunctionSettings, _ model: FunctionModel
  ) -> any LoneRun & CoupledRun {
    func replay<Pool: IdlePool>() -> FunctionReplay<Pool> {
      FunctionReplay(model: model, seed: seed, replication: replication, subject: StableHash.of(function.name))
    }
    return switch platform.reuse {
    case .mostRecentlyUsed: MostRecentlyUsedRun(function, settings, replay())
    case .leastRecentlyUsed: LeastRecentlyUsedRun(function, settings, replay())
    case .newestCreated: NewestCreatedRun(function, settings, replay())
    case .oldestCreated: OldestCreatedRun(function, settings, replay())
    case .random: RandomRun(function, settings, replay())
    }
  }
}
