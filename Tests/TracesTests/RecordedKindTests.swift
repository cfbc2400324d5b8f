import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Logs
@testable import Traces
@testable import Workloads

@Suite("Kinds of traces, told by content")
struct RecordedKindTests {
  @Test(
    "each kind is known by its beginning",
    arguments: [
      ("app,func,end_timestamp,duration\n", TraceKind.azure2021), ("func,time_s,duration_s\n1,2,3\n", .invocations),
      ("\u{FEFF}\n\"function\", \"timestamp\" ,end,message\r\n", .invocations),
      (#"{"function":"f","arrival":1,"duration_ms":3}"#, .invocations),
      ("REPORT RequestId: 8f5cbf1-dd22\tDuration: 8.40 ms\n", .lambdaLogs),
      ("2024-05-01T12:00:00 hello, world\n2024-05-01T12:00:00 START RequestId: 1\n", .lambdaLogs),
      (#"{"time":"2024-05-01T12:00:00Z","type":"platform.start","record":{}}"#, .lambdaLogs),
      (#"{"timestamp":1,"message":"x"}"#, .lambdaLogs), (#"{"events":[{"timestamp":1}]}"#, .lambdaLogs),
      (#"[{"timestamp":1,"message":"x"}]"#, .lambdaLogs),
      (#"{"results":[[{"field":"@timestamp","value":"1"}]],"status":"Complete"}"#, .logsInsights),
      ("@timestamp,@message,@requestId\n", .logsInsights), ("timestamp,message\n", .logsInsights),
      (#"{"MetricDataResults":[]}"#, .cloudWatch), ("row,1,2,3\nf,0,0,1\n", .minuteCounts),
      ("name,minute_1,minute_2\n", .minuteCounts),
    ])
  func known(text: String, kind: TraceKind) throws {
    let file = try TemporaryFile(text, name: "trace")
    #expect(try TraceKind(ofTraceAt: file.path) == kind)
  }

  @Test(
    "what is no trace is a fault that says which are known",
    arguments: [
      "hello\n", "a,b,c\n1,2,3\n", "", " \n\n", "\u{0}\u{1}", "{}", "{\"a\": [1]}",
      "HashOwner,HashApp,HashFunction,Trigger,1,2\n",
    ])
  func unknown(text: String) throws {
    let file = try TemporaryFile(text, name: "trace")
    #expect(throws: InputFault.self) { try TraceKind(ofTraceAt: file.path) }
    #expect(throws: InputFault.self) { try Workload.open(path: file.path) }
    #expect(throws: InputFault.self) { try TraceKind(ofTraceAt: file.path + "-that-is-not-there") }
  }

  @Test("a header longer than what is looked at is still told")
  func longHeader() throws {
    let file = try TemporaryFile("func," + (1...20_000).map(String.init).joined(separator: ",") + "\n", name: "trace")
    #expect(try TraceKind(ofTraceAt: file.path) == .minuteCounts)
  }

  @Test("a trace is opened as what it is")
  func open() throws {
    let list = try TemporaryFile("func,time_s,duration_s\na,2,3\n", name: "trace")
    #expect(try Listing(Workload.open(path: list.path)).text == ["a@2000000000+3000000000"])
    let azure = try TemporaryFile("app,func,end_timestamp,duration\na,b,5,3\n", name: "trace")
    #expect(try Listing(Workload.open(path: azure.path)).text == ["a/b@2000000000+3000000000"])
    let counts = try TemporaryFile("func,1,2\na,5,3\n", name: "trace")
    let fault = #expect(throws: InputFault.self) { try Workload.open(path: counts.path) }
    #expect(fault?.advice?.contains("minute-counts") == true)
  }

  @Test(
    "real traces are known",
    .enabled(if: RealData.has("MANIFEST.md"), "needs the real data in FAASCAST_DATA"),
    arguments: [
      ("azure2021/first_998_rows.csv", TraceKind.azure2021), ("azure2019/sampled100_8h", .azure2019),
      ("azure2019/fullday_minute_counts_8605.csv.gz", .minuteCounts),
      ("fixtures/platform_events.jsonl", .lambdaLogs), ("fixtures/text_lines.jsonl", .lambdaLogs),
      ("fixtures/logs_insights_get_query_results.json", .logsInsights),
    ])
  func real(name: String, kind: TraceKind) throws {
    #expect(try TraceKind(ofTraceAt: RealData.path(name)) == kind)
    if kind != .minuteCounts { _ = try Workload.open(path: RealData.path(name)) }
  }
}
