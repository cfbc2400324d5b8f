import Diagnostics
import Foundation
import Statistics
import TestSupport
import Testing
import Units

@testable import Logs
@testable import Traces
@testable import Workloads

/// Against the published figures of Azure Functions 2019, which were read to ±0.015.
@Suite("A population with the marginals of Azure Functions 2019")
struct PopulationTests {
  static let functions = Population(size: .functions(20_000), seed: 7).draw()
  /// Expected invocations a day.
  static let daily = functions.map { $0.arrivals.expectedDaily }

  @Test("a population of the size asked for, the same each time, another for another seed")
  func sizes() {
    #expect(Self.functions.count == 20_000)
    #expect(Set(Self.functions.map(\.name)).count == 20_000)
    let again = Population(size: .functions(300), seed: 7).draw()
    #expect(again == Population(size: .functions(300), seed: 7).draw())
    #expect(again != Population(size: .functions(300), seed: 8).draw())
    let applications = Population(size: .applications(500), seed: 1).draw()
    #expect(Set(applications.map(\.application)).count == 500)
  }

  @Test(
    "functions by mean invocations a day",
    arguments: [
      (1.0, 0.33), (10, 0.55), (24, 0.64), (288, 0.83), (1440, 0.93), (10_000, 0.965), (86_400, 0.99),
    ])
  func rates(daily: Double, share: Double) {
    let found = Double(Self.daily.count { $0 <= daily * 1.000_001 }) / 20_000
    #expect(near(found, share, 0.005), "\(found)")
  }

  @Test(
    "the share of all invocations that the most invoked functions have",
    arguments: [(0.0001, 0.32), (0.001, 0.63), (0.01, 0.915), (0.1, 0.994)])
  func topShares(part: Double, share: Double) {
    let sorted = Self.daily.sorted(by: >)
    let found = sorted.prefix(Int(part * 20_000)).reduce(0, +) / sorted.reduce(0, +)
    #expect(near(found, share, 0.015), "\(found)")
  }

  @Test("functions and invocations by trigger")
  func triggers() {
    let total = Self.daily.reduce(0, +)
    for kind in Azure2019Marginals.triggers {
      let members = Self.functions.indices.filter { Self.functions[$0].trigger == kind.trigger.rawValue }
      #expect(near(Double(members.count) / 200, kind.functions, 0.2), "\(kind): \(members.count)")
      let invocations = members.reduce(0) { $0 + Self.daily[$1] } / total * 100
      #expect(near(invocations, kind.invocations, 1.5), "\(kind): \(invocations) %")
    }
  }

  @Test("functions in an application")
  func applications() {
    let sizes = Dictionary(grouping: Self.functions, by: \.application).values.map(\.count)
    for (range, probability) in [(1...1, 0.54), (2...2, 0.16), (3...3, 0.10), (4...5, 0.08), (6...10, 0.07)] {
      let found = Double(sizes.count { range.contains($0) }) / Double(sizes.count)
      #expect(near(found, probability, 0.02), "\(range): \(found)")
    }
  }

  @Test(
    "applications by invocations a day follow from putting functions together at random",
    arguments: [
      (1.0, 0.21), (10, 0.38), (24, 0.45), (96, 0.56), (288, 0.67), (1440, 0.83), (10_000, 0.925), (86_400, 0.978),
    ])
  func applicationRates(daily: Double, share: Double) {
    var totals: [String: Double] = [:]
    for (function, rate) in zip(Self.functions, Self.daily) { totals[function.application ?? "", default: 0] += rate }
    let found = Double(totals.values.count { $0 <= daily * 1.000_001 }) / Double(totals.count)
    #expect(near(found, share, 0.03), "\(found)")
  }

  @Test("mean durations are lognormal(−0.38, 2.36) s; within a function they spread around it")
  func durations() {
    let means = Self.functions.map { log($0.duration.mean) }
    #expect(kolmogorov(means) { 0.5 * erfc(-($0 + 0.38) / 2.36 / 2.0.squareRoot()) } < 1.95)
    #expect(Self.functions.allSatisfy { near($0.duration.coefficientOfVariation, 0.594, 0.001) })
  }

  @Test("memory in use by application is Burr(11.652, 0.221, 107.083) MB")
  func memory() {
    let groups = Dictionary(grouping: Self.functions, by: \.application).values
    let used = groups.compactMap { $0.first?.memoryUsed }
    #expect(kolmogorov(used) { 1 - pow(1 + pow($0 / 107.083, 11.652), -0.221) } < 1.95)
    #expect(groups.allSatisfy { Set($0.map(\.memoryUsed)).count == 1 })
  }

  /// The coefficient of variation of the gaps of functions alone in their applications, from drawn arrivals.
  private func gapVariations(timers: Bool) throws -> [Double] {
    var byApplication: [String: Int] = [:]
    for function in Self.functions { byApplication[function.application ?? "", default: 0] += 1 }
    var result: [Double] = []
    for function in Self.functions where byApplication[function.application ?? ""] == 1 {
      guard (function.trigger == "timer") == timers, result.count < (timers ? 400 : 300) else { continue }
      // Long enough for some 3,000 arrivals, whatever the rate; days turn under rare functions quickly enough.
      let horizon = Instant(nanoseconds: Int64(min(3000 / function.arrivals.expectedDaily * 86_400e9, 9e16)))
      var generator = function.generator(
        seed: 1, replication: 0, horizon: horizon, start: SyntheticWorkload.assumedStart)
      var block = InvocationBlock()
      generator.generate(until: horizon, into: &block)
      guard block.count > 200 else { continue }
      let (mean, deviation) = moments(gaps(block.arrivals.map { Double($0) / 1e9 }))
      result.append(deviation / mean)
    }
    return result
  }

  @Test("gaps of functions without timers: coefficients of variation as published")
  func gapVariation() throws {
    let found = try gapVariations(timers: false)
    #expect(found.count == 300)
    // Two standard errors of 300 and the readings' own error; a CV above 10 shows too small in 3,000 gaps.
    for (cv, share) in [(0.02, 0.11), (1, 0.35), (2, 0.55), (4, 0.76), (10, 0.91)] {
      let below = Double(found.count { $0 <= cv }) / Double(found.count)
      #expect(near(below, share, 0.07), "\(below) up to \(cv)")
    }
  }

  @Test("gaps of timers: coefficients of variation as published")
  func timerGapVariation() throws {
    let found = try gapVariations(timers: true)
    #expect(found.count == 400)
    for (cv, share) in [(0.02, 0.46), (1.01, 0.935), (2, 0.98)] {
      let below = Double(found.count { $0 <= cv }) / Double(found.count)
      #expect(near(below, share, 0.06), "\(below) up to \(cv)")
    }
  }

  @Test("a wanted total, a scale, other triggers and a correlation are kept")
  func options() {
    func total(_ population: Population) -> Double {
      population.draw().reduce(0) { $0 + $1.arrivals.expectedDaily }
    }
    let base = total(Population(size: .functions(2000)))
    #expect(near(base / 2000, 13_347, 400))
    #expect(near(total(Population(size: .functions(2000), volume: .invocationsPerDay(5e6))), 5e6, 5e3))
    #expect(near(total(Population(size: .functions(2000), volume: .scale(0.25))), base / 4, base / 1000))

    let only = Population(size: .functions(1000), triggers: [.timer: 1, .queue: 3]).draw()
    #expect(only.count { $0.trigger == "timer" } == 250 && only.count { $0.trigger == "queue" } == 750)

    let related = Population(size: .functions(2000), rateDurationCorrelation: -0.5).draw()
    func ranks(_ values: [Double]) -> [Double] {
      var ranks = values
      for (rank, index) in values.indices.sorted(by: { values[$0] < values[$1] }).enumerated() {
        ranks[index] = Double(rank)
      }
      return ranks
    }
    let x = ranks(related.map { $0.arrivals.expectedDaily })
    let y = ranks(related.map(\.duration.mean))
    let (mx, sx) = moments(x)
    let (my, sy) = moments(y)
    let covariance = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) } / 1999
    #expect(near(covariance / (sx * sy), -0.5, 0.06))
  }

  @Test("populations of one function and of applications with rare functions work")
  func small() throws {
    for count in 1...30 {
      let description = SyntheticWorkload(
        horizon: .hours(24), population: Population(size: .functions(count), seed: UInt64(count), volume: .scale(1e-4)))
      guard case .generated(let generated) = try Workload.synthetic(description, title: "p").feed else { continue }
      #expect(generated.functions.count == count)
      var block = InvocationBlock()
      for function in 0..<count {
        var generator = generated.generator(function, 1, 0)
        generator.generate(until: generated.horizon, into: &block)
      }
      #expect(near(Double(block.count), 1.33 * Double(count), 200))
    }
  }
}

extension ArrivalProcess {
  /// A population's profiles have mean one over a day.
  fileprivate var expectedDaily: Double {
    if case .modulated(let process, _) = self { return process.expectedDaily }
    return expectedArrivals(before: .hours(24_000), start: SyntheticWorkload.assumedStart) / 1000
  }
}
