import Logs
import Platforms
import Statistics
import Testing
import Units
import Workloads

@testable import Engine

@Suite("Callers who wait, give up and try again")
struct CallerTests {
  private func run(
    _ script: [(Double, Double)], for seconds: Int = 100, on platform: Platform
  ) throws -> (outcome: Outcome, source: SourceTally) {
    let arrivals = script.map { (arrival: Int64($0.0 * 1e9), duration: Int64($0.1 * 1e9)) }
    let workload = ScriptedWorkload(horizon: Int64(seconds) * 1_000_000_000, functions: ["f": arrivals]).workload
    let outcome = try Simulation(workload: workload, platform: platform).run()
    return (outcome, try #require(outcome.sources.first).tally)
  }

  private func called(
    _ policy: CallerPolicy, _ limits: ServiceLimits = .none, change: (inout FunctionRule) -> Void = { _ in }
  ) -> Platform {
    ruledPlatform(limits) {
      $0.behaviour.caller = policy
      change(&$0)
    }
  }

  private let patient = Backoff(base: .seconds(2), longest: .seconds(60), jitter: .none)

  @Test("a throttled caller waits and tries again; waits double")
  func retries() throws {
    let platform = called(CallerPolicy(attempts: 3, backoff: patient)) { $0.reservedConcurrency = 1 }
    let (outcome, source) = try run([(0, 5), (0, 1)], on: platform)
    // Refused at 0 and 2 s; at 6 s the function is free again.
    #expect(source.offered == 2 && source.completed == 2 && source.retries == 2)
    #expect(outcome.totals.arrivals == 4 && outcome.totals.throttles == 2)
    #expect(source.responseTime.maximum == 7_000_000_000)

    let hasty = called(CallerPolicy(attempts: 2, backoff: patient)) { $0.reservedConcurrency = 1 }
    let given = try run([(0, 5), (0, 1)], on: hasty).source
    #expect(given.completed == 1 && given.throttled == 1 && given.retries == 1)
  }

  @Test("who gives up leaves the function running, and a retry makes it run twice")
  func timeout() throws {
    let platform = called(CallerPolicy(timeout: .seconds(1), attempts: 2, backoff: patient))
    let (outcome, source) = try run([(0, 5)], on: platform)
    #expect(source.failed == 1 && source.retries == 1 && source.completed == 0)
    #expect(source.responseTime.maximum == 4_000_000_000)  // 1 s, 2 s of backoff, 1 s
    #expect(seconds(outcome.totals.busyTime) == 10)
    #expect(outcome.totals.errors == 0)
  }

  @Test("API Gateway answers for itself after 29 s (REST) and 30 s (HTTP); a function URL waits")
  func gatewayTimeouts() throws {
    for (door, succeeds) in [(CallerPolicy.Door.restAPI, false), (.httpAPI, true), (.functionURL, true)] {
      let (outcome, source) = try run([(0, 29.5)], on: called(CallerPolicy(door: door)))
      #expect(source.completed == (succeeds ? 1 : 0), "\(door)")
      #expect(outcome.totals.busyTime == 29_500_000_000)
    }
    #expect(try run([(0, 30.5)], on: called(CallerPolicy(door: .httpAPI))).source.failed == 1)
  }

  @Test("API Gateway's throttle: a burst of 5,000, then 10,000 a second; what it turns away never reaches Lambda")
  func gatewayThrottle() throws {
    let platform = called(CallerPolicy(door: .httpAPI))
    let script = Array(repeating: (0.0, 0.1), count: 6000) + Array(repeating: (0.25, 0.1), count: 6000)
    let (outcome, source) = try run(script, on: platform)
    #expect(source.completed == 5000 + 2500 && source.turnedAway == 4500)
    #expect(outcome.totals.arrivals == 7500 && outcome.totals.throttles == 0)
  }

  @Test("a budget of retries ends them when nearly everything fails")
  func budget() throws {
    let policy = CallerPolicy(attempts: 10, backoff: patient, budget: RetryBudget(capacity: 12))
    let platform = called(policy) { $0.behaviour.failures = FailureRates(errors: 1) }
    let source = try run([(0, 0.1), (1, 0.1), (50, 0.1)], for: 2000, on: platform).source
    #expect(source.failed == 3 && source.retries == 2)

    // A success gives a token back: after 5 of them there is enough for one more retry.
    let again = called(policy) { $0.timeout = .seconds(1) }
    let slow = [(0.0, 2.0)]
    let quick = (0..<3).map { (100 + Double($0), 0.1) }
    #expect(try run(slow + quick + [(200, 2)], for: 2000, on: again).source.retries == 3)
    #expect(try run(slow + [(200, 2)], for: 2000, on: again).source.retries == 2)
  }

  @Test("jitter stays in its bounds: full from zero, equal from half, decorrelated from base to thrice the wait before")
  func jitter() {
    var stream = RandomStream(seed: 9, purpose: .backoff)
    for retry in 0..<8 {
      let full = Backoff(base: .seconds(1), longest: .seconds(20), jitter: .full)
      let ceiling = min(20, Double(1 << retry)) * 1e9
      for _ in 0..<50 {
        let chance = stream.uniform()
        #expect((0...ceiling).contains(Double(full.wait(retry: retry, previous: 0, chance: chance))))
        var equal = full
        equal.jitter = .equal
        #expect((ceiling / 2 - 1...ceiling).contains(Double(equal.wait(retry: retry, previous: 0, chance: chance))))
        var decorrelated = full
        decorrelated.jitter = .decorrelated
        let wait = Double(decorrelated.wait(retry: retry, previous: 4_000_000_000, chance: chance))
        #expect((1e9...12e9).contains(wait))
      }
    }
    #expect(Backoff(jitter: .none).wait(retry: 60, previous: 0, chance: 1) == 20_000_000_000)
  }

  @Test("a closed loop on few environments: Engset's formula for the share refused")
  func engset() throws {
    // 20 users who think 1 s on average and run 0.5 s; 5 fit. Refused users think again.
    let (users, places, ratio) = (20, 5, 0.5)
    func choose(_ n: Int, _ k: Int) -> Double { (0..<k).reduce(1.0) { $0 * Double(n - $1) / Double($1 + 1) } }
    let terms = (0...places).map { choose(users - 1, $0) * (0..<$0).reduce(1.0) { product, _ in product * ratio } }
    let exact = terms[places] / terms.reduce(0, +)
    let platform = ruledPlatform {
      $0.reservedConcurrency = places
      $0.behaviour.users = ClosedLoop(
        users: users, thinkTime: .exponential(mean: 1), duration: .exponential(mean: 0.5))
    }
    var values: [Double] = []
    for seed in 0..<12 as Range<UInt64> {
      let workload = ScriptedWorkload(horizon: 300_000_000_000, functions: ["f": []]).workload
      let outcome = try Simulation(workload: workload, platform: platform, seed: seed).run()
      let source = try #require(outcome.sources.first)
      #expect(source.kind == .users && source.tally.isConserved)
      values.append(Double(source.tally.throttled) / Double(source.tally.offered))
    }
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    #expect(abs(mean - exact) <= 4 * (variance / Double(values.count)).squareRoot(), "\(mean), Engset \(exact)")
  }

  @Test("in a closed loop nobody asks again before the answer: rate = users / (think + response)")
  func littleLaw() throws {
    let platform = ruledPlatform {
      $0.behaviour.users = ClosedLoop(users: 7, thinkTime: .constant(2), duration: .constant(1.5))
    }
    let workload = ScriptedWorkload(horizon: 350_000_000_000, functions: ["f": []]).workload
    let tally = try Simulation(workload: workload, platform: platform).run().totals
    #expect(tally.arrivals == 7 * 100)
    #expect(tally.peakConcurrency == 7)
  }
}
