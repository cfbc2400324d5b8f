import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Reading
@testable import Traces
@testable import Workloads

@Suite("Tables of comma-separated values")
struct CSVReaderTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func rows(_ text: String) throws -> [[String]] {
    let reader = try CSVReader(path: directory.write("t.csv", text))
    var rows = [reader.columns]
    while try reader.next() { rows.append((0..<reader.fieldCount).map { reader.text($0) }) }
    return rows
  }

  @Test(
    "plain and quoted fields are read as RFC 4180 and people write them",
    arguments: [
      ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
      ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
      ("\u{FEFF}a,b\n1,2\n\n\n3,4\n", [["a", "b"], ["1", "2"], ["3", "4"]]),
      ("\n \t\na,b\n  \n1,2\n", [["a", "b"], ["1", "2"]]),
      (" a , b\n 1\t, 2 ", [["a", "b"], ["1", "2"]]),
      ("a,b\n,\n", [["a", "b"], ["", ""]]),
      ("a,b\n\"1,5\",\"say \"\"hi\"\"\"\n", [["a", "b"], ["1,5", "say \"hi\""]]),
      ("a,b\n\"x\", 2 \n", [["a", "b"], ["x", "2"]]),
      ("a,b\n \"x\" ,\" 2 \"\n", [["a", "b"], ["x", " 2 "]]),
      ("a,b\n\"two\r\nlines\",\"and\n\nthree\"\n5,6", [["a", "b"], ["two\nlines", "and\n\nthree"], ["5", "6"]]),
      ("a,b\n\"\",\"\"\"\"\n", [["a", "b"], ["", "\""]]),
      ("a,b\n5\" pipe,6\" pipe\n7,8\n", [["a", "b"], ["5\" pipe", "6\" pipe"], ["7", "8"]]),
      ("\"a\",\"b,c\"\n1,2\n", [["a", "b,c"], ["1", "2"]]),
      ("a,b\n\"1\",\n", [["a", "b"], ["1", ""]]),
      ("a\n1\n", [["a"], ["1"]]),
    ])
  func forms(_ text: String, _ expected: [[String]]) throws {
    #expect(try rows(text) == expected)
    #expect(try rows(text.replacing("\u{FEFF}", with: "")) == expected)
  }

  @Test("a row's line is where it begins, quoted line ends counted")
  func lineNumbers() throws {
    let reader = try CSVReader(path: directory.write("t.csv", "a,b\n1,2\n\n\"x\ny\",3\n4,5"))
    var numbers = [reader.lineNumber]
    while try reader.next() { numbers.append(reader.lineNumber) }
    #expect(numbers == [1, 2, 4, 6])
  }

  @Test(
    "an empty file, a column twice, a short or long row and an open quote are faults that say where",
    arguments: [
      ("", nil, "an empty file"), ("\n\n", nil, "an empty file"), ("a,b,a\n", 1, "column \"a\" twice"),
      ("a,b\n1,2\n1\n", 3, "1 fields"), ("a,b\n1,2,3\n", 2, "3 fields"),
      ("a,b\n\"1,2\n3,4\n", 2, "a quote that is not closed"),
    ] as [(String, Int?, String)])
  func faults(_ text: String, _ line: Int?, _ found: String) throws {
    let fault = try #require(throws: InputFault.self) { _ = try rows(text) }
    #expect(fault.place.line == line)
    #expect(fault.found == found)
  }

  @Test("a missing column is a fault with a suggestion")
  func missingColumn() throws {
    let reader = try CSVReader(path: directory.write("t.csv", "\nfunc,arival,duration\n"))
    #expect(reader.column("FUNC") == 0)
    #expect(reader.column("none", "duration") == 2)
    #expect(reader.column("none") == nil)
    let fault = try #require(throws: InputFault.self) { _ = try reader.requiredColumn("arrival") }
    #expect(fault.advice == "did you mean \"arival\"?")
    #expect(fault.place.line == 2)
  }

  @Test("a field's fault shows the field")
  func fieldFault() throws {
    let reader = try CSVReader(path: directory.write("t.csv", "a,b\n,x\u{1B}y\n"))
    #expect(try reader.next())
    #expect(reader.fault(0, expected: "a number").description.hasSuffix("t.csv:2: a: found nothing, expected a number"))
    #expect(reader.fault(1, expected: "a number").found == "\"x\\u{1b}y\"")
  }

  @Test("names are told apart by bytes and numbered in order of appearance")
  func functionTable() {
    var table = FunctionTable()
    let names = (0..<5000).map { "f\($0 * 7919)" }
    for round in 0..<2 {
      for (index, name) in names.enumerated() {
        guard table.index(of: Array(name.utf8)) == index else {
          Issue.record("\(name) in round \(round)")
          return
        }
      }
    }
    #expect(table.functions.map(\.name) == names)
    #expect(table.find(Array("f7919".utf8)) == 1)
    #expect(table.find(Array("g".utf8)) == nil)
    #expect(table.index(of: []) == 5000)
    let invalid = [table.index(of: [0xFF]), table.index(of: [0xFE])]
    #expect(invalid == [5001, 5002])
    #expect(Set(table.functions.map(\.name)).count == 5003, "names stay different where they are no text")
  }

  @Test("whatever the bytes, rows are read to the end or refused with a fault")
  func fuzz() throws {
    let plain = "name,time,value\n" + (0..<20).map { "f\($0),\($0 * 37),\($0).5\n" }.joined()
    let quoted =
      "\"name\",time,\"value\"\r\n" + (0..<20).map { "\"f,\($0)\", \($0) ,\"a \"\"b\"\"\n\($0)\"\r\n" }.joined()
    try Fuzzing(name: "csv").run(file: "t.csv", [Array(plain.utf8), Array(quoted.utf8)]) { path in
      let reader = try CSVReader(path: path)
      var table = FunctionTable()
      _ = try? reader.requiredColumn("value")
      while try reader.next() {
        for column in 0..<reader.fieldCount {
          _ = table.index(of: reader.field(column))
          _ = reader.fault(column, expected: "anything").description
        }
      }
    }
  }
}
