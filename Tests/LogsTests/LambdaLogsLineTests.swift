import TestSupport
import Testing
import Units

@testable import Logs

@Suite("Lambda log lines") struct LambdaLogsLineTests {
  private static let id = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"

  @Test("a report reads the same with tabs, blanks, both, trailing ones, and an X-Ray part on the line or after it")
  func reportSpacings() throws {
    let fields = ["Duration: 12.5 ms", "Billed Duration: 13 ms", "Memory Size: 256 MB", "Max Memory Used: 80 MB"]
    let xray = "XRAY TraceId: 1-5f5f5f5f-000000000000000000000001\tSegmentId: 0001020304050607\tSampled: true"
    let expected = LambdaReport(
      requestID: try #require(LambdaRequestID(Self.id)), duration: .init(nanoseconds: 12_500_000),
      billedMilliseconds: 13, memory: .init(megabytes: 256), maxMemoryUsed: .init(megabytes: 80))
    for separator in ["\t", " ", "  ", " \t", "\t\t", "   \t "] {
      let text = (["REPORT RequestId: \(Self.id)"] + fields).joined(separator: separator)
      for ending in ["", "\t", "\t\n", " \n\n", "\r\n", "\t\n\(xray)\t\n", " \(xray)", "\t\(xray)"] {
        #expect(LambdaLogLine(parsing: text + ending) == .report(expected), "\(text + ending)")
      }
    }
  }

  @Test("init, restore, status and error type are read wherever they stand behind Duration")
  func reportParts() throws {
    let text =
      "REPORT RequestId: \(Self.id)\tDuration: 3001.25 ms\tBilled Duration: 3002 ms\tMemory Size: 512 MB\t"
      + "Max Memory Used: 99 MB\tInit Duration: 250.5 ms\tRestore Duration: 300.25 ms\t"
      + "Billed Restore Duration: 4 ms\tStatus: error\tError Type: Runtime.ExitError\tNovelty: 5 ms\t"
    let report = try #require(LambdaLogLine(parsing: text).report)
    #expect(report.initDuration == TimeSpan(nanoseconds: 250_500_000))
    #expect(report.restoreDuration == TimeSpan(nanoseconds: 300_250_000))
    #expect(report.billedRestoreMilliseconds == 4)
    #expect(report.status == .error)
    #expect(report.errorType == "Runtime.ExitError")
  }

  @Test("Init Duration before Duration gives the local emulator away")
  func emulator() {
    let line = LambdaLogLine(
      parsing: "REPORT RequestId: \(Self.id)\tInit Duration: 0.07 ms\tDuration: 20.10 ms\tBilled Duration: 21 ms\t"
        + "Memory Size: 128 MB\tMax Memory Used: 128 MB\t")
    #expect(line.kind == .emulatorReport)
    #expect(line.report == nil)
  }

  @Test(
    "a report that can't be one says why",
    arguments: [
      ("REPORT RequestId: ", "the RequestId is none"),
      ("REPORT RequestId: \(id)", "no Duration"),
      ("REPORT RequestId: \(id)\tDuration: ms", "Duration is not a sensible number"),
      ("REPORT RequestId: \(id)\tDuration: NaN ms", "Duration is not a sensible number"),
      ("REPORT RequestId: \(id)\tDuration: -1 ms", "Duration is not a sensible number"),
      ("REPORT RequestId: \(id)\tDuration: 1e300 ms", "Duration is not a sensible number"),
      ("REPORT RequestId: \(id)\tDuration: 86400001 ms", "Duration is not a sensible number"),
      ("REPORT RequestId: \(id)\tDuration: 1 ms\tDuration: 2 ms", "Duration twice"),
      (
        "REPORT RequestId: \(id)\tDuration: 1 ms\tMemory Size: 9223372036854775807 MB",
        "Memory Size is not a sensible number"
      ),
      (#"{"type":"platform.report","record":{"requestId":"a","metrics":{}}}"#, "no Duration"),
      (
        #"{"type":"platform.report","record":{"requestId":"a","metrics":{"durationMs":true}}}"#,
        "Duration is not a sensible number"
      ),
      (#"{"type":"platform.report","record":{"metrics":{"durationMs":1}}}"#, "no RequestId"),
    ])
  func unreadable(text: String, reason: String) {
    #expect(LambdaLogLine(parsing: text) == .unreadableReport(reason))
  }

  @Test(
    "lines that are no report are named",
    arguments: [
      ("START RequestId: \(id) Version: $LATEST", LambdaLogLine.Kind.start), ("END RequestId: \(id)", .end),
      ("INIT_START Runtime Version: nodejs:22.v1\tRuntime Version ARN: arn:aws:lambda:x::runtime:y", .initStart),
      ("INIT_REPORT Init Duration: 10000.5 ms\tPhase: init\tStatus: timeout", .initReport),
      ("RESTORE_START Runtime Version: java:21.v1", .restoreStart),
      ("RESTORE_REPORT Restore Duration: 412.5 ms", .restoreReport),
      ("EXTENSION\tName: agent\tState: Ready\tEvents: [INVOKE, SHUTDOWN]", .extension),
      ("EXTENSION Name: agent State: Ready", .extension),
      ("TELEMETRY\tName: agent\tState: Subscribed\tTypes: [Platform]", .telemetrySubscription),
      ("LOGS\tName: agent\tState: Subscribed\tTypes: [platform]", .telemetrySubscription),
      ("XRAY TraceId: 1-2-3\tSegmentId: 4\tSampled: true", .xray),
      ("2024-05-01T00:00:03.000Z \(id) Task timed out after 3.00 seconds\n\n", .timedOut),
      ("2024-05-01T00:00:03.000Z\t\(id)\tINFO\thello", .applicationOutput),
      ("somebody's Task timed out after lunch", .applicationOutput), ("", .applicationOutput),
      (" \n", .applicationOutput),
      ("REPORTING for duty", .applicationOutput), ("EXTENSION of time", .applicationOutput),
      ("STARTED", .applicationOutput),
      ("{", .applicationOutput), (#"{"level":"INFO","message":"platform.report"}"#, .applicationOutput),
      (#"{"time":"x","type":"function","record":"platform.start"}"#, .applicationOutput),
      (#"{"_aws":{"Timestamp":1},"function_name":"f","duration":4}"#, .embeddedMetrics),
      (#"{"type":"platform.start","record":{"requestId":"\#(id)","version":"3"}}"#, .start),
      (#"{"type":"platform.end","record":{"requestId":"\#(id)"}}"#, .end),
      (#"{"type":"platform.initStart","record":{"functionName":"f"}}"#, .initStart),
      (#"{"type":"platform.initReport","record":{"metrics":{"durationMs":1}}}"#, .initReport),
      (#"{"type":"platform.initRuntimeDone","record":{}}"#, .initRuntimeDone),
      (#"{"type":"platform.runtimeDone","record":{}}"#, .runtimeDone),
      (#"{"type":"platform.restoreStart","record":{}}"#, .restoreStart),
      (#"{"type":"platform.restoreReport","record":{}}"#, .restoreReport),
      (#"{"type":"platform.restoreRuntimeDone","record":{}}"#, .restoreRuntimeDone),
      (#"{"type":"platform.extension","record":{"name":"a"}}"#, .extension),
      (#"{"type":"platform.telemetrySubscription","record":{"name":"a"}}"#, .telemetrySubscription),
      (#"{"type":"platform.logsDropped","record":{"droppedRecords":7}}"#, .logsDropped),
      (#"{"type":"platform.fault","record":"RequestId: a Process exited"}"#, .fault),
      (#"{"type":"platform.novelty","record":{"requestId":"a"}}"#, .otherPlatformEvent),
    ])
  func named(text: String, kind: LambdaLogLine.Kind) {
    #expect(LambdaLogLine(parsing: text).kind == kind)
  }

  @Test("a platform.report reads whatever the order of its members, and with a duration alone")
  func platformReport() throws {
    let full =
      #"{"record":{"metrics":{"initDurationMs":101.5,"durationMs":7.25,"billedDurationMs":109,"memorySizeMB":512,"maxMemoryUsedMB":66},"status":"success","requestId":"\#(Self.id)","tracing":{"requestId":"no"}},"type":"platform.report","time":"2024-05-01T00:00:00.5Z"}"#
    var parser = LambdaLogParser()
    let (line, time) = Array(full.utf8).withUnsafeBytes { parser.parse($0) }
    #expect(
      line
        == .report(
          LambdaReport(
            requestID: try #require(LambdaRequestID(Self.id)), duration: .init(nanoseconds: 7_250_000),
            billedMilliseconds: 109, memory: .init(megabytes: 512), maxMemoryUsed: .init(megabytes: 66),
            initDuration: .init(nanoseconds: 101_500_000), status: .success)))
    #expect(time == .at(1_714_521_600_500_000_000))

    // Lambda Managed Instances bill no durations.
    let managed = LambdaLogLine(
      parsing: #"{"type":"platform.report","record":{"requestId":"a","status":"success","metrics":{"durationMs":1.5}}}"#
    )
    #expect(managed.report?.duration == TimeSpan(nanoseconds: 1_500_000))
    #expect(managed.report?.billedMilliseconds == nil)
  }

  @Test("request ids are equal as UUIDs are, whatever the letters' case")
  func requestIDs() {
    #expect(LambdaRequestID(Self.id) == LambdaRequestID(Self.id.uppercased()))
    #expect(LambdaRequestID(Self.id) != LambdaRequestID("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f8"))
    #expect(LambdaRequestID("a") == LambdaRequestID("a"))
    #expect(LambdaRequestID("") == nil)
    #expect(LambdaRequestID("a b") == nil)
  }

  @Test(
    "timestamps are read in the ways that AWS writes them",
    arguments: [
      ("2024-05-01T12:00:00.123Z", Int64(1_714_564_800_123_000_000)),
      ("2024-05-01T12:00:00", 1_714_564_800_000_000_000),
      ("2024-05-01T12:00:00.123456789+00:00", 1_714_564_800_123_456_789),
      ("2024-05-01 12:00:00.5", 1_714_564_800_500_000_000),
      ("2024-05-01T14:00:00+0200", 1_714_564_800_000_000_000), ("2024-05-01T06:30:00-05:30", 1_714_564_800_000_000_000),
      ("1714564800", 1_714_564_800_000_000_000), ("1714564800123", 1_714_564_800_123_000_000),
      ("1714564800.25", 1_714_564_800_250_000_000), ("1714564800123456", 1_714_564_800_123_456_000),
      ("2024-02-29T00:00:00Z", 1_709_164_800_000_000_000), ("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000),
    ])
  func timestamps(text: String, nanoseconds: Int64) {
    #expect(Array(text.utf8).withUnsafeBytes { LogTimestamp(parsing: $0) } == .at(nanoseconds))
  }

  @Test(
    "timestamps that can't be are not read",
    arguments: [
      "yesterday", "2024-13-01T00:00:00Z", "2024-05-00T00:00:00Z", "2024-05-01T24:00:00Z", "2024-05-01", "0",
      "12:00:00",
      "9999-12-31T00:00:00Z", "1970-01-01T00:00:00Z", "171456480012", "2024-05-01T12:00:00+99:00",
      "9223372036854775807",
      "1714564800123x", "99999999999999999999999999",
    ])
  func badTimestamps(text: String) {
    #expect(Array(text.utf8).withUnsafeBytes { LogTimestamp(parsing: $0) } == .unreadable)
  }
}
