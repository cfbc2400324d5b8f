import Platform
import Statistics
import Workload

/// One function in a run: its replay behind a face that doesn't show the reuse order, so that the order is chosen once
/// and the inner loops are specialised for it.
protocol FunctionRun: AnyObject {
  var function: WorkloadFunction { get }
  var settings: FunctionSettings { get }
  var tally: Tally { get }

  /// Replays the function alone: arrivals ascend and lie before `end`; ends up to `end` are accounted too.
  func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker)
  /// Closes a function that was replayed alone.
  func close(at horizon: Int64, _ worker: Worker)

  /// An arrival in a coupled run; the caller ends what it began.
  func arrive(at time: Int64, duration: Int64, sharedIsFull: Bool, _ meter: inout TimelineMeter) -> CoupledStart
  func finish(_ completion: Completion, _ meter: inout TimelineMeter)
  func close(at horizon: Int64, stillRunning: [Completion], _ meter: inout TimelineMeter)
}

/// What became of an arrival in a coupled run.
enum CoupledStart {
  case throttled
  /// It runs and, if so said, takes from the concurrency that functions share.
  case began(Completion, takesShared: Bool)
}

/// What one thread collects.
final class Worker {
  var meter = TimelineMeter()
  var block = InvocationBlock()
  /// Moments at which invocations began and ended.
  var begins: [Int64] = []
  var ends: [Int64] = []
  /// The same for those that take from the shared concurrency, where that differs.
  var sharedBegins: [Int64] = []
  var sharedEnds: [Int64] = []
  let tellsShared: Bool

  init(tellsShared: Bool) { self.tellsShared = tellsShared }

  func forgetMoments() {
    begins.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    sharedBegins.removeAll(keepingCapacity: true)
    sharedEnds.removeAll(keepingCapacity: true)
  }
}

/// The run of a function under one reuse order.
final class PooledRun<Pool: IdlePool>: FunctionRun {
  let function: WorkloadFunction
  let settings: FunctionSettings
  private let sharesConcurrency: Bool
  private var replay: FunctionReplay<Pool>

  init(function: WorkloadFunction, settings: FunctionSettings, model: FunctionModel, seed: UInt64, replication: UInt64)
  {
    self.function = function
    self.settings = settings
    sharesConcurrency = model.sharesConcurrency
    replay = FunctionReplay(
      model: model, seed: seed, replication: replication, subject: StableHash.of(function.name))
  }

  var tally: Tally { replay.tally }

  func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker
  ) {
    let tellsShared = worker.tellsShared && sharesConcurrency
    let ended = { (completion: Completion, isProvisioned: Bool) in
      worker.ends.append(completion.time)
      if tellsShared, !isProvisioned { worker.sharedEnds.append(completion.time) }
    }
    for (time, duration) in zip(arrivals, durations) {
      replay.finishAll(by: time, &worker.meter, ended: ended)
      guard case .began(let completion, let isProvisioned) = replay.arrive(at: time, duration: duration, &worker.meter)
      else { continue }
      replay.queue(completion)
      worker.begins.append(time)
      if tellsShared, !isProvisioned { worker.sharedBegins.append(time) }
    }
    replay.finishAll(by: end, &worker.meter, ended: ended)
  }

  func close(at horizon: Int64, _ worker: Worker) {
    let none = UnsafeBufferPointer<Int64>(start: nil, count: 0)
    replay(none, none, until: horizon, worker)
    let rest = replay.takeRunning()
    replay.close(at: horizon, stillRunning: rest, &worker.meter)
  }

  func arrive(at time: Int64, duration: Int64, sharedIsFull: Bool, _ meter: inout TimelineMeter) -> CoupledStart {
    if sharedIsFull, sharesConcurrency, replay.wouldRunOnDemand {
      replay.throttle(at: time, &meter)
      return .throttled
    }
    switch replay.arrive(at: time, duration: duration, &meter) {
    case .throttled: return .throttled
    case .began(let completion, let isProvisioned):
      return .began(completion, takesShared: sharesConcurrency && !isProvisioned)
    }
  }

  func finish(_ completion: Completion, _ meter: inout TimelineMeter) { replay.finish(completion, &meter) }

  func close(at horizon: Int64, stillRunning: [Completion], _ meter: inout TimelineMeter) {
    replay.close(at: horizon, stillRunning: stillRunning, &meter)
  }
}

extension Simulation {
  /// Makes the run of a function under the platform's reuse order.
  func makeRun(_ function: WorkloadFunction) -> any FunctionRun {
    let settings = platform.settings(
      for: function.name,
      hints: FunctionHints(
        memory: function.memory, memoryUsed: function.memoryUsed, initDuration: function.initDuration))
    let model = FunctionModel(settings: settings, platform: platform)
    func run<Pool: IdlePool>(_: Pool.Type) -> any FunctionRun {
      PooledRun<Pool>(function: function, settings: settings, model: model, seed: seed, replication: replication)
    }
    return switch platform.reuse {
    case .mostRecentlyUsed: run(MostRecentlyUsedPool.self)
    case .leastRecentlyUsed: run(LeastRecentlyUsedPool.self)
    case .newestCreated: run(NewestCreatedPool.self)
    case .oldestCreated: run(OldestCreatedPool.self)
    case .random: run(RandomPool.self)
    }
  }
}
