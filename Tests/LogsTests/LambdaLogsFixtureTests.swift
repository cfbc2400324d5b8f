import Foundation
import TestSupport
import Testing
import Units

@testable import Logs
@testable import Traces
@testable import Workloads

/// Log lines and API answers collected from AWS's documentation and public repositories. They are no part of the
/// project: FAASCAST_DATA names their directory, or they lie in `../shared/data` beside the package.
private enum Fixture {
  static let directory =
    (ProcessInfo.processInfo.environment["FAASCAST_DATA"].map { URL(filePath: $0) }
    ?? URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared/data").standardized)
    .appending(path: "fixtures")
  static let isHere = FileManager.default.fileExists(atPath: path("text_lines.jsonl"))

  static func path(_ name: String) -> String { directory.appending(path: name).path }

  /// The objects of a file of JSON lines.
  static func objects(_ name: String) throws -> [[String: Any]] {
    try String(contentsOfFile: path(name), encoding: .utf8).split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  static func reading(_ name: String) throws -> LogReading { try LogReading(.lambdaLogs(files: [path(name)])) }
}

@Suite("real Lambda logs", .enabled(if: Fixture.isHere, "no fixtures: set FAASCAST_DATA"))
struct LambdaLogsFixtureTests {
  /// What each of the text lines is, and by which rule it was billed; in the file's order.
  private static let textLines: [(kind: LambdaLogLine.Kind, era: LambdaBillingEra?)] = [
    (.report, .millisecond), (.report, .millisecond), (.report, .hundredMilliseconds),
    (.report, .hundredMilliseconds), (.timedOut, nil), (.report, .hundredMilliseconds), (.report, .millisecond),
    (.report, nil), (.report, .millisecond), (.report, .millisecond), (.report, .millisecond),
    (.report, .millisecondWithInit), (.report, .millisecondWithInit), (.report, .millisecondWithInit),
    (.report, .millisecondWithInit), (.emulatorReport, nil), (.initReport, nil), (.initReport, nil), (.initReport, nil),
    (.initReport, nil), (.restoreStart, nil), (.restoreReport, nil), (.end, nil), (.extension, nil),
  ]

  @Test("every text line is a report, billed as AWS billed it, or is named")
  func lines() throws {
    let objects = try Fixture.objects("text_lines.jsonl")
    #expect(objects.count == Self.textLines.count)
    var checked = 0
    for (object, expected) in zip(objects, Self.textLines) {
      let message = try #require(object["message"] as? String)
      let line = LambdaLogLine(parsing: message)
      #expect(line.kind == expected.kind, "\(message)")
      guard let report = line.report else { continue }
      guard let era = expected.era else {
        // The one exception: written by hand for a test, it mixes SnapStart of 2022 with the steps of 100 ms that ended
        // in 2020, and does not add its billed restore.
        #expect(object["kind"] as? String == "fixture")
        #expect(report.billedMilliseconds == 500 && report.billedRestoreMilliseconds == 75)
        continue
      }
      // This request's `Task timed out after 3.00 seconds` is the next line of the file.
      let isOldTimeout = report.requestID == LambdaRequestID("7c9567b5-107b-4a6c-8798-0157ac21db52")
      #expect(
        report.billedMilliseconds
          == billedMilliseconds(
            duration: report.duration, init: report.initDuration, restore: report.billedRestoreMilliseconds,
            timeout: isOldTimeout ? .seconds(3) : nil, era: era), "\(message)")
      checked += 1
    }
    #expect(checked == 13)
  }

  @Test("every platform event is a report, billed as AWS billed it, or is named")
  func platformEvents() throws {
    let kinds: [LambdaLogLine.Kind] = [
      .start, .runtimeDone, .report, .report, .report, .report, .initStart, .initReport, .restoreReport, .logsDropped,
    ]
    let objects = try Fixture.objects("platform_events.jsonl")
    #expect(objects.count == kinds.count)
    var billed = 0
    for (object, kind) in zip(objects, kinds) {
      let event = try #require(object["event"])
      let line = LambdaLogLine(parsing: try JSONSerialization.data(withJSONObject: event))
      #expect(line.kind == kind, "\(event)")
      guard let report = line.report, let actual = report.billedMilliseconds else { continue }
      let computed = billedMilliseconds(
        duration: report.duration, init: report.initDuration, restore: report.billedRestoreMilliseconds,
        timeout: report.status == .timeout ? .seconds(30) : nil, era: .millisecond)
      #expect(actual == computed)
      billed += 1
    }
    #expect(billed == 3)
  }

  @Test("a result of Logs Insights is one invocation from its START to its REPORT")
  func insights() throws {
    let reading = try LogReading(.logsInsights(file: Fixture.path("logs_insights_get_query_results.json")))
    let name = "aws-serverless-shopping-cart-s-CartDBStreamHandler-r2hrhRoaOdTT"
    // Its rows are sorted latest first, so the START comes too late to be used.
    #expect(reading.invocations == [.init(function: name, arrival: 1_651_525_094_453.97, duration: 2.03)])
    #expect(reading.functions.map(\.memory) == [MemorySize(megabytes: 512)])
    #expect(reading.ledger.read == 2)
    #expect(reading.observations.billedMilliseconds == 3)
    #expect(reading.observations.billedMegabyteMilliseconds == 1536)
    #expect(reading.observations.environments == nil)
  }

  @Test("a subscription's payload of the steps of 100 ms")
  func subscription() throws {
    let reading = try Fixture.reading("datadog_filterlogevents_like_events.json")
    #expect(
      reading.invocations
        == [.init(function: "hello-dog-node-dev-hello12x", arrival: 1_583_425_836_130.69, duration: 619.31)])
    #expect(reading.observations.environments == 1)
    #expect(reading.observations.coldStarts == 0)
    #expect(reading.observations.billedMilliseconds == 700)
    #expect(reading.ledger.remarks.contains { $0.contains("1 REPORT, 1 END, 17 application output") })
    #expect(reading.ledger.remarks.contains { $0.contains("steps of 100 ms") })
  }

  @Test("metrics of Lambda Insights are named, and are no report")
  func embeddedMetrics() throws {
    let text = try String(contentsOfFile: Fixture.path("lambda_insights_emf_event.json"), encoding: .utf8)
    #expect(LambdaLogLine(parsing: text).kind == .embeddedMetrics)
  }
}
