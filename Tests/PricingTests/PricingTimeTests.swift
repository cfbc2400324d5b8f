import Engine
import Foundation
import Platforms
import Statistics
import Testing
import Units
import Workloads

@testable import Pricing

@Suite("The time of pricing")
struct PricingTimeTests {
  /// Pricing takes its time once, whatever the number of invocations: a day of thirty functions is a small simulation.
  @Test(
    "is less than two percent of the simulation's, with all that a report says of money",
    .enabled(if: ProcessInfo.processInfo.environment["FAASCAST_LONG"] != nil, "takes long: set FAASCAST_LONG"))
  func share() throws {
    let functions = (0..<30).map { index in
      SyntheticFunction(
        name: "f\(index)", arrivals: .poisson(rate: 1), duration: .lognormal(mu: -2, sigma: 1),
        memory: MemorySize(megabytes: 128 << (index % 5)))
    }
    let workload = try Workload.synthetic(
      SyntheticWorkload(horizon: .hours(24), functions: functions), title: "thirty functions")
    let simulation = Simulation(workload: workload, platform: Platform())
    let clock = ContinuousClock()
    var outcome: Outcome?
    let simulated = try clock.measure { outcome = try simulation.run() }
    let simulatedOutcome = try #require(outcome)
    let book = try PriceBook.shipped.get()
    // The first of three may find the machine busy with something else.
    let priced = (0..<3).map { _ in
      clock.measure {
        let bill = Bill(for: Usage(simulatedOutcome, region: "us-east-1"), book: book)
        _ = bill.costs(of: simulatedOutcome)
        _ = CostParts(of: simulatedOutcome, bill: bill)
        _ = Alternative.all(for: simulatedOutcome, region: "us-east-1", book: book, terms: BillingTerms())
      }
    }
    let share = try #require(priced.min()) / simulated
    #expect(share < 0.02, "\(priced) of \(simulated) for \(simulatedOutcome.totals.arrivals) invocations")
  }
}
