public import Diagnostics
import Documents
import Pricing

extension Report {
  /// `index.html`: the report as one page that needs no network, still pictures only when `charts` is nil.
  public func page(charts: ChartLibrary?) -> String { Page(self, charts: charts).html }

  /// `bill.json`: the bill with its parts and alternatives.
  private func billJSON(_ bill: Bill) -> String {
    bill.json(
      title: scenario,
      beside: [("parts", costParts?.json ?? .null), ("alternatives", .array(alternatives.map(\.json)))])
  }

  /// Writes `index.html`, `summary.json`, `functions.csv` and `timeline.csv`, with a bill `bill.csv` and `bill.json`, and
  /// with a curve `keep-alive-curve.csv`, with event sources `event-sources.csv`, into `directory`, which is made where it
  /// is missing. Files of these names are replaced, all others stay, and none is ever there in part.
  public func write(to directory: String, charts: ChartLibrary?) throws(InputFault) {
    let bill = bill.map { [(name: "bill.csv", content: $0.csv()), (name: "bill.json", content: billJSON($0))] } ?? []
    let curve = keepAliveCurve.map { [(name: "keep-alive-curve.csv", content: Self.curveCSV($0))] } ?? []
    let sources = hasEventSources ? [(name: "event-sources.csv", content: eventSourcesCSV())] : []
    try OutputDirectory(directory).write(
      [
        (name: "index.html", content: page(charts: charts)), (name: "summary.json", content: summaryJSON()),
        (name: "functions.csv", content: functionsCSV()), (name: "timeline.csv", content: timelineCSV()),
      ] + bill + curve + sources)
  }
}
