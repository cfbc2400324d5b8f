import Platforms
import Statistics
import Testing
import Units

@testable import Engine

/// AWS's own statements, worked through: docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html and
/// …/scaling-behavior.html, read 2026-11.
@Suite("Concurrency, growth and requests a second")
struct LimitTests {
  @Test("5,000 requests a second of 0.2 s need 1,000, and not one less")
  func fiveThousand() throws {
    let enough = try evenly(perSecond: 5000, for: 3, duration: 0.2, on: ruledPlatform(limit: 1000))
    #expect(enough.totals.peakConcurrency == 1000 && enough.totals.throttles == 0)
    let short = try evenly(perSecond: 5000, for: 3, duration: 0.2, on: ruledPlatform(limit: 999))
    #expect(short.totals.throttlesByReason == [.concurrentInvocations: short.totals.throttles])
    #expect(short.totals.throttles > 0)
  }

  @Test("20,000 requests a second of 0.05 s fit into 1,000, and are throttled at 10,000 a second all the same")
  func twentyThousand() throws {
    let limits = ServiceLimits(requestsPerConcurrency: 10)
    let tally = try evenly(perSecond: 20_000, for: 5, duration: 0.05, on: ruledPlatform(limits, limit: 1000)).totals
    #expect(tally.peakConcurrency <= 1000)
    // The bucket's burst of one second, then 10,000 a second.
    #expect(abs(tally.starts - 60_000) <= 1)
    #expect(tally.throttlesByReason == [.callerRate: tally.throttles])
    #expect(try evenly(perSecond: 20_000, for: 1, duration: 0.05, on: ruledPlatform(limit: 1000)).totals.throttles == 0)
  }

  @Test("30,000 requests a second of 0.02 s run 600 at once and need a limit of 3,000")
  func thirtyThousand() throws {
    let limits = ServiceLimits(requestsPerConcurrency: 10)
    let enough = try evenly(perSecond: 30_000, for: 3, duration: 0.02, on: ruledPlatform(limits, limit: 3000)).totals
    #expect(enough.peakConcurrency == 600 && enough.throttles == 0)
    let short = try evenly(perSecond: 30_000, for: 3, duration: 0.02, on: ruledPlatform(limits, limit: 2000)).totals
    #expect(abs(short.starts - 80_000) <= 1)
  }

  @Test("a step to 3,000 concurrent: 1,000 at once, 100 more every second", arguments: [1, 2, 5, 20, 21, 25])
  func step(seconds: Int) throws {
    let script = (0..<seconds).flatMap { second in
      Array(repeating: (arrival: Int64(second) * 1_000_000_000, duration: Int64(1_000_000_000)), count: 3000)
    }
    let workload = ScriptedWorkload(horizon: Int64(seconds) * 1_000_000_000, functions: ["f": script]).workload
    let simulation = Simulation(
      workload: workload, platform: ruledPlatform(ServiceLimits(scaling: ServiceLimits.lambda.scaling)))
    let tally = try simulation.runControlPlane().totals
    let admitted = (0..<seconds).map { min(3000, 1000 + 100 * $0) }
    #expect(tally.starts == admitted.reduce(0, +))
    #expect(tally.peakConcurrency == admitted.last)
    #expect(tally.throttles == 3000 * seconds - tally.starts)
  }

  @Test("each function has a rate of its own; before 2023-11-26 all shared a burst of 3,000 and 500 a minute")
  func accountBurst() throws {
    func starts(_ limits: ServiceLimits) throws -> [Int] {
      // Two functions, 4,000 requests each at the start of three minutes.
      let script = (0..<3).flatMap { minute in
        Array(repeating: (arrival: Int64(minute) * 60_000_000_000, duration: Int64(1_000_000_000)), count: 4000)
      }
      let workload = ScriptedWorkload(horizon: 180_000_000_000, functions: ["f": script, "g": script]).workload
      var platform = ruledPlatform()
      platform.limits.scaling = limits.scaling
      return try Simulation(workload: workload, platform: platform).runControlPlane().functions.map(\.tally.starts)
    }
    // A bucket is full again after ten seconds: 1,000, 2,000, 3,000 each.
    #expect(try starts(.lambda) == [6000, 6000])
    #expect(try starts(.lambdaBefore2023).reduce(0, +) == 3000 + 3500 + 4000)
  }

  @Test("a function with reserved concurrency has ten requests a second for each unit, and none of the account's")
  func reservedRate() throws {
    let platform = ruledPlatform(ServiceLimits(requestsPerConcurrency: 10)) { $0.reservedConcurrency = 1 }
    let tally = try evenly(perSecond: 100, for: 10, duration: 0.001, on: platform).totals
    #expect(abs(tally.starts - 110) <= 1)
    #expect(tally.throttlesByReason == [.reservedRate: tally.throttles])
    let off = ruledPlatform(.lambda) { $0.reservedConcurrency = 0 }
    #expect(try Story("a-a", seconds: 1, on: off).letters == "TT")
    #expect(
      try Story("a-a", seconds: 1, on: off).outcome.totals.throttlesByReason == [.reservedConcurrentInvocations: 2])
  }

  @Test("a bucket fills continuously and never above its brim")
  func bucket() {
    var bucket = TokenBucket(capacity: 3, refill: 7, per: .seconds(10))
    func taken(_ time: Int64) -> Int {
      var count = 0
      while bucket.hasToken(at: time) {
        bucket.take()
        count += 1
      }
      return count
    }
    #expect(taken(0) == 3)
    #expect(taken(1_428_571_428) == 0)
    #expect(taken(1_428_571_429) == 1)  // a seventh of ten seconds
    #expect(taken(10_000_000_000) == 3)  // six more came; three fit
  }
}
