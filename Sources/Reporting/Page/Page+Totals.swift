import Engine
import Foundation
import Planning
import Platforms
import Pricing
import Statistics
import Units

extension Page {
  /// The few figures that matter most, each with what it means.
  var tiles: Markup {
    let outcome = report.outcome
    let tally = outcome.totals
    let rows = outcome.timeline.rows
    func value(_ plain: String, _ output: Output) -> String {
      report.intervals[output].map { Report.said($0.estimate, output) } ?? plain
    }
    var tiles: [Markup] = [
      tile(
        "Invocations", value(Wording.large(tally.arrivals), .invocations), report.plusMinus(.invocations),
        figures.arrivalsPerSecond.map { "\(Wording.number($0)) a second on average" } ?? "",
        spark: StillPicture.spark(rows.map { Double($0.arrivals) }, colour: "arrivals")),
      tile(
        "Cold starts", value(Wording.large(tally.coldStarts), .coldStarts), report.plusMinus(.coldStarts),
        report.coldStartMeaning,
        spark: StillPicture.spark(rows.map { Double($0.coldStarts) }, colour: "cold")),
      tile(
        "Peak concurrency", value(Wording.large(tally.peakConcurrency), .peakConcurrency),
        report.plusMinus(.peakConcurrency),
        report.peakAgainstLimit ?? "ran at one moment; no account limit set",
        spark: StillPicture.spark(rows.map { Double($0.peakConcurrency) }, colour: "peak")),
      tile(
        "Throttles", value(Wording.large(tally.throttles), .throttles), report.plusMinus(.throttles),
        tally.throttles == 0
          ? "no invocation is refused" : "\(Wording.percent(figures.throttledShare)) of invocations are refused",
        spark: StillPicture.spark(rows.map { Double($0.throttles) }, colour: "throttles"),
        isAlarming: tally.throttles > 0),
    ]
    if let typical = figures.latency.p50, let slow = figures.latency.p99 {
      tiles.append(
        tile(
          "Latency, 99th percentile", value(Wording.span(milliseconds: slow), .latency(.p99)),
          report.plusMinus(.latency(.p99)),
          "1 in 100 callers waits longer; half wait at most \(Wording.span(milliseconds: typical))"))
    }
    if let alive = figures.meanEnvironments {
      tiles.append(
        tile(
          "Environments", value(Wording.number(alive), .meanEnvironments), report.plusMinus(.meanEnvironments),
          "on average: \(Wording.number(figures.meanConcurrency)) busy, \(Wording.number(report.idleEnvironments)) idle",
          spark: StillPicture.spark(
            outcome.timeline.rows.indices.map {
              outcome.timeline.meanConcurrency(at: $0) + outcome.timeline.meanIdleEnvironments(at: $0)
            }, colour: "idle")))
    }
    if tally.errors > 0 || tally.timeouts > 0 {
      tiles.append(
        tile(
          "Failures", Wording.large(tally.errors + tally.timeouts), nil,
          "\(Wording.count(tally.errors, "error")), \(Wording.count(tally.timeouts, "timeout"))", isAlarming: true))
    }
    if let bill = report.bill {
      let month = report.costs?.month.map { "30 days at this pace: \(Wording.money($0.bill.total))" }
      tiles.append(
        tile(
          "Cost, \(Wording.name(bill.currency))", value(Wording.money(bill.total), .cost),
          report.plusMinus(.cost),
          month ?? "for \(Wording.length(TimeSpan(nanoseconds: outcome.horizon.nanoseconds)))"))
    }
    return "<ul class=\"tiles\" aria-label=\"Totals\">\n\(tiles)</ul>"
  }

  private func tile(
    _ name: String, _ value: String, _ interval: String?, _ meaning: String, spark: Markup = "",
    isAlarming: Bool = false
  ) -> Markup {
    let interval: Markup? = interval.map { " <small title=\"95 % confidence\">\($0)</small>" }
    return """
      <li\(isAlarming ? " class=\"alarm\"" : "" as Markup)><span class="name">\(name)</span>
      <strong>\(value)\(interval)</strong><span class="meaning">\(meaning)</span>\(spark)</li>

      """
  }
}
