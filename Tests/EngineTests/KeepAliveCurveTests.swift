import Platforms
import Statistics
import Testing
import Units

@testable import Engine

@Suite("The keep-alive curve from one replay")
struct KeepAliveCurveTests {
  @Test("is what simulating each keep-alive by itself gives, to the last digit")
  func directSimulations() throws {
    for seed in 0..<12 as Range<UInt64> {
      let duration = seed % 2 == 0 ? Distribution.exponential(mean: 1.5) : .lognormal(mu: -1, sigma: 1.5)
      let script = poissonWorkload(rate: 0.8, duration: duration, seconds: 900, seed: seed)
      let platform = barePlatform(keepAlive: .init(.constant(77)))
      let curve = try Simulation(workload: script.workload, platform: platform, seed: seed).keepAliveCurve()
      for index in stride(from: 0, to: curve.points.count, by: 29) {
        let point = curve.points[index]
        let direct = try Simulation(
          workload: script.workload,
          platform: barePlatform(keepAlive: .init(.constant(point.keepAlive.seconds))), seed: seed
        ).run().totals
        #expect(point.coldStarts == direct.coldStarts, "seed \(seed), \(point.keepAlive)")
        #expect(point.idleTime == direct.idleTimeInHorizon, "seed \(seed), \(point.keepAlive)")
        #expect(curve.starts == direct.starts)
      }
    }
  }

  @Test("comes to the closed form: λ = 1/s, S = 1 s exponential, 15.197 % cold at 5 s")
  func closedForm() throws {
    let shares = try (0..<8 as Range<UInt64>).map { seed in
      let script = poissonWorkload(rate: 1, duration: .exponential(mean: 1), seconds: 6000, seed: 300 + seed)
      let curve = try Simulation(
        workload: script.workload, platform: barePlatform(keepAlive: .init(.constant(1)))
      ).keepAliveCurve()
      let point = try #require(curve.namedPoints.first { $0.keepAlive == .seconds(5) })
      return try #require(curve.coldShare(at: point))
    }
    let mean = shares.reduce(0, +) / Double(shares.count)
    let variance = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(shares.count - 1)
    #expect(abs(mean - 0.15197) < 4 * (variance / Double(shares.count)).squareRoot(), "\(mean)")
  }

  @Test("falls in cold starts and rises in idle time; provisioned and limited functions are taken as they are")
  func shape() throws {
    let script = poissonWorkload(rate: 2, duration: .exponential(mean: 1), seconds: 300, seed: 5)
    let platform = barePlatform(keepAlive: .init(.constant(60))) {
      $0.reservedConcurrency = 4
      $0.provisionedConcurrency = 1
    }
    let simulation = Simulation(workload: script.workload, platform: platform)
    let curve = try simulation.keepAliveCurve()
    for (a, b) in zip(curve.points, curve.points.dropFirst()) {
      #expect(a.coldStarts >= b.coldStarts && a.idleTime <= b.idleTime)
    }
    let minute = try #require(curve.namedPoints.first { $0.keepAlive == .seconds(60) })
    let direct = try simulation.run().totals
    #expect(minute.coldStarts == direct.coldStarts && minute.idleTime == direct.idleTimeInHorizon)
    #expect(curve.starts == direct.starts)
  }

  @Test("is refused under another reuse order")
  func otherOrder() {
    let script = poissonWorkload(rate: 2, duration: .exponential(mean: 1), seconds: 10, seed: 5)
    let platform = barePlatform(keepAlive: .init(.constant(60)), reuse: .leastRecentlyUsed)
    #expect(throws: (any Error).self) {
      try Simulation(workload: script.workload, platform: platform).keepAliveCurve()
    }
  }
}
