import Platforms
import Statistics
import Testing
import Units

@testable import Engine

/// Exact results for Poisson arrivals (rate λ, service S, keep-alive τ); the values were computed from the closed forms
/// with SciPy. A simulated mean must lie within four standard errors, taken from independent replications.
@Suite("Closed forms")
struct ClosedFormTests {
  private func check(
    _ exact: Double, _ what: String, rate: Double, service: Distribution, _ platform: Platform, seconds: Double,
    _ value: (Outcome) -> Double
  ) throws {
    let values = try (0..<16 as Range<UInt64>).map { seed in
      value(
        try Simulation(
          workload: poissonWorkload(rate: rate, duration: service, seconds: seconds, seed: 100 + seed).workload,
          platform: platform, seed: seed
        ).run())
    }
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    let error = (variance / Double(values.count)).squareRoot()
    #expect(abs(mean - exact) <= 4 * error, "\(what): \(mean) ± \(error), exact \(exact)")
    #expect(error < 0.1 * exact, "\(what): too few invocations to tell")
  }

  private func coldShare(_ outcome: Outcome) -> Double {
    Double(outcome.totals.coldStarts) / Double(outcome.totals.starts)
  }

  @Test(
    "cold starts of the pool with λ = 1/s, S = 1 s exponential, τ = 5 s, by reuse order",
    arguments: [
      (ReuseOrder.mostRecentlyUsed, 0.15197), (.newestCreated, 0.14395), (.oldestCreated, 0.14395), (.random, 0.1140),
      (.leastRecentlyUsed, 0.0782),
    ])
  func reuseOrders(order: ReuseOrder, exact: Double) throws {
    try check(
      exact, order.rawValue, rate: 1, service: .exponential(mean: 1),
      barePlatform(keepAlive: .init(.constant(5)), reuse: order), seconds: 6000, coldShare)
  }

  @Test("exponential keep-alive gives the same cold starts under every order", arguments: ReuseOrder.allCases)
  func exponentialKeepAlive(order: ReuseOrder) throws {
    try check(
      0.0552928844017999, order.rawValue, rate: 0.9, service: .exponential(mean: 2),
      barePlatform(keepAlive: .init(.exponential(mean: 60)), reuse: order), seconds: 10_000, coldShare)
  }

  @Test("idle environments of the pool with exponential keep-alive")
  func idleEnvironments() throws {
    try check(
      2.9858157576972344, "mean idle", rate: 0.9, service: .exponential(mean: 2),
      barePlatform(keepAlive: .init(.exponential(mean: 60))), seconds: 10_000
    ) { Double($0.totals.idleTimeInHorizon) / Double($0.horizon.nanoseconds) }
  }

  @Test("Erlang's loss formula: 10 Erlang on 10 places", arguments: [true, false])
  func erlangLoss(byAccount: Bool) throws {
    let platform = barePlatform(keepAlive: .init(.constant(600)), limit: byAccount ? 10 : nil) {
      if !byAccount { $0.reservedConcurrency = 10 }
    }
    try check(0.21458234310734736, "loss", rate: 10, service: .exponential(mean: 1), platform, seconds: 1000) {
      Double($0.totals.throttles) / Double($0.totals.arrivals)
    }
    // Insensitive to the service law.
    try check(0.21458234310734736, "loss", rate: 10, service: .lognormal(mu: -0.5, sigma: 1), platform, seconds: 1000) {
      Double($0.totals.throttles) / Double($0.totals.arrivals)
    }
  }

  @Test("spillover above provisioned concurrency is Erlang's loss")
  func spillover() throws {
    let platform = barePlatform(keepAlive: .init(.constant(60))) { $0.provisionedConcurrency = 4 }
    try check(0.09523809523809532, "spillover", rate: 2, service: .exponential(mean: 1), platform, seconds: 4000) {
      1 - Double($0.totals.provisionedStarts) / Double($0.totals.starts)
    }
    try check(
      0.00710, "cold", rate: 2, service: .exponential(mean: 1), platform, seconds: 8000, coldShare)
  }
}
