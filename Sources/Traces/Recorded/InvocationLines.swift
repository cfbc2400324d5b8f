import Diagnostics
import Documents
import Reading
import Units
import Workloads

/// Reads invocations from JSON objects, one a line, whose keys are what columns are in a table.
///
/// The first object tells what there is; later ones may have more members or come in another order.
final class InvocationLines: InvocationReader {
  private let lines: LineReader
  private var scanner: JSONScanner
  private var rows: InvocationRows
  /// The names of the members that are read: function, application, first and second time.
  private let wanted: [[UInt8]]
  /// The first line, until it is read as a row.
  private var pending: [UInt8]?
  /// The text of one row's members, end to end, and where each lies.
  private var text: [UInt8] = []
  private var places: [Range<Int>?] = [nil, nil, nil, nil]

  /// - Throws: when the file can't be read, does not begin with an object, or its members don't do.
  init(path: String, columns: InvocationColumns, unit: TimeUnit) throws(InputFault) {
    lines = try LineReader(path: path)
    var first: [UInt8] = []
    while first.allSatisfy({ $0 <= 32 }) {
      guard let line = try lines.next() else {
        throw InputFault(at: .init(file: path), found: "an empty file", expected: "a JSON object on each line")
      }
      first = Array(line)
    }
    scanner = JSONScanner(first, name: path)
    let names = scanner.scalarMembers()
    guard !names.isEmpty else {
      throw InputFault(
        at: .init(file: path, line: lines.lineNumber), found: excerpt(first), expected: "a JSON object on each line")
    }
    let layout = try InvocationLayout(names, columns, unit: unit, at: .init(file: path, line: lines.lineNumber))
    wanted = [layout.function, layout.application, layout.first.column, layout.second.column].map { column in
      column.map { Array(names[$0].utf8) } ?? []
    }
    rows = InvocationRows(layout, path: path)
    pending = first
  }

  var functions: [WorkloadFunction] { rows.names.functions }
  var ledger: ImportLedger { rows.ledger }
  var progress: Double? { lines.progress }
  var epoch: Double? { rows.epoch }
  /// Whether rows stand in the order of their ends, so that arrivals can't be in order.
  var isByEnd: Bool { rows.layout.times == .endAndDuration }

  func read(into batch: inout InvocationBatch, limit: Int) throws(InputFault) {
    let target = batch.count + limit
    while batch.count < target {
      if let first = pending {
        pending = nil
        first.withUnsafeBytes { scanner.load($0) }
      } else {
        guard let line = try lines.next() else { return try rows.finish() }
        if line.allSatisfy({ $0 <= 32 }) { continue }
        scanner.load(line)
      }
      do {
        try readMembers()
      } catch {
        try rows.addUnreadable(found: error.found, line: lines.lineNumber)
        continue
      }
      try addRow(to: &batch)
    }
  }

  /// Reads one object's members into `text`. - Throws: when the line is anything but one object.
  private func readMembers() throws(InputFault) {
    text.removeAll(keepingCapacity: true)
    for role in places.indices { places[role] = nil }
    guard try scanner.next() == .beginObject else { throw scanner.fault("a JSON object", found: "another value") }
    while try scanner.next() == .key {
      guard let role = wanted.firstIndex(where: { !$0.isEmpty && $0 == scanner.text }) else {
        try scanner.skipValue()
        continue
      }
      let depth = scanner.depth
      switch try scanner.next() {
      case .string, .number:
        places[role] = text.count..<(text.count + scanner.text.count)
        text.append(contentsOf: scanner.text)
      default:
        places[role] = nil
        while scanner.depth > depth { _ = try scanner.next() }
      }
    }
    guard try scanner.next() == .end else { throw scanner.fault("one object a line", found: "more after the object") }
  }

  private func addRow(to batch: inout InvocationBatch) throws(InputFault) {
    let fault = text.withUnsafeBytes { bytes -> InputFault? in
      func field(_ role: Int) -> UnsafeRawBufferPointer? { places[role].map { .init(rebasing: bytes[$0]) } }
      let application = wanted[1].isEmpty ? nil : field(1) ?? .init(rebasing: bytes[0..<0])
      let fields = InvocationRows.Fields(
        function: field(0), application: application, first: field(2), second: field(3))
      do throws(InputFault) {
        try rows.add(fields, line: lines.lineNumber, to: &batch)
        return nil
      } catch {
        return error
      }
    }
    if let fault { throw fault }
  }
}
