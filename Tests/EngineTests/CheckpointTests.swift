import Diagnostics
import Platforms
import Statistics
import Testing
import Traces
import Units
import Workloads

@testable import Engine

@Suite("Checkpoints")
struct CheckpointTests {
  /// What a run kept.
  private final class Kept {
    var checkpoints: [Checkpoint] = []
  }

  /// The workload in slices of a minute, however few its invocations.
  private func sliced(_ script: ScriptedWorkload) -> Workload {
    var workload = script.workload
    if case .generated(var generated) = workload.feed {
      generated.expectedInvocations = 1 << 40
      workload.feed = .generated(generated)
    }
    return workload
  }

  private func run(_ simulation: Simulation, from start: Checkpoint? = nil, into kept: Kept = Kept()) throws -> Outcome
  {
    try simulation.run(
      checkpointing: Checkpointing(
        producer: 7, start: start, isDue: { true }, keep: { kept.checkpoints.append($0) }))
  }

  private func expectSame(_ a: Outcome, _ b: Outcome, _ label: Comment) {
    #expect(a.execution == b.execution, label)
    #expect(a.totals == b.totals, label)
    #expect(a.timeline == b.timeline, label)
    #expect(a.functions.map(\.tally) == b.functions.map(\.tally), label)
    #expect(a.horizon == b.horizon, label)
  }

  @Test("a run that goes on from any of its checkpoints ends as if it had not stopped")
  func anyCheckpoint() throws {
    var resumed = (alone: 0, coupled: 0)
    for seed in 0..<120 as Range<UInt64> {
      let scenario = RandomScenario(seed: seed, limit: nil)
      var platform = scenario.platform
      let simulation = Simulation(workload: sliced(scenario.script), platform: platform, seed: seed, jobs: 2)
      let kept = Kept()
      var whole = try run(simulation, into: kept)
      var bound = simulation
      if seed % 2 == 0, whole.totals.peakConcurrency > 1,
        platform.rules.allSatisfy({ $0.reservedConcurrency == nil && $0.provisionedConcurrency == 0 })
      {
        platform.accountConcurrency = whole.totals.peakConcurrency - 1
        bound.platform = platform
        kept.checkpoints = []
        whole = try run(bound, into: kept)
        #expect(whole.execution == .coupled, "seed \(seed)")
      }
      for (index, checkpoint) in kept.checkpoints.enumerated() {
        let read = try Checkpoint(bytes: checkpoint.bytes, file: "run.ckpt", producer: 7)
        expectSame(try run(bound, from: read), whole, "seed \(seed), checkpoint \(index)")
        if whole.execution == .coupled { resumed.coupled += 1 } else { resumed.alone += 1 }
      }
    }
    #expect(resumed.alone > 100 && resumed.coupled > 30)
  }

  @Test("a run that is stopped keeps a checkpoint, from which the rest follows")
  func stopped() throws {
    let script = poissonWorkload(rate: 20, duration: .exponential(mean: 2), seconds: 1200, seed: 1)
    let simulation = Simulation(
      workload: sliced(script), platform: barePlatform(keepAlive: .init(.constant(30))), seed: 3)
    let whole = try simulation.run()
    let kept = Kept()
    var slices = 0
    let part = try simulation.run(
      shouldStop: {
        slices += 1
        return slices == 7
      }, checkpointing: Checkpointing(producer: 7, keep: { kept.checkpoints.append($0) }))
    #expect(!part.isComplete)
    #expect(part.horizon == Instant(nanoseconds: 420_000_000_000))
    #expect(kept.checkpoints.count == 1)
    let rest = try run(simulation, from: kept.checkpoints[0])
    #expect(rest.isComplete)
    expectSame(rest, whole, "resumed")
  }

  /// A record of invocations, in order of arrival or, but for its first rows, not.
  private final class Record: InvocationReader {
    let functions = [WorkloadFunction(name: "a"), WorkloadFunction(name: "b")]
    let ledger = ImportLedger()
    private let count: Int
    private let swapsAt: Int?
    private var row = 0

    init(count: Int, swapsAt: Int?) { (self.count, self.swapsAt) = (count, swapsAt) }

    func read(into batch: inout InvocationBatch, limit: Int) {
      for _ in 0..<min(limit, count - row) {
        let place = swapsAt.map { row == $0 ? $0 + 1 : row == $0 + 1 ? $0 : row } ?? row
        batch.append(
          function: Int32(place % 3 == 0 ? 1 : 0), arrival: Int64(place) * 40_000_000,
          duration: Int64(place % 97) * 31_000_000)
        row += 1
      }
    }
  }

  @Test("a record is read again up to where it stood, in order or through a sort", arguments: [nil, 400_000])
  func records(swapsAt: Int?) throws {
    func workload(_ count: Int) -> Workload {
      Workload(
        title: "record",
        feed: .recorded(
          RecordedWorkload { () throws(InputFault) -> any InvocationReader in Record(count: count, swapsAt: swapsAt) }))
    }
    let platform = barePlatform(keepAlive: .init(.constant(0.4)), initDuration: .exponential(mean: 0.2))
    let simulation = Simulation(workload: workload(600_000), platform: platform, seed: 5)
    let kept = Kept()
    let whole = try run(simulation, into: kept)
    #expect(whole.totals.arrivals == 600_000)
    #expect(kept.checkpoints.count >= 3)
    expectSame(try run(simulation, from: kept.checkpoints[1]), whole, "resumed")

    // The same record, cut short: what was replayed is not in it.
    let cut = Simulation(workload: workload(250_000), platform: platform, seed: 5)
    let last = kept.checkpoints[kept.checkpoints.count - 1]
    #expect(throws: InputFault.self) { try run(cut, from: last) }
  }

  @Test("a checkpoint that is damaged, of another build, or of another simulation is refused")
  func refused() throws {
    let script = poissonWorkload(rate: 1, duration: .exponential(mean: 2), seconds: 300, seed: 1)
    let simulation = Simulation(workload: sliced(script), platform: barePlatform(keepAlive: .init(.constant(30))))
    let kept = Kept()
    _ = try run(simulation, into: kept)
    let checkpoint = kept.checkpoints[0]

    var stream = RandomStream(seed: 11, purpose: .resampling)
    for _ in 0..<2000 {
      var bytes = checkpoint.bytes
      switch stream.index(below: 3) {
      case 0: bytes.removeLast(1 + stream.index(below: bytes.count))
      case 1: bytes[stream.index(below: bytes.count)] ^= UInt8(1 << stream.index(below: 8))
      default: bytes.insert(UInt8(stream.index(below: 256)), at: stream.index(below: bytes.count + 1))
      }
      #expect(throws: InputFault.self) { try Checkpoint(bytes: bytes, file: "run.ckpt", producer: 7) }
    }
    #expect(throws: InputFault.self) { try Checkpoint(bytes: checkpoint.bytes, file: "run.ckpt", producer: 8) }

    var other = simulation
    other.seed = 1
    #expect(throws: InputFault.self) { try run(other, from: checkpoint) }
    other = simulation
    other.platform.keepAlive = .init(.constant(31))
    #expect(throws: InputFault.self) { try run(other, from: checkpoint) }
    other = simulation
    other.workload = sliced(poissonWorkload(rate: 1, duration: .exponential(mean: 2), seconds: 300, seed: 2))
    #expect(throws: InputFault.self) { try run(other, from: checkpoint) }
  }
}
