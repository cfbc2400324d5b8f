import Platforms
import Statistics
import Testing
import Units

@testable import Engine

@Suite("The control plane and the other executors")
struct ControlPlaneAgreementTests {
  private func agree(_ scenario: RandomScenario, seed: UInt64, as execution: Outcome.Execution) throws {
    let simulation = Simulation(workload: scenario.script.workload, platform: scenario.platform, seed: seed, jobs: 2)
    let fast = try simulation.run()
    #expect(fast.execution == execution)
    let literal = try simulation.runControlPlane()
    #expect(fast.totals == literal.totals, "seed \(seed)")
    #expect(fast.timeline == literal.timeline, "seed \(seed)")
    #expect(fast.functions.map(\.tally) == literal.functions.map(\.tally), "seed \(seed)")
  }

  @Test("agree to the last digit where nothing feeds back, each function alone")
  func independent() throws {
    for seed in 0..<300 as Range<UInt64> {
      try agree(RandomScenario(seed: seed, limit: nil), seed: seed, as: .independent)
    }
  }

  @Test("and where the account's limit binds")
  func coupled() throws {
    var bound = 0
    for seed in 0..<200 as Range<UInt64> {
      var scenario = RandomScenario(seed: seed, limit: nil)
      guard scenario.platform.rules.allSatisfy({ $0.reservedConcurrency == nil && $0.provisionedConcurrency == 0 })
      else { continue }
      let free = try Simulation(workload: scenario.script.workload, platform: scenario.platform, seed: seed).run()
      guard free.totals.peakConcurrency > 1 else { continue }
      scenario.platform.accountConcurrency = free.totals.peakConcurrency - 1
      try agree(scenario, seed: seed, as: .coupled)
      bound += 1
    }
    #expect(bound > 20)
  }

  @Test("agree where provisioned concurrency follows a schedule, each function from change to change")
  func schedules() throws {
    var changing = 0
    for seed in 0..<300 as Range<UInt64> {
      var scenario = RandomScenario(seed: seed, limit: nil)
      var stream = RandomStream(seed: seed, replication: 2, purpose: .resampling)
      func pick<T>(_ choices: [T]) -> T { choices[stream.index(below: choices.count)] }
      scenario.platform.accountConcurrency = pick([nil, nil, 1000, 120])
      let actions = (0..<pick([1, 2, 6])).map { _ in
        let low = pick([0, 1, 3, 8])
        return ScheduledAction(
          pick([true, false])
            ? .at(.seconds(Int64(pick([0, 1, 7, 30, 31]))))
            : .repeating(.every(.seconds(Int64(pick([5, 13])))), timeZone: nil), minimum: low,
          maximum: low + pick([0, 3]))
      }
      scenario.platform.rules[0].behaviour.provisioning = Provisioning(
        schedule: actions, allocationDelay: pick([.constant(0), .constant(2), .uniform(lower: 0, upper: 20)]),
        allocationPerMinute: pick([60, 6000]))
      let simulation = Simulation(workload: scenario.script.workload, platform: scenario.platform, seed: seed, jobs: 2)
      guard let fast = try? simulation.run() else { continue }
      if fast.execution == .independent { changing += fast.totals.provisionedStarts > 0 ? 1 : 0 }
      let literal = try simulation.runControlPlane()
      #expect(fast.totals == literal.totals, "seed \(seed)")
      #expect(fast.timeline == literal.timeline, "seed \(seed)")
      #expect(fast.functions.map(\.tally) == literal.functions.map(\.tally), "seed \(seed)")
    }
    #expect(changing > 50)
  }

  @Test("a rate that functions share couples them only where it might bind")
  func sharedRate() throws {
    func run(perSecond rate: Double, limit: Int) throws -> (fast: Outcome, literal: Outcome) {
      let functions = (0..<3 as Range<UInt64>).map { index in
        ("f\(index)", poissonWorkload(rate: rate, duration: .exponential(mean: 0.01), seconds: 20, seed: index))
      }
      let script = ScriptedWorkload(
        horizon: 20_000_000_000,
        functions: Dictionary(uniqueKeysWithValues: functions.map { ($0, $1.functions["f"] ?? []) }))
      let simulation = Simulation(
        workload: script.workload, platform: ruledPlatform(.lambda, limit: limit), seed: 1, jobs: 2)
      return (try simulation.run(), try simulation.runControlPlane())
    }
    func expect(perSecond rate: Double, limit: Int, _ execution: Outcome.Execution, throttles: Bool) throws {
      let (fast, literal) = try run(perSecond: rate, limit: limit)
      #expect(fast.execution == execution)
      #expect((literal.totals.throttles > 0) == throttles)
      #expect(fast.totals == literal.totals && fast.timeline == literal.timeline)
      #expect(fast.functions.map(\.tally) == literal.functions.map(\.tally))
    }
    // 300 requests a second, and 2,000 or 400 allowed: of the latter counts show nothing.
    try expect(perSecond: 100, limit: 200, .independent, throttles: false)
    try expect(perSecond: 100, limit: 40, .controlPlane, throttles: false)
    try expect(perSecond: 200, limit: 40, .controlPlane, throttles: true)
  }

  @Test("what is sent in two neighbouring seconds must fit in one; a second counts when it is over")
  func neighbouringSeconds() {
    let platform = ruledPlatform(.lambda, limit: 1)
    func isWithin(_ slices: [(counts: [Int64: Int], end: Double)]) -> Bool {
      let worker = Worker(tellsShared: false)
      guard let rate = SharedRate(platform) else { return false }
      for slice in slices {
        for (second, count) in slice.counts.sorted(by: { $0.key < $1.key }) {
          for _ in 0..<count { worker.requests.add(at: second * 1_000_000_000 + 5) }
        }
        rate.take([worker], before: Int64(slice.end * 1e9))
      }
      return rate.isWithin
    }
    #expect(isWithin([([0: 4, 1: 6, 2: 4, 4: 10], 9)]))
    #expect(!isWithin([([0: 4, 1: 7], 9)]))
    // The second from 1 s on is over only in the next slice.
    #expect(isWithin([([0: 4, 1: 6], 1.5)]))
    #expect(!isWithin([([0: 4, 1: 6], 1.5), ([1: 1], 9)]))
  }

  @Test("limits that never bind, rates of zero and callers who never need to try again change nothing")
  func vacuousRules() throws {
    for seed in 0..<100 as Range<UInt64> {
      var scenario = RandomScenario(seed: seed, limit: nil)
      // A provisioned environment has ten requests a second; a bucket that large never empties.
      scenario.platform.limits = ServiceLimits(
        scaling: .perFunction(environments: 1_000_000, per: .seconds(1)), requestsPerConcurrency: 1_000_000)
      for index in scenario.platform.rules.indices {
        // With a timeout, failures bring resets.
        if scenario.platform.rules[index].timeout == nil {
          scenario.platform.rules[index].behaviour.failures = FailureRates()
        }
        scenario.platform.rules[index].behaviour.caller = CallerPolicy()
      }
      var plain = scenario
      plain.platform.limits = .none
      for index in plain.platform.rules.indices { plain.platform.rules[index].behaviour = FunctionBehaviour() }
      let ruled = try Simulation(workload: scenario.script.workload, platform: scenario.platform, seed: seed)
        .runControlPlane()
      let free = try Simulation(workload: plain.script.workload, platform: plain.platform, seed: seed).run()
      #expect(ruled.totals == free.totals, "seed \(seed)")
      #expect(ruled.timeline == free.timeline, "seed \(seed)")
    }
  }
}
