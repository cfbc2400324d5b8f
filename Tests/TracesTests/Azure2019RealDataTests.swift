import Foundation
import Statistics
import TestSupport
import Testing
import Units

@testable import Logs
@testable import Reading
@testable import Traces
@testable import Workloads

extension RealData {
  fileprivate static let sampled500 = "azure2019/sampled500_8h"
  fileprivate static let sampled100 = "azure2019/sampled100_8h"
  fileprivate static let fullDay2019 = "azure2019/fullday_minute_counts_8605.csv.gz"
}

/// What is known of the real traces, held against what is read and drawn. Each test is skipped, by name, where its data
/// is not: the directory that FAASCAST_DATA names, or shared/data beside the package.
@Suite("Real traces of 2019")
struct Azure2019RealDataTests {
  /// Draws all functions and gives the numbers of each minute and the time run, in ns.
  private func draw(_ workload: GeneratedWorkload) -> (perMinute: [Int], total: Int, running: Int128) {
    var perMinute = Array(repeating: 0, count: Int(workload.horizon.nanoseconds / 60_000_000_000))
    var total = 0
    var running: Int128 = 0
    var block = InvocationBlock()
    for function in workload.functions.indices {
      var generator = workload.generator(function, 1, 0)
      for minute in stride(from: 10, through: perMinute.count + 9, by: 10) {
        block.removeAll()
        generator.generate(until: Instant(nanoseconds: Int64(minute) * 60_000_000_000), into: &block)
        total += block.count
        // Arrivals ascend, so a minute's stand together.
        var index = 0
        for arrival in block.arrivals {
          index = Int(arrival / 60_000_000_000)
          perMinute[index] += 1
        }
        running += block.durations.reduce(Int128(0)) { $0 + Int128($1) }
      }
    }
    return (perMinute, total, running)
  }

  @Test(
    "500 sampled functions: 3,037,902 invocations, at most 7,603 a minute, 53.2 running on average",
    .enabled(if: RealData.has(RealData.sampled500), "needs azure2019/sampled500_8h in FAASCAST_DATA"))
  func sampled() throws {
    let workload = try Workload.azure2019(directory: RealData.path(RealData.sampled500)).recipe
    #expect(workload.functions.count == 500)
    #expect(Set(workload.functions.compactMap(\.application)).count == 476)
    #expect(workload.expectedInvocations == 3_037_902)
    #expect(workload.horizon.nanoseconds == 8 * 3_600_000_000_000)
    #expect(workload.functions.allSatisfy { $0.memoryUsed != nil && $0.trigger != nil })

    let ledger = workload.ledger
    #expect(ledger.read == 1500)
    #expect(ledger.dropped == [:], "the three tables join without rest")
    #expect(ledger.repaired["durations with Average 0: percentiles as they are"] == 13)
    #expect(ledger.repaired["durations' Average beyond what their percentiles allow: percentiles as they are"] == 11)
    #expect(!ledger.synthesised.contains { $0.contains("without their own") })
    #expect(ledger.remarks.contains("instant zero is the start of minute 480 of the day"))
    #expect(ledger.remarks.contains("3 functions have more invocations here than the Count of their durations"))

    let drawn = draw(workload)
    #expect(drawn.total == 3_037_902)
    #expect(drawn.perMinute.max() == 7603)
    // The sum of count times Average over eight hours is 53.211.
    let concurrency = Double(drawn.running) / Double(workload.horizon.nanoseconds)
    #expect((concurrency - 53.211).magnitude < 0.6)
  }

  @Test(
    "100 sampled functions: 339,657 invocations, at most 1,460 a minute",
    .enabled(if: RealData.has(RealData.sampled100), "needs azure2019/sampled100_8h in FAASCAST_DATA"))
  func fewer() throws {
    let workload = try Workload.azure2019(directory: RealData.path(RealData.sampled100)).recipe
    #expect(workload.functions.count == 100)
    let drawn = draw(workload)
    #expect(drawn.total == 339_657)
    #expect(drawn.perMinute.max() == 1460)
    #expect((Double(drawn.running) / Double(workload.horizon.nanoseconds) - 10.677).magnitude < 0.4)
  }

  @Test(
    "the other triples load and have the invocations that they name",
    .enabled(
      if: RealData.has("azure2019/invitro_example_12f") && RealData.has("azure2019/original_rows_day")
        && RealData.has("azure2019/fullday_joined_3f"),
      "needs azure2019/invitro_example_12f, original_rows_day and fullday_joined_3f in FAASCAST_DATA"))
  func others() throws {
    let example = try Workload.azure2019(directory: RealData.path("azure2019/invitro_example_12f")).recipe
    #expect(example.expectedInvocations == 4525)
    #expect(example.horizon.nanoseconds == 86_400_000_000_000)
    #expect(example.functions.map(\.memoryUsed).allSatisfy { $0 != nil })
    #expect(draw(example).total == 4525)

    let rows = try Workload.azure2019(directory: RealData.path("azure2019/original_rows_day")).recipe
    #expect(rows.functions.count == 9)
    #expect(rows.expectedInvocations == 1061)
    #expect(rows.ledger.synthesised.contains { $0.hasPrefix("durations of 9 functions without their own: lognormal") })

    let heavy = try Workload.azure2019(directory: RealData.path("azure2019/fullday_joined_3f")).recipe
    #expect(heavy.expectedInvocations == 21_751_713)
    #expect(heavy.functions.count == 3)
  }

  @Test(
    "8,605 functions of a whole day: 563,155,371 invocations, at most 653,338 a minute, in under 10 MB",
    .enabled(
      if: RealData.has(RealData.fullDay2019), "needs azure2019/fullday_minute_counts_8605.csv.gz in FAASCAST_DATA"),
    .enabled(
      if: isOptimised || ProcessInfo.processInfo.environment["FAASCAST_LONG"] != nil,
      "takes long without optimisation: build for release or set FAASCAST_LONG"))
  func fullDay() throws {
    let table = try MinuteTable(try CSVReader(path: RealData.path(RealData.fullDay2019)))
    var counts = MinuteCounts()
    counts.beginTable(at: 0)
    while try table.next() { _ = counts.add(table.row, function: counts.totals.count) }
    counts.seal()
    #expect(counts.totals.count == 8605)
    #expect(counts.total == 563_155_371)
    #expect(counts.memory < 10_000_000)
    var perMinute = Array(repeating: 0, count: 1440)
    for function in counts.totals.indices {
      var cursor = counts.cursor(of: function)
      while let (minute, count) = cursor.next() { perMinute[minute] += count }
    }
    #expect(perMinute.max() == 653_338)

    let workload = try Workload.minuteCounts(
      file: RealData.path(RealData.fullDay2019), function: "row", duration: .lognormal(mu: -1.6, sigma: 1.66)
    ).recipe
    let drawn = draw(workload)
    #expect(drawn.total == 563_155_371)
    #expect(drawn.perMinute == perMinute)
  }
}

/// Whether the compiler optimised the tests.
private var isOptimised: Bool {
  var isDebug = false
  assert(
    {
      isDebug = true
      return true
    }())
  return !isDebug
}
