import Diagnostics
import Workloads

/// All that an executor keeps between two slices of time.
struct ReplayState {
  var execution: Outcome.Execution
  /// Up to where the trace was replayed, ns.
  var position: Int64
  /// Whether the record was read through a sort.
  var isSorted: Bool
  /// How many invocations of each function were replayed.
  var replayed: [Int]
  /// The states of the functions' runs one behind the other, then of what the executor itself keeps.
  var bytes: [UInt8]

  /// How many invocations were replayed in all.
  var invocations: Int { replayed.reduce(0, +) }

  init(execution: Outcome.Execution, position: Int64, isSorted: Bool, replayed: [Int], state: StateWriter) {
    self.execution = execution
    self.position = position
    self.isSorted = isSorted
    self.replayed = replayed
    bytes = state.bytes
  }

  init(_ reader: inout StateReader) throws(StateEndsEarly) {
    execution = try reader.read(Bool.self) ? .independent : .coupled
    position = try reader.read()
    isSorted = try reader.read()
    replayed = try reader.readArray()
    bytes = try reader.readArray()
  }

  func save(to writer: inout StateWriter) {
    writer.write(execution == .independent)
    writer.write(position)
    writer.write(isSorted)
    writer.write(replayed)
    writer.write(bytes)
  }

  /// Whether the workload that is read again has the invocations that were replayed.
  func check(_ counted: [Int]) throws(InputFault) {
    guard counted != replayed else { return }
    throw Self.otherWorkload
  }

  /// Gives the state's bytes to `body`, which takes all of them.
  func read(_ body: (inout StateReader) throws(StateEndsEarly) -> Void) throws(InputFault) {
    var reader = StateReader(bytes)
    do {
      try body(&reader)
    } catch {
      throw Self.otherWorkload
    }
    guard reader.isAtEnd else { throw Self.otherWorkload }
  }

  static let otherWorkload = InputFault(
    at: .init(file: "checkpoint"), found: "a workload whose invocations are not those replayed before",
    expected: "the workload as it was when the checkpoint was written",
    advice: "the trace has changed since; begin anew without --resume")
}

/// Counts the invocations of a record that had been replayed before, as they are read again.
struct SkippedInvocations {
  private var counts: [Int] = []
  private var total = 0

  /// Counts a batch, and says whether it was the last of those that `state` had replayed.
  mutating func skip(_ batch: InvocationBatch, of state: ReplayState) throws(InputFault) -> Bool {
    for function in batch.functions {
      while counts.count <= Int(function) { counts.append(0) }
      counts[Int(function)] += 1
    }
    total += batch.count
    guard total >= state.invocations else { return false }
    counts.append(contentsOf: repeatElement(0, count: max(0, state.replayed.count - counts.count)))
    try state.check(counts)
    return true
  }
}
