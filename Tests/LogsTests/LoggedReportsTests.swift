import Foundation
import TestSupport
import Testing
import Units

@testable import Logs
@testable import Traces
@testable import Workloads

@Suite("Reports out of logs")
struct LoggedReportsTests {
  private static let traces = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Traces/lambda-logs")

  /// What reports add up to, and who they are of.
  private final class Gathered {
    var entries: [LoggedReports.Entry] = []
  }

  private func read(_ files: [String]) throws -> (reports: LoggedReports, entries: [LoggedReports.Entry]) {
    let gathered = Gathered()
    let reports = try LoggedReports(of: files, take: { gathered.entries.append($0) })
    return (reports, gathered.entries)
  }

  @Test("are those of which invocations are made, with their functions and environments")
  func agreement() throws {
    let path = Self.traces.appending(path: "thumbnails.json.gz").path
    let (reports, entries) = try read([path])
    let reading = try LogReading(.lambdaLogs(files: [path]))
    #expect(entries.count == reading.invocations.count)
    #expect(reports.functions == reading.functions.map(\.name))
    #expect(entries.compactMap(\.report.billedMilliseconds).reduce(0, +) == reading.observations.billedMilliseconds)
    #expect(Set(entries.map(\.stream)).count == reading.observations.environments)
    #expect(entries.allSatisfy { $0.end != nil && reports.functions.indices.contains($0.function) })
    #expect(Set(reports.streams).count == reports.streams.count)
  }

  @Test("need no times, and a timeout told in a later line is told again")
  func lines() throws {
    let text = """
      REPORT RequestId: 7c9567b5-107b-4a6c-8798-0157ac21db52\tDuration: 3003.16 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 48 MB\t
      2020-06-09T15:02:26.150Z 7c9567b5-107b-4a6c-8798-0157ac21db52 Task timed out after 3.00 seconds
      2020-06-09T15:02:27.000Z REPORT RequestId: f08bb4c8-d6b2-4f05-ac17-af7e2ba005fb\tDuration: 5.00 ms\tBilled Duration: 5 ms\tMemory Size: 128 MB\tMax Memory Used: 48 MB\t
      2020-06-09T15:02:27.100Z f08bb4c8-d6b2-4f05-ac17-af7e2ba005fb Task timed out after 0.01 seconds

      """
    try withFile(text, named: "checkout.log") { path in
      let (reports, entries) = try read([path])
      #expect(reports.functions == ["checkout"])
      #expect(entries.map(\.report.billedMilliseconds) == [3000, 5, 5])
      #expect(entries.map(\.isLateTimeout) == [false, false, true])
      #expect(entries[0].end == nil && entries[1].end != nil)
    }
  }

  @Test(
    "of the fixtures are billed as AWS billed them",
    .enabled(if: RealData.has("fixtures/text_lines.jsonl"), "no fixtures: set FAASCAST_DATA"))
  func fixtures() throws {
    let (_, entries) = try read([RealData.path("fixtures/text_lines.jsonl")])
    // The local emulator's report is none of Lambda's.
    #expect(entries.count == 14)
    let era: [LambdaBillingEra] = [.hundredMilliseconds, .millisecond, .millisecondWithInit]
    let exceptions = entries.filter { entry in
      let report = entry.report
      return !era.contains { era in
        report.billedMilliseconds
          == billedMilliseconds(
            duration: report.duration, init: report.initDuration, restore: report.billedRestoreMilliseconds,
            timeout: report.status == .timeout || report.billedMilliseconds == 3000 ? .seconds(3) : nil, era: era)
      }
    }
    // One line is written by hand for a test of another project, see LambdaLogsFixtureTests.
    #expect(
      exceptions.map(\.report.requestID) == [LambdaRequestID("55bc566d-1e2c-11e7-93e6-6705ceb4c1cc")].compactMap(\.self)
    )
  }
}
