import Platforms
import Statistics
import Testing
import Units

@testable import Engine
@testable import Workloads

@Suite("Lambda's queue of asynchronous events")
struct QueueTests {
  private func run(
    _ arrivals: [Double], duration: Double = 1, hours: Int64 = 1, _ policy: AsynchronousPolicy = AsynchronousPolicy(),
    change: (inout FunctionRule) -> Void = { _ in }
  ) throws -> Outcome {
    let platform = ruledPlatform {
      $0.behaviour.asynchronous = policy
      change(&$0)
    }
    let script = arrivals.map { (arrival: Int64($0 * 1e9), duration: Int64(duration * 1e9)) }
    let workload = ScriptedWorkload(horizon: TimeSpan.hours(hours).nanoseconds, functions: ["f": script]).workload
    return try Simulation(workload: workload, platform: platform).run()
  }

  @Test("an event that fails is tried again after one minute and after two, then sent to the dead-letter queue")
  func errors() throws {
    let outcome = try run([0], AsynchronousPolicy(onFailure: .service("dead-letter-queue"))) {
      $0.behaviour.failures = FailureRates(errors: 1)
    }
    let source = outcome.sources[0].tally
    #expect(source.offered == 1 && source.retries == 2 && source.failed == 1 && source.sentOn == 1)
    #expect(outcome.totals.arrivals == 3 && outcome.totals.errors == 3)
    // Three runs of a second, with 60 and 120 s between them.
    #expect(source.responseTime.maximum == 183_000_000_000)
    let once = try run([0], AsynchronousPolicy(retries: 0)) { $0.behaviour.failures = FailureRates(errors: 1) }
    #expect(once.totals.arrivals == 1)
  }

  @Test("a timeout counts as an error")
  func timeouts() throws {
    let outcome = try run([0], duration: 9) { $0.timeout = .seconds(3) }
    #expect(outcome.totals.timeouts == 3 && outcome.sources[0].tally.retries == 2)
  }

  @Test("a throttled event comes back after 1, 2, 4 … 256 s, then every 5 min, until it is six hours old")
  func throttled() throws {
    let outcome = try run([0], hours: 7) { $0.reservedConcurrency = 0 }
    // At 0, 1, 3 … 511 s ten times; then every 300 s below 21,600 s.
    let source = outcome.sources[0].tally
    #expect(source.requeued == 10 + (21_600 - 1 - 511) / 300)
    #expect(source.expired == 1 && source.retries == 0)
    let young = try run([0], AsynchronousPolicy(maximumAge: .minutes(1))) { $0.reservedConcurrency = 0 }
    #expect(young.sources[0].tally.requeued == 6 && young.sources[0].tally.expired == 1)
  }

  @Test("events wait out a busy function and none is lost")
  func backlog() throws {
    let outcome = try run(Array(repeating: 0, count: 50), duration: 10) { $0.reservedConcurrency = 5 }
    let source = outcome.sources[0].tally
    #expect(source.completed == 50 && source.isConserved)
    #expect(outcome.totals.peakConcurrency == 5)
    #expect(source.requeued == outcome.totals.throttles)
  }

  @Test("requests a second bound callers, not events")
  func noRate() throws {
    var platform = ruledPlatform(ServiceLimits(requestsPerConcurrency: 10)) {
      $0.reservedConcurrency = 1
      $0.behaviour.asynchronous = AsynchronousPolicy()
    }
    #expect(try evenly(perSecond: 100, for: 1, duration: 0.001, on: platform).totals.throttles == 0)
    platform.rules[0].behaviour.asynchronous = nil
    #expect(try evenly(perSecond: 100, for: 1, duration: 0.001, on: platform).totals.throttles > 80)
  }

  @Test("records of success and failure go to functions, which run in the simulation")
  func destinations() throws {
    let policy = AsynchronousPolicy(
      retries: 0, onSuccess: .function("audit", duration: .constant(2)),
      onFailure: .function("repair", duration: .constant(3)))
    var platform = ruledPlatform()
    var rule = FunctionRule(pattern: "f")
    rule.behaviour.asynchronous = policy
    rule.behaviour.failures = FailureRates(errors: 0.3)
    platform.rules.append(rule)
    let script = (0..<1000).map { (arrival: Int64($0) * 1_000_000_000, duration: Int64(500_000_000)) }
    let workload = ScriptedWorkload(horizon: 1_100_000_000_000, functions: ["f": script]).workload
    let outcome = try Simulation(workload: workload, platform: platform, seed: 3).run()
    #expect(outcome.functions.map(\.function.name) == ["f", "audit", "repair"])
    let tallies = outcome.functions.map(\.tally)
    #expect(tallies[1].arrivals == 1000 - tallies[0].errors)
    #expect(tallies[2].arrivals == tallies[0].errors)
    #expect(abs(tallies[0].errors - 300) < 4 * 15)
    #expect(outcome.sources.map(\.kind) == [.workload, .destination, .destination])
    #expect(outcome.sources[0].tally.sentOn == 1000)
    #expect(seconds(tallies[2].busyTime) == 3 * Double(tallies[0].errors))
  }
}
