public import Diagnostics
import Documents

extension Report {
  /// `index.html`: the report as one page that needs no network, still pictures only when `charts` is nil.
  public func page(charts: ChartLibrary?) -> String { Page(self, charts: charts).html }

  /// Writes `index.html`, `summary.json`, `functions.csv`, `timeline.csv` and, where there is a curve,
  /// `keep-alive-curve.csv` into `directory`, which is made where it is missing. Files of these names are replaced, all others stay, and none is ever there in part.
  public func write(to directory: String, charts: ChartLibrary?) throws(InputFault) {
    let curve = keepAliveCurve.map { [(name: "keep-alive-curve.csv", content: Self.curveCSV($0))] } ?? []
    let files = [
      (name: "index.html", content: page(charts: charts)), (name: "summary.json", content: summaryJSON()),
      (name: "functions.csv", content: functionsCSV()), (name: "timeline.csv", content: timelineCSV()),
    ]
    try OutputDirectory(directory).write(files + curve)
  }
}
