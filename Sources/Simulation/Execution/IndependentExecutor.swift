import Diagnostics
import Dispatch
import Platform
import Synchronization
import Units
import Workload

/// Replays each function alone, on several threads, slice of time by slice of time.
///
/// After each slice the moments at which invocations began and ended are swept for the exact joint concurrency. As long
/// as that stays within what the functions share, nothing couples them, and the run is the coupled run.
struct IndependentExecutor {
  /// About how many invocations a slice of generated arrivals holds.
  static let sliceSize = 1 << 20

  let simulation: Simulation
  let watch: RunWatch

  /// What the run goes on from; nil once it does.
  private var resumed: ReplayState?

  private(set) var runs: [any LoneRun] = []
  private let makeRun: (WorkloadFunction) -> any LoneRun
  private let workers: [Worker]
  private let joint: JointPeak
  /// What the functions met so far leave to share; nil for no limit.
  private var sharedLimit: Int?

  init(
    _ simulation: Simulation, watch: RunWatch, from state: ReplayState? = nil,
    makeRun: @escaping (WorkloadFunction) -> any LoneRun
  ) {
    self.simulation = simulation
    resumed = state
    self.makeRun = makeRun
    self.watch = watch
    let tellsShared =
      simulation.platform.accountConcurrency != nil
      && simulation.platform.rules.contains {
        $0.reservedConcurrency != nil || $0.provisionedConcurrency != nil || $0.behaviour.provisioning != nil
      }
    workers = (0..<max(1, simulation.jobs)).map { _ in Worker(tellsShared: tellsShared) }
    joint = JointPeak(threads: workers.count, tellsShared: tellsShared)
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
    // SAFETY: each worker touches only the generators and runs whose indices it drew from the counter.
    nonisolated(unsafe) var generators = workload.functions.indices.map {
      workload.generator($0, simulation.seed, simulation.replication)
    }
    let horizon = workload.horizon.nanoseconds
    let minute = TimeSpan.minutes(1).nanoseconds
    let slices = Int64(workload.expectedInvocations / Self.sliceSize + 1)
    let slice = max(minute, (horizon / slices + minute - 1) / minute * minute)
    var end = try goOn(generators: &generators, slice: slice)
    var isComplete = true
    while end < horizon {
      end = min(end + slice, horizon)
      let before = end
      generators.withUnsafeMutableBufferPointer { generators in
        nonisolated(unsafe) let generators = generators
        forEachRun { run, index, worker in
          worker.block.removeAll()
          defer { worker.arrivals += worker.block.count }
          generators[index].generate(until: Instant(nanoseconds: before), into: &worker.block)
          worker.block.arrivals.withUnsafeBufferPointer { arrivals in
            worker.block.durations.withUnsafeBufferPointer { durations in
              run.replay(arrivals, durations, until: before, worker)
            }
          }
        }
      }
      guard takeMoments(before: end) else { return nil }
      watch.report(
        invocations: workers.reduce(0) { $0 + $1.arrivals }, share: Double(end) / Double(horizon))
      isComplete = end == horizon || !watch.shouldStop()
      try watch.offer(isLast: !isComplete, of: simulation) { state(at: end, isSorted: false) }
      if !isComplete { break }
    }
    return close(at: end, isComplete, workload.ledger, workload.observations, simulation.workload.epoch)
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
      forEachRun { run, index, worker in
        scattered.withInvocations(of: index) { run.replay($0, $1, until: end, worker) }
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
          forEachRun { _, index, worker in
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

  /// Calls `body` once for each function, on all threads; a thread takes the next function when it is free. The first
  /// thread settles the joint peak of the slice before.
  private func forEachRun(_ body: (any LoneRun, Int, Worker) -> Void) {
    let next = Atomic(0)
    // SAFETY: the counter hands each run to one thread, each thread has a worker of its own, and only the first touches
    // the joint peak; the calls end before this function returns.
    nonisolated(unsafe) let (runs, workers, joint, body) = (runs, workers, joint, body)
    DispatchQueue.concurrentPerform(iterations: workers.count) { thread in
      if thread == 0 { joint.settle() }
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < runs.count else { return }
        body(runs[index], index, workers[thread])
      }
    }
  }

  /// Hands the slice's moments to the joint peak; false when the slice before came over the shared limit.
  private func takeMoments(before end: Int64) -> Bool {
    joint.take(workers, before: end)
    return joint.isWithin(sharedLimit)
  }

  private mutating func close(
    at horizon: Int64, _ isComplete: Bool, _ ledger: ImportLedger, _ observations: Observations?, _ epoch: Double?
  ) -> Outcome? {
    forEachRun { run, _, worker in run.close(at: horizon, worker) }
    joint.take(workers, before: horizon + 1)
    joint.settle()
    guard joint.isWithin(sharedLimit) else { return nil }
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
