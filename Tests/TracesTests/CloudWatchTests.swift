import Diagnostics
import Foundation
import Statistics
import TestSupport
import Testing
import Units

@testable import Logs
@testable import Traces
@testable import Workloads

@Suite("CloudWatch metrics") struct CloudWatchTests {
  /// A series whose values stand `step` seconds apart from 2026-03-01T10:00Z on, latest first as CloudWatch gives them.
  private static func series(
    _ label: String, _ values: [Double], id: String = "m1", step: Int = 60, status: String = "Complete"
  ) -> String {
    let times = values.indices.map { offset in
      let seconds = offset * step
      let time = String(
        format: "2026-03-%02dT%02d:%02d:%02d+00:00", 1 + (36_000 + seconds) / 86_400,
        (36_000 + seconds) / 3600 % 24, seconds / 60 % 60, seconds % 60)
      return "\"\(time)\""
    }
    return #"{"Id":"\#(id)","Label":"\#(label)","Timestamps":[\#(times.reversed().joined(separator: ","))],"#
      + #""Values":[\#(values.reversed().map { "\($0)" }.joined(separator: ","))],"StatusCode":"\#(status)"}"#
  }

  private static func answer(_ series: String..., rest: String = "") -> String {
    "{\"MetricDataResults\":[\(series.joined(separator: ","))],\"Messages\":[]\(rest)}"
  }

  private func workload(
    _ text: String, duration: Distribution? = nil, arrivals: ArrivalLaw = .uniform
  ) throws -> (workload: Workload, generated: GeneratedWorkload) {
    let workload = try withFile(text, named: "metrics.json") {
      try Workload.cloudWatch(file: $0, duration: duration, arrivals: arrivals)
    }
    guard case .generated(let generated) = workload.feed else { throw LogReading.Unrecorded() }
    return (workload, generated)
  }

  /// All invocations of a function, drawn in odd slices.
  private func invocations(of function: Int, in generated: GeneratedWorkload) -> InvocationBlock {
    var generator = generated.generator(function, 1, 0)
    var block = InvocationBlock()
    var end: Int64 = 0
    while end < generated.horizon.nanoseconds {
      end = min(generated.horizon.nanoseconds, end + 17_777_777_777)
      generator.generate(until: Instant(nanoseconds: end), into: &block)
    }
    return block
  }

  @Test("each period gets its count, whatever its length", arguments: [60, 300, 3600, 86_400], ArrivalLaw.allCases)
  func counts(step: Int, law: ArrivalLaw) throws {
    let counts = [3, 0, 5, 1]
    let text = Self.answer(
      Self.series("checkout Invocations", counts.map(Double.init), step: step),
      Self.series("checkout Duration", [80, 90, 100, 110], step: step))
    let (workload, generated) = try workload(text, arrivals: law)
    let period = Int64(step) * 1_000_000_000
    #expect(workload.epoch == 1_772_359_200)
    #expect(generated.functions.map(\.name) == ["checkout"])
    #expect(generated.horizon.nanoseconds == 4 * period)
    #expect(generated.expectedInvocations == 9)
    let block = invocations(of: 0, in: generated)
    #expect(block.arrivals == block.arrivals.sorted())
    if law != .poisson {
      #expect((0..<4).map { index in block.arrivals.count { $0 / period == Int64(index) } } == counts)
    }
    // Arrivals use the period's whole length, not its first minute.
    if law == .equidistant { #expect(block.arrivals.prefix(3) == [0, period / 3, 2 * period / 3]) }
    #expect(block.durations.allSatisfy { (80_000_000...110_000_000).contains($0) })
  }

  @Test("the period is what divides all distances, so a gap in the data does not lengthen it")
  func sparse() throws {
    let text = """
      {"MetricDataResults":[{"Id":"m1","Label":"f Invocations","Timestamps":["2026-03-01T10:00:00Z",
      "2026-03-01T10:10:00Z","2026-03-01T10:25:00Z"],"Values":[1,1,1]}]}
      """
    let (_, generated) = try workload(text, duration: .constant(1))
    #expect(generated.horizon == Instant(nanoseconds: 1_800_000_000_000))
    #expect(generated.ledger.remarks.contains { $0.contains("counts are per 5m") })
    #expect(invocations(of: 0, in: generated).count == 3)
  }

  @Test(
    "series find metric and function in label and Id",
    arguments: [
      ("checkout Invocations", "m1", MetricName.Metric.invocations, "checkout"),
      ("Invocations checkout", "m1", .invocations, "checkout"),
      ("AWS/Lambda checkout Duration Average", "m1", .duration, "checkout"),
      ("checkout ERRORS sum", "m1", .errors, "checkout"),
      ("Invocations", "invocations_checkout", .invocations, "checkout"), ("Throttles", "m1", .throttles, nil),
      ("checkout", "invocations_1", .invocations, "checkout"), ("checkout", "duration7", .duration, "checkout"),
      ("", "concurrentexecutions", .concurrency, nil), ("", "throttles_checkout", .throttles, "checkout"),
      ("my function Invocations", "x", .invocations, "my function"),
    ] as [(String, String, MetricName.Metric, String?)])
  func names(label: String, id: String, metric: MetricName.Metric, function: String?) {
    #expect(MetricName(label: label, id: id) == MetricName(metric: metric, function: function))
  }

  @Test(
    "series of other metrics and statistics are left",
    arguments: [
      "checkout Duration p99", "checkout Invocations Average", "checkout IteratorAge", "", "checkout Duration Maximum",
    ])
  func otherSeries(label: String) {
    #expect(MetricName(label: label, id: "m1") == nil)
  }

  @Test("durations keep the mean of all invocations")
  func durationMean() throws {
    let text = Self.answer(
      Self.series("f Invocations", [10, 30, 60, 0]), Self.series("f Duration", [100, 200, 300, 5000]))
    let (_, generated) = try workload(text)
    let law = try #require(DurationAverages.law(of: [(0.1, 10), (0.2, 30), (0.3, 60), (5, 0)]))
    #expect(abs(law.mean - 0.25) < 1e-12)
    #expect(invocations(of: 0, in: generated).durations.allSatisfy { (100_000_000...300_000_000).contains($0) })
    #expect(DurationAverages.law(of: []) == nil)
    #expect(DurationAverages.law(of: [(0.5, 3), (0.5, 9)]) == .constant(0.5))
    let many = (0..<100_000).map { (seconds: Double($0 % 1009) / 1000, weight: Double($0 % 7)) }
    let thinned = try #require(DurationAverages.law(of: many))
    let mean = many.reduce(0) { $0 + $1.seconds * $1.weight } / many.reduce(0) { $0 + $1.weight }
    #expect(abs(thinned.mean - mean) < 1e-9)
    guard case .empirical(let quantiles) = thinned else {
      Issue.record("not empirical")
      return
    }
    #expect(quantiles.values.count <= 1003)
  }

  @Test("without Duration the given law serves; without either a fault says what to add")
  func givenDuration() throws {
    let text = Self.answer(Self.series("f Invocations", [2, 2]))
    let (_, generated) = try workload(text, duration: .constant(0.25))
    #expect(invocations(of: 0, in: generated).durations == Array(repeating: 250_000_000, count: 4))
    let fault = #expect(throws: InputFault.self) { try workload(text) }
    #expect(fault?.found.contains("no Duration of \"f\"") == true)
    let both = Self.answer(Self.series("f Invocations", [2, 2]), Self.series("f Duration", [7, 7]))
    let (_, measured) = try workload(both, duration: .constant(0.25))
    #expect(invocations(of: 0, in: measured).durations == Array(repeating: 7_000_000, count: 4))
    #expect(measured.ledger.remarks.contains { $0.contains("goes before") })
  }

  @Test("functions are told apart, and what was measured of the platform is kept")
  func observations() throws {
    let text = Self.answer(
      Self.series("b Invocations", [1, 2]), Self.series("a Invocations", [3, 4]), Self.series("a Errors", [1, 1]),
      Self.series("b Throttles", [0, 5]), Self.series("a Throttles", [2, 0]),
      Self.series("a ConcurrentExecutions", [3, 3]),
      Self.series("b ConcurrentExecutions", [1, 2]), Self.series("a Duration p99", [9, 9]))
    let (_, generated) = try workload(text, duration: .constant(0.1))
    #expect(generated.functions.map(\.name) == ["a", "b"])
    #expect(invocations(of: 0, in: generated).count == 7)
    #expect(invocations(of: 1, in: generated).count == 3)
    let observed = try #require(generated.observations)
    #expect(observed.errors == 2)
    #expect(
      observed.throttles == [.init(at: .zero, value: 2), .init(at: Instant(nanoseconds: 60_000_000_000), value: 5)])
    #expect(observed.concurrency.map(\.value) == [4, 5])
    #expect(generated.ledger.remarks.contains { $0.contains("series not used: \"a Duration p99\"") })
    #expect(generated.ledger.read == 16)

    let account = Self.answer(
      Self.series("a Invocations", [3, 4]), Self.series("a ConcurrentExecutions", [1, 1]),
      Self.series("ConcurrentExecutions", [9, 8]))
    let (_, whole) = try workload(account, duration: .constant(0.1))
    #expect(whole.observations?.concurrency.map(\.value) == [9, 8])
  }

  @Test("pages add up; partial data, tokens and messages are remarked; the same period twice counts once")
  func pages() throws {
    let first = Self.answer(
      Self.series("f Invocations", [1, 2, 3], status: "PartialData"), rest: ",\"NextToken\":\"x\"")
    let second = """
      {"MetricDataResults":[{"Label":"f Invocations","Id":"m1","StatusCode":"Complete","Values":[4,9],"Timestamps":
      ["2026-03-01T10:03:00Z","2026-03-01T10:02:00Z"]}],"Messages":[{"Code":"Maximum","Value":"more than fits"}]}
      """
    let (_, generated) = try workload(first + "\n" + second, duration: .constant(0.1))
    #expect(generated.expectedInvocations == 1 + 2 + 3 + 4)
    #expect(generated.ledger.dropped == ["second value of a metric for the same period": 1])
    for part in ["NextToken", "PartialData", "more than fits"] {
      #expect(generated.ledger.remarks.contains { $0.contains(part) }, "\(part)")
    }
  }

  @Test(
    "what is no such answer is refused with its reason",
    arguments: [
      ("[]", "something else"), ("{}", "something else"), ("", "something else"),
      (#"{"MetricDataResults":[]}"#, "no series"), (#"{"MetricDataResults":5}"#, "another value"),
      (answer(series("f Duration", [1])), "f Duration"), (answer(series("f Invocations", [])), "series without data"),
      (answer(series("f Invocations", [1.5])), "1.5 invocations"),
      (answer(series("f Invocations", [-1])), "-1.0 invocations"),
      (answer(series("f Invocations", [1e10])), "invocations"), (answer(series("f Invocations", [1e30])), "1e+30"),
      (answer(series("f Invocations", [1, 1], step: 10)), "timestamps 10s apart"),
      (
        #"{"MetricDataResults":[{"Label":"f Invocations","Timestamps":["2026-03-01T10:00:00Z"],"Values":[]}]}"#,
        "1 timestamps and 0 values"
      ),
      (#"{"MetricDataResults":[{"Label":"f Invocations","Timestamps":["noon"],"Values":[1]}]}"#, "noon"),
      (
        #"{"MetricDataResults":[{"Label":"f Invocations","Timestamps":["2020-03-01T10:00:00Z","2026-03-01T10:00:00Z"],"Values":[1,1]}]}"#,
        "days apart"
      ),
      (#"{"MetricDataResults":[{"Label":"f Invocations","Timestamps":["2026"#, "the end of the input"),
    ])
  func refused(text: String, found: String) {
    let fault = #expect(throws: InputFault.self, "\(text)") { try workload(text, duration: .constant(1)) }
    #expect(fault?.found.contains(found) == true, "\(fault?.description ?? "")")
  }

  @Test("whatever the bytes, reading ends in a workload or a fault")
  func fuzz() throws {
    let seeds = [
      Self.answer(
        Self.series("a Invocations", [3, 0, 4]), Self.series("a Duration", [12.5, 80, 0.25]),
        Self.series("b", [1, 2, 70], id: "invocations_2"), Self.series("ConcurrentExecutions", [9, 8, 7])),
      Self.answer(Self.series("f Invocations", [1, 2], step: 300, status: "PartialData"), rest: ",\"NextToken\":\"x\"")
        + Self.answer(Self.series("f Throttles", [1, 2], step: 300)),
    ].map { Array($0.utf8) }
    try Fuzzing(name: "cloudwatch").run(file: "a.json", seeds) { path in
      let workload = try Workload.cloudWatch(file: path, duration: .constant(0.1))
      guard case .generated(let generated) = workload.feed else { return }
      for function in generated.functions.indices {
        var generator = generated.generator(function, 1, 0)
        var block = InvocationBlock()
        generator.generate(until: Instant(nanoseconds: 60_000_000), into: &block)
        generator.generate(until: Instant(nanoseconds: 120_000_000), into: &block)
      }
    }
  }
}
