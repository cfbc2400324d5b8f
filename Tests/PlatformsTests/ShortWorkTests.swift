import Foundation
import TestSupport
import Testing
import Units

@testable import Platforms

@Suite("Work under a quota whose use is counted at ticks")
struct ShortWorkTests {
  /// Mean wall times in ms of 2, 5, 10, 50 and 200 ms of work, as measured on a KVM guest under cgroup quotas: by memory
  /// and period in ms.
  private static let measured: [(megabytes: Double, period: Double, wallTimes: [Double])] = [
    (128, 20, [5.4, 46, 120, 680, 2732]), (128, 100, [2.0, 4.9, 71, 562, 2553]), (256, 20, [2.1, 17.8, 59, 334, 1392]),
    (512, 20, [2.0, 5.1, 18.1, 161, 676]), (1024, 20, [2.0, 5.1, 11.1, 76, 321]),
  ]

  private func lambda(_ megabytes: Double, period: Double = 0.020) -> ProcessorQuota {
    ProcessorQuota(
      share: megabytes / MemoryScaling.megabytesPerProcessor, period: period, tick: ProcessorQuota.lambdaTick)
  }

  @Test("wall times as measured: within 7 % where work is long, within a period where it is short")
  func measuredWallTimes() {
    /// Mean distance from the measured, as the logarithm of the ratio.
    var (distance, shares) = (0.0, 0.0)
    for (megabytes, period, wallTimes) in Self.measured {
      let quota = lambda(megabytes, period: period / 1000)
      for (work, measured) in zip([2.0, 5, 10, 50, 200], wallTimes) {
        let mean = 1000 * quota.meanWallTime(of: work / 1000)
        #expect(
          (mean - measured).magnitude < (work >= 50 ? 0.07 * measured : period),
          "\(megabytes) \(period) \(work): \(mean)")
        distance += log(mean / measured).magnitude / 25
        shares += log(work / quota.share / measured).magnitude / 25
      }
    }
    #expect(distance < 0.2 && shares > 3 * distance, "\(distance), of work over share \(shares)")
  }

  @Test(
    "where every moment counts, work begun with a whole quota takes what the reference says",
    .enabled(if: Oracles.areHere, Comment(rawValue: Oracles.advice)))
  func reference() throws {
    for oracle in try Oracles.cases("cfs_quota_wall_time_single_thread_full_first_slice") {
      let period = try oracle["period_ms"]
      let quota = ProcessorQuota(share: try oracle["quota_ms"] / period, period: period / 1000)
      let (work, wall) = (try oracle["cpu_ms"], try oracle["wall_ms"])
      #expect((quota.wallTime(of: work / 1000) * 1000 - wall).magnitude < 1e-6 * wall, "\(work) of \(quota)")
    }
  }

  @Test("what is shorter than a tick's overrun is not held up; a whole processor never holds up")
  func unthrottled() {
    #expect((lambda(512).meanWallTime(of: 0.002) - 0.002).magnitude < 1e-12)
    #expect(lambda(1769).meanWallTime(of: 0.5) == 0.5)
    // Bursts at 128 MB use a tick's worth of a quota of 1.45 ms and stand still for about three periods.
    var course = ProcessorQuota.Course(lambda(128), phase: 0, tickPhase: 0)
    let stalls = (1...200).map { course.wallTime(of: Double($0) * 0.0005) }
    let gaps = zip(stalls.dropFirst(), stalls).map { $0 - $1 }.filter { $0 > 0.001 }
    #expect(gaps.allSatisfy { (0.035...0.062).contains($0) }, "\(gaps)")
  }

  @Test("in the long run work takes as much longer as its share says, and more work never takes less")
  func longRun() {
    for megabytes in [128.0, 300, 512, 1024, 1700] {
      let quota = lambda(megabytes)
      #expect((quota.meanWallTime(of: 20) * quota.share / 20 - 1).magnitude < 0.002)
      var course = ProcessorQuota.Course(quota, phase: 0.007, tickPhase: 0.001)
      var last = 0.0
      for step in 1...2000 {
        let wall = course.wallTime(of: Double(step) * 0.0001)
        #expect(wall >= last + 0.000_099)
        last = wall
      }
    }
  }

  @Test("single durations follow the law, their mean is the law's, and measured at the same size they stay on average")
  func singleDurations() {
    func mean(_ milliseconds: Double, from measured: Double, to memory: Double) -> Double {
      let law = ShortWork(
        quota: lambda(1769), fixedShare: 0, measuredShare: min(1, measured / 1769), share: min(1, memory / 1769),
        workFactor: 1, factor: 1
      ).law()
      let count: Int64 = 3000
      var durations = Array(repeating: Int64(milliseconds * 1e6), count: Int(count))
      let arrivals = (0..<count).map { $0 * 1_000_000_000 }
      durations.withUnsafeMutableBufferPointer { durations in arrivals.withUnsafeBufferPointer { law(durations, $0) } }
      let sum = durations.reduce(0.0) { $0 + Double($1) }
      return sum / Double(count) / 1e6
    }
    for work in [1.0, 3, 10, 40, 120, 400] {
      let expected = 1000 * lambda(256).meanWallTime(of: work / 1000)
      #expect((mean(work, from: 1769, to: 256) / expected - 1).magnitude < 0.05, "\(work)")
      #expect((mean(work, from: 512, to: 512) / work - 1).magnitude < 0.05, "\(work)")
    }
    #expect((mean(300, from: 256, to: 1769) / (300 * 256 / 1769) - 1).magnitude < 0.15)
  }
}
