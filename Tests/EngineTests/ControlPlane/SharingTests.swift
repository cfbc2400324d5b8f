import Platforms
import Statistics
import Testing
import Units

@testable import Engine

@Suite("Environments that several share, and such that tenants don't")
struct SharingTests {
  private func shared(_ concurrency: Int, initDuration: Double = 0) -> Platform {
    ruledPlatform(initDuration: .constant(initDuration)) {
      $0.behaviour.sharing = EnvironmentSharing(concurrency: concurrency)
    }
  }

  @Test("so many invocations in one environment; the next needs another")
  func filling() throws {
    let story = try Story("32---1", seconds: 3, on: shared(2))
    #expect(story.letters == "CWCWCW")
    let totals = story.outcome.totals
    #expect(totals.environmentsCreated == 3 && totals.peakConcurrency == 5)
    // Five invocations of 3 s in three environments, two of them with two: 2 + 3 s are shared.
    #expect(totals.sharedBusyTimeInHorizon == 6_000_000_000)
  }

  @Test("an environment that is not ready is waited for")
  func waiting() throws {
    let outcome = try Story("1-1--------", seconds: 1, on: shared(10, initDuration: 5)).outcome
    #expect(outcome.totals.environmentsCreated == 1 && outcome.totals.coldStarts == 2)
    #expect(
      outcome.totals.latency.maximum == 6_000_000_000
        && outcome.totals.latency.sum == 10_000_000_000)
  }

  @Test("with one invocation each it is the pool of Lambda, to the last digit")
  func one() throws {
    var compared = 0
    for seed in 0..<200 as Range<UInt64> {
      var scenario = RandomScenario(seed: seed, limit: nil)
      scenario.platform.reuse = .mostRecentlyUsed
      scenario.platform.keepAlive.deeper = nil
      guard scenario.platform.rules.allSatisfy({ ($0.provisionedConcurrency ?? 0) == 0 }) else {
        continue
      }
      let plain = try Simulation(
        workload: scenario.script.workload, platform: scenario.platform, seed: seed
      )
      .runControlPlane()
      scenario.platform.rules[0].behaviour.sharing = EnvironmentSharing(concurrency: 1)
      let shared = try Simulation(
        workload: scenario.script.workload, platform: scenario.platform, seed: seed
      )
      .runControlPlane()
      #expect(shared.totals == plain.totals && shared.timeline == plain.timeline, "seed \(seed)")
      compared += 1
    }
    #expect(compared > 80)
  }

  @Test("time is conserved whatever is shared")
  func conserved() throws {
    for seed in 0..<100 as Range<UInt64> {
      var scenario = RandomScenario(seed: seed, limit: nil)
      scenario.platform.rules[0].provisionedConcurrency = 0
      scenario.platform.rules[0].behaviour.sharing = EnvironmentSharing(concurrency: 3)
      let outcome = try Simulation(
        workload: scenario.script.workload, platform: scenario.platform, seed: seed
      ).run()
      let (totals, rows) = (outcome.totals, outcome.timeline.rows)
      #expect(
        totals.busyTimeInHorizon == rows.reduce(Int128(0)) { $0 + Int128($1.busyTime) },
        "seed \(seed)")
      #expect(
        totals.idleTimeInHorizon == rows.reduce(Int128(0)) { $0 + Int128($1.idleTime) },
        "seed \(seed)")
      #expect(totals.sharedBusyTimeInHorizon <= totals.busyTimeInHorizon, "seed \(seed)")
      #expect(totals.arrivals == totals.starts + totals.throttles, "seed \(seed)")
    }
  }

  @Test("tenants that are kept apart are pools of their own")
  func tenants() throws {
    let platform = barePlatform(keepAlive: KeepAlive(.constant(5))) {
      $0.behaviour.tenants = TenantIsolation(tenants: 4)
    }
    let exact = try KeepAlivePool(rate: 0.5, service: 1, keepAlive: 5).coldProbability
    var shares: [Double] = []
    for seed in 0..<12 as Range<UInt64> {
      let script = poissonWorkload(
        rate: 2, duration: .exponential(mean: 1), seconds: 3000, seed: 70 + seed)
      let totals = try Simulation(workload: script.workload, platform: platform, seed: seed).run()
        .totals
      shares.append(Double(totals.coldStarts) / Double(totals.starts))
    }
    let (mean, error) = meanAndError(shares)
    #expect(abs(mean - exact) < 4 * error, "\(mean) ± \(error), exact \(exact)")
  }

  @Test("2,500 environments of tenants for 1,000 of concurrency, idle ones too")
  func tenantLimit() throws {
    let platform = ruledPlatform {
      $0.reservedConcurrency = 10
      $0.behaviour.tenants = TenantIsolation(tenants: 1000)
    }
    let totals = try evenly(perSecond: 1, for: 500, duration: 0.5, on: platform).totals
    #expect(totals.environmentsCreated == 25 && totals.throttles > 400)
    // Skewed tenants come back more often.
    var skewed = platform
    skewed.rules[0].behaviour.tenants?.skew = 2
    #expect(
      try evenly(perSecond: 1, for: 500, duration: 0.5, on: skewed).totals.throttles < totals
        .throttles / 4)
  }

  // MARK: Managed instances

  private func managed(_ policy: ManagedInstances) -> Platform {
    ruledPlatform(initDuration: .constant(5)) { $0.behaviour.managed = policy }
  }

  /// So many at once for each second of a stretch, each for a second.
  private func load(_ steps: [(count: Int, seconds: Int)], on policy: ManagedInstances) throws
    -> Outcome
  {
    var script: [(arrival: Int64, duration: Int64)] = []
    var second = 0
    for step in steps {
      for _ in 0..<step.seconds {
        script += records(step.count, at: Double(second), each: 1)
        second += 1
      }
    }
    let workload = ScriptedWorkload(
      horizon: Int64(second) * 1_000_000_000, functions: ["f": script]
    ).workload
    return try Simulation(workload: workload, platform: managed(policy)).run()
  }

  @Test("managed instances start nothing cold, and have room for traffic to double")
  func doubling() throws {
    let policy = ManagedInstances(concurrency: 10)
    let steady = try load([(15, 60), (30, 120), (60, 120), (120, 300)], on: policy)
    #expect(steady.totals.throttles == 0 && steady.totals.coldStarts == 0)
    let burst = try load([(15, 120), (60, 240)], on: policy)
    // Three environments take 30; the others find no room until more are there.
    #expect(burst.timeline.rows.map(\.throttles) == [0, 0, 30 * 60, 30 * 30, 0, 0])
    #expect(burst.totals.throttlesByReason == [.concurrentInvocations: burst.totals.throttles])
  }

  @Test(
    "processors bound what an environment takes; a minimum and maximum of none switch the function off"
  )
  func processors() throws {
    let busy = ManagedInstances(concurrency: 64, processors: 2, processorsPerInvocation: 0.25)
    #expect(busy.room == 8)
    #expect(try load([(24, 60)], on: busy).totals.throttles == 0)
    #expect(try load([(25, 20)], on: busy).totals.throttles == 20)
    let off = try load([(1, 10)], on: ManagedInstances(minimum: 0, maximum: 0))
    #expect(off.totals.throttles == 10 && off.totals.managedTimeInHorizon == 0)
    // Back to three after five quiet minutes.
    let down = try load([(60, 300), (3, 600)], on: ManagedInstances(concurrency: 10, maximum: 12))
    #expect(down.totals.managedTimeInHorizon < 12 * 700_000_000_000)
    #expect(down.totals.managedTimeInHorizon > 3 * 900_000_000_000)
  }
}
