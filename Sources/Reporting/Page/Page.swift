import Documents
import Engine
import Foundation
import Planning
import Platforms
import Pricing
import Units
import Workloads

/// A report as one HTML file that needs nothing else: style, scripts, data and the chart library stand inside it.
///
/// Everything is there without scripts; they add zooming, values under the pointer, sorting and filtering.
struct Page {
  let report: Report
  let charts: ChartLibrary?
  let figures: Figures
  let naming: TimeNaming
  let timeline: TimelinePicture
  let distributions: DistributionPicture?

  init(_ report: Report, charts: ChartLibrary?) {
    self.report = report
    self.charts = charts
    figures = report.totals
    naming = TimeNaming(epoch: report.outcome.epoch, horizon: report.outcome.horizon)
    timeline = TimelinePicture(report.outcome, limit: report.platform.accountConcurrency)
    distributions = DistributionPicture(report.outcome)
  }

  /// A part of the page; empty content leaves the part out.
  struct Section {
    var id: String
    var title: String
    /// How the contents at the top of the page name it.
    var short: String
    var content: Markup
  }

  var html: String {
    let sections = [when, toWhom, howSlow, cost, week, comparison, assumed].filter { !$0.content.text.isEmpty }
    let title = Wording.name(report.scenario)
    let links = sections.map { section -> Markup in "<a href=\"#\(section.id)\">\(section.short)</a>\n" }
    let parts = sections.map { section -> Markup in
      """
      <section id="\(section.id)" aria-labelledby="\(section.id)-title">
      <h2 id="\(section.id)-title">\(section.title)</h2>
      \(section.content)</section>

      """
    }
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
      script-src 'unsafe-inline'; img-src data:">
      <title>\(title) – Faascast</title>
      <style>
      \(Markup(trusted: charts?.style ?? ""))
      \(Markup(trusted: String(decoding: PackageResources.page_css, as: UTF8.self)))
      </style>
      </head>
      <body>
      <header>
      <p class="kicker">What this workload would do on AWS Lambda, \(report.platform.region)</p>
      <h1>\(title)</h1>
      <p class="subject">\(report.subject)\(period)</p>
      \(stopped)<p class="lead">\(report.lead)</p>
      <nav aria-label="Parts of this report">\(links)</nav>
      </header>
      <main>
      \(tiles)
      \(parts)</main>
      <footer>
      \(glossary)
      <p>\(report.run.producer). A forecast by simulation, not a measurement: what it rests on stands under \
      <a href="#assumed">what was assumed</a>. Every figure is also in <code>summary.json</code>, \
      <code>functions.csv</code> and <code>timeline.csv</code> beside this page.</p>
      </footer>
      \(scripts)
      </body>
      </html>

      """
    return page.text
  }

  private var period: Markup {
    guard let epoch = naming.epoch, let start = WallClock(epoch: epoch),
      let end = WallClock(epoch: epoch, plus: report.outcome.horizon)
    else { return "" }
    return "; \(start.said) to \(end.said)"
  }

  private var stopped: Markup {
    report.outcome.isComplete
      ? ""
      : """
      <p class="notice" role="note">The run was stopped early. All figures cover the trace up to \
      \(Wording.length(TimeSpan(nanoseconds: report.outcome.horizon.nanoseconds))) after its start.</p>

      """
  }

  private var scripts: Markup {
    let code = String(decoding: PackageResources.page_js, as: UTF8.self)
    let library: Markup = charts.map { "<script>\(Markup(trusted: $0.script))</script>\n" } ?? ""
    return """
      <script type="application/json" id="chart-data">\(Markup(trusted: chartData.written(inScript: true)))</script>
      \(library)<script>
      \(Markup(trusted: code))</script>
      """
  }

  /// What the scripts draw: nothing without a library.
  private var chartData: JSON {
    guard charts != nil else { return .object([("charts", .array([]))]) }
    return .object([
      ("start", naming.epoch.map { .number($0 * 1000) } ?? .null),
      ("charts", .array(timeline.json + (distributions?.json ?? []))),
    ])
  }

  private var glossary: Markup {
    let words: [(String, String)] = [
      ("Invocation", "One call of a function."),
      (
        "Execution environment",
        "The isolated place in which a function runs. It serves one invocation at a time, waits for the next and is "
          + "ended when none comes for a while."
      ),
      (
        "Cold start",
        "No environment is free, so one is created; the caller waits while it initialises (init) before the function "
          + "runs."
      ),
      ("Concurrency", "How many invocations run at the same moment."),
      ("Throttle", "An invocation that is refused because concurrency has reached a limit."),
      (
        "Reserved concurrency",
        "A part of the account's limit that belongs to one function, and the most that it may use."
      ),
      ("Provisioned concurrency", "Environments that are initialised ahead of need and paid for while they stand."),
      ("Latency", "What the caller waits: the platform's overhead and init of a cold start, then the function's run."),
      ("GB-s", "Memory setting in GB (1,024 MB) times billed seconds: the unit in which Lambda sells running time."),
      ("p99", "The 99th percentile: 99 of 100 values are at most this."),
    ]
    let entries = words.map { word, meaning -> Markup in "<dt>\(word)</dt><dd>\(meaning)</dd>\n" }
    return "<details class=\"words\"><summary>Words used here</summary><dl>\n\(entries)</dl></details>"
  }
}
