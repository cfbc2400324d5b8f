public import Diagnostics
public import Workloads

/// All that logs say of every invocation: for comparisons and fits that need more than arrivals and durations.
///
/// Memory grows with invocations, unlike that of a replay.
public struct LambdaLogListing: Sendable {
  /// One invocation.
  public struct Invocation: Hashable, Sendable {
    /// Index into `functions`.
    public var function: Int
    /// ns since instant zero.
    public var arrival: Int64
    /// ns that it ran, init aside.
    public var duration: Int64
    /// ns that it waited for an init or a restore; nil for a warm start.
    public var wait: Int64?
    /// Counts execution environments; nil where logs don't say the stream.
    public var environment: Int?
    public var billedMilliseconds: Int?
    /// Whether it was cut off at its timeout.
    public var timedOut: Bool
  }

  public var functions: [WorkloadFunction]
  /// In the order of the logs.
  public var invocations: [Invocation]
  public var ledger: ImportLedger
  /// The moment of instant zero in seconds since 1970.
  public var epoch: Double?

  /// Reads log files of any form that `Workload.lambdaLogs` takes.
  public init(files: [String]) throws(InputFault) {
    let reader = try LambdaLogReader(paths: files, listing: true)
    var batch = InvocationBatch()
    while true {
      batch.removeAll()
      try reader.read(into: &batch, limit: 4096)
      if batch.isEmpty { break }
    }
    functions = reader.functions
    invocations = reader.listed
    ledger = reader.ledger
    epoch = reader.epoch
  }
}
