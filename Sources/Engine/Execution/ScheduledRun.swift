import Platforms
import Statistics
import Units
import Workloads

/// A replay whose number of provisioned environments can be changed between two stretches of time.
protocol LevelledReplay {
  var tally: Tally { get }
  mutating func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker)
  /// From now on so many serve; those too many end when they are free.
  mutating func provision(_ level: Int)
  mutating func finish(at horizon: Int64, _ worker: Worker)
  func deallocate()
}

extension ProvisionedReplay: LevelledReplay where Spillover.Meter == FunctionMeter {
  var tally: Tally { spillover.meter.tally }
  mutating func finish(at horizon: Int64, _ worker: Worker) { close(at: horizon, worker) }
}

extension FunctionReplay: LevelledReplay {
  mutating func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker
  ) {
    replay(arrivals, durations, until: end, &worker.meter, &worker.moments)
  }

  mutating func finish(at horizon: Int64, _ worker: Worker) {
    let rest = takeRunning()
    close(at: horizon, stillRunning: rest, &worker.meter)
  }
}

/// A function whose provisioned concurrency follows a schedule, replayed alone: the replays that know one level, from
/// change to change.
final class ScheduledRun<Replay: LevelledReplay>: LoneRun {
  let function: WorkloadFunction
  let settings: FunctionSettings
  private var replay: Replay
  private let timetable: ProvisioningTimetable
  /// The next change.
  private var next = 0
  private var created = 0
  private var billedInits: Int128 = 0
  private var horizon: Int64 = 0

  init(_ function: WorkloadFunction, _ settings: FunctionSettings, _ replay: Replay, _ timetable: ProvisioningTimetable)
  {
    self.function = function
    self.settings = settings
    self.replay = replay
    self.timetable = timetable
  }

  deinit { replay.deallocate() }

  var tally: Tally {
    var tally = replay.tally
    tally.environmentsCreated += created
    tally.failedAllocations = timetable.failedAllocations
    tally.provisionedBilledMilliseconds += billedInits
    tally.provisionedBilledMegabyteMilliseconds += billedInits * Int128(settings.memory.megabytes)
    tally.provisionedTimeInHorizon = timetable.allocatedTime(until: horizon)
    return tally
  }

  /// A run with a schedule is not resumed from checkpoints.
  func save(to state: inout StateWriter) {}
  func restore(from state: inout StateReader) throws(StateEndsEarly) {}

  func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker
  ) {
    var first = 0
    func play(to last: Int, until time: Int64) {
      replay.replay(
        UnsafeBufferPointer(rebasing: arrivals[first..<last]), UnsafeBufferPointer(rebasing: durations[first..<last]),
        until: time, worker)
      first = last
    }
    while next < timetable.changes.count, timetable.changes[next].time <= end {
      let change = timetable.changes[next]
      next += 1
      // Arrivals of the moment find the new level.
      var last = first
      while last < arrivals.count, arrivals[last] < change.time { last += 1 }
      play(to: last, until: change.time)
      take(change, worker)
    }
    play(to: arrivals.count, until: end)
  }

  private func take(_ change: ProvisioningTimetable.Change, _ worker: Worker) {
    replay.provision(change.ready)
    created += change.inits.count
    for duration in change.inits {
      let milliseconds = billedMilliseconds(duration)
      billedInits += Int128(milliseconds)
      worker.meter.billed(TimelineMeter.weigh(milliseconds, memory: Int64(settings.memory.megabytes)), at: change.time)
    }
  }

  func close(at horizon: Int64, _ worker: Worker) {
    let none = UnsafeBufferPointer<Int64>(start: nil, count: 0)
    replay(none, none, until: horizon, worker)
    replay.finish(at: horizon, worker)
    self.horizon = horizon
  }
}

extension Simulation {
  /// As `makeLoneRun`, for a function whose provisioned concurrency follows a schedule.
  func makeScheduledRun(_ function: WorkloadFunction, epoch: Double?, horizon: Int64) -> any LoneRun {
    let settings = settings(of: function)
    guard settings.behaviour.provisioning != nil else { return makeLoneRun(function) }
    let timetable = ProvisioningTimetable(function, settings, self, epoch: epoch, horizon: horizon)
    let model = FunctionModel(settings: settings, platform: platform)
    if platform.reuse == .mostRecentlyUsed {
      if let line = onDemandLine(of: function, model) {
        return ScheduledRun(function, settings, ProvisionedReplay(model, before: line), timetable)
      }
      if let stack = onDemandStack(of: function, model) {
        return ScheduledRun(function, settings, ProvisionedReplay(model, before: stack), timetable)
      }
    }
    func literal<Pool: IdlePool>(_ pool: Pool.Type) -> any LoneRun {
      let replay = FunctionReplay<Pool>(
        model: model, seed: seed, replication: replication, subject: StableHash.of(function.name))
      return ScheduledRun(function, settings, replay, timetable)
    }
    return switch platform.reuse {
    case .mostRecentlyUsed: literal(MostRecentlyUsedPool.self)
    case .leastRecentlyUsed: literal(LeastRecentlyUsedPool.self)
    case .newestCreated: literal(NewestCreatedPool.self)
    case .oldestCreated: literal(OldestCreatedPool.self)
    case .random: literal(RandomPool.self)
    }
  }
}
