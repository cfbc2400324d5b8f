import Diagnostics
import Foundation
import Testing

@testable import Reporting

@Suite("The files of a report")
struct FilesTests {
  private func temporaryDirectory() throws -> String {
    let directory = FileManager.default.temporaryDirectory.appending(path: "faascast-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    return directory
  }

  private let names = ["bill.csv", "bill.json", "functions.csv", "index.html", "summary.json", "timeline.csv"]

  @Test("appear together in a directory that is made for them, with nothing beside them")
  func appear() throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try Fixture.report(Fixture.outcome(minutes: 60)).write(to: directory + "/new/report", charts: nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/new/report").sorted() == names)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/new") == ["report"])
  }

  @Test("replace their predecessors and leave other files alone")
  func replace() throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try "mine".write(toFile: directory + "/notes.txt", atomically: true, encoding: .utf8)
    for seed in [1, 2] as [UInt64] {
      var report = Fixture.report(Fixture.outcome(minutes: 60))
      report.seed = seed
      try report.write(to: directory, charts: nil)
    }
    #expect(try String(contentsOfFile: directory + "/notes.txt", encoding: .utf8) == "mine")
    #expect(try String(contentsOfFile: directory + "/summary.json", encoding: .utf8).contains("\"seed\": 2"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == (names + ["notes.txt"]).sorted())
  }

  @Test("are a fault of the system, with nothing left behind, where a file is in the way or the disk is full")
  func cannotWrite() throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try "".write(toFile: directory + "/file", atomically: true, encoding: .utf8)
    let report = Fixture.report(Fixture.outcome(minutes: 60))
    #expect {
      try report.write(to: directory + "/file/report", charts: nil)
    } throws: {
      ($0 as? InputFault)?.exitStatus == .inputOutput
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["file"])
  }

  @Test("tables have a row for each function and minute, and quote what needs quotes")
  func tables() throws {
    let report = Fixture.report(Fixture.outcome(minutes: 60, names: hostileNames))
    #expect(
      report.timelineCSV().split(separator: "\r\n").count == 61
        || report.timelineCSV().split(separator: "\n").count == 61)
    #expect(report.functionsCSV().contains("\"a,b\"\"c"))
  }

  @Test("tables say what was made up, for whoever reads them alone")
  func labels() {
    let report = Fixture.report(Fixture.outcome(minutes: 60))
    let label = "arrivals inside a minute: uniform; durations: drawn from each function's percentiles"
    #expect(report.functionsCSV().split(separator: "\r\n").dropFirst().allSatisfy { $0.contains(label) })
    #expect(report.timelineCSV().split(separator: "\r\n")[1].hasSuffix(label))
    #expect(Fixture.report(Fixture.outcome()).summaryJSON().contains("\"arrivals inside a minute: uniform\""))
  }

  @Test("the text keeps to 80 columns and has no colour unless asked")
  func text() {
    for outcome in [Fixture.outcome(observed: true), Fixture.outcome(functions: 0, minutes: 0)] {
      let text = Fixture.report(outcome).text(colour: false, width: 80)
      #expect(!text.contains("\u{1b}"))
      for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
    #expect(Fixture.report(Fixture.outcome()).text(colour: true, width: 80).contains("\u{1b}["))
  }
}
