import Foundation
import TestSupport
import Testing

@testable import Statistics

@Suite("Intervals and settling")
struct InferenceTests {
  @Test(
    "Student's quantiles, order-statistic ranks and Wilson's intervals are the reference's",
    .enabled(if: Oracles.areHere, Comment(rawValue: Oracles.advice)))
  func reference() throws {
    let statistics = try #require(try Oracles.cases("sample_path_statistics").first).members
    for (key, value) in try #require(statistics["t_quantiles"]).members {
      guard case .number(let expected) = value else { continue }
      let parts = key.split(separator: ",").compactMap { Double($0) }
      expectClose(studentMargin(2 * parts[0] - 1, degreesOfFreedom: parts[1]), expected, "t \(key)")
    }
    for oracle in try #require(statistics["quantile_ci_order_statistics"]).list {
      let ranks = QuantileRanks(of: try oracle["q"], in: try oracle.int("n"))
      #expect(ranks.lower == (try oracle.int("lower_order_stat")))
      #expect(ranks.upper == (try oracle.int("upper_order_stat")))
      expectClose(ranks.coverage, try oracle["coverage"], "coverage", tolerance: 1e-9)
    }
    for oracle in try #require(statistics["wilson_ci"]).list {
      let interval = try #require(
        ConfidenceInterval.share(of: oracle["k"], in: oracle["n"], quantile: normalMargin(oracle["level"])))
      expectClose(interval.lower, try oracle["lo"], "Wilson's lower end", tolerance: 1e-9)
      expectClose(interval.upper, try oracle["hi"], "Wilson's upper end", tolerance: 1e-9)
    }
  }

  @Test("a mean's interval by hand: 1, 2, 3 is 2 ± 4.303/√3")
  func byHand() throws {
    let interval = try #require(ConfidenceInterval.mean(of: [1, 2, 3]))
    #expect(interval.estimate == 2)
    #expect(abs(interval.halfWidth - 4.302652729911275 / 3.0.squareRoot()) < 1e-9)  // GSL inverts to 1e-10
    #expect(ConfidenceInterval.mean(of: [1]) == nil)
    #expect(ConfidenceInterval.share(of: 0, in: 0, quantile: 2) == nil)
  }

  @Test("nothing seen in n trials still bounds the share: about 3.84/n")
  func nothingSeen() throws {
    let interval = try #require(ConfidenceInterval.share(of: 0, in: 1000, quantile: normalMargin(0.95)))
    #expect(interval.lower == 0)
    #expect(abs(interval.upper - 0.0038267584855551234) < 1e-15)
    let all = try #require(ConfidenceInterval.share(of: 1000, in: 1000, quantile: normalMargin(0.95)))
    #expect(all.upper == 1)
    #expect(abs(1 - all.lower - interval.upper) < 1e-12)
  }

  @Test("MSER-5 cuts what decays and keeps what has settled")
  func settling() {
    for seed in 1...20 as ClosedRange<UInt64> {
      var stream = RandomStream(seed: seed, purpose: .population)
      let noise = (0..<2000).map { _ in stream.normal() }
      // From ten standard deviations below, with a time constant of 40 values: three constants leave half a deviation.
      let settling = noise.enumerated().map { $1 - 10 * exp(-Double($0) / 40) }
      let cut = WarmUp.length(of: settling)
      #expect(cut.map { (80...600).contains($0) } == true, "seed \(seed): \(String(describing: cut))")
      // One that climbs throughout never settles.
      #expect(WarmUp.length(of: noise.enumerated().map { $1 * 0.1 + Double($0) }) == nil, "seed \(seed)")
    }
    #expect(WarmUp.length(of: Array(repeating: 3, count: 100)) == 0)
    #expect(WarmUp.length(of: Array(repeating: 3, count: 19)) == nil)
  }

  @Test("batch means of an AR(1) series hold its mean in 93 to 97 of 100 runs and tell batches that are too short")
  func batchMeans() throws {
    var held = 0
    var independent = 0
    let runs = 1000
    for seed in 0..<UInt64(runs) {
      var stream = RandomStream(seed: seed, purpose: .population)
      var value = stream.normal() / (1 - 0.25).squareRoot()
      let series = (0..<3000).map { _ in
        value = 0.5 * value + stream.normal()
        return value
      }
      let batches = try #require(BatchMeans(of: series))
      if batches.interval.contains(0) { held += 1 }
      if batches.isIndependent { independent += 1 }
    }
    // Batches of 100 with a correlation time of 2: hardly dependent.
    #expect((930...970).contains(held), "\(held) of \(runs)")
    #expect((900...990).contains(independent), "\(independent) of \(runs)")

    var stream = RandomStream(seed: 1, purpose: .population)
    var value = 0.0
    let slow = (0..<3000).map { _ in
      value = 0.995 * value + stream.normal()
      return value
    }
    #expect(try #require(BatchMeans(of: slow)).isIndependent == false)
    #expect(BatchMeans(of: Array(slow.prefix(299))) == nil)
  }

  @Test("what a histogram holds after an earlier state of it is what was recorded since")
  func difference() {
    for seed in 0..<200 as Range<UInt64> {
      var stream = RandomStream(seed: seed, purpose: .population)
      var whole = LogLinearHistogram()
      var late = LogLinearHistogram()
      for _ in 0..<stream.index(below: 300) { whole.record(Int64(exp(20 * stream.uniform()))) }
      let early = whole
      for _ in 0..<stream.index(below: 300) {
        let value = Int64(exp(20 * stream.uniform()))
        whole.record(value)
        late.record(value)
      }
      var rest = whole
      rest.subtract(early)
      #expect(
        rest.count == late.count && rest.sum == late.sum && rest.buckets.elementsEqual(late.buckets), "seed \(seed)")
      #expect(rest.minimum <= late.minimum && rest.maximum >= late.maximum, "seed \(seed)")
      var again = early
      again.merge(rest)
      #expect(
        again.count == whole.count && again.sum == whole.sum && again.buckets.elementsEqual(whole.buckets),
        "seed \(seed)")
    }
  }
}
