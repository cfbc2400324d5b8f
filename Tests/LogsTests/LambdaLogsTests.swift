import Diagnostics
import Foundation
import Statistics
import TestSupport
import Testing
import Units

@testable import Documents
@testable import Logs
@testable import Traces
@testable import Workloads

@Suite("Lambda logs") struct LambdaLogsTests {
  @Test("the same story comes out of every shape of export", arguments: Story.shapes.keys.sorted(), [false, true])
  func shapes(name: String, packed: Bool) throws {
    let text = try #require(Story.shapes[name])
    let bytes = packed ? Fuzzing.gzip(Array(text.utf8)) : Array(text.utf8)
    let reading = try withFile(bytes, named: "checkout.log") { try LogReading(.lambdaLogs(files: [$0]), limit: 1) }
    #expect(reading.invocations.sorted { $0.arrival < $1.arrival } == Story.invocations)
    #expect(reading.functions.count == 1)
    #expect(reading.functions.first?.memory == MemorySize(megabytes: 512))
    #expect(reading.functions.first?.initDuration == QuantileFunction(sample: [0.1805, 0.25]).map { .empirical($0) })
    let observed = reading.observations
    #expect(observed.coldStarts == 2)
    #expect(observed.environments == 2)
    #expect(observed.billedMilliseconds == 231 + 3252 + 120)
    #expect(observed.billedMegabyteMilliseconds == (231 + 3252 + 120) * 512)
    #expect(observed.timeouts == 1)
    #expect(observed.errors == 0)
    #expect(observed.initDurations.sum == 430_500_000)
    #expect(observed.environmentLifetimes.count == 2)
    #expect(observed.environmentLifetimes.maximum == 5_101_000_000)
    #expect(reading.epoch == Double(Story.zero / 1000))
    #expect(reading.ledger.droppedTotal == 0)
    #expect(reading.ledger.remarks.contains { $0.contains("steps of 1 ms with init") })
  }

  @Test("events of one stream need no name of it: get-log-events")
  func oneStream() throws {
    let events = Story.events.filter { $0.stream == Story.streamA }.map {
      #"{"timestamp":\#($0.at),"message":\#(Story.quoted($0.text)),"ingestionTime":1}"#
    }
    let text =
      "{\"events\":[\(events.joined(separator: ","))],\"nextForwardToken\":\"f/1\",\"nextBackwardToken\":\"b/1\"}"
    let reading = try read(text, named: "checkout.json")
    #expect(reading.invocations == [Story.invocations[0], Story.invocations[2]])
    #expect(reading.observations.environments == 1)
  }

  @Test("lines with times but no streams give the same invocations; environments stay untold")
  func exportedLines() throws {
    let text = Story.events.map { "\(Story.time($0.at, "T", "Z")) \($0.text)" }.joined()
    let reading = try read(text, named: "checkout.2026-03-01.log")
    #expect(reading.invocations.sorted { $0.arrival < $1.arrival } == Story.invocations)
    #expect(reading.observations.environments == nil)
    #expect(reading.ledger.remarks.contains { $0.contains("don't say their log stream") })
  }

  @Test("several files make one trace, and pages without a log group belong to the function of their streams")
  func severalFiles() throws {
    let half = Story.events.count / 2
    func page(_ events: ArraySlice<Story.Event>) -> [UInt8] {
      Array(events.map { "\(Story.time($0.at, "T", "Z")) \($0.stream) \($0.text)\n" }.joined().utf8)
    }
    let reading = try withFile(page(Story.events[..<half]), named: "page-1.txt") { first in
      try withFile(page(Story.events[half...]), named: "page-2.txt") {
        try LogReading(.lambdaLogs(files: [first, $0]))
      }
    }
    #expect(reading.functions.map(\.name) == ["page-1", "page-2"])
    #expect(reading.observations.environments == 2)
    #expect(reading.invocations.map(\.arrival).sorted() == Story.invocations.map(\.arrival))

    // The second page begins in the middle of stream a, so everything in it is the function's of the first page.
    let again = try withFile(page(Story.events[..<4]), named: "page-1.txt") { first in
      let rest = [Story.events[7], Story.events[8]] + Story.events[4...6]
      return try withFile(page(rest[...]), named: "page-2.txt") { try LogReading(.lambdaLogs(files: [first, $0])) }
    }
    #expect(again.functions.map(\.name) == ["page-1"])
  }

  @Test("functions are named by group, account and group, ARN, stream, init event, or file, in this order")
  func names() throws {
    let report = #""timestamp":1772359200000,"message":"REPORT RequestId: 1\tDuration: 1 ms""#
    func name(_ members: String, file: String = "from-file.json") throws -> String? {
      try read("{\(members)\(report)}", named: file).functions.first?.name
    }
    #expect(try name(#""logGroup":"/aws/lambda/a","logStream":"2026/03/01/b[1]0f","#) == "a")
    #expect(try name(#""@log":"1234:/aws/lambda/a","#) == "a")
    #expect(try name(#""logGroup":"arn:aws:logs:eu-north-1:1:log-group:/aws/lambda/a:*","#) == "a")
    #expect(try name(#""logGroup":"/team/all","logStream":"2026/03/01/b[1]0f","#) == "b")
    #expect(try name(#""logGroup":"/team/all","logStream":"2026/03/01/[1]0f","#) == "/team/all")
    #expect(try name("") == "from-file")
    let told = #"{"time":"2026-03-01T10:00:00Z","type":"platform.initStart","record":{"functionName":"c"}}"# + "\n"
    #expect(try read(told + "{\(report)}", named: "x.json").functions.first?.name == "c")
    // Told late, the name is given to what the file's name stood for.
    #expect(try read("{\(report)}\n" + told, named: "x.json").functions.map(\.name) == ["c"])
  }

  @Test("a request repeated by a retry is an invocation each time; a report that comes twice is not")
  func retries() throws {
    func report(_ second: Int) -> String {
      "2026-03-01T10:00:0\(second)Z 2026/03/01/[1]00 REPORT RequestId: 1\tDuration: 10.00 ms\tBilled Duration: 10 ms\n"
    }
    let reading = try read(report(1) + report(1) + report(3))
    #expect(reading.invocations.count == 2)
    #expect(reading.ledger.dropped == ["reports that came twice": 1])
  }

  @Test("environments that were initialised long before their first request are no cold starts")
  func initialisedAhead() throws {
    func log(_ initStart: String) -> String {
      initStart
        + """
        {"time":"2026-03-01T10:05:00Z","type":"platform.start","record":{"requestId":"1"}}
        {"time":"2026-03-01T10:05:00.020Z","type":"platform.report","record":{"requestId":"1",\
        "metrics":{"durationMs":20,"billedDurationMs":20,"memorySizeMB":128,"initDurationMs":400}}}

        """
    }
    let text = "2026-03-01T10:00:00Z INIT_START Runtime Version: x\n"
    let provisioned =
      #"{"time":"2026-03-01T10:04:59Z","type":"platform.initStart","record":{"initializationType":"provisioned-concurrency"}}"#
      + "\n"
    for early in [text, provisioned] {
      let reading = try read(log(early))
      #expect(reading.observations.coldStarts == 0)
      #expect(reading.invocations.map(\.arrival) == [1_772_359_500_000])
      #expect(reading.ledger.remarks.contains { $0.contains("ahead of their first request") })
    }
    let felt = try read(log("2026-03-01T10:04:59.600Z INIT_START Runtime Version: x\n"))
    #expect(felt.observations.coldStarts == 1)
    #expect(felt.invocations.map(\.arrival) == [1_772_359_499_600])
  }

  @Test("a restore counts as a cold start and precedes START as an init does")
  func restores() throws {
    let reading = try read(
      """
      2026-03-01T10:00:00.000Z RESTORE_START Runtime Version: java:21.v1
      2026-03-01T10:00:00.500Z START RequestId: 1 Version: 7
      2026-03-01T10:00:00.600Z REPORT RequestId: 1\tDuration: 99.50 ms\tBilled Duration: 130 ms\tMemory Size: 1024 MB\t\
      Restore Duration: 450.00 ms\tBilled Restore Duration: 30 ms
      """)
    #expect(reading.observations.coldStarts == 1)
    #expect(reading.invocations == [.init(function: "log", arrival: 1_772_359_200_050, duration: 99.5)])
    #expect(reading.ledger.remarks.contains { $0.contains("SnapStart") })
  }

  @Test("timeouts count once, whether the report, a line before it, a line after it or all say so")
  func timeouts() throws {
    let id = "00000000-0000-4000-8000-000000000001"
    let marker = "2026-03-01T10:00:03Z \(id) Task timed out after 3.00 seconds\n"
    let silent = "2026-03-01T10:00:03Z REPORT RequestId: \(id)\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\n"
    let saying = silent.dropLast() + "\tStatus: timeout\n"
    for text in [
      marker + silent, silent + marker, marker + saying, saying + marker, "\(saying)", marker + silent + marker,
    ] {
      #expect(try read(text).observations.timeouts == 1, "\(text)")
    }
    #expect(try read(silent).observations.timeouts == nil)
    let failed = try read(silent.dropLast() + "\tStatus: error\tError Type: Runtime.ExitError\n")
    #expect(failed.observations.errors == 1)
    #expect(failed.observations.timeouts == 0)
  }

  @Test("a memory setting that changes ends at the latest, whatever the order of the lines")
  func memory() throws {
    func line(_ second: Int, _ memory: Int) -> String {
      "2026-03-01T10:00:0\(second)Z REPORT RequestId: \(second)\tDuration: 1 ms\tMemory Size: \(memory) MB\n"
    }
    let reading = try read(line(5, 2048) + line(1, 512) + line(3, 512))
    #expect(reading.functions.first?.memory == MemorySize(megabytes: 2048))
    #expect(reading.ledger.remarks.contains { $0.contains("changed while recorded") })
    // Zero is the first event's minute; nothing here lies before it, but order is not arrival's.
    let expected: [Double] = [4999, 999, 2999]
    #expect(reading.invocations.map { $0.arrival - Double(Story.zero) } == expected)
  }

  @Test("events before the first one's minute arrive at negative instants")
  func negative() throws {
    let text =
      "2026-03-01T10:00:30Z REPORT RequestId: 1\tDuration: 1 ms\n2026-03-01T09:59:00Z REPORT RequestId: 2\tDuration: 1 ms\n"
    let reading = try read(text)
    #expect(reading.epoch == Double(Story.zero / 1000))
    let expected: [Double] = [29_999, -60_001]
    #expect(reading.invocations.map { $0.arrival - Double(Story.zero) } == expected)
  }

  @Test("the init law of many cold starts is a bounded sample of them")
  func manyInits() throws {
    let text = (0..<5000).map { index in
      "2026-03-01T10:00:00Z 2026/03/01/[1]\(index) REPORT RequestId: \(index)\tDuration: 1 ms\tInit Duration: \(100 + index % 100) ms\n"
    }.joined()
    let reading = try read(text)
    #expect(reading.observations.coldStarts == 5000)
    #expect(reading.observations.environments == 5000)
    guard case .empirical(let law)? = reading.functions.first?.initDuration else {
      Issue.record("no law")
      return
    }
    #expect(law.values.count == InitSample.capacity)
    // The mean of 1,000 of the numbers 100…199 strays by 0.9 (standard error).
    #expect(abs(law.mean - 0.1495) < 0.004)
    #expect(reading.functions == (try read(text)).functions)
  }

  @Test("odd lines are dropped with their reasons, and the rest is read")
  func drops() throws {
    let good = "2026-03-01T10:00:00Z REPORT RequestId: 1\tDuration: 1 ms\tBilled Duration: 1 ms\n"
    let reading = try read(
      good + "REPORT RequestId: 2\tDuration: 1 ms\n2026-03-01T10:00:00Z REPORT RequestId: 3\tDuration: x ms\n"
        + "2026-03-01T10:00:00Z REPORT RequestId: 4\tInit Duration: 0.1 ms\tDuration: 3 ms\n{\"not\": JSON\n\u{0}\u{1}\n"
    )
    #expect(reading.invocations.count == 1)
    #expect(reading.ledger.droppedTotal == 3)
    #expect(reading.ledger.dropped["reports without a timestamp"] == 1)
    #expect(reading.ledger.dropped["unreadable reports: Duration is not a sensible number"] == 1)
    #expect(reading.ledger.dropped.keys.contains { $0.contains("local emulator") })
  }

  @Test(
    "logs that can't make a trace are refused with what to do",
    arguments: [
      (
        "START RequestId: 1 Version: 1\nEND RequestId: 1\nREPORT RequestId: 1\tDuration: 1 ms\n",
        "none with a timestamp"
      ),
      ("2026-03-01T10:00:00Z hello\n", "none a REPORT"), ("{\"events\":[]}", "0 log events"), ("[]", "0 log events"),
      ("{\"events\":[{\"timestamp\":1", "the end of the input"), ("{\"events\":[{\"timestamp\":]}]}", "]}]}"),
      ("2026-03-01T10:00:00Z REPORT RequestId: 4\tInit Duration: 0.1 ms\tDuration: 3 ms\n", "local emulator"),
      ("bin(5m),count(*)\n2026-03-01 10:00:00.000,7\n", "none a REPORT"), ("@timestamp,@message\na,b,c\n", "3 fields"),
      ("", "an empty file"), ("@requestId,@duration\n1,2.5\n", "none with a timestamp"),
    ])
  func refused(text: String, found: String) {
    let fault = #expect(throws: InputFault.self, "\(text)") { try read(text) }
    #expect(fault?.found.contains(found) == true, "\(fault?.description ?? "")")
  }

  @Test("no file, the same file twice and files that aren't there are refused at once")
  func files() throws {
    #expect(throws: InputFault.self) { try Workload.lambdaLogs(files: []) }
    #expect(throws: InputFault.self) { try Workload.lambdaLogs(files: ["/nowhere/a.log"]) }
    #expect(throws: InputFault.self) { try Workload.lambdaLogs(files: ["/"]) }
    try withFile("x") { path in
      #expect(throws: InputFault.self) { try Workload.lambdaLogs(files: [path, path]) }
    }
  }

  @Test("whatever the bytes, reading ends in a trace or a fault")
  func fuzz() throws {
    let seeds = Story.shapes.keys.sorted().compactMap { Story.shapes[$0].map { Array($0.utf8) } }
    let account = try Fuzzing(name: "lambda-logs").run(file: "a.log", seeds) { path in
      let reading = try LogReading(.lambdaLogs(files: [path]))
      #expect(reading.invocations.count <= reading.ledger.read)
    }
    #expect(account.accepted > 0 && account.refused > 0)
  }
}
