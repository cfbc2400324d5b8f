public import Diagnostics
import Dispatch
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

  /// A file of a report.
  public typealias File = (name: String, content: String)

  /// `index.html`, `summary.json`, `functions.csv` and `timeline.csv`, with a bill `bill.csv` and `bill.json`, with a curve
  /// `keep-alive-curve.csv`, and with event sources `event-sources.csv`; made on all processors.
  public func files(charts: ChartLibrary?) -> [File] {
    var makers: [(name: String, make: () -> String)] = [
      ("summary.json", { summaryJSON() }), ("index.html", { page(charts: charts) }),
      ("functions.csv", { functionsCSV() }), ("timeline.csv", { timelineCSV() }),
    ]
    if let bill { makers += [("bill.csv", { bill.csv() }), ("bill.json", { billJSON(bill) })] }
    if let keepAliveCurve { makers.append(("keep-alive-curve.csv", { Self.curveCSV(keepAliveCurve) })) }
    if hasEventSources { makers.append(("event-sources.csv", { eventSourcesCSV() })) }
    var contents = [String](repeating: "", count: makers.count)
    contents.withUnsafeMutableBufferPointer { contents in
      // SAFETY: each maker only reads the report, and each place is one call's.
      nonisolated(unsafe) let (makers, contents) = (makers, contents)
      DispatchQueue.concurrentPerform(iterations: makers.count) { contents[$0] = makers[$0].make() }
    }
    return zip(makers, contents).map { ($0.name, $1) }
  }

  /// Writes a report's files into `directory`, which is made where it is missing. Files of their names are replaced, all
  /// others stay, and none is ever there in part.
  public static func write(_ files: [File], to directory: String) throws(InputFault) {
    try OutputDirectory(directory).write(files)
  }

  /// Makes the report's files and writes them into `directory`.
  public func write(to directory: String, charts: ChartLibrary?) throws(InputFault) {
    try Self.write(files(charts: charts), to: directory)
  }
}
