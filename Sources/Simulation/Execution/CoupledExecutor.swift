import Diagnostics
import Units
import Workload

/// Replays all functions together in global order of time, so that a limit they share can refuse invocations.
///
/// Simultaneous arrivals come in the order of `OrderedInvocations`; ends come before arrivals at the same moment.
struct CoupledExecutor {
  let simulation: Simulation
  let watch: RunWatch
  /// What the run goes on from.
  var resumed: ReplayState?

  /// A running invocation of any function.
  private struct Running: Event, BitwiseCopyable {
    var completion: Completion
    var function: Int32
    var takesShared: Bool

    var time: Int64 { completion.time }

    static func < (a: Running, b: Running) -> Bool {
      if a.time != b.time { return a.time < b.time }
      return a.function != b.function ? a.function < b.function : a.completion.serial < b.completion.serial
    }
  }

  /// - Parameter ordered: the workload's invocations from their beginning.
  /// - Parameter functions: all functions of the workload.
  func run(_ ordered: OrderedInvocations, functions: [WorkloadFunction]) throws(InputFault) -> Outcome {
    let runs = functions.map { simulation.makeCoupledRun($0) }
    let limit =
      try SharedConcurrency(
        platform: simulation.platform, functions: runs.lazy.map { ($0.function.name, $0.settings) }
      ).limit ?? .max

    var meter = TimelineMeter()
    var peaks = PeakSeries()
    var running = RadixQueue<Running>()
    defer { running.deallocate() }
    var sharedBusy = 0
    func finish(by time: Int64) {
      while running.nextTime <= time, let ended = running.popFirst() {
        peaks.change(by: -1, at: ended.time)
        if ended.takesShared { sharedBusy -= 1 }
        runs[Int(ended.function)].finish(ended.completion, &meter)
      }
    }

    var batch = InvocationBatch()
    var invocations = 0
    var isComplete = true
    var last: Int64 = 0
    var resumed = resumed
    var skipped = SkippedInvocations()
    while try ordered.next(into: &batch) {
      if let state = resumed {
        last = batch.arrivals.last ?? last
        invocations += batch.count
        watch.report(invocations: invocations, share: ordered.progress)
        guard try skipped.skip(batch, of: state) else { continue }
        try state.read { (reader) throws(StateEndsEarly) in
          for run in runs { try run.restore(from: &reader) }
          try meter.restore(from: &reader)
          try peaks.restore(from: &reader)
          try running.restore(from: &reader)
          sharedBusy = try reader.read()
        }
        resumed = nil
        continue
      }
      for row in 0..<batch.count {
        let time = batch.arrivals[row]
        let function = batch.functions[row]
        finish(by: time)
        let start = runs[Int(function)].arrive(
          at: time, duration: batch.durations[row], sharedIsFull: sharedBusy >= limit, &meter)
        guard let (completion, takesShared) = start else { continue }
        if takesShared { sharedBusy += 1 }
        running.insert(Running(completion: completion, function: function, takesShared: takesShared))
        peaks.change(by: 1, at: time)
      }
      last = batch.arrivals.last ?? last
      invocations += batch.count
      batch.removeAll()
      watch.report(invocations: invocations, share: ordered.progress)
      isComplete = !watch.shouldStop()
      try watch.offer(isLast: !isComplete, of: simulation) {
        var writer = StateWriter()
        for run in runs { run.save(to: &writer) }
        meter.save(to: &writer)
        peaks.save(to: &writer)
        running.save(to: &writer)
        writer.write(sharedBusy)
        return ReplayState(
          execution: .coupled, position: last, isSorted: ordered.isSorting, replayed: runs.map(\.tally.arrivals),
          state: writer)
      }
      if !isComplete { break }
    }
    guard resumed == nil else { throw ReplayState.otherWorkload }

    let horizon = isComplete ? ordered.horizon.nanoseconds : last
    finish(by: horizon)
    peaks.hold(until: horizon + 1)
    var rest: [[Completion]] = Array(repeating: [], count: runs.count)
    while let left = running.popFirst() { rest[Int(left.function)].append(left.completion) }
    for (index, run) in runs.enumerated() { run.close(at: horizon, stillRunning: rest[index], &meter) }
    return Outcome(
      runs: runs, meter: meter, peaks: peaks, horizon: Instant(nanoseconds: horizon), execution: .coupled,
      isComplete: isComplete, ledger: ordered.ledger, observations: ordered.observations, epoch: ordered.epoch)
  }
}
