import Logs
import Platforms
import Statistics
import Testing
import Traces
import Units

@testable import Engine

@Suite("Nothing is lost, and nothing happens twice but for retries")
struct ConservationTests {
  /// A random scenario with random rules: a pure function of its seed.
  private func scenario(seed: UInt64) -> RandomScenario {
    var scenario = RandomScenario(seed: seed, limit: nil)
    var stream = RandomStream(seed: seed, replication: 1, purpose: .resampling)
    func pick<T>(_ choices: [T]) -> T { choices[stream.index(below: choices.count)] }
    scenario.platform.accountConcurrency = pick([nil, nil, 130, 1000])
    scenario.platform.limits = pick([
      .none, .lambda, .lambdaBefore2023, ServiceLimits(scaling: .perFunction(environments: 2, per: .seconds(5))),
      ServiceLimits(requestsPerConcurrency: 1, initLimit: .seconds(1)),
    ])
    var rule = scenario.platform.rules[0]
    rule.behaviour.failures = pick([
      nil, FailureRates(errors: 0.3), FailureRates(errors: 0.1, crashes: 0.2, outOfMemory: 0.1),
    ])
    rule.behaviour.proactiveInit = pick([nil, 0.3])
    rule.behaviour.deployments = pick([
      nil, [Deployment(at: .seconds(3)), Deployment(at: .seconds(40), shift: .linear(share: 0.3, every: .seconds(5)))],
    ])
    let invoked = pick([0, 1, 2, 3, 4, 4, 5, 6])
    if invoked == 1 {
      rule.behaviour.caller = CallerPolicy(
        door: pick(CallerPolicy.Door.allCases), timeout: pick([nil, .seconds(2)]), attempts: pick([1, 3]),
        backoff: Backoff(base: .milliseconds(100), jitter: pick(Backoff.Jitter.allCases)),
        budget: pick([nil, RetryBudget(capacity: 20)]))
    }
    if invoked == 2 {
      rule.behaviour.asynchronous = AsynchronousPolicy(
        retries: pick([0, 1, 2]), maximumAge: pick([.minutes(1), .hours(6)]),
        onSuccess: pick([nil, .function("f0", duration: .constant(0.1)), .service("sqs")]),
        onFailure: pick([nil, .function("repair", duration: .exponential(mean: 1)), .service("sns")]))
      // A record of success that succeeds would go round for ever.
      if case .function? = rule.behaviour.asynchronous?.onSuccess {
        var last = FunctionRule(pattern: "f0")
        last.behaviour.asynchronous = AsynchronousPolicy()
        scenario.platform.rules.append(last)
      }
    }
    if invoked == 4 { rule.behaviour.eventSource = eventSource(pick) }
    let retry = pick([CallerPolicy(), CallerPolicy(timeout: .seconds(3), attempts: 2), .stepFunctions])
    if invoked == 5 {
      rule.behaviour.durable = DurablePlan(
        (0..<pick([0, 1, 3])).map { _ in
          .init(wait: pick([.constant(0), .exponential(mean: 20)]), work: .exponential(mean: 0.5))
        }, retry: retry)
    }
    if invoked == 6 {
      var machine = FunctionRule(pattern: "f0")
      machine.behaviour.stateMachine = StateMachine(states(retry, depth: 0, pick))
      scenario.platform.rules.append(machine)
    }
    if invoked == 3 {
      rule.behaviour.users = ClosedLoop(
        users: pick([1, 10]), thinkTime: .exponential(mean: 2), duration: .exponential(mean: 0.5))
    }
    if rule.reservedConcurrency == nil {
      rule.behaviour.provisioning = pick([
        nil,
        Provisioning(
          schedule: [ScheduledAction(.at(.seconds(5)), minimum: 4, maximum: 4)], allocationDelay: .constant(1)),
        Provisioning(tracking: TargetTracking(target: 0.5, minimum: 0, maximum: 8)),
      ])
    }
    scenario.platform.rules[0] = rule
    return scenario
  }

  /// Random states of a state machine, forks in forks at most.
  private func states(_ retry: CallerPolicy, depth: Int, _ pick: ([Int]) -> Int) -> [StateMachine.State] {
    (0..<pick([1, 2, 3])).map { _ in
      func inner() -> [StateMachine.State] { states(retry, depth: depth + 1, pick) }
      switch depth < 2 ? pick([0, 0, 1, 2, 3, 4]) : pick([0, 1]) {
      case 1: return .wait(.exponential(mean: Double(pick([0, 5, 30]))))
      case 2: return .parallel([inner(), inner()])
      case 3: return .map(.init(inner(), count: pick([0, 2, 5]), atOnce: pick([0, 1]) == 0 ? nil : 2))
      case 4: return .choice([.init(probability: 0.3, inner()), .init(probability: 0.5, inner())])
      default:
        let name = "step\(pick([0, 1]))"
        return .task(.init(function: name, duration: .exponential(mean: 1), retry: retry, isCaught: pick([0, 1]) == 0))
      }
    }
  }

  /// A random event source.
  private func eventSource(_ pick: ([Int]) -> Int) -> EventSource {
    func yes() -> Bool { pick([0, 1]) == 1 }
    func some(_ choices: [Int]) -> Int? { yes() ? pick(choices) : nil }
    let feed: EventSource.Feed
    if yes() {
      var queue = MessageQueue(
        groups: some([1, 4]), visibilityTimeout: .seconds(Int64(pick([1, 10, 60]))), maximumReceives: some([1, 3]),
        retention: .seconds(Int64(pick([60, 400_000]))))
      if let most = some([2, 30]) { queue.polling = .init(maximumConcurrency: most) }
      if let most = some([2, 30]) { queue.polling = .init(pollers: PollerBounds(minimum: 2, maximum: most)) }
      feed = .queue(queue)
    } else {
      var stream = RecordStream(
        shards: pick([1, 5]), parallelisation: pick([1, 3]), keys: some([1, 20]),
        pollInterval: .milliseconds(Int64(pick([0, 250]))),
        tumblingWindow: some([7]).map { .seconds(Int64($0)) }, retries: some([0, 2]),
        maximumAge: some([60]).map { .seconds(Int64($0)) }, bisects: yes(),
        retention: .seconds(Int64(pick([30, 86_400]))))
      if let least = some([1, 2]) {
        stream.tumblingWindow = nil
        stream.pollers = yes() ? .onDemand : .provisioned(PollerBounds(minimum: least, maximum: 4))
        stream.pollers?.delay = .seconds(Int64(pick([0, 70])))
      }
      feed = .stream(stream)
    }
    var source = EventSource(
      feed,
      batching: Batching(
        size: pick([1, 3, 50]), window: .seconds(Int64(pick([0, 2]))), recordBytes: Int64(pick([0, 1024, 1 << 20])),
        overhead: .constant(pick([0, 1]) == 0 ? 0 : 0.3), isParallel: yes()))
    source.badRecords = pick([0, 1]) == 0 ? 0 : 0.2
    source.reportsItemFailures = yes()
    source.onFailure = yes() ? .function("repair", duration: .constant(0.2)) : nil
    return source
  }

  @Test("over random scenarios with random rules", arguments: 0..<300 as Range<UInt64>)
  func conservation(seed: UInt64) throws {
    let scenario = scenario(seed: seed)
    let simulation = Simulation(workload: scenario.script.workload, platform: scenario.platform, seed: seed)
    let outcome: Outcome
    do {
      outcome = try simulation.runControlPlane()
    } catch {
      #expect(scenario.platform.accountConcurrency != nil, "seed \(seed): \(error)")
      return
    }
    let totals = outcome.totals
    for source in outcome.sources { #expect(source.tally.isConserved, "seed \(seed)") }
    let scripted = scenario.script.functions.values.reduce(0) { $0 + $1.count }
    let ofWorkload: [SourceOutcome.Kind] = [.workload, .eventSource, .stateMachine, .durable]
    let offered = outcome.sources.filter { ofWorkload.contains($0.kind) }.reduce(0) { $0 + $1.tally.offered }
    #expect(offered == scripted, "seed \(seed)")

    // Attempts reach Lambda or are turned away, or are still to come: no source makes more than it says.
    // An execution is no attempt, those of its tasks are: of a durable function's they are among its states.
    let made = outcome.sources.reduce(0) {
      let first = $1.kind == .stateMachine ? 0 : $1.kind == .durable ? $1.tally.states : $1.tally.offered
      return $0 + first + $1.tally.retries + $1.tally.requeued
    }
    let isDurable = outcome.sources.contains { $0.kind == .durable }
    let waiting = outcome.sources.reduce(0) { $0 + $1.tally.inFlight + $1.tally.expired }
    // Of a batch many records are one attempt, and a tumbling window's last invocation may have none.
    let isBatched = outcome.sources.contains { $0.kind == .eventSource }
    #expect(isBatched || totals.arrivals <= made, "seed \(seed)")
    let turnedAway = outcome.sources.reduce(0) { $0 + $1.tally.turnedAway + $1.tally.retries }
    #expect(isBatched || isDurable || totals.arrivals >= made - waiting - turnedAway, "seed \(seed)")
    for source in outcome.sources where [.stateMachine, .durable].contains(source.kind) {
      #expect(source.tally.states >= source.tally.offered && source.tally.responseTime.count <= source.tally.offered)
    }
    for case (let source, let mapping?) in outcome.sources.map({ ($0.tally, $0.mapping) }) {
      let worked = Int(mapping.batchSize.sum)
      #expect(worked <= source.offered + source.retries, "seed \(seed)")
      #expect(mapping.delay.count <= source.offered && mapping.iteratorAge.count <= mapping.batches, "seed \(seed)")
      #expect(mapping.peakBacklog <= source.offered && source.inFlight >= 0, "seed \(seed)")
    }

    #expect(totals.arrivals == totals.starts + totals.throttles, "seed \(seed)")
    #expect(totals.throttlesByReason.total == totals.throttles, "seed \(seed)")
    #expect(totals.latency.count == UInt64(totals.starts), "seed \(seed)")
    #expect(totals.initDuration.count == UInt64(totals.coldStarts + totals.proactiveStarts), "seed \(seed)")
    let rows = outcome.timeline.rows
    #expect(totals.arrivals == rows.reduce(0) { $0 + $1.arrivals }, "seed \(seed)")
    #expect(totals.throttles == rows.reduce(0) { $0 + $1.throttles }, "seed \(seed)")
    #expect(totals.busyTimeInHorizon == rows.reduce(Int128(0)) { $0 + Int128($1.busyTime) }, "seed \(seed)")
    #expect(totals.idleTimeInHorizon == rows.reduce(Int128(0)) { $0 + Int128($1.idleTime) }, "seed \(seed)")
    #expect(totals.peakConcurrency == rows.map(\.peakConcurrency).max() ?? 0, "seed \(seed)")
    // All environments ended or are alive: those that never ended are at most what ran or waited.
    #expect(totals.environmentsEnded <= totals.environmentsCreated, "seed \(seed)")

    // Functions that nothing couples are replayed alone, and nothing changes.
    let fast = try simulation.run()
    #expect(fast.totals == totals, "seed \(seed): \(fast.execution)")
    // Where nothing but a schedule is in force, nothing is asked for twice, and there are no books of sources.
    let books = scenario.platform.hasFeedback ? outcome.sources.count : 0
    #expect(fast.sources.count == (fast.execution == .controlPlane ? outcome.sources.count : books), "seed \(seed)")
    for (alone, together) in zip(fast.sources, outcome.sources) {
      #expect(alone.tally == together.tally, "seed \(seed)")
      #expect(alone.mapping?.samples == together.mapping?.samples, "seed \(seed)")
      #expect(alone == together, "seed \(seed)")
    }
    #expect(fast.timeline == outcome.timeline, "seed \(seed)")

    let again = try simulation.runControlPlane()
    #expect(again.totals == totals && again.sources == outcome.sources, "seed \(seed): not the same answer twice")
  }
}
