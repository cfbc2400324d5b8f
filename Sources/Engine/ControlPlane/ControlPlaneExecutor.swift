import Diagnostics
import Platforms
import Units
import Workloads

/// Replays all functions together, event by event in global order of time, with everything that feeds back: callers that
/// try again, Lambda's queue, limits on growth and on requests a second, provisioned concurrency and versions that change.
///
/// For scenarios in which none of it occurs the other executors give the same answer, faster.
struct ControlPlaneExecutor {
  let simulation: Simulation
  let watch: RunWatch

  /// - Parameters:
  ///   - ordered: the workload's invocations from their beginning.
  ///   - functions: all functions of the workload.
  ///   - horizon: where the trace ends.
  ///   - epoch: the wall-clock moment of instant zero in seconds since 1970, where the trace tells.
  func run(
    _ ordered: OrderedInvocations, functions: [WorkloadFunction], horizon: Instant, epoch: Double?
  ) throws(InputFault) -> Outcome {
    let served = withTargets(functions).map {
      ServedFunction($0, settings: simulation.settings(of: $0), simulation: simulation)
    }
    try refuseCircles(served)
    let limit =
      try SharedConcurrency(
        platform: simulation.platform, functions: served.lazy.map { ($0.function.name, $0.settings) }
      ).limit
    let plane = ControlPlane(
      simulation, functions: served, sharedLimit: limit, epoch: epoch, horizon: horizon.nanoseconds)

    var batch = InvocationBatch()
    var invocations = 0
    var isComplete = true
    reading: while try ordered.next(into: &batch) {
      for row in 0..<batch.count {
        guard plane.advance(to: batch.arrivals[row], shouldStop: watch.shouldStop) else {
          isComplete = false
          break reading
        }
        plane.arrive(Int(batch.functions[row]), duration: batch.durations[row])
      }
      invocations += batch.count
      batch.removeAll()
      watch.report(invocations: invocations, share: ordered.progress)
      if watch.shouldStop() {
        isComplete = false
        break
      }
    }
    if isComplete { isComplete = plane.advance(to: horizon.nanoseconds, shouldStop: watch.shouldStop) }
    let end = isComplete ? horizon.nanoseconds : plane.now
    plane.close(at: end)
    return Outcome(
      plane, horizon: Instant(nanoseconds: end), isComplete: isComplete, ledger: ordered.ledger,
      observations: ordered.observations, epoch: ordered.epoch)
  }

  /// Functions that invoke each other in a circle would do so for ever.
  private func refuseCircles(_ functions: [ServedFunction]) throws(InputFault) {
    let calls = Dictionary(
      functions.map { ($0.function.name, $0.settings.behaviour.calls ?? []) }, uniquingKeysWith: { first, _ in first })
    var isDone: Set<String> = []
    func visit(_ name: String, after path: [String]) throws(InputFault) {
      guard !isDone.contains(name) else { return }
      guard !path.contains(name) else {
        throw InputFault(
          at: .init(file: "functions", key: "\(name).calls"),
          found: "a circle: \((path + [name]).joined(separator: " → "))", expected: "calls that come to an end")
      }
      for call in calls[name] ?? [] { try visit(call.function, after: path + [name]) }
      isDone.insert(name)
    }
    for name in calls.keys.sorted() { try visit(name, after: []) }
  }

  /// The workload's functions, and those that only users or other functions reach.
  private func withTargets(_ functions: [WorkloadFunction]) -> [WorkloadFunction] {
    var all = functions
    var known = Set(functions.map(\.name))
    func add(_ name: String) {
      if known.insert(name).inserted { all.append(WorkloadFunction(name: name)) }
    }
    for rule in simulation.platform.rules {
      if rule.isExact, rule.behaviour.users != nil { add(rule.pattern) }
      for case .function(let name, _)? in [
        rule.behaviour.asynchronous?.onSuccess, rule.behaviour.asynchronous?.onFailure,
        rule.behaviour.eventSource?.onFailure,
      ] { add(name) }
      for call in rule.behaviour.calls ?? [] { add(call.function) }
      for name in rule.behaviour.stateMachine?.functions.sorted() ?? [] { add(name) }
    }
    return all
  }
}

extension ControlPlane {
  /// An invocation of the workload.
  func arrive(_ function: Int, duration: Int64) {
    let behaviour = functions[function].settings.behaviour
    let source = books.workload[function]
    if let mapping = mappings[function] {
      put(mapping, function: function, duration: duration)
    } else if let machine = behaviour.stateMachine {
      execute(function, machine.states, duration: nil)
    } else if let plan = behaviour.durable {
      execute(function, plan.states(of: functions[function].function.name), duration: duration)
    } else if behaviour.asynchronous != nil {
      enqueue(QueuedEvent(function: function, duration: duration, source: source, began: now))
    } else if behaviour.caller != nil {
      begin(Call(function: function, duration: duration, source: source, began: now))
    } else {
      books.offer(source)
      invoke(
        Request(function: function, duration: duration, source: source, origin: .arrival, isSynchronous: true))
    }
  }
}

extension Outcome {
  /// Gathers what the control plane counted.
  fileprivate init(
    _ plane: ControlPlane, horizon: Instant, isComplete: Bool, ledger: ImportLedger, observations: Observations?,
    epoch: Double?
  ) {
    let functions = plane.functions.map {
      FunctionOutcome(function: $0.function, settings: $0.settings, tally: $0.tally)
    }
    var totals = functions.reduce(into: Tally()) { $0.merge($1.tally) }
    totals.peakConcurrency = Int(plane.peaks.overall)
    self.init(
      horizon: horizon, functions: functions, totals: totals,
      timeline: plane.meter.timeline(horizon: horizon.nanoseconds, peaks: plane.peaks), execution: .controlPlane,
      isComplete: isComplete, ledger: ledger, observations: observations, epoch: epoch)
    sources = plane.books.sources.filter { $0.tally.offered > 0 }
  }
}
