import Engine
import Foundation
import Pricing
import Units

extension Page {
  /// Invocations and cold starts by hour and weekday (or day of the trace), as two tables of shaded cells.
  var week: Section {
    guard report.outcome.totals.arrivals > 0,
      let map = HeatMap(report.outcome.timeline, horizon: report.outcome.horizon, naming: naming)
    else { return Section(id: "week", title: "", short: "", content: "") }
    let hours = map.isByWeekday ? "hour of the day, UTC" : "hours since the trace's start, by day"
    var content: Markup = "<div class=\"pair\">\n"
    content += heat(map, "Invocations a minute", "arrivals", hours) { $0.arrivalsPerMinute }
    if report.outcome.totals.coldStarts > 0 {
      content += heat(map, "Cold starts a minute", "cold", hours) { $0.coldStartsPerMinute }
    }
    if let bill = report.bill, bill.total > 0 {
      let cost = HourlyCost(bill, report.outcome)
      content += heat(map, "Cost an hour, \(Wording.name(bill.currency))", "cost", hours) { cost.ofHour($0) }
    }
    content += "</div>\n"
    return Section(
      id: "week", title: map.isByWeekday ? "At which hours of the week?" : "At which hours?",
      short: map.isByWeekday ? "Week" : "Hours", content: content)
  }

  private func heat(
    _ map: HeatMap, _ title: String, _ colour: String, _ hours: String, _ value: (HeatMap.Cell) -> Double?
  ) -> Markup {
    let most = map.rows.flatMap(\.cells).compactMap(value).max() ?? 0
    let heads = (0..<24).map { hour -> Markup in
      "<th scope=\"col\"\(hour % 6 == 0 ? "" : " class=\"minor\"" as Markup)>\(hour)</th>"
    }
    let rows = map.rows.map { row -> Markup in
      let cells = row.cells.enumerated().map { hour, cell -> Markup in
        guard let value = value(cell) else { return "<td class=\"none\" title=\"not in the trace\"></td>" }
        let shade = most > 0 ? (value / most * 100).rounded() / 100 : 0
        let said = Wording.number(value)
        return """
          <td style="--a:\(shade.description)" title="\(row.name), \(hour) to \(hour + 1) h: \(said)">\
          <span>\(said)</span></td>
          """
      }
      return "<tr><th scope=\"row\">\(row.name)</th>\(cells)</tr>\n"
    }
    return """
      <figure class="heat heat-\(colour)"><table>
      <caption><h3>\(title)</h3><p>Mean over the trace by \(hours); the darkest cell stands for \
      \(Wording.number(most)).</p></caption>
      <thead><tr><td></td>\(heads)</tr></thead>
      <tbody>
      \(rows)</tbody>
      </table></figure>

      """
  }
}
