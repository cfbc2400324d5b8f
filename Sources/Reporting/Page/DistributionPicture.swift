import Documents
import Engine
import Statistics
import Workloads

/// How latency, duration and init are spread, on a logarithmic axis: the bulk as a histogram, the tail by percentiles.
struct DistributionPicture {
  struct Line {
    var name: String
    var colour: String
    var density: [Double]
    var tail: [Double?]
  }

  let lines: [Line]
  let bulk: LogCurve
  let fine: LogCurve
  /// From the first to the last value of any line, ms.
  let range: (Double, Double)

  /// Nil when nothing was started.
  init?(_ outcome: Outcome) {
    var histograms = [
      ("latency", "latency", outcome.totals.latency), ("duration", "duration", outcome.totals.duration),
      ("init of cold starts", "init", outcome.totals.initDuration),
    ]
    if let measured = outcome.observations?.initDurations {
      histograms.append(("init, measured", "measured", measured))
    }
    histograms.removeAll { $0.2.isEmpty }
    guard let bulk = LogCurve(covering: histograms.map(\.2), perDecade: 10),
      let fine = LogCurve(covering: histograms.map(\.2), perDecade: 40)
    else { return nil }
    self.bulk = bulk
    self.fine = fine
    lines = histograms.map { name, colour, histogram in
      Line(name: name, colour: colour, density: bulk.density(histogram), tail: fine.tail(histogram))
    }
    range = (
      Double(histograms.map(\.2.minimum).min() ?? 0) / 1e6, Double(histograms.map(\.2.maximum).max() ?? 0) / 1e6
    )
  }

  var json: [JSON] {
    [
      chart("density", "log", bulk) { $0.density.map { .number(($0 * 1e6).rounded() / 1e4) } },
      chart("tail", "percentile", fine) { $0.tail.map { .number($0.map { ($0 * 1e4).rounded() / 1e4 }) } },
    ]
  }

  private func chart(_ id: String, _ axis: String, _ curve: LogCurve, _ values: (Line) -> [JSON]) -> JSON {
    .object([
      ("id", .text(id)), ("axis", .text(axis)),
      ("x", .array(curve.logMilliseconds.map { .number(($0 * 1e4).rounded() / 1e4) })),
      (
        "lines",
        .array(
          lines.map { line in
            .object([
              ("name", .text(line.name)), ("colour", .text(line.colour)), ("fill", .boolean(id == "density")),
              ("values", .array(values(line))),
            ])
          })
      ),
    ])
  }
}
