import Diagnostics
import Statistics
import TestSupport
import Testing
import Units

@testable import Documents
@testable import Logs
@testable import Traces
@testable import Workloads

@Suite("Lists of invocations")
struct RecordedInvocationsTests {
  @Test("columns are found by well-known names in any order")
  func detection() throws {
    let expected = ["a@1500000000+250000000", "b@2000000000+0"]
    for text in [
      "func,time_s,duration_s\na,1.5,0.25\nb,2,0\n",
      "duration_ms,function,arrival\n250,a,1.5\n0,b,2\n",
      "Function Name,Start (ms),End (ms)\na,1500,1750\nb,2000,2000\n",
      "functionName,startUs,durationUs\r\na,1500000,250000\r\nb,2000000,0\r\n",
      "\u{FEFF}fn,start,end,duration\n\na,1.5,1.75,0.25\n\nb,2,9,0",
      "name , timestamp_ns , elapsed_ns\n\"a\", 1500000000 , 250000000\n b ,2000000000,0\n",
    ] {
      #expect(try Listing(text).text == expected, "\(text)")
    }
  }

  @Test("columns that were named are taken, and the unit counts where the name has none")
  func named() throws {
    let text = "who,when,long,cold\nf,10,20,1\n"
    let columns = InvocationColumns(function: "who", arrival: "when", duration: "long")
    #expect(try Listing(text, columns: columns).text == ["f@10000000000+20000000000"])
    #expect(try Listing(text, columns: columns, unit: .milliseconds).text == ["f@10000000+20000000"])
    #expect(try Listing(text, columns: columns).ledger.remarks == [#"columns not used: "cold""#])
    // a unit in the name wins
    #expect(try Listing("func,time_s,duration_ms\nf,1,5\n", unit: .hours).text == ["f@1000000000+5000000"])
  }

  @Test("an end that was named wins over a duration that was not")
  func namedEnd() throws {
    let text = "func,start,end,duration\nf,10,20,3\n"
    #expect(try Listing(text).text == ["f@10000000000+3000000000"])
    #expect(try Listing(text, columns: .init(end: "end")).text == ["f@10000000000+10000000000"])
    #expect(try Listing(text, columns: .init(end: "end", duration: "duration")).text == ["f@17000000000+3000000000"])
  }

  @Test("functions of one name in two applications are two functions")
  func applications() throws {
    let listing = try Listing("app,func,time,duration\na,f,1,1\nb,f,2,1\na,f,3,1\n")
    #expect(listing.rows.map(\.function) == ["a/f", "b/f", "a/f"])
    // names that only look the same stay apart
    let odd = try Listing("app,func,time,duration\n\"a,b\",c,1,1\na,\"b,c\",2,1\na/b,c,3,1\na,b/c,4,1\n")
    #expect(odd.rows.map(\.function) == ["a,b/c", "a/b,c", "a/b/c", "a/b/c (2)"])
  }

  @Test("decimals are read exactly, to the nanosecond")
  func exactness() throws {
    let listing = try Listing(
      "func,time_s,duration_ms\nf,0.1,0.1\nf,12345678.123456789,1e3\nf,12345678.1234567891,0.0000004\nf,12345679,.5\n")
    #expect(
      listing.rows.map(\.arrival) == [
        100_000_000, 12_345_678_123_456_789, 12_345_678_123_456_789, 12_345_679_000_000_000,
      ])
    #expect(listing.rows.map(\.duration) == [100_000, 1_000_000_000, 0, 500_000])
  }

  @Test("dates give the workload an epoch, and zero is the minute of the first arrival")
  func dates() throws {
    for text in [
      "function,timestamp,duration_ms\nf,2024-05-01T12:00:59.5Z,5\nf,2024-05-01T12:01:00.000000001Z,7\n",
      "function,timestamp,duration_ms\nf,2024-05-01 14:00:59.500+02:00,5\nf,2024-05-01T07:01:00.000000001-0500,7\n",
      "function,timestamp,end\nf,1714564859500,1714564859505\nf,1714564860000.000001,1714564860007.000001\n",
      "function,timestamp_s,duration_ms\nf,1714564859.5,5\nf,1714564860.000000001,7\n",
    ] {
      let listing = try Listing(text)
      #expect(listing.text == ["f@59500000000+5000000", "f@60000000001+7000000"], "\(text)")
      #expect(listing.epoch == 1_714_564_800)
    }
    #expect(try Listing("func,time,duration\nf,1,1\n").epoch == nil)
  }

  @Test("a dated list out of order has the minute of its earliest row as zero")
  func datesOutOfOrder() throws {
    let listing = try Listing(
      "function,timestamp,duration_ms\nf,2024-05-01T12:10:00Z,5\nf,2024-05-01T12:00:30Z,7\n")
    #expect(listing.text == ["f@30000000000+7000000", "f@600000000000+5000000"])
    #expect(listing.epoch == 1_714_564_800)
  }

  @Test("rows that can't be used are dropped and counted, and the first is named")
  func drops() throws {
    let good = (0..<20).map { "f,\($0),1\n" }.joined()
    let listing = try Listing("func,time,duration\n" + good + "f,20,NaN\nf,x,1\nf,21,-1\n,22,1\nf,23,\nf,24,1\n")
    #expect(listing.rows.count == 21)
    #expect(listing.ledger.read == 26)
    #expect(
      listing.ledger.dropped == [
        "no duration that can be read": 2, "no arrival that can be read": 1, "a negative duration": 1,
        "no function name": 1,
      ])
    #expect(
      listing.ledger.remarks == [#"the first row dropped is on line 22: no duration that can be read, but "NaN""#])
  }

  @Test("a column that can't be read in most rows is a fault that names the first")
  func wrongColumn() throws {
    let rows = (0..<2000).map { "f,\($0),\($0 % 3 == 0 ? "1" : "warm")\n" }.joined()
    let fault = #expect(throws: InputFault.self) { try Listing("func,time,duration\n" + rows) }
    #expect(fault?.place.line == 3)
    #expect(fault?.place.key == "duration")
    #expect(fault?.found == "\"warm\"")
    #expect(throws: InputFault.self) { try Listing("func,time,duration\nf,yesterday,1\n") }
    // after a good beginning rows are dropped, however many
    let late = (0..<2000).map { "f,\($0),\($0 < 600 ? "1" : "warm")\n" }.joined()
    #expect(try Listing("func,time,duration\n" + late).rows.count == 600)
  }

  @Test("missing columns are faults that say how to name them")
  func missing() {
    for (text, key) in [
      ("time,duration\n1,1\n", "function"), ("func,duration\nf,1\n", "arrival"), ("func,time\nf,1\n", "duration"),
      ("func,end\nf,1\n", "duration"),
    ] {
      let fault = #expect(throws: InputFault.self) { try Listing(text) }
      #expect(fault?.advice == "name it: columns: {\(key): …}", "\(text)")
    }
    let fault = #expect(throws: InputFault.self) {
      try Listing("func,time,duration\nf,1,1\n", columns: .init(duration: "duraton"))
    }
    #expect(fault?.advice == "did you mean 'duration'?")
    #expect(throws: InputFault.self) { try Listing("") }
    #expect(throws: InputFault.self) { try Listing("func,time,duration\nf,1\n") }
    #expect(throws: InputFault.self) { try Workload.invocations(file: "/nowhere.csv") }
  }

  @Test("a list without rows is an empty workload")
  func empty() throws {
    #expect(try Listing("func,time,duration\n").rows.isEmpty)
  }

  static let poisson = "aws/poisson_traces_2020.csv.gz"

  @Test(
    "measured runs of a real function: start and end, gzip, by name of the run",
    .enabled(if: RealData.has(poisson), "needs \(poisson) in FAASCAST_DATA"))
  func realRuns() throws {
    let path = RealData.path(Self.poisson)
    let listing = try Listing(Workload.invocations(file: path, columns: .init(function: "trace")))
    // Counted and summed up in decimal, independently.
    let runs = Dictionary(grouping: listing.rows, by: \.function).mapValues { rows in
      [Int64(rows.count), rows.reduce(0) { $0 + $1.duration }]
    }
    #expect(runs.count == 6 && listing.rows.count == 13_245)
    #expect(runs["2020-05-28_01-57-40"] == [186, 397_396_017_000])
    #expect(runs["2020-04-24_17-53-33"] == [10_116, 20_030_329_780_000])
    #expect(zip(listing.rows, listing.rows.dropFirst()).allSatisfy { $0.arrival <= $1.arrival })
    #expect(listing.ledger.droppedTotal == 0)
  }

  @Test("the scan of plain rows and the careful way give the same, whatever the rows look like")
  func scanIsExact() throws {
    let numbers = [
      "0", "1", "1.5", "12.000000001", "0.1234567891", "99999999", "1e2", "-3", "+4", ".5", "5.", "", "x", "NaN", " 7",
      "7 ", "1234567890123456789", "99999999999999999999", "0.0000000000000000000001", "\"8\"", "9\r", "1,2", "0x1",
      "-", ".", "1.2.3", "00012",
    ]
    let names = [
      "f", "a b", "", " g", "é", "\"q\"", "\"x,y\"", "long-name-of-a-function", "7bytes!", "8 bytes!", "\u{0}",
    ]
    let headers = [
      "func,time,duration", "time_ms,func,end_ms", "end_us,x,duration_us,func", "app,func,end_timestamp,duration",
      "func,time,app,duration",
    ]
    for seed in 0..<60 as Range<UInt64> {
      var stream = RandomStream(seed: seed, purpose: .resampling)
      let header = headers[Int(seed) % headers.count]
      let columns = header.split(separator: ",")
      var text = header + "\n"
      let mostlyPlain = seed % 2 == 0
      for row in 0..<300 {
        let fields = columns.map { column -> String in
          let isName = ["func", "app", "x"].contains(column)
          if row < 2 || (mostlyPlain && stream.index(below: 40) > 0) { return isName ? "f\(row % 7)" : "\(row).25" }
          return isName ? names[stream.index(below: names.count)] : numbers[stream.index(below: numbers.count)]
        }
        text += fields.joined(separator: ",") + (stream.index(below: 20) == 0 ? "\r\n" : "\n")
        if stream.index(below: 50) == 0 { text += "\n" }
      }
      let file = try TemporaryFile(text)
      #expect(read(file.path, scans: true) == read(file.path, scans: false), "seed \(seed)")
    }
  }

  /// All that reading a file gives, a fault included.
  private func read(_ path: String, scans: Bool) -> Reading {
    var reading = Reading()
    do throws(InputFault) {
      let table = try InvocationTable(path: path, columns: .detect, unit: .seconds, scans: scans)
      var count = -1
      while count < reading.batch.count {
        count = reading.batch.count
        try table.read(into: &reading.batch, limit: 37)
        reading.functions = table.functions
        reading.ledger = table.ledger
      }
    } catch {
      reading.fault = error
    }
    return reading
  }

  private struct Reading: Equatable {
    var batch = InvocationBatch()
    var functions: [WorkloadFunction] = []
    var ledger = ImportLedger()
    var fault: InputFault?

    static func == (a: Reading, b: Reading) -> Bool {
      a.batch.functions == b.batch.functions && a.batch.arrivals == b.batch.arrivals
        && a.batch.durations == b.batch.durations && a.functions == b.functions && a.ledger == b.ledger
        && a.fault == b.fault
    }
  }
}

@Suite("Invocations as JSON objects, one a line")
struct RecordedLinesTests {
  @Test("members are what columns are: any order, more of them, strings or numbers")
  func members() throws {
    let listing = try Listing(
      """
      {"function": "a", "timestamp": "2024-05-01T12:00:01Z", "duration_ms": 250, "tags": {"x": [1, {"y": 2}]}}

      {"duration_ms": "1e3", "extra": null, "timestamp": "2024-05-01T12:00:02.5Z", "function": "\\u00e9"}
      """, name: "requests.ndjson")
    #expect(listing.text == ["a@1000000000+250000000", "é@2500000000+1000000000"])
    #expect(listing.epoch == 1_714_564_800)
  }

  @Test("a table and the same as objects give the same workload")
  func sameAsTable() throws {
    var table = "app,func,start_ms,end_ms\n"
    var lines = ""
    for row in 0..<500 {
      let (app, name, start) = (row % 3, row % 7, row * 37 % 501)
      table += "\(app),f\(name),\(start).5,\(start + row).75\n"
      lines += #"{"app":\#(app),"end_ms":\#(start + row).75,"start_ms":\#(start).5,"func":"f\#(name)"}"# + "\n"
    }
    #expect(try Listing(lines) == Listing(table))
  }

  @Test("lines that are no objects and members that are missing are dropped and counted")
  func drops() throws {
    let good = (0..<9).map { #"{"func":"f","time":\#($0),"duration":1}"# + "\n" }.joined()
    let listing = try Listing(
      good + #"{"func":"f","time":9"# + "\n[1]\n" + #"{"func":"f","time":9,"duration":null}"# + "\n"
        + #"{"func":"f","time":9,"duration":1} {}"# + "\n" + #"{"time":9,"duration":1}"# + "\n")
    #expect(listing.rows.count == 9)
    #expect(
      listing.ledger.dropped == ["no JSON object": 3, "no duration that can be read": 1, "no function name": 1])
    #expect(listing.ledger.remarks.first?.hasPrefix("the first row dropped is on line 10: no JSON object") == true)
  }

  @Test("objects without the members, and lines that are no objects at all, are faults")
  func faults() {
    for text in ["{\"a\":1}\n", "{}\n", "{\"func\"", "{", "{\"func\":\"f\",\"time\":\"x\",\"duration\":1}\n"] {
      #expect(throws: InputFault.self, "\(text)") { try Listing(text) }
    }
  }
}

@Suite("Dates as ISO 8601 writes them")
struct RecordedCalendarTests {
  private func milliseconds(_ text: String) -> Double? {
    Array(text.utf8).withUnsafeBytes { CalendarTime.nanoseconds($0).map { Double($0) / 1e6 } }
  }

  @Test(
    "known moments",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2000-02-29T23:59:59Z", 951_868_799),
      ("2024-05-01T12:00:00.123Z", 1_714_564_800.123),
      ("2024-05-01 12:00", 1_714_564_800), ("2024-05-01T14:00:00+02:00", 1_714_564_800),
      ("2024-05-01T14:00:00+02", 1_714_564_800), ("2024-05-01T06:30:00-0530", 1_714_564_800),
      ("2016-12-31T23:59:60Z", 1_483_228_800), ("1969-12-31T23:59:59.5Z", -0.5),
      ("2100-03-01T00:00:00Z", 4_107_542_400),
    ])
  func known(text: String, expected: Double) {
    #expect(milliseconds(text) == expected * 1000)
  }

  @Test("what is no date is none")
  func refused() {
    for text in [
      "", "2024", "2024-05-01", "2024-13-01T00:00:00Z", "2023-02-29T00:00:00Z", "2024-05-01T24:00:00Z",
      "2024-05-01T12:60:00Z", "2024-05-01T12:00:00.Z", "2024-05-01T12:00:00Zx", "2024-05-01T12:00:00+2", "1714564800",
      "9999-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "2024-05-01T12:00:00 UTC",
    ] {
      #expect(milliseconds(text) == nil, "\(text)")
    }
  }

  @Test("days count up without a gap over four centuries")
  func days() {
    var expected = CivilDate(year: 1899, month: 12, day: 31).daysSince1970
    for year in 1900..<2300 {
      for month in 1...12 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        #expect(CivilDate(year: year, month: month, day: 1).daysSince1970 == expected + 1)
        expected += days
      }
    }
    #expect(CivilDate(year: 1970, month: 1, day: 1).daysSince1970 == 0)
  }
}
