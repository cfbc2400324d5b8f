import Diagnostics
import Workloads

/// Reads invocations out of log files, one after the other.
final class LambdaLogReader: InvocationReader {
  private let paths: [String]
  private var assembler = LogAssembler()
  private var source: LogSource?
  private var opened = 0
  private var isFinished = false
  private var record = LogRecord()

  /// - Parameters:
  ///   - listing: whether to keep every invocation in `listed`.
  ///   - onReport: is given each report as it stands in the logs.
  init(
    paths: [String], listing: Bool = false, onReport: ((LoggedReports.Entry) -> Void)? = nil
  ) throws(InputFault) {
    self.paths = paths
    assembler.isListing = listing
    assembler.onReport = onReport
    try advance()
  }

  /// Values are complete at the end: a function's memory is that of its latest report, its init law that of all its
  /// cold starts, and its name may be learnt late.
  var functions: [WorkloadFunction] { assembler.functions.functions }
  var ledger: ImportLedger { assembler.ledger }
  var listed: [LambdaLogListing.Invocation] { assembler.listed }
  var observations: Observations? { assembler.observations }
  var streamNames: [String] { assembler.streamNamesForPeople }
  var epoch: Double? { assembler.zero.map { Double($0 / 1_000_000_000) } }
  var progress: Double? {
    if isFinished { return 1 }
    return (Double(opened - 1) + (source?.progress ?? 1)) / Double(paths.count)
  }

  func read(into batch: inout InvocationBatch, limit: Int) throws(InputFault) {
    let before = batch.count
    while !isFinished, batch.count - before < limit {
      guard try source?.next(&record) == true else {
        try advance()
        continue
      }
      assembler.take(&record, into: &batch)
    }
  }

  /// Goes to the next file, or to the end.
  private func advance() throws(InputFault) {
    if let source { assembler.note(source) }
    source = nil
    if opened < paths.count {
      source = try LogSource(path: paths[opened])
      assembler.begin(file: paths[opened])
      opened += 1
    } else {
      isFinished = true
      try assembler.finish(paths: paths)
    }
  }
}
