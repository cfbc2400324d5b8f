import Diagnostics
import Reading
import Units
import Workloads

/// Reads invocations from comma-separated values, one row each.
///
/// A row goes through `CSVReader` and `InvocationRows`, which take all that is allowed. Rows of the plain kind that
/// fills traces are read by `InvocationScan` instead, which takes a part of it and gives the same.
final class InvocationTable: InvocationReader {
  private let csv: CSVReader
  private var rows: InvocationRows
  private var scan: InvocationScan?
  private let scans: Bool

  /// - Throws: when the file can't be read or its columns don't do.
  init(
    path: String, columns: InvocationColumns, unit: TimeUnit, shortNames: Bool = false, scans: Bool = true
  ) throws(InputFault) {
    csv = try CSVReader(path: path)
    let layout = try InvocationLayout(csv.columns, columns, unit: unit, at: .init(file: path, line: csv.lineNumber))
    rows = InvocationRows(layout, path: path, shortNames: shortNames)
    self.scans = scans
  }

  var functions: [WorkloadFunction] { rows.names.functions }
  var ledger: ImportLedger { rows.ledger }
  var progress: Double? { csv.progress }
  var epoch: Double? { rows.epoch }
  /// Whether rows stand in the order of their ends, so that arrivals can't be in order.
  var isByEnd: Bool { rows.layout.times == .endAndDuration }

  func read(into batch: inout InvocationBatch, limit: Int) throws(InputFault) {
    let target = batch.count + limit
    while batch.count < target {
      if scans, scanLines(into: &batch, target) { continue }
      guard try csv.next() else { return try rows.finish() }
      let layout = rows.layout
      let fields = InvocationRows.Fields(
        function: csv.field(layout.function), application: layout.application.map { csv.field($0) },
        first: csv.field(layout.first.column), second: csv.field(layout.second.column))
      try rows.add(fields, line: csv.lineNumber, to: &batch)
    }
  }

  /// Adds what can be scanned of the lines at hand; false when that is none.
  private func scanLines(into batch: inout InvocationBatch, _ target: Int) -> Bool {
    guard let zero = rows.zero else { return false }
    let lines = csv.fetchedLines()
    guard !lines.isEmpty else { return false }
    if scan == nil { scan = InvocationScan(rows.layout) }
    guard let scan else { return false }
    let scanned = scan.read(lines, limit: target - batch.count, zero: zero, names: &rows.names, into: &batch)
    rows.count(scanned: scanned.lines)
    csv.skip(bytes: scanned.bytes, lines: scanned.lines)
    return scanned.lines > 0
  }
}
