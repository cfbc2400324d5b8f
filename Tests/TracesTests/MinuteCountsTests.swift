import Diagnostics
import Foundation
import Statistics
import TestSupport
import Testing
import Units

@testable import Logs
@testable import Reading
@testable import Traces
@testable import Workloads

@Suite("Counts per minute")
struct MinuteCountsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Rows of random counts: idle stretches, quiet and busy minutes, now and then the most that is allowed.
  private func randomRow(_ minutes: Int, _ stream: inout RandomStream) -> [Int] {
    (0..<minutes).map { _ in
      switch stream.index(below: 20) {
      case 0: stream.index(below: MinuteCounts.largestCount + 1)
      case 1...3: stream.index(below: 200)
      case 4...8: 1
      default: 0
      }
    }
  }

  private func load(_ text: String, _ arrivals: ArrivalLaw = .uniform) throws -> GeneratedWorkload {
    let path = try directory.write("counts.csv", text)
    return try Workload.minuteCounts(file: path, function: "f", duration: .constant(0.5), arrivals: arrivals).recipe
  }

  /// The counts of a function as they were read.
  private func counts(_ text: String) throws -> (counts: MinuteCounts, table: MinuteTable) {
    let table = try MinuteTable(try CSVReader(path: directory.write("counts.csv", text)))
    var counts = MinuteCounts()
    counts.beginTable(at: 0)
    var function = 0
    while try table.next() {
      _ = counts.add(table.row, function: function)
      function += 1
    }
    counts.seal()
    return (counts, table)
  }

  private func dense(_ counts: MinuteCounts, _ function: Int, minutes: Int) -> [Int] {
    var result = Array(repeating: 0, count: minutes)
    var cursor = counts.cursor(of: function)
    while let (minute, count) = cursor.next() { result[minute] = count }
    return result
  }

  @Test("packed counts come back as they were, in a byte or two a busy minute")
  func packing() throws {
    var stream = RandomStream(seed: 7, purpose: .resampling)
    let rows = (0..<40).map { _ in randomRow(300, &stream) } + [Array(repeating: 0, count: 300)]
    let header = "f," + (1...300).map(String.init).joined(separator: ",")
    let text = rows.enumerated().map { "f\($0.offset)," + $0.element.map(String.init).joined(separator: ",") }
    let (counts, table) = try counts(([header] + text).joined(separator: "\n"))
    #expect(table.minutes == 1...300)
    for (function, row) in rows.enumerated() {
      #expect(dense(counts, function, minutes: 300) == row)
      #expect(counts.totals[function] == row.reduce(0, +))
    }
    #expect(counts.total == rows.joined().reduce(0, +))
    #expect(counts.memory < 41 * (300 + 300 / 20 * 5))
  }

  @Test("a day without invocations takes no more than its row's place")
  func idle() throws {
    let header = "f," + (1...1440).map(String.init).joined(separator: ",")
    let zeros = (0..<100).map { "f\($0)" + String(repeating: ",0", count: 1440) }
    let (counts, _) = try counts(([header] + zeros).joined(separator: "\n"))
    #expect(counts.memory <= 100 * 32)
    #expect(counts.total == 0)
  }

  @Test("rows are read the same from plain text and field by field, whatever the columns' order and names")
  func columnOrders() throws {
    var stream = RandomStream(seed: 8, purpose: .resampling)
    let rows = (0..<10).map { _ in randomRow(20, &stream) }
    func table(_ columns: [Int], _ name: (Int) -> String, _ cell: (Int) -> String, extra: Bool) -> String {
      let header = (extra ? ["note"] : []) + ["f"] + columns.map(name) + (extra ? ["end"] : [])
      let lines = rows.enumerated().map { number, row in
        (extra ? ["x"] : []) + ["f\(number)"] + columns.map { cell(row[$0]) } + (extra ? ["y"] : [])
      }
      return ([header] + lines).map { $0.joined(separator: ",") }.joined(separator: "\n")
    }
    let plain = Array(0..<20)
    let shuffled = plain.map { $0 * 7 % 20 }
    let texts = [
      table(plain, { "\($0 + 480)" }, { "\($0)" }, extra: false),
      table(plain, { "\($0 + 480)" }, { "\($0)" }, extra: true),
      table(shuffled, { "minute_\($0 + 480)" }, { "\($0)" }, extra: true),
      table(plain, { "Minute\($0 + 480)" }, { " \($0).0 " }, extra: false),
      table(plain, { "\"\($0 + 480)\"" }, { "\"\($0)\"" }, extra: true),
      table(plain, { "0\($0 + 480)" }, { "0\($0)" }, extra: false) + "\r\n\r\n",
      table(plain, { "\($0 + 480)" }, { $0 == 0 ? "0e5" : "+\($0)" }, extra: true),
    ]
    for text in texts {
      let (counts, table) = try counts(text)
      #expect(table.minutes == 480...499)
      #expect(table.repairedRows == 0)
      for (function, row) in rows.enumerated() { #expect(dense(counts, function, minutes: 20) == row) }
    }
  }

  @Test("a count that is missing is zero and counted as a repair")
  func missing() throws {
    let workload = try load("f,1,2,3\na,1,,2\nb,NaN,nan,1\nc,1,1,1\n")
    #expect(workload.expectedInvocations == 7)
    #expect(workload.ledger.repaired == ["empty or NaN count taken as 0": 2])
    #expect(workload.ledger.read == 3)
  }

  @Test(
    "a count that is none is a fault that names line and minute",
    arguments: [
      "-1", "1.5", "1000000001", "99999999999999999999", "1e10", "x", "inf", "0x1", "1 2", "--", "9223372036854775808",
    ])
  func badCount(_ count: String) throws {
    let fault = try #require(throws: InputFault.self) { _ = try load("f,1,2,3\na,0,0,0\nb,0,\(count),0\n") }
    #expect(fault.place.line == 3)
    #expect(fault.place.key == "2")
    #expect(fault.found == excerpt(count))
    #expect(fault.expected == "a whole number of invocations, 0 to 1,000,000,000")
  }

  @Test(
    "minutes with a gap, twice, or absent are a fault",
    arguments: [
      ("f,1,3\n", "minute 3 after minute 1"), ("f,1,01\n", "minute 1 twice"), ("f,1,minute_1\n", "minute 1 twice"),
      ("f,1,999999999\n", "minute 999999999 after minute 1"),
    ])
  func badMinutes(_ header: String, _ found: String) throws {
    let fault = try #require(throws: InputFault.self) { _ = try load(header + "a,1,1\n") }
    #expect(fault.found == found)
  }

  @Test(
    "a table without minutes, without the named column, or with rows of another length is a fault",
    arguments: [
      "f,x,y\na,1,1\n", "g,1,2\na,1,1\n", "f,1,2\na,1\n", "f,1,2\na,1,1,1\n", "f,1,2\na,1,1,\n", "", "f,1,2,z\na,1,1\n",
    ])
  func badTables(_ text: String) { #expect(throws: InputFault.self) { _ = try load(text) } }

  @Test("rows of one function add up; rows without a name and strange columns are told")
  func duplicates() throws {
    let workload = try load("note,f,1,2,3,4\nx,a,1,0,0,2\ny,b,0,0,0,5\nz,a,0,3,0,1\nw,,1,1,1,1\n,a,0,0,1,0\n")
    #expect(workload.functions.map(\.name) == ["a", "b"])
    #expect(workload.expectedInvocations == 13)
    #expect(workload.ledger.repaired == ["second row of a function: counts added up": 2])
    #expect(workload.ledger.dropped == ["row without a name": 1])
    #expect(workload.ledger.remarks.contains("columns ignored: \"note\""))
    let minutes = workload.invocations(of: 0).arrivals.map { $0 / MinuteCountGenerator.minute }
    #expect(minutes == [0, 1, 1, 1, 2, 3, 3, 3])
    #expect(throws: InputFault.self) { _ = try load("f,1\na,1000000000\na,1\n") }
  }

  @Test("a trace of no functions has no invocations")
  func noRows() throws {
    let workload = try load("f,1,2\n")
    #expect(workload.functions.isEmpty)
    #expect(workload.expectedInvocations == 0)
    #expect(workload.horizon == Instant(nanoseconds: 120_000_000_000))
  }

  @Test("a random table is read to the end or refused with a fault, and what was read can be drawn")
  func fuzz() throws {
    let plain =
      "f,1,2,3,4,5,6,7,8\na,0,0,0,0,0,0,0,0\nb,1,20,300,4,0,0,0,1\nc,0,0,0,0,0,0,7,0\n"
      + (0..<20).map { "f\($0),0,0,\($0),0,0,1,0,\($0 * 97)\n" }.joined()
    let named = "x,minute_480,minute_481,f\r\n1,2.0,3,\"a\"\r\n,,NaN,b\r\n"
    for (number, law) in ArrivalLaw.allCases.enumerated() {
      var fuzzing = Fuzzing(name: "minutes-\(law.rawValue)", seed: UInt64(number))
      fuzzing.inputs /= ArrivalLaw.allCases.count
      try fuzzing.run(file: "t.csv", [Array(plain.utf8), Array(named.utf8)]) { path in
        let workload = try Workload.minuteCounts(
          file: path, function: "f", duration: .lognormal(mu: 0, sigma: 2), arrivals: law
        ).recipe
        try workload.drawBounded()
      }
    }
  }
}

extension GeneratedWorkload {
  /// Draws the beginning of some functions, and holds what comes to the promises of every generator.
  func drawBounded(most: Int = 2000) throws {
    // Slices in which not even a minute with all the invocations has many.
    let step = min(17_000_000_007, max(10_007, Int64(30_000_000_000_000 / max(1, Double(expectedInvocations)))))
    var block = InvocationBlock()
    for function in functions.indices.prefix(10) {
      var generator = generator(function, 1, 0)
      var last: Int64 = 0
      var end = Int64(0)
      var slices = 0
      while end < horizon.nanoseconds, block.count < most, slices < 50 {
        end = min(horizon.nanoseconds, end + step)
        slices += 1
        block.removeAll()
        generator.generate(until: Instant(nanoseconds: end), into: &block)
        var isOrdered = block.arrivals.count == block.durations.count
        for (arrival, duration) in zip(block.arrivals, block.durations) {
          isOrdered = isOrdered && arrival >= last && arrival < end && duration >= 0
          last = arrival
        }
        guard isOrdered else {
          Issue.record("\(functions[function].name): arrivals out of order or beyond \(end)")
          return
        }
      }
    }
  }
}
