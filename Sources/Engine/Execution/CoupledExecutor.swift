import Diagnostics
import Platforms
import Units
import Workloads

/// All functions of a workload in one order of time, batch by batch.
protocol CoupledReplay: Checkpointed {
  /// What was counted of a function, once closed.
  func tally(of function: Int) -> Tally
  var meter: TimelineMeter { get }
  var peaks: PeakSeries { get }

  /// Replays on: arrivals ascend and lie at or after those before.
  mutating func replay(_ batch: InvocationBatch)
  /// Counts all that was replayed, for a checkpoint.
  mutating func settle()
  /// The trace ends at `horizon`.
  mutating func close(at horizon: Int64)
  func deallocate()
}

/// Replays all functions together in global order of time, so that a limit they share can refuse invocations.
///
/// Simultaneous arrivals come in the order of `OrderedInvocations`; ends come before arrivals at the same moment.
struct CoupledExecutor {
  let simulation: Simulation
  let watch: RunWatch
  /// What the run goes on from.
  var resumed: ReplayState?
  /// Whether each function is replayed literally, though a faster way may lead to the same.
  var isLiteral = false

  /// - Parameter ordered: the workload's invocations from their beginning.
  /// - Parameter functions: all functions of the workload.
  func run(_ ordered: OrderedInvocations, functions: [WorkloadFunction]) throws(InputFault) -> Outcome {
    let settings = functions.map { simulation.settings(of: $0) }
    var replay = try makeReplay(functions, settings)
    defer { replay.deallocate() }

    var batch = InvocationBatch()
    var invocations = 0
    var replayed = Array(repeating: 0, count: functions.count)
    var isComplete = true
    var last: Int64 = 0
    var resumed = resumed
    var skipped = SkippedInvocations()
    while try ordered.next(into: &batch) {
      last = batch.arrivals.last ?? last
      invocations += batch.count
      if watch.checkpointing != nil { for function in batch.functions { replayed[Int(function)] += 1 } }
      if let state = resumed {
        watch.report(invocations: invocations, share: ordered.progress)
        guard try skipped.skip(batch, of: state) else { continue }
        try state.read { (reader) throws(StateEndsEarly) in try replay.restore(from: &reader) }
        resumed = nil
        continue
      }
      replay.replay(batch)
      batch.removeAll()
      watch.report(invocations: invocations, share: ordered.progress)
      isComplete = !watch.shouldStop()
      try watch.offer(isLast: !isComplete, of: simulation) {
        var writer = StateWriter()
        replay.settle()
        replay.save(to: &writer)
        return ReplayState(
          execution: .coupled, position: last, isSorted: ordered.isSorting, replayed: replayed, state: writer)
      }
      if !isComplete { break }
    }
    guard resumed == nil else { throw ReplayState.otherWorkload }

    let horizon = isComplete ? ordered.horizon.nanoseconds : last
    replay.close(at: horizon)
    return Outcome(
      functions: functions.indices.map {
        FunctionOutcome(functions[$0], settings[$0], counted: replay.tally(of: $0))
      },
      meter: replay.meter, peaks: replay.peaks, horizon: Instant(nanoseconds: horizon), execution: .coupled,
      isComplete: isComplete, ledger: ordered.ledger, observations: ordered.observations, epoch: ordered.epoch)
  }

  private func makeReplay(
    _ functions: [WorkloadFunction], _ settings: [FunctionSettings]
  ) throws(InputFault) -> any CoupledReplay {
    let limit =
      try SharedConcurrency(
        platform: simulation.platform, functions: zip(functions, settings).lazy.map { ($0.name, $1) }
      ).limit ?? .max
    if !isLiteral, let stacks = CoupledStacks(simulation, functions, settings, limit: limit) { return stacks }
    return CoupledRuns(simulation, functions, limit: limit)
  }
}
