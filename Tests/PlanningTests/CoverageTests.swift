import Diagnostics
import Foundation
import Platforms
import Statistics
import Testing
import Units

@testable import Engine
@testable import Planning

/// Of many nominal 95 % intervals, how many hold the truth.
@Suite("Intervals hold what they say")
struct CoverageTests {
  private static let isFull = OracleSize.isFull

  /// How many of `count` intervals, each from so many replications with random numbers of its own, hold `truth`.
  private func held(
    of count: Int, replications: Int, _ pool: Pool, warmUp: TimeSpan = .zero, truth: [Output: Double],
    read: @escaping @Sendable (Outcome) -> Readings
  ) throws -> [Output: Int] {
    let hits = try replicate(count) { number -> [Output] in
      let findings = try Replications(pool.simulation(seed: 1000 + number), jobs: 1, warmUp: warmUp).run(
        .count(replications), read: { (outcome) throws(InputFault) in read(outcome) })
      return truth.filter { findings.study.interval($0.key)?.contains($0.value) == true }.map(\.key)
    }
    return Dictionary(hits.flatMap(\.self).map { ($0, 1) }, uniquingKeysWith: +)
  }

  /// 93 to 97 of a hundred; with fewer than a thousand intervals, as much more as chance has it.
  private func expect(_ held: [Output: Int], of count: Int, _ outputs: [Output]) {
    let slack = count >= 1000 ? 0 : 3 * (0.95 * 0.05 / Double(count)).squareRoot()
    for name in outputs {
      let share = Double(held[name] ?? 0) / Double(count)
      if Self.isFull { print("\(name): \(held[name] ?? 0) of \(count) intervals hold the truth") }
      #expect((0.93 - slack...0.97 + slack).contains(share), "\(name): \(held[name] ?? 0) of \(count)")
    }
  }

  @Test("M/M/∞ from empty: Student's for the mean busy, order statistics for the median and the 90th percentile")
  func infiniteServer() throws {
    let count = 1000
    let pool = Pool(rate: 2, service: .exponential(mean: 1), keepAlive: 5, horizon: .minutes(1))
    // E[N(t)] = a (1 - e^-t), averaged over the minute.
    let busy = 2 * (1 + expm1(-60.0) / 60)
    let held = try held(
      of: count, replications: 5, pool,
      truth: [.meanConcurrency: busy, .duration(.p50): log(2), .duration(.p90): log(10)]
    ) { outcome in
      let totals = outcome.totals
      return Readings([
        (.meanConcurrency, .figure(Double(totals.busyTimeInHorizon) / Double(outcome.horizon.nanoseconds))),
        (.duration(.p50), .quantile(0.5, of: totals.duration, unit: 1e9)),
        (.duration(.p90), .quantile(0.9, of: totals.duration, unit: 1e9)),
      ])
    }
    expect(held, of: count, [.meanConcurrency, .duration(.p50), .duration(.p90)])
  }

  @Test("pool: Student's for the mean idle, Wilson's for the share of cold starts")
  func pool() throws {
    let count = Self.isFull ? 1000 : 150
    let exact = try KeepAlivePool(rate: 2, service: 1, keepAlive: 5).figures()
    let pool = Pool(rate: 2, service: .exponential(mean: 1), keepAlive: 5, horizon: .minutes(Self.isFull ? 11 : 4))
    let held = try held(
      of: count, replications: Self.isFull ? 10 : 5, pool, warmUp: .minutes(1),
      truth: [.meanIdleEnvironments: exact.meanIdle, .coldShare: exact.coldProbability]
    ) { outcome in
      let totals = outcome.totals
      return Readings([
        (.meanIdleEnvironments, .figure(Double(totals.idleTimeInHorizon) / Double(outcome.horizon.nanoseconds))),
        (.coldShare, .share(totals.coldStarts, of: totals.starts)),
      ])
    }
    expect(held, of: count, [.meanIdleEnvironments, .coldShare])
  }
}

@Suite("Common random numbers")
struct CommonRandomNumbersTests {
  @Test("6 against 7 provisioned: the variance of the difference in cold starts is cut at least five times")
  func provisioned() throws {
    let replications = OracleSize.isFull ? 200 : 60
    // The reference, 8.6, is of 200 replications of 200,000 requests.
    let horizon = TimeSpan.seconds(OracleSize.isFull ? 100_000 : 1000)
    let studies = try [6, 7].map { provisioned in
      let pool = Pool(
        rate: 2, service: .exponential(mean: 1), keepAlive: 60, provisioned: provisioned, horizon: horizon)
      return try Replications(pool.simulation(seed: 2), jobs: ProcessInfo.processInfo.activeProcessorCount).run(
        .count(replications),
        read: { (outcome) throws(InputFault) in
          Readings([
            (.coldStarts, .figure(Double(outcome.totals.coldStarts))),
            (.invocations, .figure(Double(outcome.totals.arrivals))),
          ])
        }
      ).study
    }
    let comparison = Comparison([("six", studies[0]), ("seven", studies[1])])
    let invocations = try #require(comparison.difference(of: 1, in: .invocations))
    #expect(invocations.interval.halfWidth == 0 && invocations.interval.estimate == 0)
    #expect(invocations.varianceCut == nil)
    let cold = try #require(comparison.difference(of: 1, in: .coldStarts))
    #expect(cold.interval.upper < 0 && !cold.isNoise)
    let cut = try #require(cold.varianceCut)
    if OracleSize.isFull { print("variance cut by common random numbers: \(cut)") }
    #expect(cut >= 5, "\(cut)")
  }

  @Test("two names for one scenario differ in nothing; several alternatives widen the intervals")
  func bonferroni() throws {
    let studies = try [5.0, 5, 8].map { keepAlive in
      let pool = Pool(rate: 1, service: .exponential(mean: 1), keepAlive: keepAlive, horizon: .minutes(10))
      return try Replications(pool.simulation(seed: 3), jobs: 2).run(
        .count(10),
        read: { (outcome) throws(InputFault) in Readings([(.coldStarts, .figure(Double(outcome.totals.coldStarts)))]) }
      ).study
    }
    let three = Comparison([("a", studies[0]), ("b", studies[1]), ("c", studies[2])])
    let two = Comparison([("a", studies[0]), ("c", studies[2])])
    let same = try #require(three.difference(of: 1, in: .coldStarts))
    #expect(same.isNoise && same.interval.halfWidth == 0)
    #expect(abs(three.confidence - 0.975) < 1e-12 && abs(two.confidence - 0.95) < 1e-12)
    let (wide, narrow) = (
      try #require(three.difference(of: 2, in: .coldStarts)), try #require(two.difference(of: 1, in: .coldStarts))
    )
    #expect(wide.interval.estimate == narrow.interval.estimate)
    #expect(wide.interval.halfWidth > narrow.interval.halfWidth)
  }
}
