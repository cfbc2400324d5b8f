import Diagnostics
import Dispatch
import Platforms
import Synchronization
import Units
import Workloads

/// Replays each function alone, on several threads, slice of time by slice of time.
///
/// After each slice the moments at which invocations began and ended are swept for the exact joint concurrency. As long
/// as that stays within what the functions share, nothing couples them, and the run is the coupled run.
struct IndependentExecutor {
  /// About how many invocations a slice of generated arrivals holds.
  private let sliceSize: Int
  /// So many invocations of one function in a slice are worth a thread that draws them ahead.
  private let giant: Int

  let simulation: Simulation
  let watch: RunWatch

  /// What the run goes on from; nil once it does.
  private var resumed: ReplayState?

  private(set) var runs: [any LoneRun] = []
  private let makeRun: (WorkloadFunction) -> any LoneRun
  private let workers: [Worker]
  private let joint: JointPeak
  private let rate: SharedRate?
  /// What the functions met so far leave to share; nil for no limit.
  private var sharedLimit: Int?

  init(
    _ simulation: Simulation, watch: RunWatch, from state: ReplayState? = nil, sliceSize: Int = 1 << 20,
    giant: Int = 1 << 17, makeRun: @escaping (WorkloadFunction) -> any LoneRun
  ) {
    self.simulation = simulation
    resumed = state
    self.sliceSize = sliceSize
    self.giant = giant
    self.makeRun = makeRun
    self.watch = watch
    let tellsShared = simulation.platform.accountConcurrency != nil && simulation.platform.dividesConcurrency
    workers = (0..<max(1, simulation.jobs)).map { _ in Worker(tellsShared: tellsShared) }
    joint = JointPeak(threads: workers.count, tellsShared: tellsShared)
    rate = SharedRate(simulation.platform)
  }

  /// The outcome, or nil when functions would have met the shared limit.
  mutating func run() throws(InputFault) -> Outcome? {
    switch simulation.workload.feed {
    case .generated(let workload): try run(workload)
    case .recorded: try runRecorded()
    }
  }

  private mutating func run(_ workload: GeneratedWorkload) throws(InputFault) -> Outcome? {
    try addRuns(workload.functions)
    var generators = workload.functions.indices.map {
      workload.generator($0, simulation.seed, simulation.replication)
    }
    let horizon = workload.horizon.nanoseconds
    let minute = TimeSpan.minutes(1).nanoseconds
    // A few at least: the moments of a slice are held in memory until all of it is replayed.
    let slices = Int64(
      workload.expectedInvocations / min(sliceSize, max(1 << 16, workload.expectedInvocations / 40)) + 1)
    let slice = max(minute, (horizon / slices + minute - 1) / minute * minute)
    var end = try goOn(generators: &generators, slice: slice)
    // Of functions with so many invocations that one would keep all waiting, the next slice is drawn while this one is
    // replayed.
    var drawn = [InvocationBlock?](repeating: nil, count: runs.count)
    var isComplete = true
    while end < horizon {
      end = min(end + slice, horizon)
      drawn = replay(
        until: end, &drawn, drawing: end < horizon ? Instant(nanoseconds: min(end + slice, horizon)) : nil, &generators)
      guard takeMoments(before: end) else { return nil }
      watch.report(
        invocations: workers.reduce(0) { $0 + $1.arrivals }, share: Double(end) / Double(horizon))
      isComplete = end == horizon || !watch.shouldStop()
      try watch.offer(isLast: !isComplete, of: simulation) { state(at: end, isSorted: false) }
      if !isComplete { break }
    }
    return close(at: end, isComplete, workload.ledger, workload.observations, simulation.workload.epoch)
  }

  /// Replays a slice; what was drawn of it before is in `drawn`.
  ///
  /// - Parameter next: where the next slice ends, if there is one.
  /// - Returns: what was drawn of the next slice.
  private func replay(
    until end: Int64, _ drawn: inout [InvocationBlock?], drawing next: Instant?,
    _ generators: inout [any InvocationGenerator]
  ) -> [InvocationBlock?] {
    var upcoming = [InvocationBlock?](repeating: nil, count: runs.count)
    let ahead = next == nil ? [] : drawn.indices.filter { drawn[$0] != nil }
    let mayDrawAhead = workers.count > 1
    generators.withUnsafeMutableBufferPointer { generators in
      drawn.withUnsafeMutableBufferPointer { drawn in
        upcoming.withUnsafeMutableBufferPointer { upcoming in
          // SAFETY: each index's generator and places are one thread's: it either draws ahead or replays what was drawn.
          nonisolated(unsafe) let (generators, drawn, upcoming) = (generators, drawn, upcoming)
          func draw(_ index: Int, until end: Instant, _ worker: Worker) {
            var block = worker.spareBlocks.popLast() ?? InvocationBlock()
            generators[index].generate(until: end, into: &block)
            upcoming[index] = block
          }
          forEach(ahead.count + runs.count) { task, worker in
            if task < ahead.count {
              if let next { draw(ahead[task], until: next, worker) }
              return
            }
            let index = task - ahead.count
            if var block = drawn[index].take() {
              worker.replay(runs[index], block, until: end)
              block.removeAll()
              worker.spareBlocks.append(block)
              return
            }
            worker.block.removeAll()
            generators[index].generate(until: Instant(nanoseconds: end), into: &worker.block)
            worker.replay(runs[index], worker.block, until: end)
            if let next, mayDrawAhead, worker.block.count > giant { draw(index, until: next, worker) }
          }
        }
      }
    }
    return upcoming
  }

  private mutating func runRecorded() throws(InputFault) -> Outcome? {
    let ordered = try OrderedInvocations(
      simulation.workload, seed: simulation.seed, replication: simulation.replication)
    if resumed?.isSorted == true { try ordered.restartSorted() }
    do {
      return try run(ordered)
    } catch {
      guard ordered.mustRestart else { throw error }
      self = IndependentExecutor(simulation, watch: watch, makeRun: makeRun)
      try ordered.restartSorted()
      return try run(ordered)
    }
  }

  private mutating func run(_ ordered: OrderedInvocations) throws(InputFault) -> Outcome? {
    var batch = InvocationBatch()
    var sorter = FunctionScatter()
    var invocations = 0
    var isComplete = true
    var last: Int64 = 0
    var skipped = SkippedInvocations()
    while try ordered.next(into: &batch) {
      try addRuns(ordered.functions[runs.count...])
      guard let end = batch.arrivals.last else { continue }
      last = end
      if let state = resumed {
        if try skipped.skip(batch, of: state) { try restore(state) }
        invocations += batch.count
        watch.report(invocations: invocations, share: ordered.progress)
        continue
      }
      sorter.scatter(batch, functions: runs.count)
      let scattered = sorter
      forEach(runs.count) { index, worker in
        scattered.withInvocations(of: index) { runs[index].replay($0, $1, until: end, worker) }
      }
      guard takeMoments(before: end) else { return nil }
      invocations += batch.count
      batch.removeAll()
      watch.report(invocations: invocations, share: ordered.progress)
      isComplete = !watch.shouldStop()
      try watch.offer(isLast: !isComplete, of: simulation) { state(at: end, isSorted: ordered.isSorting) }
      if !isComplete { break }
    }
    guard resumed == nil else { throw ReplayState.otherWorkload }
    let horizon = isComplete ? ordered.horizon.nanoseconds : last
    return close(at: horizon, isComplete, ordered.ledger, ordered.observations, ordered.epoch)
  }

  /// Draws again what had been replayed when the checkpoint was written, takes up its state, and gives where it stood.
  private mutating func goOn(
    generators: inout [any InvocationGenerator], slice: Int64
  ) throws(InputFault) -> Int64 {
    guard let state = resumed else { return 0 }
    var counts = [Int](repeating: 0, count: runs.count)
    var end: Int64 = 0
    while end < state.position {
      end = min(end + slice, state.position)
      let before = Instant(nanoseconds: end)
      generators.withUnsafeMutableBufferPointer { generators in
        counts.withUnsafeMutableBufferPointer { counts in
          // SAFETY: as in `run`, each index is one thread's.
          nonisolated(unsafe) let (generators, counts) = (generators, counts)
          forEach(runs.count) { index, worker in
            worker.block.removeAll()
            generators[index].generate(until: before, into: &worker.block)
            counts[index] += worker.block.count
            worker.arrivals += worker.block.count
          }
        }
      }
      watch.report(invocations: workers.reduce(0) { $0 + $1.arrivals }, share: nil)
    }
    try state.check(counts)
    try restore(state)
    return end
  }

  /// All that is kept after the slice that ended at `position`.
  private func state(at position: Int64, isSorted: Bool) -> ReplayState {
    joint.settle()
    var writer = StateWriter()
    for run in runs { run.save(to: &writer) }
    meterOfAll.save(to: &writer)
    joint.save(to: &writer)
    return ReplayState(
      execution: .independent, position: position, isSorted: isSorted, replayed: runs.map(\.tally.arrivals),
      state: writer)
  }

  private mutating func restore(_ state: ReplayState) throws(InputFault) {
    try state.read { (reader) throws(StateEndsEarly) in
      for run in runs { try run.restore(from: &reader) }
      try workers[0].meter.restore(from: &reader)
      try joint.restore(from: &reader)
    }
    resumed = nil
  }

  private mutating func addRuns(_ functions: some Collection<WorkloadFunction>) throws(InputFault) {
    guard !functions.isEmpty else { return }
    for function in functions { runs.append(makeRun(function)) }
    sharedLimit =
      try SharedConcurrency(
        platform: simulation.platform, functions: runs.lazy.map { ($0.function.name, $0.settings) }
      ).leastLimit
  }

  /// Calls `body` for each of some tasks, on all threads; a thread takes the next task when it is free. The first thread
  /// settles the joint peak of the slice before.
  private func forEach(_ tasks: Int, _ body: (Int, Worker) -> Void) {
    let next = Atomic(0)
    // SAFETY: the counter hands each task to one thread, each thread has a worker of its own, and only the first touches
    // the joint peak; the calls end before this function returns.
    nonisolated(unsafe) let (workers, joint, body) = (workers, joint, body)
    DispatchQueue.concurrentPerform(iterations: workers.count) { thread in
      if thread == 0 { joint.settle() }
      while true {
        let task = next.add(1, ordering: .relaxed).oldValue
        guard task < tasks else { return }
        body(task, workers[thread])
      }
    }
  }

  /// Hands the slice's moments to the joint peak; false when the slice before came over the shared limit, or this one over
  /// the shared rate.
  private func takeMoments(before end: Int64) -> Bool {
    joint.take(workers, before: end)
    rate?.take(workers, before: end)
    return joint.isWithin(sharedLimit) && rate?.isWithin ?? true
  }

  private mutating func close(
    at horizon: Int64, _ isComplete: Bool, _ ledger: ImportLedger, _ observations: Observations?, _ epoch: Double?
  ) -> Outcome? {
    forEach(runs.count) { index, worker in runs[index].close(at: horizon, worker) }
    joint.take(workers, before: horizon + 1)
    rate?.take(workers, before: .max)
    joint.settle()
    guard joint.isWithin(sharedLimit), rate?.isWithin ?? true else { return nil }
    return Outcome(
      runs: runs, meter: meterOfAll, peaks: joint.peaks, horizon: Instant(nanoseconds: horizon),
      execution: .independent,
      isComplete: isComplete, ledger: ledger, observations: observations, epoch: epoch)
  }

  /// What all threads collected of the timeline.
  private var meterOfAll: TimelineMeter {
    workers.dropFirst().reduce(into: workers[0].meter) { $0.merge($1.meter) }
  }
}
