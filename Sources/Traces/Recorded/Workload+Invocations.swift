public import Diagnostics
public import Units
public import Workloads

extension Workload {
  /// Invocations listed one a row, in comma-separated values under a header or as JSON objects one a line; plain or
  /// gzip.
  ///
  /// Two of arrival, end and duration must be there. A unit in a column's name (`duration_ms`) wins over `unit`. Dates
  /// (`2024-05-01T12:00:00.123Z`) and numbers since 1970 give the workload an epoch; its zero is then the minute of the
  /// first arrival.
  /// - Throws: when the file can't be read, is empty, or has no such columns.
  public static func invocations(
    file: String, columns: InvocationColumns = .detect, unit: TimeUnit = .seconds
  ) throws(InputFault) -> Workload {
    if try TraceHead(path: file).isObject {
      let lines = try InvocationLines(path: file, columns: columns, unit: unit)
      return try recorded(title: file, needsSorting: lines.isByEnd) { () throws(InputFault) in
        try InvocationLines(path: file, columns: columns, unit: unit)
      }
    }
    let table = try InvocationTable(path: file, columns: columns, unit: unit)
    return try recorded(title: file, needsSorting: table.isByEnd) { () throws(InputFault) in
      try InvocationTable(path: file, columns: columns, unit: unit)
    }
  }

  /// A workload of a record, of which one row is read at once, so that its epoch is known and first faults come early.
  static func recorded(
    title: String, needsSorting: Bool, open: @escaping @Sendable () throws(InputFault) -> any InvocationReader
  ) throws(InputFault) -> Workload {
    let reader = try open()
    var batch = InvocationBatch()
    try reader.read(into: &batch, limit: 1)
    return Workload(
      title: title, feed: .recorded(RecordedWorkload(needsSorting: needsSorting, open: open)), epoch: reader.epoch)
  }
}
