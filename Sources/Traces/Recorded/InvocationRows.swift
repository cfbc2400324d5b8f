import Diagnostics
import Documents
import Units
import Workloads

/// What rows of a table of invocations mean: the one place where fields become invocations, whatever they stood in.
///
/// A row that can't be used is dropped and counted, the first one named in a remark; when most of the first thousand
/// can't, the wrong column was read, and that is a fault.
struct InvocationRows {
  /// The text of one row's fields; nil for a field that isn't there.
  struct Fields {
    var function: UnsafeRawBufferPointer?
    var application: UnsafeRawBufferPointer?
    /// Of the two columns of times.
    var first: UnsafeRawBufferPointer?
    var second: UnsafeRawBufferPointer?
  }

  private enum Drop: String, Error {
    case object = "no JSON object"
    case function = "no function name"
    case first = "no arrival that can be read"
    case second = "no duration that can be read"
    case negative = "a negative duration"
  }

  private static let trialRows = 1000

  private(set) var layout: InvocationLayout
  var names: FunctionNames
  private(set) var ledger = ImportLedger()
  /// Nanoseconds since 1970 of instant zero in dated records, else 0; nil until a row was kept. From then on all scales
  /// are settled, and a scan can read rows by itself.
  private(set) var zero: Int64?
  private var firstDrop: InputFault?
  private var dropped = 0
  private let path: String

  init(_ layout: InvocationLayout, path: String, shortNames: Bool = false) {
    self.layout = layout
    self.path = path
    names = FunctionNames(short: shortNames)
    guard !layout.unused.isEmpty else { return }
    let shown = layout.unused.prefix(20).map { excerpt($0) }.joined(separator: ", ")
    ledger.remark("columns not used: \(shown)" + (layout.unused.count > 20 ? " and more" : ""))
  }

  /// The moment of instant zero in seconds since 1970, in a dated record.
  var epoch: Double? { layout.first.isDated ? zero.map { Double($0) / 1e9 } : nil }

  /// Adds one row to a batch, or drops it. - Throws: when most rows are dropped.
  mutating func add(_ fields: Fields, line: Int, to batch: inout InvocationBatch) throws(InputFault) {
    ledger.read += 1
    do throws(Drop) {
      guard let function = fields.function, !function.isEmpty else { throw .function }
      let (arrival, duration) = try times(fields)
      batch.append(
        function: names.index(function: function, application: fields.application), arrival: arrival,
        duration: duration)
    } catch {
      try drop(error, fields, line)
    }
  }

  /// The arrival since instant zero and the duration that two columns of times tell; nil where they can't be.
  @inline(__always)
  static func invocation(
    _ times: InvocationLayout.Times, _ first: Int64, _ second: Int64, zero: Int64
  ) -> (arrival: Int64, duration: Int64)? {
    let start: Int64
    let duration: Int64
    var overflow = false
    switch times {
    case .startAndDuration: (start, duration) = (first, second)
    case .startAndEnd:
      start = first
      (duration, overflow) = second.subtractingReportingOverflow(first)
    case .endAndDuration:
      duration = second
      (start, overflow) = first.subtractingReportingOverflow(second)
    }
    let (arrival, tooFar) = start.subtractingReportingOverflow(zero)
    return overflow || tooFar ? nil : (arrival, duration)
  }

  /// Looks at what was dropped when the record is at its end. - Throws: when it is most.
  func finish() throws(InputFault) {
    if ledger.read <= Self.trialRows, dropped * 2 > ledger.read, let firstDrop { throw firstDrop }
  }

  private mutating func times(_ fields: Fields) throws(Drop) -> (arrival: Int64, duration: Int64) {
    guard let first = fields.first else { throw .first }
    guard let second = fields.second else { throw .second }
    settle(first, second)
    guard let a = layout.first.nanoseconds(first) else { throw .first }
    guard let b = layout.second.nanoseconds(second) else { throw .second }
    guard let (start, duration) = Self.invocation(layout.times, a, b, zero: zero ?? 0) else { throw .first }
    guard duration >= 0 else { throw .negative }
    if zero != nil { return (start, duration) }
    let minute = TimeUnit.minutes.nanoseconds
    let remainder = (start % minute + minute) % minute
    let (floor, overflow) = start.subtractingReportingOverflow(remainder)
    let zero = layout.first.isDated && !overflow ? floor : 0
    self.zero = zero
    return (start - zero, duration)
  }

  private mutating func settle(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) {
    if !layout.first.isSettled {
      layout.first.settle(by: first)
      if let remark = layout.first.remark { ledger.remark(remark) }
    }
    if !layout.second.isSettled {
      layout.second.settle(by: second)
      if let remark = layout.second.remark { ledger.remark(remark) }
    }
  }

  /// Counts a row that could not even be taken apart. - Throws: when most rows are dropped.
  mutating func addUnreadable(found: String, line: Int) throws(InputFault) {
    ledger.read += 1
    try drop(.object, found, key: nil, expected: "a JSON object", line)
  }

  private mutating func drop(_ reason: Drop, _ fields: Fields, _ line: Int) throws(InputFault) {
    func found(_ field: UnsafeRawBufferPointer?) -> String {
      field.map { $0.isEmpty ? "nothing" : excerpt($0) } ?? "nothing"
    }
    switch reason {
    case .object, .function:
      try drop(reason, found(fields.function), key: nil, expected: "a function's name", line)
    case .first:
      try drop(reason, found(fields.first), key: layout.first.name, expected: expected(layout.first), line)
    case .second, .negative:
      try drop(reason, found(fields.second), key: layout.second.name, expected: expected(layout.second), line)
    }
  }

  private mutating func drop(
    _ reason: Drop, _ found: String, key: String?, expected: String, _ line: Int
  ) throws(InputFault) {
    ledger.drop(reason.rawValue)
    dropped += 1
    if firstDrop == nil {
      ledger.remark("the first row dropped is on line \(line): \(reason.rawValue), but \(found)")
      firstDrop = InputFault(
        at: .init(file: path, line: line, key: key), found: found, expected: expected,
        advice: "most rows are like this one: name the right columns with columns: {…}")
    }
    if ledger.read <= Self.trialRows, dropped * 2 > Self.trialRows, let firstDrop { throw firstDrop }
  }

  private func expected(_ column: ListedTime) -> String {
    switch column.scale {
    case .unsettled: "a number or a date with a time"
    case .relative, .unix: "a number"
    case .calendar: "a date with a time"
    }
  }

  /// Counts rows that a scan added.
  mutating func count(scanned rows: Int) { ledger.read += rows }
}
