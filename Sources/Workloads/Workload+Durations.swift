import Diagnostics
import Units

/// What becomes of the durations of a function's invocations.
public enum DurationChange: Sendable {
  /// Each is multiplied and rounded to the nanosecond.
  case factor(Double)
  /// Each follows from itself and its arrival, ns; many are changed at once.
  case law(
    @Sendable (_ durations: UnsafeMutableBufferPointer<Int64>, _ arrivals: UnsafeBufferPointer<Int64>) -> Void)

  /// Whether it changes nothing.
  var isNone: Bool { if case .factor(1) = self { true } else { false } }

  /// Changes durations, to a year at most.
  fileprivate func change(_ durations: UnsafeMutableBufferPointer<Int64>, arrivals: UnsafeBufferPointer<Int64>) {
    let longest = InvocationBlock.longestDuration
    switch self {
    case .factor(let factor):
      for index in durations.indices {
        let product = Double(durations[index]) * factor
        durations[index] =
          product < Double(longest) ? Int64(product.rounded()) : max(durations[index], longest)
      }
    case .law(let law):
      law(durations, arrivals)
      for index in durations.indices { durations[index] = min(max(0, durations[index]), longest) }
    }
  }
}

extension Workload {
  /// The same invocations with each function's durations multiplied by a factor, rounded to the nanosecond; a year at most.
  public func multiplyingDurations(by factor: @escaping @Sendable (WorkloadFunction) -> Double) -> Workload {
    changingDurations { .factor(factor($0)) }
  }

  /// The same invocations with each function's durations changed; a year at most.
  public func changingDurations(by change: @escaping @Sendable (WorkloadFunction) -> DurationChange) -> Workload {
    var changed = self
    switch feed {
    case .generated(var generated):
      let changes = generated.functions.map(change)
      guard changes.contains(where: { !$0.isNone }) else { return self }
      let original = generated.generator
      generated.generator = { function, seed, replication in
        let generator = original(function, seed, replication)
        return changes[function].isNone ? generator : ChangedGenerator(original: generator, change: changes[function])
      }
      changed.feed = .generated(generated)
    case .recorded(var recorded):
      let open = recorded.open
      recorded.open = { () throws(InputFault) in ChangedReader(try open(), change) }
      changed.feed = .recorded(recorded)
    }
    return changed
  }
}

private struct ChangedGenerator: InvocationGenerator {
  var original: any InvocationGenerator
  let change: DurationChange

  mutating func generate(until end: Instant, into block: inout InvocationBlock) {
    let before = block.count
    original.generate(until: end, into: &block)
    block.changeDurations(from: before) { change.change($0, arrivals: $1) }
  }
}

private final class ChangedReader: InvocationReader {
  private let original: any InvocationReader
  private let change: @Sendable (WorkloadFunction) -> DurationChange
  /// Of the functions met so far.
  private var changes: [DurationChange] = []

  init(_ original: any InvocationReader, _ change: @escaping @Sendable (WorkloadFunction) -> DurationChange) {
    self.original = original
    self.change = change
  }

  var functions: [WorkloadFunction] { original.functions }
  var ledger: ImportLedger { original.ledger }
  var observations: Observations? { original.observations }
  var progress: Double? { original.progress }
  var epoch: Double? { original.epoch }

  func read(into batch: inout InvocationBatch, limit: Int) throws(InputFault) {
    let before = batch.count
    try original.read(into: &batch, limit: limit)
    let functions = original.functions
    while changes.count < functions.count { changes.append(change(functions[changes.count])) }
    batch.changeDurations(from: before) { function, durations, arrivals in
      let change = changes[function]
      if !change.isNone { change.change(durations, arrivals: arrivals) }
    }
  }
}
