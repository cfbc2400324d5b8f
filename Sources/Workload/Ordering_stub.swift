public import Diagnostics
public import Units
public final class OrderedInvocations {
  public init(_ workload: Workload, seed: UInt64, replication: UInt64) throws(InputFault) { horizon = .zero }
  public func next(into batch: inout InvocationBatch) throws(InputFault) -> Bool { false }
  public var functions: [WorkloadFunction] { [] }
  public var ledger: ImportLedger { ImportLedger() }
  public var observations: Observations? { nil }
  public var epoch: Double? { nil }
  public var progress: Double? { nil }
  public var horizon: Instant
}
