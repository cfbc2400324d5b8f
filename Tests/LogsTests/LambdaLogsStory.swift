import Foundation
import TestSupport

@testable import Documents
@testable import Traces

/// Two environments of a function that serve three requests on 1 March 2026, to be told in every shape of export.
///
///     a  10:00:00.0195 ─init 180.5─ START .200 ─50─ REPORT .250      START 5.000 ─120─ REPORT 5.120
///     b  10:00:01.050 ─init 250─ START 1.300 ─3002─ REPORT 4.302 (timeout)
enum Story {
  struct Event {
    var stream: String
    /// Milliseconds since 1970.
    var at: Int
    var text: String
    /// The same as a platform event, without its time.
    var json: String
  }

  static let group = "/aws/lambda/checkout"
  static let streamA = "2026/03/01/[$LATEST]aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  static let streamB = "2026/03/01/[$LATEST]bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
  /// 2026-03-01T10:00:00Z.
  static let zero = 1_772_359_200_000

  static let invocations: [LogReading.Invocation] = [
    .init(function: "checkout", arrival: Double(zero) + 19.5, duration: 50),
    .init(function: "checkout", arrival: Double(zero) + 1050, duration: 3002),
    .init(function: "checkout", arrival: Double(zero) + 5000, duration: 120),
  ]

  static let events: [Event] = [
    initStart(streamA, 19), start(streamA, 200, request: 1), output(streamA, 210),
    report(streamA, 250, request: 1, duration: 50, billed: 231, initialised: 180.5), initStart(streamB, 1050),
    start(streamB, 1300, request: 2),
    report(streamB, 4302, request: 2, duration: 3002, billed: 3252, initialised: 250, status: "timeout"),
    start(streamA, 5000, request: 3), report(streamA, 5120, request: 3, duration: 120, billed: 120),
  ]

  private static func id(_ request: Int) -> String { "00000000-0000-4000-8000-00000000000\(request)" }

  private static func initStart(_ stream: String, _ at: Int) -> Event {
    Event(
      stream: stream, at: zero + at,
      text: "INIT_START Runtime Version: python:3.13.v9\tRuntime Version ARN: arn:aws:lambda:eu-north-1::runtime:0\n",
      json: #""type":"platform.initStart","record":{"initializationType":"on-demand","phase":"init","#
        + #""functionName":"checkout","functionVersion":"$LATEST","instanceMaxMemory":536870912}"#)
  }

  private static func start(_ stream: String, _ at: Int, request: Int) -> Event {
    Event(
      stream: stream, at: zero + at, text: "START RequestId: \(id(request)) Version: $LATEST\n",
      json: #""type":"platform.start","record":{"requestId":"\#(id(request))","version":"$LATEST"}"#)
  }

  private static func output(_ stream: String, _ at: Int) -> Event {
    Event(
      stream: stream, at: zero + at, text: "[INFO]\tpaid, \"in full\"\n{\"REPORT\": [1]}\n",
      json: #""type":"function","record":{"level":"INFO","message":"paid"}"#)
  }

  private static func report(
    _ stream: String, _ at: Int, request: Int, duration: Int, billed: Int, initialised: Double? = nil,
    status: String = "success"
  ) -> Event {
    var text = "REPORT RequestId: \(id(request))\tDuration: \(duration).00 ms\tBilled Duration: \(billed) ms\t"
    text += "Memory Size: 512 MB\tMax Memory Used: 77 MB\t"
    if let initialised { text += "Init Duration: \(initialised) ms\t" }
    if status != "success" { text += "Status: \(status)\t" }
    var metrics = #""durationMs":\#(duration).0,"billedDurationMs":\#(billed),"memorySizeMB":512,"maxMemoryUsedMB":77"#
    if let initialised { metrics += #","initDurationMs":\#(initialised)"# }
    return Event(
      stream: stream, at: zero + at, text: text + "\n",
      json: #""type":"platform.report","record":{"requestId":"\#(id(request))","#
        + #""status":"\#(status)","metrics":{\#(metrics)}}"#)
  }

  // MARK: - Shapes

  /// ISO 8601 with the separator and the ending given.
  static func time(_ at: Int, _ separator: String = "T", _ ending: String = "") -> String {
    let milliseconds = at - zero
    return "2026-03-01\(separator)10:00:" + String(format: "%02d.%03d", milliseconds / 1000, milliseconds % 1000)
      + ending
  }

  static func quoted(_ text: String) -> String {
    (try? JSONEncoder().encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  private static func csv(_ text: String) -> String { "\"" + text.replacing("\"", with: "\"\"") + "\"" }

  private static func event(_ event: Event, message: String) -> String {
    #"{"logStreamName":\#(quoted(event.stream)),"timestamp":\#(event.at),"message":\#(quoted(message)),"#
      + #""ingestionTime":\#(event.at + 900),"eventId":"3700\#(event.at)"}"#
  }

  private static func payload(_ stream: String, sorted: Bool = false, split: String = "") -> String {
    let list = events.filter { $0.stream == stream }.map {
      #"{"id":"37\#($0.at)","timestamp":\#($0.at),"message":\#(quoted($0.text))}"#
    }
    let logEvents = "\"logEvents\":[\(list.joined(separator: "," + split))]"
    let names = "\"logGroup\":\"\(group)\",\"logStream\":\(quoted(stream))"
    return sorted
      ? "{\(logEvents),\(split)\(names),\"messageType\":\"DATA_MESSAGE\",\"owner\":\"1\"}"
      : "{\"messageType\":\"DATA_MESSAGE\",\(split)\"owner\":\"1\",\(names),\"subscriptionFilters\":[\"x\"],\(logEvents)}"
  }

  private static func row(_ event: Event) -> String {
    let fields = [
      ("@timestamp", time(event.at, " ")), ("@message", event.text), ("@log", "1234:\(group)"),
      ("@logStream", event.stream), ("@ptr", "Cn0K"),
    ]
    return "[" + fields.map { "{\"field\":\"\($0)\",\"value\":\(quoted($1))}" }.joined(separator: ",") + "]"
  }

  private static let control =
    #"{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","subscriptionFilters":[],"#
    + #""logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}]}"#

  /// The story as each export tells it, by the export's name.
  static let shapes: [String: String] = [
    "aws logs tail": events.map { "\(time($0.at, "T", "000+00:00")) \($0.stream) \($0.text)\n" }.joined(),
    "aws logs tail, JSON logs": events.map { "\(time($0.at, "T", "000+00:00")) \($0.stream) {\($0.json)}\r\n" }
      .joined(),
    "sam logs": events.map { "\($0.stream) \(time($0.at)) \($0.text)" }.joined(),
    "awslogs": events.map { "\(group) \($0.stream) \(time($0.at, "T", "Z")) \($0.text)" }.joined(),
    "--query --output text": events.map { "\($0.at)\t\($0.stream)\t\($0.text)\n" }.joined(),
    "filter-log-events --output text": events.map {
      "EVENTS\t3700\($0.at)\t\($0.at + 900)\t\($0.stream)\t\($0.text)\t\($0.at)\n"
    }.joined() + "SEARCHEDLOGSTREAMS\t\(streamA)\tTrue\n",
    "filter-log-events": "{\"events\":[" + events.map { event($0, message: $0.text) }.joined(separator: ",")
      + "],\"searchedLogStreams\":[{\"logStreamName\":\"x\",\"searchedCompletely\":true}]}",
    "filter-log-events, indented": "{\n  \"events\": [\n"
      + events.map { "    " + event($0, message: $0.text) }.joined(separator: ",\n") + "\n  ]\n}\n",
    "pages of filter-log-events": events.map { "{\"events\":[" + event($0, message: $0.text) + "]}\n" }.joined(),
    "pages in an array": "["
      + events.map { "{\"events\":[" + event($0, message: $0.text) + "]}" }.joined(separator: ",")
      + "]",
    "filter-log-events, JSON logs": "{\"events\":["
      + events.map { event($0, message: #"{"time":"\#(time($0.at, "T", "Z"))",\#($0.json)}"#) }.joined(separator: ",")
      + "]}",
    "events one a line": events.map { event($0, message: $0.text) + "\n" }.joined(),
    "events strung together": events.map { event($0, message: $0.text) }.joined(),
    "Firehose": control + payload(streamA) + payload(streamB) + control,
    "payloads one a line": [payload(streamA), control, payload(streamB)].joined(separator: "\n"),
    "payloads with sorted members": [streamA, streamB].map { payload($0, sorted: true, split: "\n") }.joined(
      separator: "\n"),
    "Telemetry API": "["
      + events.map { #"{"time":"\#(time($0.at, "T", "Z"))","logStream":\#(quoted($0.stream)),\#($0.json)}"# }
      .joined(separator: ",\n") + "]",
    "platform events one a line": events.map {
      #"{"logStream":\#(quoted($0.stream)),\#($0.json),"time":"\#(time($0.at, "T", "Z"))"}"# + "\n"
    }.joined(),
    "Logs Insights": "{\"results\":[" + events.map(row).joined(separator: ",")
      + "],\"statistics\":{\"recordsMatched\":9.0},\"status\":\"Complete\"}",
    "Logs Insights, latest first": "{\"results\":[\n" + events.reversed().map(row).joined(separator: ",\n")
      + "],\"status\":\"Complete\"}",
    "Logs Insights, console CSV": "@timestamp,@message,@log,@logStream\n"
      + events.map { "\(time($0.at, " ")),\(csv($0.text)),1234:\(group),\($0.stream)\n" }.joined(),
    "Logs Insights, console JSON": "["
      + events.map {
        #"{"@timestamp":"\#(time($0.at, " "))","@logStream":\#(quoted($0.stream)),"@message":{\#($0.json)}}"#
      }
      .joined(separator: ",") + "]",
    "CloudWatch console CSV": "timestamp,message,logStreamName\n"
      + events.map { "\($0.at),\(csv($0.text)),\($0.stream)\n" }.joined(),
  ]
}
