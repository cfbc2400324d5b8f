import Engine
import Planning
import Statistics
import Traces
import Workloads

extension Page {
  /// Latency, duration and init: percentiles, the bulk and the tail.
  var howSlow: Section {
    guard let distributions else {
      return Section(id: "latency", title: "How slow is it?", short: "How slow", content: "")
    }
    var table = MarkupTable(
      caption: "Times of all functions together",
      columns: [.init(title: "")] + Percentiles.keys.map { .init(title: $0) })
    var rows: [(String, Percentiles)] = [
      ("Latency, what callers wait", figures.latency), ("Duration, what functions run", figures.duration),
      ("Init, what a cold start adds", figures.initDuration),
    ]
    if let measured = report.outcome.observations?.initDurations {
      rows.append(("Init, measured in the trace", Percentiles(measured)))
    }
    for (name, percentiles) in rows where percentiles.count > 0 {
      table.row("\(name)", percentiles.values.map { .init(Wording.span(milliseconds: $0)) })
    }
    let error = Wording.percent(LogLinearHistogram.relativeError)
    let content =
      table.markup
      + "<p class=\"fine\">Percentiles are exact to within \(error) of their value; means and maxima are exact.</p>\n"
      + "<div class=\"pair\">\n"
      + figure(
        "density", "Where most values lie", "Share of values in steps of a tenth of a decade, logarithmic axis.",
        distributions.lines.map {
          .init(values: $0.density, colour: $0.colour, isFilled: true, isStepped: true)
        })
      + figure(
        "tail", "How far the tail reaches", "Percentiles from the median upwards; further up is rarer.",
        distributions.lines.map { .init(values: $0.tail, colour: $0.colour) })
      + "</div>\n"
    return Section(id: "latency", title: "How slow is it?", short: "How slow", content: content)
  }

  private func figure(_ id: String, _ title: String, _ caption: String, _ lines: [StillPicture.Line]) -> Markup {
    let keys = (distributions?.lines ?? []).map { Self.key($0.name, $0.colour) }
    let range = distributions?.range ?? (0, 0)
    return """
      <figure id="figure-\(id)"><figcaption><h3>\(title)</h3><p>\(caption)</p></figcaption>
      <p class="legend"><span class="at" data-at></span>\(keys)</p>
      <div class="chart tall" id="chart-\(id)" role="img" aria-label="\(title). \(caption) The table above has the \
      figures.">
      \(StillPicture.lines(lines, height: 220))
      <p class="scale"><span>\(Wording.span(milliseconds: range.0))</span><span>logarithmic</span>\
      <span>\(Wording.span(milliseconds: range.1))</span></p>
      </div></figure>

      """
  }
}
