public import Diagnostics
import Documents
import Units
public import Workloads

/// The forms in which traces are written.
public enum TraceFormat: String, CaseIterable, Hashable, Sendable {
  /// A directory with tables of counts per minute, durations and memory for each day (Azure Functions 2019).
  case azure2019 = "azure-2019"
  /// `app,func,end_timestamp,duration`, one row an invocation (Azure Functions 2021).
  case azure2021 = "azure-2021"
  /// `func,time_s,duration_s`, one row an invocation, exact to the nanosecond.
  case invocationsCSV = "invocations-csv"
  /// The same as JSON objects, one a line.
  case invocationsNDJSON = "invocations-ndjson"
  /// A directory with what `aws logs filter-log-events` gives of each function's text logs.
  case lambdaLogsText = "lambda-logs-text"
  /// Lambda's platform events as JSON, one a line, of all functions in order of time.
  case lambdaLogsJSON = "lambda-logs-json"

  /// Whether the output is a directory with files of its own names.
  public var isDirectory: Bool { self == .azure2019 || self == .lambdaLogsText }

  /// The form that a file's name speaks of: `.csv`, `.ndjson` or `.jsonl`, perhaps with `.gz`; nil for others.
  public init?(fileName: String) {
    var name = fileName.lowercased()
    if name.hasSuffix(".gz") { name.removeLast(3) }
    if name.hasSuffix(".csv") {
      self = .invocationsCSV
    } else if name.hasSuffix(".ndjson") || name.hasSuffix(".jsonl") {
      self = .invocationsNDJSON
    } else {
      return nil
    }
  }
}

/// Writes a workload as a trace that others, and Faascast's own readers, take.
///
/// Invocations stream: memory grows with functions and, for logs, with what runs at one moment. Files appear whole, by
/// rename, and all at the end; a file whose name ends in `.gz` is compressed. The same workload, seed and replication
/// give the same bytes.
public struct TraceWriter: Sendable {
  public var format: TraceFormat
  /// Draws the invocations of a generated workload, and ids and init times of logs.
  public var seed: UInt64
  public var replication: UInt64
  /// Whether files inside a directory are compressed.
  public var compressesDirectory: Bool

  public init(_ format: TraceFormat, seed: UInt64 = 0, replication: UInt64 = 0, compressesDirectory: Bool = true) {
    self.format = format
    self.seed = seed
    self.replication = replication
    self.compressesDirectory = compressesDirectory
  }

  /// What was written.
  public struct Receipt: Sendable {
    /// Paths of the files, in order.
    public var files: [String] = []
    public var invocations = 0
    /// What reading the workload read, repaired, dropped and made up, and what the writing made up besides.
    public var ledger = ImportLedger()
  }

  /// Writes the workload.
  ///
  /// - Parameters:
  ///   - path: the file, or for `isDirectory` formats the directory, which is made if its parent is there.
  ///   - progress: called now and then with the invocations so far and the share of the work, where it can be told.
  /// - Throws: when the workload can't be read, doesn't fit the format, or a file can't be written; nothing of the
  ///   output is then left behind.
  @discardableResult
  public func write(
    _ workload: Workload, to path: String, progress: (_ invocations: Int, _ share: Double?) -> Void = { _, _ in }
  ) throws(InputFault) -> Receipt {
    if format.isDirectory { try OutputFile.makeDirectory(path) }
    if case .generated(let generated) = workload.feed {
      // Function by function no order needs to be made, and only one function is in memory.
      let source = TraceSource(functions: generated.functions, epoch: workload.epoch)
      switch format {
      case .azure2019:
        let sink = Azure2019Sink(directory: path, isCompressed: compressesDirectory)
        return try sink.write(generated, source, self, progress)
      case .lambdaLogsText:
        let sink = LambdaTextSink(directory: path, writer: self)
        return try sink.write(generated, source, self, progress)
      default: break
      }
    }
    return try writeInOrder(workload, to: path, progress)
  }

  private func writeInOrder(
    _ workload: Workload, to path: String, _ progress: (_ invocations: Int, _ share: Double?) -> Void
  ) throws(InputFault) -> Receipt {
    let ordered = try OrderedInvocations(workload, seed: seed, replication: replication)
    var current: (any TraceSink)?
    var count = 0
    let sink = try ordered.fold { () throws(InputFault) in
      // A record that must be read again leaves the file that was begun.
      current?.abandon()
      let sink = try makeSink(path)
      current = sink
      count = 0
      return sink
    } _: { (sink: inout any TraceSink, batch) throws(InputFault) in
      try sink.take(batch, TraceSource(functions: ordered.functions, epoch: ordered.epoch))
      count += batch.count
      progress(count, ordered.progress)
    }
    try sink.finish(TraceSource(functions: ordered.functions, epoch: ordered.epoch), horizon: ordered.horizon)
    return try sink.receipt(invocations: count, ledger: ordered.ledger)
  }

  private func makeSink(_ path: String) throws(InputFault) -> any TraceSink {
    switch format {
    case .azure2019: Azure2019Sink(directory: path, isCompressed: compressesDirectory)
    case .azure2021: try ListSink(path: path, row: .azure2021)
    case .invocationsCSV: try ListSink(path: path, row: .commaSeparated)
    case .invocationsNDJSON: try ListSink(path: path, row: .objects)
    case .lambdaLogsText: LambdaTextSink(directory: path, writer: self)
    case .lambdaLogsJSON: try LambdaJSONSink(path: path, writer: self)
    }
  }
}
