import Foundation
import Statistics
import TestSupport
import Testing

@testable import Calibration

private let lambdaPerf = "aws/lambda_perf_init_ms_2026-06_2026-08.csv.gz"

/// Whether tests that take minutes without optimisation are asked for.
let runsLong = ProcessInfo.processInfo.environment["FAASCAST_LONG"] != nil

@Suite("Init times of 469,764 real cold starts", .enabled(if: RealData.has(lambdaPerf)))
struct InitFitTests {
  private static let table = Result { try InitTable(path: RealData.path(lambdaPerf)) }

  /// Every so many groups, and every so many rows of each.
  private func part(groups: Int, rows: Int) throws -> InitTable {
    var table = try Self.table.get()
    table.groups = stride(from: 0, to: table.groups.count, by: groups).map { index in
      let group = table.groups[index]
      return (group.group, stride(from: 0, to: group.rows.count, by: rows).map { group.rows[$0] })
    }
    return table
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  @Test("three lognormal laws are within 0.03 in sample; the latest part's are no worse later than the drift floor")
  func threeLognormals() throws {
    let whole = try Self.table.get()
    #expect(whole.rows == 469_764 && whole.groups.count == 155)
    let table = try runsLong ? whole : part(groups: 17, rows: 5)
    let fits = table.fits(
      split: "2026-07-18", families: runsLong ? LawFamily.allCases : [.threeLognormals], jobs: 2)
    let inSample = fits.compactMap { $0.candidates.first?.distance }
    #expect(inSample.count == table.groups.count)
    #expect(median(inSample) <= 0.03, "\(median(inSample))")
    let later = fits.compactMap(\.outOfWindow)
    #expect(later.count >= table.groups.count * 9 / 10)
    let drift = try #require(WindowDrift(fits))
    #expect(drift.floor.value > 0.05)
    #expect(drift.isNoWorse && drift.law.value <= drift.floor.value, "\(drift)")
    // At full size the difference is beyond doubt.
    if runsLong { #expect(drift.difference.interval.upperBound < 0, "\(drift)") }
  }

  @Test("memory is found to have no effect on init, and one of 2 % is out of the question")
  func memory() throws {
    let effect = try #require(MemoryEffect(try Self.table.get(), replicates: 999))
    #expect(effect.smallest == 128 && effect.largest == 1024 && effect.units == 78)
    #expect(effect.pValue > 0.05, "\(effect)")
    #expect(effect.interval.contains(1) && effect.interval.lowerBound > 0.98, "\(effect)")
    #expect(effect.interval.upperBound < 1.02 && effect.equivalencePValue < 0.01, "\(effect)")
    let trend = try #require(effect.trend)
    #expect(trend.pValue > 0.05 && trend.interval.upperBound < 0.01, "\(effect)")
  }
}

@Suite("Init tables")
struct InitTableTests {
  /// Pairs of functions at 128 and 1024 MB, `ratio` apart, each with its own luck that every day repeats.
  private func pairs(_ count: Int, ratio: Double, luck: Double, seed: UInt64) -> InitTable {
    var stream = RandomStream(seed: seed, purpose: .durations)
    return InitTable(
      groups: (0..<count).map { index in
        let own = [128: exp(luck * stream.normal()), 1024: exp(luck * stream.normal())]
        var rows: [InitTable.Row] = []
        for day in 10..<40 {
          let shared = exp(0.2 * stream.normal())
          for (memory, scale) in [(128, 0.1 * ratio), (1024, 0.1)] {
            let duration = shared * scale * (own[memory] ?? 1) * exp(0.05 * stream.normal())
            rows.append(.init(moment: "\(day)", memory: memory, duration: duration))
          }
        }
        return (.init(runtime: "r\(index)"), rows)
      })
  }

  @Test("an effect of memory that is there is found")
  func effect() throws {
    let effect = try #require(MemoryEffect(pairs(20, ratio: 1.05, luck: 0.01, seed: 4)))
    #expect(effect.pValue < 0.01 && (effect.ratio / 1.05 - 1).magnitude < 0.02)
    #expect(!effect.interval.contains(1) && effect.equivalencePValue > 0.9)
    #expect(MemoryEffect(pairs(1, ratio: 1, luck: 0, seed: 4)) == nil)
  }

  @Test("sizes that differ by what is no memory show no trend; memory's does, whatever its sizes")
  func trend() throws {
    func table(_ levels: [Int: Double]) -> InitTable {
      var stream = RandomStream(seed: 3, purpose: .durations)
      return InitTable(
        groups: (0..<20).map { index in
          let rows = levels.sorted { $0.key < $1.key }.flatMap { memory, level in
            (10..<20).map { day in
              InitTable.Row(
                moment: "\(day)", memory: memory, duration: 0.1 * level * exp(0.02 * stream.normal()))
            }
          }
          return (.init(runtime: "r\(index)"), rows)
        })
    }
    let scattered = try #require(MemoryEffect(table([128: 1, 256: 0.97, 512: 1.02, 1024: 1]), replicates: 999))
    #expect(try #require(scattered.trend).pValue > 0.2, "\(scattered)")
    let falling = try #require(
      MemoryEffect(table([128: 1.06, 256: 1.05, 512: 1.03, 1024: 1.02, 2048: 1]), replicates: 999))
    let trend = try #require(falling.trend)
    #expect(trend.pValue < 0.05 && trend.interval.contains(trend.perDoubling) && trend.interval.upperBound < 0)
    #expect(falling.pValue < 0.01)
  }

  @Test("what is peculiar to single deployments is not taken for memory, however many days repeat it")
  func luck() throws {
    let found = try (0..<40).count { seed in
      try #require(MemoryEffect(pairs(12, ratio: 1, luck: 0.03, seed: UInt64(seed)), replicates: 199)).pValue <= 0.05
    }
    // Two of forty by chance; eight or more would be one in a thousand.
    #expect(found < 8, "\(found)")
  }

  @Test("drift between halves: a law that comes as near as its sample is no worse than the floor, one further off is")
  func drift() throws {
    func fits(_ excess: Double) -> [InitFit] {
      (0..<30).map { index in
        var fit = InitFit(group: .init(runtime: "r\(index)"), count: 100, candidates: [])
        let low = (0..<50).map { 1 + Double($0) }
        if var drift = SampleDrift(from: low, to: low.map { $0 * 1.2 }) {
          drift.distance = 0.1 + 0.004 * Double(index)
          let predicted = drift.distance + excess * (1 + 0.1 * Double(index % 5))
          fit.outOfWindow = .init(fit: predicted, latest: predicted, whole: predicted, drift: drift)
        }
        return fit
      }
    }
    for excess in [-0.02, 0] { #expect(try #require(WindowDrift(fits(excess))).isNoWorse) }
    for excess in [0.002, 0.05] { #expect(try !#require(WindowDrift(fits(excess))).isNoWorse) }
    #expect(WindowDrift([]) == nil)
  }

  /// Forty days of 60 cold starts, whose scale is `level(day)`.
  private func days(_ level: (Int) -> Double) -> InitTable {
    var stream = RandomStream(seed: 9, purpose: .durations)
    return InitTable(
      groups: (0..<3).map { index in
        let rows = (10..<50).flatMap { day in
          (0..<60).map { _ in
            InitTable.Row(
              moment: "\(day)", memory: nil, duration: 0.1 * level(day) * exp(0.2 * stream.normal()))
          }
        }
        return (.init(runtime: "r\(index)"), rows)
      })
  }

  @Test("where init times drift, laws are fitted to the latest days; where they don't, to all")
  func recency() throws {
    let drifting = days { 1 + 0.02 * Double($0) }
    let recent = Recency(drifting.groups)
    #expect(recent.best?.moments == 5, "\(recent.choices)")
    #expect(recent.latest(of: drifting.groups[0].rows[...]).count == 5 * 60)
    let before = Recency(drifting.groups, before: "30")
    #expect(before.latest(of: drifting.groups[0].rows.prefix { $0.moment < "30" }).last?.moment == "29")
    let still = days { _ in 1 }
    #expect(Recency(still.groups).best?.moments == 40, "\(Recency(still.groups).choices)")
    // What comes after the window's end is not looked at.
    let jump = days { $0 < 30 ? 1 : 1 + 0.05 * Double($0) }
    #expect(Recency(jump.groups, before: "30") == Recency(still.groups, before: "30"))
    let fit = drifting.fits(split: "30", families: [.lognormal])[0]
    let later = try #require(fit.outOfWindow)
    #expect(later.fit < later.drift.distance - 0.05 && later.fit < later.whole, "\(later)")
    // The law to simulate with is that of the latest days: from 1.9 at day 45 to 1.98 at 49, times 100 ms.
    #expect(((try #require(fit.law).quantile(0.5)) / 0.194 - 1).magnitude < 0.03)
    #expect(Recency([]).best == nil)
  }

  @Test("where no family is near, the sample itself is the law")
  func fallback() throws {
    let clumps = (0..<400).map { (index: Int) -> Double in
      let clump = 0.05 * Double(index % 5)
      return 0.1 + clump + 1e-5 * Double(index)
    }
    let rows = clumps.map { InitTable.Row(moment: "", memory: nil, duration: $0) }
    let fit = InitTable(groups: [(.init(), rows)]).fits(families: [.lognormal])[0]
    guard case .empirical = fit.law else { return #expect(Bool(false)) }
    #expect(fit.outOfWindow == nil)
  }
}
