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

  /// The files of a report.
  public struct Files: Sendable {
    public let summary: String
    fileprivate let others: [(name: String, content: String)]

    /// Writes them into `directory`, which is made where it is missing. Files of their names are replaced, all others
    /// stay, and none is ever there in part.
    public func write(to directory: String) throws(InputFault) {
      try OutputDirectory(directory).write([(name: "summary.json", content: summary)] + others)
    }
  }

  /// `summary.json`, `index.html`, `functions.csv` and `timeline.csv`, with a bill `bill.csv` and `bill.json`, with a curve
  /// `keep-alive-curve.csv`, and with event sources `event-sources.csv`; made on all processors.
  public func files(charts: ChartLibrary?) -> Files {
    var makers: [(name: String, make: () -> String)] = [
      ("index.html", { page(charts: charts) }), ("functions.csv", { functionsCSV() }),
      ("timeline.csv", { timelineCSV() }),
    ]
    if let bill { makers += [("bill.csv", { bill.csv() }), ("bill.json", { billJSON(bill) })] }
    if let keepAliveCurve { makers.append(("keep-alive-curve.csv", { Self.curveCSV(keepAliveCurve) })) }
    if hasEventSources { makers.append(("event-sources.csv", { eventSourcesCSV() })) }
    // The summary is the longest to make, and begun first.
    var contents = [String](repeating: "", count: makers.count + 1)
    contents.withUnsafeMutableBufferPointer { contents in
      // SAFETY: each maker only reads the report, and each place is one call's.
      nonisolated(unsafe) let (makers, contents) = (makers, contents)
      DispatchQueue.concurrentPerform(iterations: contents.count) { index in
        contents[index] = index == 0 ? summaryJSON() : makers[index - 1].make()
      }
    }
    return Files(summary: contents[0], others: zip(makers, contents.dropFirst()).map { ($0.name, $1) })
  }

  /// Makes the report's files and writes them into `directory`.
  public func write(to directory: String, charts: ChartLibrary?) throws(InputFault) {
    try files(charts: charts).write(to: directory)
  }
}
