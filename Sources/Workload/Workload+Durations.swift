import Diagnostics
import Units

extension Workload {
  /// The same invocations with each function's durations multiplied by a factor, rounded to the nanosecond; a year at most.
  public func multiplyingDurations(by factor: @escaping @Sendable (WorkloadFunction) -> Double) -> Workload {
    var changed = self
    switch feed {
    case .generated(var generated):
      let factors = generated.functions.map(factor)
      guard factors.contains(where: { $0 != 1 }) else { return self }
      let original = generated.generator
      generated.generator = { function, seed, replication in
        let generator = original(function, seed, replication)
        return factors[function] == 1 ? generator : MultipliedGenerator(original: generator, factor: factors[function])
      }
      changed.feed = .generated(generated)
    case .recorded(var recorded):
      let open = recorded.open
      recorded.open = { () throws(InputFault) in MultipliedReader(try open(), factor) }
      changed.feed = .recorded(recorded)
    }
    return changed
  }
}

private func multiplied(_ duration: Int64, by factor: Double) -> Int64 {
  let product = Double(duration) * factor
  return product < Double(InvocationBlock.longestDuration)
    ? Int64(product.rounded()) : max(duration, InvocationBlock.longestDuration)
}

private struct MultipliedGenerator: InvocationGenerator {
  var original: any InvocationGenerator
  let factor: Double

  mutating func generate(until end: Instant, into block: inout InvocationBlock) {
    let before = block.count
    original.generate(until: end, into: &block)
    block.changeDurations(from: before) { multiplied($0, by: factor) }
  }
}

private final class MultipliedReader: InvocationReader {
  private let original: any InvocationReader
  private let factor: @Sendable (WorkloadFunction) -> Double
  /// Of the functions met so far.
  private var factors: [Double] = []

  init(_ original: any InvocationReader, _ factor: @escaping @Sendable (WorkloadFunction) -> Double) {
    self.original = original
    self.factor = factor
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
    while factors.count < functions.count { factors.append(factor(functions[factors.count])) }
    for row in before..<batch.count {
      let factor = factors[Int(batch.functions[row])]
      if factor != 1 { batch.durations[row] = multiplied(batch.durations[row], by: factor) }
    }
  }
}
