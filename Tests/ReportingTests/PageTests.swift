import Foundation
import Pricing
import Testing

@testable import Reporting

@Suite("The page")
struct PageTests {
  @Test(
    "a library's code is embedded without ends of elements, openings of comments, and links to source maps",
    arguments: [
      ("a<b; c='</script>'", "a<b; c='<\\/script>'"), ("'</SCRIPT ' + '</Style'", "'<\\/SCRIPT ' + '<\\/Style'"),
      ("x='<!-- é -->'", "x='<\\!-- é -->'"), ("code\n//# sourceMappingURL=a.map", "code\n"),
      ("p{}/*# sourceMappingURL=b.map */", "p{}"), ("</scrip", "</scrip"), ("", ""),
    ])
  func embedding(code: String, embedded: String) {
    #expect(ChartLibrary.embeddable(code) == embedded)
  }

  @Test("answers in this order: what, when, to whom, how slow, what it costs, what was assumed")
  func order() throws {
    let page = Fixture.report(Fixture.outcome(minutes: 600)).page(charts: nil)
    let questions = [
      "Invocations", "When does it happen?", "To whom does it happen?", "How slow is it?", "What does it cost?",
      "assumed",
    ]
    var rest = page[...]
    for question in questions {
      let found = rest.range(of: question)
      #expect(found != nil, "\(question)")
      rest = rest[(found?.upperBound ?? rest.endIndex)...]
    }
  }

  @Test("says where the money goes, at which hours, and what the same would cost elsewhere")
  func costs() throws {
    let report = Fixture.report(Fixture.outcome(), showsAlternatives: true)
    let page = report.page(charts: nil)
    for words in [
      "Where the money goes", "dearest 1 % of invocations", "Cost an hour, USD", "The same workload elsewhere",
    ] {
      #expect(page.contains(words), "\(words)")
    }
    for alternative in report.alternatives {
      #expect(page.contains(alternative.name), "\(alternative.name)")
    }
    for line in report.text(colour: false, width: 80).split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
  }

  @Test("asks nothing of the network")
  func standsAlone() throws {
    let page = Fixture.report(Fixture.outcome(minutes: 600)).page(charts: try ChartLibrary.find())
    #expect(page.firstMatch(of: /(src|href)\s*=\s*["']?(https?:)?\/\//) == nil)
    #expect(page.firstMatch(of: /@import/) == nil)
    #expect(page.firstMatch(of: /url\(\s*["']?https?:/) == nil)
    #expect(page.contains("<meta name=\"viewport\""))
    #expect(page.contains("prefers-color-scheme"))
    #expect(page.contains("@media print"))
  }

  @Test("shows names with markup as text, in tables, attributes and data alike")
  func hostile() throws {
    var report = Fixture.report(Fixture.outcome(minutes: 60, names: hostileNames, observed: true))
    report.scenario = "</title><script>alert('scenario')</script>"
    let page = report.page(charts: try ChartLibrary.find())
    for trap in ["<script>alert(", "</script><script>", "<!--<script>", "\" onmouseover=\"", "' onfocus='"] {
      #expect(!page.contains(trap), "\(trap)")
    }
    // Each script element that opens also closes.
    #expect(page.matches(of: /<script\b/).count == page.matches(of: /<\/script>/).count)
  }

  @Test("says how to get moving pictures where the chart library is not there")
  func withoutCharts() {
    let page = Fixture.report(Fixture.outcome(minutes: 600)).page(charts: nil)
    #expect(page.contains(ChartLibrary.advice))
    #expect(page.contains("<svg"))
  }

  @Test("stays small for a fortnight of minutes and 500 functions, and for thousands of functions")
  func small() {
    for report in [
      Fixture.report(Fixture.outcome(functions: 500, minutes: 14 * 1440, samples: 20)),
      Fixture.report(Fixture.outcome(functions: 2000, minutes: 600, samples: 2)),
    ] {
      #expect(report.page(charts: nil).utf8.count < 2_000_000)
    }
  }

  @Test("is made of outcomes with nothing in them too")
  func extremes() {
    for outcome in [
      Fixture.outcome(functions: 0, minutes: 0), Fixture.outcome(functions: 1, minutes: 1),
      Fixture.outcome(minutes: 60, refusesAll: true), Fixture.outcome(functions: 3, minutes: 60, samples: 0),
    ] {
      let report = Fixture.report(outcome)
      let page = report.page(charts: nil)
      #expect(page.contains("</html>"))
      let shown = page.replacing(/<script\b[\s\S]*?<\/script>/, with: "").lowercased()
      #expect(!shown.contains("nan") && shown.firstMatch(of: /\binf\b/) == nil)
    }
  }

  @Test("thinning keeps the smallest and largest value of each run, in their order")
  func thinning() {
    var values: [Double?] = (0..<1000).map { Double($0 % 7) }
    values[500] = 9999
    values[700] = -5
    let thinning = Thinning(rows: values.count, points: 100)
    let points = thinning.points(values).compactMap(\.self)
    #expect(points.count <= 102)
    #expect(points.max() == 9999)
    #expect(points.min() == -5)
  }
}
