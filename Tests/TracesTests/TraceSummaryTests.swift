import Diagnostics
import Statistics
import TestSupport
import Testing
import Units

@testable import Logs
@testable import Traces
@testable import Workloads

@Suite("What a trace is like")
struct TraceSummaryTests {
  private let second: Int64 = 1_000_000_000

  @Test("counts of a small trace")
  func small() throws {
    let minute = 60 * second
    let rows = [
      Row(function: 0, arrival: 0, duration: second), Row(function: 1, arrival: 10 * second, duration: 0),
      Row(function: 0, arrival: minute, duration: 3 * second), Row(function: 0, arrival: minute, duration: 2 * second),
      Row(function: 3, arrival: minute, duration: 4 * second), Row(function: 0, arrival: 120 * minute, duration: 0),
    ]
    let summary = try TraceSummary.of(.rows(rows), busiest: 2)
    #expect(summary.invocations == 6)
    #expect(summary.functions == 4 && summary.idleFunctions == 1 && summary.applications == nil)
    #expect(summary.arrivals == .zero ... .zero + .minutes(120))
    #expect(summary.horizon == .zero + .minutes(120))
    #expect(summary.meanRate == 6.0 / 7200 && summary.meanConcurrency == 10.0 / 7200)
    #expect(summary.peakMinute == .init(start: .zero + .minutes(1), invocations: 3))
    #expect(summary.busiest.map(\.function.name) == ["f0", "f1"])
    #expect(summary.busiest[0].invocations == 4 && summary.busiest[0].meanDuration == .milliseconds(1500))
    #expect(
      summary.oddities
        == .init(
          zeroDurations: 2, simultaneousArrivals: 2, simultaneousInFunction: 1, longGaps: 1,
          longestGap: .minutes(119), longestGapStart: .zero + .minutes(1), singleInvocations: 2))
    #expect(summary.durations.count == 6)
    #expect(summary.ledger.read == 6)
    #expect(summary.epoch == nil)
  }

  @Test("Poisson arrivals have dispersion and gap variation near 1 on all scales, a clock has none")
  func poissonAndClock() throws {
    var stream = RandomStream(seed: 11, purpose: .arrivals)
    var at = 0.0
    var poisson: [Row] = []
    while true {
      at += stream.exponential() * 2e9
      guard at < 100 * 3600e9 else { break }
      poisson.append(Row(function: 0, arrival: Int64(at), duration: 1))
    }
    let summary = try TraceSummary.of(.generated(poisson, functions: 1, horizon: .zero + .hours(100)))
    #expect(summary.dispersion.map(\.intervals) == [360_000, 6000, 600, 100])
    // The index over n intervals has a standard deviation of about √(2/n).
    for level in summary.dispersion {
      let index = try #require(level.index)
      #expect(abs(index - 1) < 5 * (2 / Double(level.intervals)).squareRoot(), "\(level)")
    }
    #expect(abs(try #require(summary.gapVariation) - 1) < 0.02)
    #expect(abs(try #require(summary.gapVariationOfFunctions?.median) - 1) < 0.02)

    let clock = (0..<7200).map { Row(function: Int32($0 % 2), arrival: Int64($0) * second, duration: 1) }
    let regular = try TraceSummary.of(.rows(clock))
    #expect(regular.dispersion.map(\.index) == [0, 0, 0, 0])
    #expect(regular.dispersion.map(\.intervals) == [7199, 119, 12, 2])
    #expect(regular.gapVariation == 0 && regular.gapVariationOfFunctions?.maximum == 0)
    #expect(regular.gapVariationOfFunctions?.functions == 2)
  }

  @Test("dispersion is the variance of counts over their mean, by its definition")
  func dispersion() throws {
    for seed in 0..<20 as Range<UInt64> {
      var stream = RandomStream(seed: seed, purpose: .resampling)
      let horizon = Int64(1 + stream.index(below: 9000)) * second + Int64(stream.index(below: 1_000_000_000))
      let rows = stream.rows(stream.index(below: 800), functions: 3, span: horizon)
      let summary = try TraceSummary.of(.generated(rows, functions: 3, horizon: Instant(nanoseconds: horizon)))
      for level in summary.dispersion {
        let width = level.interval.nanoseconds
        var counts = Array(repeating: 0.0, count: Int(Double(horizon) / Double(width) + 0.01))
        for row in rows where Int(row.arrival / width) < counts.count { counts[Int(row.arrival / width)] += 1 }
        #expect(level.intervals == counts.count, "seed \(seed)")
        guard counts.count > 1, counts.contains(where: { $0 > 0 }) else {
          #expect(level.index == nil)
          continue
        }
        let mean = counts.reduce(0, +) / Double(counts.count)
        let variance = counts.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(counts.count - 1)
        #expect(abs(try #require(level.index) - variance / mean) < 1e-9, "seed \(seed), \(level)")
      }
    }
  }

  @Test("an empty trace has a summary")
  func empty() throws {
    let summary = try TraceSummary.of(.rows([]))
    #expect(summary.invocations == 0 && summary.meanRate == 0 && summary.arrivals == nil && summary.peakMinute == nil)
    #expect(!summary.lines.isEmpty)
  }

  @Test("a trace that must be read again is summed up once")
  func restart() throws {
    var rows = (0..<300_000).map { Row(function: 0, arrival: Int64($0), duration: 1) }
    rows[299_999].arrival = 5
    let summary = try TraceSummary.of(.rows(rows))
    #expect(summary.invocations == 300_000 && summary.ledger.read == 300_000)
    #expect(summary.oddities.simultaneousArrivals == 1)
  }

  @Test(
    "the Azure trace's first rows",
    .enabled(if: RealData.has(Azure2021Tests.sample), "needs \(Azure2021Tests.sample) in FAASCAST_DATA"))
  func realRows() throws {
    let summary = try TraceSummary.of(.azure2021(file: RealData.path(Azure2021Tests.sample)))
    #expect(summary.invocations == 998)
    #expect(summary.functions == 49 && summary.applications == 21)
    #expect(summary.oddities.zeroDurations == 43)
    #expect(summary.busiest.reduce(0) { $0 + $1.invocations } <= 998)
    #expect(summary.lines.contains { $0.label == "odd" && $0.text == "43 durations of zero" })
  }

  @Test(
    "dates in words go there and back", arguments: [-1_000_000_000, -1, 0, 951_868_799, 1_714_564_800, 4_107_542_399])
  func dates(seconds: Int) {
    let text = CalendarTime.text(secondsSince1970: Double(seconds))
    #expect(Array(text.utf8).withUnsafeBytes { CalendarTime.nanoseconds($0) } == Int64(seconds) * second)
  }
}
