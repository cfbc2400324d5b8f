import Platform
import Statistics
import Workload

/// One function in a run: its replay behind a face that doesn't show the reuse order.
///
/// The order is chosen once, by the class; the classes are concrete so that the compiler makes inner loops for each
/// order (it doesn't for the methods of a generic class).
protocol FunctionRun: AnyObject {
  var function: WorkloadFunction { get }
  var settings: FunctionSettings { get }
  var tally: Tally { get }

  /// Replays the function alone: arrivals ascend and lie before `end`; ends up to `end` are accounted too.
  func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker)
  /// Closes a function that was replayed alone.
  func close(at horizon: Int64, _ worker: Worker)

  /// An arrival in a coupled run, nil when it was throttled; the caller ends what it began.
  func arrive(
    at time: Int64, duration: Int64, sharedIsFull: Bool, _ meter: inout TimelineMeter
  ) -> (completion: Completion, takesShared: Bool)?
  func finish(_ completion: Completion, _ meter: inout TimelineMeter)
  func close(at horizon: Int64, stillRunning: [Completion], _ meter: inout TimelineMeter)
}

/// What one thread collects.
final class Worker {
  var meter = TimelineMeter()
  var moments: Moments
  var block = InvocationBlock()
  /// Generated invocations that this thread has replayed.
  var arrivals = 0

  init(tellsShared: Bool) { moments = Moments(tellsShared: tellsShared) }
}

/// A run whose replay is of one reuse order.
private protocol PooledRun: FunctionRun {
  associatedtype Pool: IdlePool
  var replay: FunctionReplay<Pool> { get set }
}

extension PooledRun {
  var tally: Tally { replay.tally }

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

  /// Makes the run of a function under the platform's reuse order.
  func makeRun(_ function: WorkloadFunction) -> any FunctionRun {
    let settings = settings(of: function)
    let model = FunctionModel(settings: settings, platform: platform)
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
