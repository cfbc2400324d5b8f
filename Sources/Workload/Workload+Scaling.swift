import Diagnostics
import Units

extension Workload {
  /// The same arrivals with each function's durations multiplied by a factor: what another memory size would make of
  /// them.
  ///
  /// - Parameter factor: asked for a function as the trace knows it when a part of it is read; above zero.
  public func scalingDurations(by factor: @escaping @Sendable (WorkloadFunction) -> Double) -> Workload {
    var scaled = self
    switch feed {
    case .recorded(var recorded):
      let open = recorded.open
      recorded.open = { () throws(InputFault) in ScaledReader(try open(), factor) }
      scaled.feed = .recorded(recorded)
    case .generated(var generated):
      let generator = generated.generator
      let factors = generated.functions.map(factor)
      if factors.contains(where: { $0 != 1 }) { generated.ledger.synthesise(scalingLabel) }
      generated.generator = { function, seed, replication in
        ScaledGenerator(generator: generator(function, seed, replication), factor: factors[function])
      }
      scaled.feed = .generated(generated)
    }
    return scaled
  }
}

private let scalingLabel = "durations: scaled to the memory settings by a profile's model"

private func scaled(_ duration: Int64, by factor: Double) -> Int64 {
  factor == 1 ? duration : Int64(min(Double(InvocationBlock.longestDuration), (Double(duration) * factor).rounded()))
}

private final class ScaledReader: InvocationReader {
  private let reader: any InvocationReader
  private let factor: (WorkloadFunction) -> Double

  init(_ reader: any InvocationReader, _ factor: @escaping (WorkloadFunction) -> Double) {
    self.reader = reader
    self.factor = factor
  }

  var functions: [WorkloadFunction] { reader.functions }
  var ledger: ImportLedger {
    var ledger = reader.ledger
    if reader.functions.contains(where: { factor($0) != 1 }) { ledger.synthesise(scalingLabel) }
    return ledger
  }
  var observations: Observations? { reader.observations }
  var progress: Double? { reader.progress }
  var epoch: Double? { reader.epoch }

  func read(into batch: inout InvocationBatch, limit: Int) throws(InputFault) {
    let before = batch.count
    try reader.read(into: &batch, limit: limit)
    let factors = reader.functions.map(factor)
    for row in before..<batch.count {
      batch.durations[row] = scaled(batch.durations[row], by: factors[Int(batch.functions[row])])
    }
  }
}

private struct ScaledGenerator: InvocationGenerator {
  var generator: any InvocationGenerator
  let factor: Double
  private var part = InvocationBlock()

  init(generator: any InvocationGenerator, factor: Double) {
    self.generator = generator
    self.factor = factor
  }

  mutating func generate(until end: Instant, into block: inout InvocationBlock) {
    part.removeAll()
    generator.generate(until: end, into: &part)
    for (arrival, duration) in zip(part.arrivals, part.durations) {
      block.append(arrival: arrival, duration: scaled(duration, by: factor))
    }
  }
}
