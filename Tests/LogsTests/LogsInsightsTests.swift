import TestSupport
import Testing
import Units

@testable import Logs
@testable import Traces
@testable import Workloads

@Suite("Logs Insights") struct LogsInsightsTests {
  private func read(_ text: String) throws -> LogReading {
    try withFile(text, named: "insights.csv") { try LogReading(.logsInsights(file: $0)) }
  }

  @Test("figures that a query took apart make the same invocations; sizes are MB times a million")
  func figures() throws {
    let header =
      "@timestamp,@requestId,@duration,@billedDuration,@initDuration,@memorySize,@maxMemoryUsed,@log,@logStream"
    let rows = [
      "2026-03-01 10:00:00.250,r1,50,231,180.5,5.12E8,77000000,1234:/aws/lambda/checkout,\(Story.streamA)",
      "2026-03-01 10:00:04.302,r2,3002.0,3252.0,250,512000000,77000000,1234:/aws/lambda/checkout,\(Story.streamB)",
      "2026-03-01 10:00:05.120,r3,120,120,,512,77,1234:/aws/lambda/checkout,\(Story.streamA)",
    ]
    for order in [rows, rows.reversed()] {
      let reading = try read(([header] + order).joined(separator: "\n"))
      #expect(reading.invocations.sorted { $0.arrival < $1.arrival } == Story.invocations)
      #expect(reading.functions.map(\.memory) == [MemorySize(megabytes: 512)])
      #expect(reading.observations.billedMegabyteMilliseconds == 3603 * 512)
      #expect(reading.ledger.remarks.contains { $0.contains("3 reports have no START") })
    }
  }

  @Test("fields of platform events are taken by their paths")
  func platformFields() throws {
    let reading = try read(
      """
      time,@timestamp,type,record.requestId,record.metrics.durationMs,record.metrics.billedDurationMs,record.status
      x,2026-03-01 10:00:01.000,platform.report,r1,40.5,41,timeout
      """)
    #expect(reading.invocations == [.init(function: "insights", arrival: 1_772_359_200_959.5, duration: 40.5)])
    #expect(reading.observations.timeouts == 1)
    #expect(reading.ledger.remarks.contains { $0.contains("columns not used") })
  }

  @Test("rows that are START or END by their type are no invocations")
  func types() throws {
    let reading = try read(
      """
      @timestamp,@type,@requestId,@duration
      2026-03-01 10:00:00.100,START,r1,
      2026-03-01 10:00:00.200,END,r1,
      2026-03-01 10:00:00.200,REPORT,r1,99.5
      2026-03-01 10:00:00.300,,,
      """)
    #expect(reading.invocations == [.init(function: "insights", arrival: 1_772_359_200_100, duration: 99.5)])
    #expect(reading.ledger.read == 4)
    #expect(reading.ledger.droppedTotal == 0)
  }

  @Test("a result of exactly 10,000 rows is remarked as cut off", arguments: [9_999, 10_000])
  func cutOff(rows: Int) throws {
    let table = (0..<rows).map { "2026-03-01 10:00:00.000,\($0),1\n" }.joined()
    let csv = try read("@timestamp,@requestId,@duration\n" + table)
    let list = (0..<rows).map {
      "[{\"field\":\"@timestamp\",\"value\":\"2026-03-01 10:00:00\"},{\"field\":\"@requestId\",\"value\":\"\($0)\"},"
        + "{\"value\":\"1\",\"field\":\"@duration\"}]"
    }
    let json = try read("{\"results\":[\(list.joined(separator: ","))],\"status\":\"Complete\"}")
    for reading in [csv, json] {
      #expect(reading.invocations.count == rows)
      #expect(reading.ledger.remarks.contains { $0.contains("exactly 10,000 rows") } == (rows == 10_000))
    }
  }

  @Test("a query that is not complete is remarked")
  func running() throws {
    let row =
      #"[{"field":"@timestamp","value":"2026-03-01 10:00:00"},{"field":"@message","value":"REPORT RequestId: 1\tDuration: 1 ms"}]"#
    let reading = try read("{\"results\":[\(row)],\"status\":\"Running\"}")
    #expect(reading.ledger.remarks.contains { $0.contains("Running") })
  }

  @Test("a row leaves nothing behind for the next")
  func rowsApart() throws {
    let reading = try read(
      """
      @timestamp,@type,@requestId,@duration,@memorySize,@initDuration
      2026-03-01 10:00:00.100,,,,128000000,77
      2026-03-01 10:00:00.200,REPORT,r1,99.5,256000000,
      """)
    #expect(reading.functions.map(\.memory) == [MemorySize(megabytes: 256)])
    #expect(reading.observations.coldStarts == 0)
    #expect(reading.ledger.droppedTotal == 0)
  }

  @Test("sizes beyond all bounds drop their row", arguments: ["9223372036854775807", "9e18", "-1", "1e300", "GB"])
  func absurdSizes(size: String) throws {
    let reading = try read(
      "@timestamp,@requestId,@duration,@memorySize\n2026-03-01 10:00:00,r1,1,\(size)\n2026-03-01 10:00:00,r2,1,128000000\n"
    )
    #expect(reading.invocations.count == 1)
    #expect(reading.ledger.dropped == ["unreadable reports: Memory Size is not a sensible number": 1])
  }

  @Test("whatever the bytes, reading ends in a trace or a fault")
  func fuzz() throws {
    let table = """
      @timestamp,@requestId,@duration,@billedDuration,@initDuration,@memorySize,@maxMemoryUsed,@log,@type
      2026-03-01 10:00:00.250,r1,50,231,180.5,5.12E8,77000000,1234:/aws/lambda/checkout,REPORT
      "2026-03-01 10:00:04.302",r2,3002.0,3252.0,250,512000000,77000000,1234:/aws/lambda/checkout,REPORT
      2026-03-01 10:00:05.120,r3,,,,,,1234:/aws/lambda/checkout,START

      """
    let rows =
      #"[{"field":"@timestamp","value":"2026-03-01 10:00:00"},{"field":"@requestId","value":"1"},"#
      + #"{"value":"12.5","field":"@duration"},{"field":"@memorySize","value":"128000000"}]"#
    let json = "{\"results\":[\(rows),\(rows)],\"statistics\":{\"bytesScanned\":1},\"status\":\"Complete\"}"
    try Fuzzing(name: "logs-insights").run(file: "a.csv", [Array(table.utf8), Array(json.utf8)]) { path in
      let reading = try LogReading(.logsInsights(file: path))
      #expect(reading.invocations.count <= reading.ledger.read)
    }
  }
}
