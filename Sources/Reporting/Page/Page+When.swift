import Engine
import Platforms
import Traces
import Units
import Workloads

extension Page {
  /// Concurrency against its limits, cold starts and throttles over time.
  var when: Section {
    var content = Markup()
    if !timeline.charts.isEmpty, report.outcome.totals.arrivals > 0 {
      content += zoomButtons
      for chart in timeline.charts { content += figure(chart) }
      if let thinned = timeline.thinned { content += "<p class=\"fine\">\(thinned)</p>\n" }
      if charts == nil { content += missingLibrary }
    }
    content += limits
    return Section(id: "when", title: "When does it happen?", short: "When", content: content)
  }

  /// Shown by the scripts once there is something to zoom.
  private var zoomButtons: Markup {
    """
    <p class="zoom" role="group" aria-label="Zoom all charts over time" hidden>
    <span class="fine">Drag across a chart to zoom all of them, double-click for all of it, or</span>
    <button type="button" data-zoom="in" aria-label="Zoom in">+</button>
    <button type="button" data-zoom="out" aria-label="Zoom out">−</button>
    <button type="button" data-zoom="back" aria-label="Earlier">←</button>
    <button type="button" data-zoom="on" aria-label="Later">→</button>
    <button type="button" data-zoom="all">whole trace</button>
    </p>

    """
  }

  var missingLibrary: Markup {
    """
    <p class="notice">The pictures of this page stand still because the library that makes them zoomable was not found \
    when the page was made. To have it: <code>\(ChartLibrary.advice)</code>, or name its file in the environment \
    variable <code>\(ChartLibrary.variable)</code>, and make the report again.</p>

    """
  }

  private func figure(_ chart: TimelinePicture.Chart) -> Markup {
    var keys = chart.lines.map { line in Self.key(line.name, line.colour) }
    if chart.limit != nil { keys.append(Self.key("account's limit", "limit")) }
    let lines = chart.lines.map { line in
      // A still picture shows far fewer points than one that zooms.
      StillPicture.Line(
        values: Thinning(rows: line.values.count, points: 700).points(line.values), colour: line.colour,
        isFilled: line.isFilled)
    }
    let end = report.outcome.horizon
    return """
      <figure id="figure-\(chart.id)"><figcaption><h3>\(chart.title)</h3><p>\(chart.caption)</p></figcaption>
      <p class="legend"><span class="at" data-at></span>\(keys)</p>
      <div class="chart\(chart.isTall ? " tall" : "")" id="chart-\(chart.id)" role="img" \
      aria-label="\(chart.title) over time. \(chart.caption)">
      \(StillPicture.lines(lines, limit: chart.limit.map(Double.init), height: chart.isTall ? 220 : 120))
      <p class="scale"><span>\(naming.said(.zero))</span>\
      <span>from 0 to \(Wording.number(max(chart.largest, Double(chart.limit ?? 0))))</span>\
      <span>\(naming.said(end))</span></p>
      </div></figure>

      """
  }

  /// A line's name with its colour; the scripts put the value under the pointer beside it.
  static func key(_ name: String, _ colour: String) -> Markup {
    "<span class=\"key\"><i class=\"k-\(colour)\"></i>\(name) <b data-value></b></span> "
  }

  /// The account and the functions that have a concurrency of their own, with what is left of each limit.
  private var limits: Markup {
    let functions = report.outcome.functions
    let reserving = functions.indices.filter { functions[$0].settings.reservedConcurrency != nil }
    guard report.platform.accountConcurrency != nil || !reserving.isEmpty else { return "" }
    var table = MarkupTable(
      caption: "Concurrency against its limits",
      columns: [
        .init(title: "Scope"), .init(title: "Limit"), .init(title: "Peak"), .init(title: "Used at peak"),
        .init(title: "Throttles"),
      ])
    func row(_ name: Markup, _ limit: Int, _ tally: Tally) {
      let used = limit > 0 ? Double(tally.peakConcurrency) / Double(limit) : nil
      table.row(
        name,
        [
          .init(limit.grouped), .init(tally.peakConcurrency.grouped), .init(Wording.percent(used), bar: used),
          .init(tally.throttles.grouped),
        ])
    }
    if let limit = report.platform.accountConcurrency { row("Account", limit, report.outcome.totals) }
    let shown = 12
    let ordered = reserving.sorted { a, b in
      let (first, second) = (functions[a].tally, functions[b].tally)
      return (second.throttles, second.peakConcurrency, a) < (first.throttles, first.peakConcurrency, b)
    }
    for index in ordered.prefix(shown) {
      row(
        "\(Wording.name(functions[index].function.name)), reserved", functions[index].settings.reservedConcurrency ?? 0,
        functions[index].tally)
    }
    let rest = reserving.count - min(reserving.count, shown)
    let more: Markup =
      rest > 0 ? "<p class=\"fine\">\(Wording.count(rest, "more function")) with reserved concurrency.</p>\n" : ""
    return table.markup + more
  }
}

extension Markup {
  static func + (a: Markup, b: Markup) -> Markup {
    var sum = a
    sum += b
    return sum
  }
}
