import Diagnostics
import Platforms
import Units
import Workloads

/// Replays all functions under a keep-alive policy of the literature.
struct PolicyExecutor {
  let simulation: Simulation
  let policy: KeepAlivePolicy
  let watch: RunWatch

  /// - Parameters:
  ///   - ordered: the workload's invocations from their beginning.
  ///   - survey: what is known of all of it.
  func run(_ ordered: OrderedInvocations, survey: OrderedInvocations) throws(InputFault) -> Outcome {
    var functions = survey.functions.map { KeptFunction($0, simulation) }
    for function in functions {
      guard function.settings.reservedConcurrency == nil, function.settings.provisionedConcurrency == 0 else {
        throw InputFault(
          at: .init(file: "functions", key: function.function.name), found: "reserved or provisioned concurrency",
          expected: "neither beside a keep-alive-policy")
      }
    }
    if case .caching(.clairvoyant, _) = policy { try foresee(&functions) }
    var replay = PolicyReplay(functions, policy, platform: simulation.platform)
    var batch = InvocationBatch()
    var invocations = 0
    var isComplete = true
    var last: Int64 = 0
    while try ordered.next(into: &batch) {
      for row in 0..<batch.count {
        replay.arrive(Int(batch.functions[row]), duration: batch.durations[row], at: batch.arrivals[row])
      }
      last = batch.arrivals.last ?? last
      invocations += batch.count
      batch.removeAll()
      watch.report(invocations: invocations, share: ordered.progress)
      isComplete = !watch.shouldStop()
      if !isComplete { break }
    }
    let horizon = isComplete ? survey.horizon.nanoseconds : last
    replay.close(at: horizon)
    let outcomes = replay.functions.map {
      FunctionOutcome(function: $0.function, settings: $0.settings, tally: $0.tally)
    }
    var totals = outcomes.reduce(into: Tally()) { $0.merge($1.tally) }
    totals.peakConcurrency = Int(replay.peaks.overall)
    return Outcome(
      horizon: Instant(nanoseconds: horizon), functions: outcomes, totals: totals,
      timeline: replay.meter.timeline(horizon: horizon, peaks: replay.peaks), execution: .coupled,
      isComplete: isComplete, ledger: ordered.ledger, observations: ordered.observations, epoch: ordered.epoch)
  }

  /// Reads all arrivals: eight bytes of memory for each.
  private func foresee(_ functions: inout [KeptFunction]) throws(InputFault) {
    let (ordered, _) = try simulation.openSurveyed()
    var batch = InvocationBatch()
    while try ordered.next(into: &batch) {
      for row in 0..<batch.count { functions[Int(batch.functions[row])].future.append(batch.arrivals[row]) }
      batch.removeAll()
    }
  }
}
