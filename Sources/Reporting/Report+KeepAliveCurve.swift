import Documents
import Engine
import Units

extension Report {
  /// What the curve holds for, in one sentence.
  static let curveAssumption =
    "every environment waits equally long, the most recently used serves next, a cold start holds its environment no "
    + "longer than a warm one, no lifetime or account limit ends one"

  /// The curve at keep-alives that people name.
  static func curveTable(_ curve: KeepAliveCurve) -> TextTable {
    var table = TextTable("Keep-alive, from one replay", columns: ["cold starts", "cold %", "idle environments"])
    for point in curve.namedPoints {
      table.rows.append([
        Wording.length(point.keepAlive), point.coldStarts.grouped,
        curve.coldShare(at: point).map(Wording.percentNumber) ?? Wording.none,
        Wording.number(curve.meanIdleEnvironments(at: point)),
      ])
    }
    table.note = "more in keep-alive-curve.csv; assumed: \(curveAssumption)"
    return table
  }

  /// `keep-alive-curve.csv`: a row for each keep-alive; RFC 4180, units in the columns' names.
  static func curveCSV(_ curve: KeepAliveCurve) -> String {
    var table = CSVText([
      "keep_alive_s", "cold_starts", "cold_start_share", "idle_environment_s", "mean_idle_environments", "assumed",
    ])
    for (index, point) in curve.points.enumerated() {
      table.append([
        CSVText.field(point.keepAlive.seconds), "\(point.coldStarts)", CSVText.field(curve.coldShare(at: point)),
        CSVText.field(Double(point.idleTime) / 1e9), CSVText.field(curve.meanIdleEnvironments(at: point)),
        index == 0 ? curveAssumption : "",
      ])
    }
    return table.text
  }

  static func json(_ curve: KeepAliveCurve) -> JSON {
    .object([
      ("assumed", .text(curveAssumption)),
      (
        "points",
        .array(
          curve.namedPoints.map { point in
            .object([
              ("keepAliveSeconds", .number(point.keepAlive.seconds)), ("coldStarts", .integer(point.coldStarts)),
              ("coldStartShare", .number(curve.coldShare(at: point))),
              ("meanIdleEnvironments", .number(curve.meanIdleEnvironments(at: point))),
            ])
          })
      ),
    ])
  }
}
