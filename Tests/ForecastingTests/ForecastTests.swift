import Diagnostics
import Engine
import Foundation
import Planning
import Pricing
import Reporting
import Scenarios
import TestSupport
import Testing
import Units

@testable import Forecasting
@testable import Platforms
@testable import Statistics

/// Forecasts as a library call, without the command line.
@Suite("Forecasts")
struct ForecastTests {
  private func scenario(_ more: String = "", file: String = "shop.yaml") throws -> Scenario {
    let directory = try TemporaryDirectory()
    let text = """
      name: shop
      seed: 3
      workload: {synthetic: {horizon: 2h, functions: {f: {arrivals: {poisson: 2}, duration: {exponential: 400ms}}}}}
      platform: {account-concurrency: unlimited}
      functions: {f: {memory: 1024}}

      """
    return try Scenario(contentsOf: directory.write(file, text + more))
  }

  @Test("one call gives the outcome of a plain simulation, its bill, and each function's part of it")
  func plain() throws {
    let scenario = try scenario()
    let result = try Forecast(of: scenario).run()
    let outcome = try Simulation(
      workload: scenario.openWorkload(), platform: scenario.platform, seed: scenario.seed
    ).run()
    #expect(result.isComplete && result.missed.isEmpty)
    let isSame = result.report.outcome.totals == outcome.totals
    #expect(isSame)
    let costs = try #require(result.report.costs)
    #expect(costs.bill.total > 0)
    #expect(costs.functions == [costs.bill.total])
    #expect(costs.month == nil && !costs.textShowsAlternatives)
  }

  @Test("the month's interval is the span's, in proportion")
  func month() throws {
    var options = Forecast.Options(jobs: 2)
    options.goal = .count(6)
    options.perMonth = true
    let report = try Forecast(of: scenario(), options: options).run().report
    let costs = try #require(report.costs)
    let month = try #require(costs.month)
    let interval = try #require(report.certainty.intervals[.cost])
    let share = try #require(month.halfWidth95) / NSDecimalNumber(decimal: month.bill.total).doubleValue
    #expect(
      abs(share - interval.halfWidth / NSDecimalNumber(decimal: costs.bill.total).doubleValue) < 1e-12)
  }

  @Test("a precision out of reach is told by the outputs that miss it")
  func precision() throws {
    var options = Forecast.Options(jobs: 2)
    options.goal = .precision(PrecisionTarget(relative: 1e-6, outputs: [.coldStarts, .invocations], most: 10))
    options.warmUp = WarmUpChoice.none
    let result = try Forecast(of: scenario(), options: options).run()
    #expect(result.missed == [.coldStarts, .invocations])
    #expect(result.report.certainty.remarks.contains { $0.contains("coldStarts, invocations") })
  }

  @Test("stopped at once, a forecast says so and still has a report")
  func stopped() throws {
    let result = try Forecast(of: scenario()).run(.init(shouldStop: { true }))
    let (isComplete, seed) = (result.isComplete, result.report.seed)
    #expect(!isComplete && seed == 3)
  }

  @Test("a Region that the book does not have is a fault at its key, before anything is simulated")
  func region() throws {
    let scenario = try scenario(file: "region.yaml")
    var other = scenario
    other.platform.region = "moon-1"
    let fault = try #require(throws: InputFault.self) { try Forecast(of: other) }
    #expect(fault.description.contains("region.yaml"))
  }

  @Test("scenarios that differ in nothing differ by nothing; two of one name are told apart by their files")
  func comparison() throws {
    let pair = [try scenario(), try scenario(file: "again.yaml")]
    var comparison = try ForecastComparison(of: pair, jobs: 2)
    comparison.replications = 4
    let report = try #require(try comparison.run())
    let difference = try #require(report.comparison.difference(of: 1, in: .coldStarts))
    #expect(difference.interval.estimate == 0 && difference.interval.halfWidth == 0)
    #expect(report.comparison.names.map { ($0 as NSString).lastPathComponent } == ["shop.yaml", "again.yaml"])
    #expect(try comparison.run(.init(shouldStop: { true })) == nil)
  }
}
