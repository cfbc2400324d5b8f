import Platforms
import Statistics
import Units
import Workloads

@testable import Engine

/// One function with laws on a platform without the defaults that the real one has.
struct Pool {
  var rate: Double
  var service: Distribution
  var keepAlive: Double
  var provisioned = 0
  /// Of the function alone; refuses what comes above.
  var limit: Int?
  var horizon: TimeSpan

  func simulation(seed: UInt64) throws -> Simulation {
    var rule = FunctionRule(pattern: "*")
    rule.initDuration = .constant(0)
    rule.platformOverhead = .constant(0)
    rule.provisionedConcurrency = provisioned
    rule.reservedConcurrency = limit
    let workload = try Workload.synthetic(
      SyntheticWorkload(
        horizon: horizon,
        functions: [SyntheticFunction(name: "f", arrivals: .poisson(rate: rate), duration: service)]),
      title: "pool")
    return Simulation(
      workload: workload,
      platform: Platform(
        accountConcurrency: nil, reuse: .mostRecentlyUsed, keepAlive: KeepAlive(.constant(keepAlive)),
        maximumLifetime: nil, rules: [rule]),
      seed: seed)
  }
}
