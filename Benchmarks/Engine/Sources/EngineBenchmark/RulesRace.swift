import Engine
import Foundation
import Platforms
import Statistics
import Units
import Workloads

/// What rules cost that the engine is to follow at full speed: one function of 34.6 million invocations in a day, with
/// the rule and without, both in wall time on all processors.
///
/// Poisson arrivals, 400 a second, durations lognormal (median 100 ms, sigma 1): 66 at once on average. With 110
/// provisioned environments hardly anything spills over, with 66 a tenth does, with 33 half.
enum RulesRace {
  private static let rate = 400.0
  private static let horizon = TimeSpan.seconds(86_400)
  private static let rounds = 5

  private struct Variant {
    var name: String
    var change: (inout FunctionRule) -> Void = { _ in }
  }

  private static var variants: [Variant] {
    [
      Variant(name: "plain"),
      Variant(name: "timeout") { $0.timeout = .seconds(1) },
      Variant(name: "SnapStart") { $0.restoreDuration = .uniform(lower: 0.2, upper: 0.6) },
      Variant(name: "memory what-if", change: halveMemory),
      Variant(name: "memory what-if with quota") {
        halveMemory(&$0)
        $0.shortWorkQuota = ProcessorQuota(share: 1, tick: ProcessorQuota.lambdaTick)
      },
      Variant(name: "110 provisioned") { $0.provisionedConcurrency = 110 },
      Variant(name: "66 provisioned") { $0.provisionedConcurrency = 66 },
      Variant(name: "33 provisioned") { $0.provisionedConcurrency = 33 },
      Variant(name: "provisioned by schedule") {
        $0.provisionedConcurrency = 40
        $0.behaviour.provisioning = Provisioning(
          schedule: (1..<24).map {
            let level = [40, 66, 90, 120, 80, 20][$0 % 6]
            return ScheduledAction(.at(.seconds(Int64($0) * 3600)), minimum: level, maximum: level)
          })
      },
    ]
  }

  private static func halveMemory(_ rule: inout FunctionRule) {
    rule.memory = MemorySize(megabytes: 512)
    rule.measuredMemory = MemorySize(megabytes: 1024)
    rule.memoryScaling = MemoryScaling(fixedShare: 0.3, measuredAt: MemorySize(megabytes: 1024))
  }

  static func run(_ scoreboard: inout Scoreboard) throws {
    let variants = variants
    let simulations = try variants.map(simulation)
    var best = Array(repeating: Double.infinity, count: variants.count)
    var outcomes: [Outcome?] = Array(repeating: nil, count: variants.count)
    for _ in 0..<rounds {
      for (index, simulation) in simulations.enumerated() {
        let start = ContinuousClock.now
        outcomes[index] = try simulation.run()
        best[index] = min(best[index], (ContinuousClock.now - start) / .seconds(1))
      }
    }
    let plain = outcomes[0]?.totals.arrivals ?? 0
    for index in variants.indices.dropFirst() {
      guard let outcome = outcomes[index] else { continue }
      precondition(
        outcome.execution == .independent && outcome.totals.arrivals == plain,
        "\(variants[index].name): \(outcome.totals.arrivals) invocations, \(outcome.execution)")
      scoreboard.add(
        "\(variants[index].name), share of the plain speed", own: pace(plain, best[index]), rival: pace(plain, best[0]),
        figure: best[0] / best[index])
    }
  }

  private static func simulation(_ variant: Variant) throws -> Simulation {
    var rule = FunctionRule(pattern: "*")
    rule.initDuration = .constant(0.25)
    rule.platformOverhead = .constant(0)
    variant.change(&rule)
    let platform = Platform(
      accountConcurrency: 1000, keepAlive: KeepAlive(.constant(600)), maximumLifetime: nil, rules: [rule])
    let function = SyntheticFunction(
      name: "f", arrivals: .poisson(rate: rate),
      duration: .lognormal(mu: log(MemoryRace.median), sigma: MemoryRace.sigma))
    let workload = try Workload.synthetic(
      SyntheticWorkload(horizon: horizon, functions: [function]), title: variant.name)
    let settings = platform.settings(for: function.name)
    let change = settings.shortWork.map { DurationChange.law($0.law()) } ?? .factor(settings.durationFactor)
    return Simulation(
      workload: workload.changingDurations { _ in change }, platform: platform, seed: 1,
      jobs: ProcessInfo.processInfo.activeProcessorCount)
  }
}
