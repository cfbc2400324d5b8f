import Foundation
import Testing

@testable import Reporting

/// Pages to look at, of the cases that a report has to bear: written when `FAASCAST_PAGES` names a directory.
@Suite("Pages to look at")
struct Pages {
  static let directory = ProcessInfo.processInfo.environment["FAASCAST_PAGES"]

  @Test("each case writes its page", .enabled(if: Pages.directory != nil, "FAASCAST_PAGES names no directory"))
  func write() throws {
    let directory = try #require(Pages.directory)
    let charts = try ChartLibrary.find()
    func write(_ name: String, _ report: Report, _ charts: ChartLibrary?) throws {
      try report.write(to: "\(directory)/\(name)", charts: charts)
      try report.text(colour: false, width: 80).write(
        toFile: "\(directory)/\(name)/text", atomically: true, encoding: .utf8)
    }
    try write("week", Fixture.report(Fixture.outcome(observed: true)), charts)
    try write("still", Fixture.report(Fixture.outcome()), nil)
    try write("limit", Fixture.report(Fixture.outcome(limit: 600), limit: 600), charts)
    try write("undated", Fixture.report(Fixture.outcome(minutes: 20 * 1440, epoch: nil)), charts)
    try write("fortnight", Fixture.report(Fixture.outcome(functions: 500, minutes: 14 * 1440, samples: 60)), charts)
    try write("many", Fixture.report(Fixture.outcome(functions: 8605, minutes: 1440, samples: 20)), charts)
    try write("one", Fixture.report(Fixture.outcome(functions: 1, minutes: 480)), charts)
    try write("refused", Fixture.report(Fixture.outcome(minutes: 480, refusesAll: true)), charts)
    try write("empty", Fixture.report(Fixture.outcome(functions: 0, minutes: 0)), charts)
    try write("quiet", Fixture.report(Fixture.outcome(functions: 3, minutes: 60, samples: 0)), charts)
    var hostile = Fixture.report(Fixture.outcome(names: hostileNames, observed: true))
    hostile.scenario = "</title><script>alert('scenario')</script>"
    hostile.run = Report.Run(command: "faascast simulate '</code><script>alert(1)</script>'")
    try write("hostile", hostile, charts)
  }
}

let hostileNames = [
  "<script>alert('name')</script>", "</script><script>alert(1)</script>", "<!--<script>", "\" onmouseover=\"alert(1)",
  "' onfocus='alert(1)", "&amp;", "a,b\"c\r\nd", "", "\u{0}\u{7}\u{1b}[31mred", "\u{202e}gnp.exe",
  "arn:aws:lambda:eu-central-1:123456789012:function:" + String(repeating: "very-long-name-", count: 20),
  "名前-関数", "=HYPERLINK(\"http://example.invalid\")", "${process.env}", "]]>", "a\u{2028}b", "🧑‍🚀 launch",
]
