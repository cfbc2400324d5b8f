import Diagnostics
import Documents
import Units
import Workloads

/// What a sink is told of the workload besides its invocations.
struct TraceSource {
  /// The functions met so far.
  var functions: [WorkloadFunction]
  /// The wall-clock moment of instant zero, seconds since 1970, where the workload has one.
  var epoch: Double?

  /// Nanoseconds since 1970 of instant zero, the assumed start where the workload has none.
  var zero: Int64 {
    guard let epoch, epoch.magnitude < 4e9 else { return SyntheticWorkload.assumedStart * 1_000_000_000 }
    return Int64((epoch * 1000).rounded()) * 1_000_000
  }
}

/// Takes invocations and writes them in one form.
protocol TraceSink: AnyObject {
  /// All files begun, in order.
  var files: [OutputFile] { get }
  /// Takes some rows; over all calls they come in order of arrival, or so for each function.
  func take(_ batch: InvocationBatch, _ source: TraceSource) throws(InputFault)
  /// Writes what is still to be written and closes the files; they are not in their places yet.
  func finish(_ source: TraceSource, horizon: Instant) throws(InputFault)
  /// Notes what the form made up or left out.
  func account(in ledger: inout ImportLedger)
}

extension TraceSink {
  /// Removes what was written.
  func abandon() {
    for file in files { file.abandon() }
  }

  /// Puts the finished files in their places.
  func receipt(invocations: Int, ledger: ImportLedger) throws(InputFault) -> TraceWriter.Receipt {
    for file in files { try file.publish() }
    var receipt = TraceWriter.Receipt(files: files.map(\.path), invocations: invocations, ledger: ledger)
    account(in: &receipt.ledger)
    return receipt
  }
}
