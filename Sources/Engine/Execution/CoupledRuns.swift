import Workloads

/// All functions in one order of time, each replayed literally: for any reuse order and any law.
///
/// Its owner calls `deallocate()` when it goes away.
struct CoupledRuns: CoupledReplay {
  private let runs: [any CoupledRun]
  private let limit: Int
  private(set) var meter = TimelineMeter()
  private(set) var peaks = PeakSeries()
  private var running = RadixQueue<Running>()
  private var sharedBusy = 0

  /// A running invocation of any function.
  private struct Running: Event, BitwiseCopyable {
    var completion: Completion
    var function: Int32
    var takesShared: Bool

    var time: Int64 { completion.time }

    static func < (a: Running, b: Running) -> Bool {
      if a.time != b.time { return a.time < b.time }
      return a.function != b.function ? a.function < b.function : a.completion.serial < b.completion.serial
    }
  }

  init(_ simulation: Simulation, _ functions: [WorkloadFunction], limit: Int) {
    runs = functions.map { simulation.makeCoupledRun($0) }
    self.limit = limit
  }

  func deallocate() { running.deallocate() }

  func tally(of function: Int) -> Tally { runs[function].tally }

  mutating func replay(_ batch: InvocationBatch) {
    for row in 0..<batch.count {
      let time = batch.arrivals[row]
      let function = batch.functions[row]
      finish(by: time)
      let start = runs[Int(function)].arrive(
        at: time, duration: batch.durations[row], sharedIsFull: sharedBusy >= limit, &meter)
      guard let (completion, takesShared) = start else { continue }
      if takesShared { sharedBusy += 1 }
      running.insert(Running(completion: completion, function: function, takesShared: takesShared))
      peaks.change(by: 1, at: time)
    }
  }

  func settle() {}

  private mutating func finish(by time: Int64) {
    while running.nextTime <= time, let ended = running.popFirst() {
      peaks.change(by: -1, at: ended.time)
      if ended.takesShared { sharedBusy -= 1 }
      runs[Int(ended.function)].finish(ended.completion, &meter)
    }
  }

  mutating func close(at horizon: Int64) {
    finish(by: horizon)
    peaks.hold(until: horizon + 1)
    var rest: [[Completion]] = Array(repeating: [], count: runs.count)
    while let left = running.popFirst() { rest[Int(left.function)].append(left.completion) }
    for (index, run) in runs.enumerated() { run.close(at: horizon, stillRunning: rest[index], &meter) }
  }

  func save(to state: inout StateWriter) {
    for run in runs { run.save(to: &state) }
    meter.save(to: &state)
    peaks.save(to: &state)
    running.save(to: &state)
    state.write(sharedBusy)
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    for run in runs { try run.restore(from: &state) }
    try meter.restore(from: &state)
    try peaks.restore(from: &state)
    try running.restore(from: &state)
    sharedBusy = try state.read()
  }
}
