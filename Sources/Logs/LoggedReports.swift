public import Diagnostics
public import Workloads

/// The reports in files of Lambda's logs: what each invocation was billed, with its function and log stream.
public struct LoggedReports: Sendable {
  /// One REPORT.
  public struct Entry: Sendable {
    /// An index into `functions`.
    public var function: Int
    /// An index into `streams`. A log stream is an execution environment.
    public var stream: Int
    /// When the invocation ended, ns since 1970; nil where the export has no times.
    public var end: Int64?
    public var report: LambdaReport
    /// The line says of a report given earlier that its invocation timed out.
    public var isLateTimeout = false

    public init(function: Int, stream: Int, end: Int64? = nil, report: LambdaReport, isLateTimeout: Bool = false) {
      self.function = function
      self.stream = stream
      self.end = end
      self.report = report
      self.isLateTimeout = isLateTimeout
    }
  }

  /// Names, complete at the end: some are learnt late.
  public private(set) var functions: [String]
  /// `GROUP STREAM`, as far as the logs say; empty where they don't.
  public private(set) var streams: [String]
  public private(set) var ledger: ImportLedger

  /// Reads reports in the order of the files, which must be as `Workload.lambdaLogs` takes them.
  ///
  /// - Parameters:
  ///   - onProgress: called now and then with the share read, 0 to 1.
  ///   - take: is given each report.
  public init(
    of files: [String], onProgress: (Double) -> Void = { _ in }, take: @escaping (Entry) -> Void
  ) throws(InputFault) {
    // Checks the list of files.
    _ = try Workload.lambdaLogs(files: files)
    let reader = try LambdaLogReader(paths: files, onReport: take)
    var batch = InvocationBatch()
    while true {
      try reader.read(into: &batch, limit: 4096)
      if batch.count == 0 { break }
      batch.removeAll()
      onProgress(reader.progress ?? 1)
    }
    functions = reader.functions.map(\.name)
    streams = reader.streamNames
    ledger = reader.ledger
  }
}
