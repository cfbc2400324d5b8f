public import Diagnostics
public import Engine
import Statistics
public import Units
import Workloads

extension Simulation {
  /// Replays the workload and leaves out what happens before `warmUp`: what is left tells of a platform that was already
  /// running. `warmUp` is rounded up to whole rows of the timeline (a minute; more for very long traces); a trace that
  /// is not longer is told whole.
  ///
  /// What is left out is replayed once more by itself and taken away from the whole: counts and integrals are exact.
  public func run(
    leavingOut warmUp: TimeSpan, onProgress: @escaping (Progress) -> Void = { _ in },
    shouldStop: @escaping () -> Bool = { false }, checkpointing: Checkpointing? = nil
  ) throws(InputFault) -> Outcome {
    let whole = try run(onProgress: onProgress, shouldStop: shouldStop, checkpointing: checkpointing)
    guard warmUp > .zero, whole.isComplete else { return whole }
    let row = whole.timeline.interval.nanoseconds
    let rows = (warmUp.nanoseconds - 1) / row + 1
    let cut = TimeSpan(nanoseconds: rows.multipliedReportingOverflow(by: row).partialValue)
    guard rows < Int64(whole.timeline.rows.count), Instant.zero + cut < whole.horizon else { return whole }
    var beginning = self
    beginning.workload = workload.windowed(from: .zero, to: cut)
    return whole.after(try beginning.run(), until: cut, rows: Int(rows))
  }
}

extension Outcome {
  /// What is left of an outcome without its beginning, which is an outcome of the same run that ends at `cut`.
  fileprivate func after(_ beginning: Outcome, until cut: TimeSpan, rows: Int) -> Outcome {
    var rest = self
    rest.horizon = horizon - cut
    rest.epoch = epoch.map { $0 + cut.seconds }
    rest.timeline.rows.removeFirst(rows)
    for (index, function) in beginning.functions.enumerated() where index < functions.count {
      rest.functions[index].tally.remove(function.tally)
    }
    rest.totals.remove(beginning.totals)
    rest.totals.peakConcurrency = rest.timeline.rows.map(\.peakConcurrency).max() ?? 0
    rest.ledger.remark("warm-up: the first \(cut) are replayed and left out of all figures")
    if !sources.isEmpty { rest.ledger.remark("requests by source are told of the whole trace, warm-up included") }
    rest.observations = nil
    return rest
  }
}

extension Tally {
  /// Takes away what an earlier tally of the same run counted. A peak stays: when it was is not known.
  mutating func remove(_ earlier: Tally) {
    arrivals -= earlier.arrivals
    coldStarts -= earlier.coldStarts
    throttles -= earlier.throttles
    errors -= earlier.errors
    timeouts -= earlier.timeouts
    throttlesByReason.add(earlier.throttlesByReason, times: -1)
    crashes -= earlier.crashes
    suppressedInits -= earlier.suppressedInits
    initTimeouts -= earlier.initTimeouts
    proactiveStarts -= earlier.proactiveStarts
    failedAllocations -= earlier.failedAllocations
    provisionedStarts -= earlier.provisionedStarts
    environmentsCreated -= earlier.environmentsCreated
    environmentsEnded -= earlier.environmentsEnded
    busyTime -= earlier.busyTime
    busyTimeInHorizon -= earlier.busyTimeInHorizon
    idleTimeInHorizon -= earlier.idleTimeInHorizon
    provisionedTimeInHorizon -= earlier.provisionedTimeInHorizon
    provisionedBusyTimeInHorizon -= earlier.provisionedBusyTimeInHorizon
    billedMilliseconds -= earlier.billedMilliseconds
    provisionedBilledMilliseconds -= earlier.provisionedBilledMilliseconds
    billedMegabyteMilliseconds -= earlier.billedMegabyteMilliseconds
    provisionedBilledMegabyteMilliseconds -= earlier.provisionedBilledMegabyteMilliseconds
    latency.subtract(earlier.latency)
    duration.subtract(earlier.duration)
    initDuration.subtract(earlier.initDuration)
  }
}
