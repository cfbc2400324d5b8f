import Foundation
import RealData
import Statistics
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

  @Test("three lognormal laws are within 0.03 in sample, and no worse later than the sample itself")
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
    // What the halves differ by, no law can foresee.
    #expect(median(later.map(\.drift.distance)) > 0.05)
    #expect(median(later.map { $0.fit - $0.drift.distance }) <= 0.005)
  }

  @Test("memory has no effect on init that matters: less than 1 %, and 2 % is out of the question")
  func memory() throws {
    let effect = try #require(MemoryEffect(try Self.table.get(), replicates: 999))
    #expect(effect.smallest == 128 && effect.largest == 1024 && effect.days == 77)
    #expect(effect.interval.lowerBound > 0.99 && effect.interval.upperBound < 1.01, "\(effect)")
    #expect(effect.equivalencePValue < 0.01, "\(effect)")
  }
}

@Suite("Init tables")
struct InitTableTests {
  @Test("an effect of memory that is there is found")
  func effect() throws {
    var stream = RandomStream(seed: 4, purpose: .durations)
    var rows: [InitTable.Row] = []
    for day in 10..<40 {
      let shared = exp(0.2 * stream.normal())
      for _ in 0..<10 {
        for memory in [128, 1024] {
          let scale = memory == 128 ? 0.105 : 0.1
          rows.append(.init(moment: "\(day)", memory: memory, duration: shared * scale * exp(0.1 * stream.normal())))
        }
      }
    }
    let effect = try #require(MemoryEffect(InitTable(groups: [(.init(runtime: "r"), rows)])))
    #expect(effect.pValue < 0.01 && (effect.ratio / 1.05 - 1).magnitude < 0.02)
    #expect(!effect.interval.contains(1) && effect.equivalencePValue > 0.9)
    #expect(MemoryEffect(InitTable(groups: [(.init(), rows.filter { $0.memory == 128 })])) == nil)
  }

  @Test("where no family is near, the sample itself is the law")
  func fallback() throws {
    let clumps = (0..<400).map { (index: Int) -> Double in
      let clump = 0.05 * Double(index % 5)
      return 0.1 + clump + 1e-5 * Double(index)
    }
    let rows = clumps.map { InitTable.Row(moment: "", memory: nil, duration: $0) }
    let fit = InitTable(groups: [(.init(), rows)]).fits(families: [.lognormal])[0]
    guard case .empirical = fit.law(clumps) else { return #expect(Bool(false)) }
    #expect(fit.outOfWindow == nil)
  }
}
