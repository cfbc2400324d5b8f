import Documents
import Engine
import Logs
import Traces
import Units
import Workloads

/// The charts over time, all on one axis: how each is drawn by the library, and the still picture that stands for it.
struct TimelinePicture {
  struct Line {
    var name: String
    var colour: String
    var values: [Double?]
    var isFilled = false
  }

  struct Chart {
    var id: String
    var title: String
    /// What the chart says, for those who don't see it as well.
    var caption: String
    var lines: [Line]
    var limit: Int?
    var isTall = false

    var isEmpty: Bool { lines.allSatisfy { $0.values.allSatisfy { ($0 ?? 0) == 0 } } }
    var largest: Double { lines.compactMap { $0.values.compactMap { $0 }.max() }.max() ?? 0 }
  }

  let charts: [Chart]
  /// From one point to the next, ms.
  let step: Double
  /// `minute`, or `4 minutes` for coarser timelines.
  let stretch: String
  /// Said when points stand for several rows.
  let thinned: String?

  init(_ outcome: Outcome, limit: Int?) {
    let timeline = outcome.timeline
    let thinning = Thinning(rows: timeline.rows.count, points: 5000)
    let coarse = Thinning(rows: timeline.rows.count, points: 5000).rowsPerPair
    step = thinning.step(of: timeline.interval)
    stretch = timeline.interval == .minutes(1) ? "minute" : Wording.length(timeline.interval)
    thinned =
      coarse > 1
      ? "Each pair of points shows the lowest and the highest of \(coarse) rows; all are in timeline.csv." : nil
    guard !timeline.rows.isEmpty else {
      charts = []
      return
    }
    func line(_ name: String, _ colour: String, filled: Bool = false, _ value: (Int) -> Double?) -> Line {
      Line(
        name: name, colour: colour, values: thinning.points(timeline.rows.indices.map(value)).map(Self.rounded),
        isFilled: filled)
    }
    let rows = timeline.rows
    var concurrency = [
      line("peak", "peak") { Double(rows[$0].peakConcurrency) },
      line("mean", "mean", filled: true) { timeline.meanConcurrency(at: $0) },
      line("idle environments, mean", "idle") { timeline.meanIdleEnvironments(at: $0) },
    ]
    let throttles = [line("throttles", "throttles", filled: true) { Double(rows[$0].throttles) }]
    var refused = throttles
    if let observations = outcome.observations {
      let running = Self.largest(observations.concurrency, timeline)
      if running.contains(where: { $0 != nil }) {
        concurrency.append(line("measured", "measured") { running[$0] })
      }
      let measured = Self.largest(observations.throttles, timeline)
      if measured.contains(where: { $0 != nil }) { refused.append(line("measured", "measured") { measured[$0] }) }
    }
    let peak = outcome.totals.peakConcurrency
    // A limit far above the curve would press it flat: then words have to do.
    let showsLimit = limit.map { $0 > 0 && Double(peak) >= 0.4 * Double($0) } ?? false
    let headroom =
      limit.map { limit in
        showsLimit
          ? "The account's limit is \(limit.grouped)."
          : "The account's limit, \(limit.grouped), lies far above the picture."
      } ?? "No account limit is set."
    let all = [
      Chart(
        id: "concurrency", title: "Concurrency",
        caption: "At most \(Wording.count(peak, "invocation")) ran at one moment. \(headroom)",
        lines: concurrency, limit: showsLimit ? limit : nil, isTall: true),
      Chart(
        id: "cold", title: "Cold starts a \(stretch)",
        caption: Self.busiest(rows.map(\.coldStarts), outcome, "cold start"),
        lines: [line("cold starts", "cold", filled: true) { Double(rows[$0].coldStarts) }]),
      Chart(
        id: "throttles", title: "Throttles a \(stretch)",
        caption: Self.busiest(rows.map(\.throttles), outcome, "throttle"), lines: refused),
      Chart(
        id: "arrivals", title: "Invocations a \(stretch)",
        caption: Self.busiest(rows.map(\.arrivals), outcome, "invocation"),
        lines: [line("invocations", "arrivals", filled: true) { Double(rows[$0].arrivals) }]),
    ]
    charts = all.filter { $0.id == "concurrency" || !$0.isEmpty }
  }

  /// Four significant digits are more than a picture shows.
  private static func rounded(_ value: Double?) -> Double? {
    guard let value, value.isFinite else { return nil }
    if value.rounded() == value || abs(value) >= 1000 { return value.rounded() }
    let places = abs(value) >= 100 ? 10.0 : abs(value) >= 10 ? 100 : 1000
    return (value * places).rounded() / places
  }

  /// The largest measured value in each row's stretch; nil where there is none.
  private static func largest(_ points: [Observations.Point], _ timeline: Timeline) -> [Double?] {
    var values = [Double?](repeating: nil, count: timeline.rows.count)
    guard timeline.interval.nanoseconds > 0 else { return values }
    for point in points where point.value.isFinite && point.at.nanoseconds >= 0 {
      let index = Int(point.at.nanoseconds / timeline.interval.nanoseconds)
      if index < values.count { values[index] = max(values[index] ?? point.value, point.value) }
    }
    return values
  }

  private static func busiest(_ counts: [Int], _ outcome: Outcome, _ thing: String) -> String {
    guard let most = counts.max(), most > 0, let index = counts.firstIndex(of: most) else { return "" }
    let start = Instant(nanoseconds: outcome.timeline.interval.nanoseconds &* Int64(index))
    let naming = TimeNaming(epoch: outcome.epoch, horizon: outcome.horizon)
    return "Most: \(Wording.count(most, thing)), \(naming.said(start))."
  }

  /// For the scripts: each chart's lines by name, colour and values.
  var json: [JSON] {
    charts.map { chart in
      .object([
        ("id", .text(chart.id)), ("axis", .text("time")), ("step", .number(step)),
        ("limit", chart.limit.map { .integer($0) } ?? .null),
        (
          "lines",
          .array(
            chart.lines.map { line in
              .object([
                ("name", .text(line.name)), ("colour", .text(line.colour)), ("fill", .boolean(line.isFilled)),
                ("values", .array(line.values.map(Self.json))),
              ])
            })
        ),
      ])
    }
  }

  private static func json(_ value: Double?) -> JSON {
    guard let value else { return .null }
    return Int(exactly: value).map { .integer($0) } ?? .number(value)
  }
}
