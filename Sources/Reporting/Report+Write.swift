public import Diagnostics
import Dispatch
import Documents
import Engine
import Pricing
import Synchronization

extension Report {
  /// `index.html`: the report as one page that needs no network, still pictures only when `charts` is nil.
  public func page(charts: ChartLibrary?) -> String { Page(self, charts: charts).html }

  /// `bill.json`: the bill with its parts and alternatives.
  private func billJSON(_ bill: Bill) -> String {
    bill.json(
      title: scenario,
      beside: [("parts", costs?.parts?.json ?? .null), ("alternatives", .array(alternatives.map(\.json)))])
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
  /// `keep-alive-curve.csv`, and with event sources `event-sources.csv`; made on so many threads, at least one.
  public func files(charts: ChartLibrary?, threads: Int) -> Files {
    var report = self
    report.functionFigures = on(threads, outcome.functions.count, in: 64) { figures(ofFunction: $0) }
    let told = report
    // The summary is the longest to make, and begun first.
    var makers: [(name: String, make: () -> String)] = [
      ("summary.json", { told.summaryJSON() }), ("index.html", { told.page(charts: charts) }),
      ("functions.csv", { told.functionsCSV() }), ("timeline.csv", { timelineCSV() }),
    ]
    if let bill { makers += [("bill.csv", { bill.csv() }), ("bill.json", { billJSON(bill) })] }
    if let keepAliveCurve { makers.append(("keep-alive-curve.csv", { Self.curveCSV(keepAliveCurve) })) }
    if hasEventSources { makers.append(("event-sources.csv", { eventSourcesCSV() })) }
    let contents = on(threads, makers.count) { makers[$0].make() }
    return Files(summary: contents[0], others: zip(makers, contents).dropFirst().map { ($0.name, $1) })
  }

  /// Makes the report's files and writes them into `directory`.
  public func write(to directory: String, charts: ChartLibrary?) throws(InputFault) {
    try files(charts: charts, threads: 1).write(to: directory)
  }
}

/// What `make` gives for 0, 1, … in order, made on so many threads; a thread takes `stretch` of them at a time.
private func on<Value>(_ threads: Int, _ count: Int, in stretch: Int = 1, _ make: (Int) -> Value) -> [Value] {
  let stretches = (count + stretch - 1) / stretch
  var parts = [[Value]](repeating: [], count: stretches)
  let next = Atomic(0)
  parts.withUnsafeMutableBufferPointer { parts in
    // SAFETY: what is made only reads, and the counter gives each place to one thread.
    nonisolated(unsafe) let (parts, make) = (parts, make)
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, stretches))) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < stretches else { return }
        parts[index] = (index * stretch..<min(count, (index + 1) * stretch)).map(make)
      }
    }
  }
  return parts.flatMap(\.self)
}
