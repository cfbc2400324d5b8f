import Statistics

/// A replay of on-demand environments that provisioned ones can stand before.
protocol SpilloverReplay: BlockwiseReplay {
  var model: FunctionModel { get set }
  /// Invocations running now.
  var running: Int { get }
  mutating func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker)
  mutating func close(at horizon: Int64, _ worker: Worker)
  func deallocate()
}

extension LineReplay: SpilloverReplay {}
extension StackReplay: SpilloverReplay {}

/// The pool of one function with provisioned environments before its on-demand ones.
///
/// Provisioned environments serve first (docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html), they don't
/// expire, and they can't be told apart. So they are a loss system, of which only the number that are busy matters: what
/// finds one free never sees the others, and what finds none spills over to a pool that knows nothing of them.
///
///     arrivals ──▶ provisioned, `level` of them ──spillover──▶ on-demand, on a line or through a stack
///
/// Who is served by which is found block by block (ProvisionedReplay+Split.swift). The function's concurrency limit is
/// what provisioned environments leave of it: while no more than that run on demand, an arrival that finds a provisioned
/// environment free is below the limit, and one that spills over finds all `level` busy. Only after the level was
/// changed this may not hold for a while, in which arrivals are replayed one by one.
///
/// Its owner calls `deallocate()` when it goes away.
struct ProvisionedReplay<Spillover: SpilloverReplay> {
  private(set) var level: Int
  private let limit: Int
  let timeout: Int64
  /// The same function without provisioned environments.
  var spillover: Spillover

  /// When invocations in provisioned environments end; between blocks, in no order.
  var running = Vector<Int64>()
  /// The most provisioned environments that were ever busy.
  var mostBusy = 0
  /// The most invocations that ever ran, spillover too.
  private var peak = 0
  /// All that happened up to here is accounted.
  private var position: Int64 = 0

  /// - Parameters:
  ///   - model: the function's, with its provisioned environments.
  ///   - spillover: a replay of the same function without them.
  init(_ model: FunctionModel, before spillover: Spillover) {
    level = model.provisioned
    limit = model.concurrencyLimit
    timeout = model.timeout
    self.spillover = spillover
  }

  func deallocate() {
    running.deallocate()
    spillover.deallocate()
  }

  /// From now on so many serve; those too many end when they are free.
  mutating func provision(_ level: Int) { self.level = level }

  /// Replays on: arrivals ascend and lie at or after those before, and all that ends by `end` is finished.
  mutating func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker
  ) {
    var next = 0
    while next < arrivals.count {
      guard isWithinLimit else {
        step(at: arrivals[next], durations[next], worker)
        next += 1
        continue
      }
      let rows = next..<min(arrivals.count, next + min(max(16 * running.count, 2048), 1 << 16))
      let block = Block(
        arrivals: UnsafeBufferPointer(rebasing: arrivals[rows]),
        durations: UnsafeBufferPointer(rebasing: durations[rows]), from: max(position, arrivals[next]),
        to: arrivals[rows.upperBound - 1])
      play(block, worker)
      position = block.end
      next = rows.upperBound
    }
    finish(by: end, worker)
    position = max(end, position)
  }

  /// Whether neither an arrival that finds a provisioned environment free can be above the function's limit, nor one of
  /// those busy is to end.
  private var isWithinLimit: Bool {
    limit == .max || (running.count <= level && spillover.running <= limit - level)
  }

  private mutating func play(_ block: Block, _ worker: Worker) {
    spillover.model.concurrencyLimit = limit == .max ? .max : limit - level
    guard level > 0 || running.count > 0 else {
      spillover.replay(block.arrivals, block.durations, until: block.end, worker)
      peak = max(peak, spillover.meter.takePeak())
      return
    }
    let (busyBefore, spilledBefore) = (running.count, spillover.running)
    let moments = (begins: worker.moments.all.begins.count, ends: worker.moments.all.ends.count)
    let most = split(block, &worker.scratch)
    tell(worker)
    spillover.replay(
      worker.scratch.spilledAt.elements, worker.scratch.spilledDurations.elements, until: block.end, worker)
    let mostSpilled = spillover.meter.takePeak()

    if busyBefore <= level, mostSpilled > spilledBefore {
      // What spilled over last, to the highest level, found all provisioned environments busy.
      peak = max(peak, level + mostSpilled)
    } else if most + max(spilledBefore, mostSpilled) > peak {
      peak = max(
        peak,
        spilledBefore == 0 && mostSpilled == 0
          ? most
          : Self.highest(
            from: busyBefore + spilledBefore, worker.moments.all.begins[moments.begins...],
            worker.moments.all.ends[moments.ends...]))
    }
  }

  /// The highest level of concurrency, from one on, as invocations begin and end.
  private static func highest(from level: Int, _ begins: ArraySlice<Int64>, _ ends: ArraySlice<Int64>) -> Int {
    let ends = ends.sorted()
    var ended = 0
    return begins.sorted().enumerated().reduce(level) { highest, begin in
      while ended < ends.count, ends[ended] <= begin.element { ended += 1 }
      return max(highest, level + begin.offset + 1 - ended)
    }
  }

  /// Tells the meter what a split has found.
  private mutating func tell(_ worker: Worker) {
    let scratch = worker.scratch
    spillover.meter.tookProvisioned(
      scratch.servedAt.elements, scratch.servedDurations.elements, finished: scratch.finished.elements, worker)
  }

  /// Finishes what ends by `time`.
  private mutating func finish(by time: Int64, _ worker: Worker) {
    worker.scratch.servedAt.removeAll()
    worker.scratch.servedDurations.removeAll()
    worker.scratch.finished.removeAll()
    running.remove(where: { $0 <= time }, { worker.scratch.finished.append($0) })
    tell(worker)
    let none = UnsafeBufferPointer<Int64>(start: nil, count: 0)
    spillover.replay(none, none, until: time, worker)
  }

  /// An invocation arrives while the limit may hold off one that would find a provisioned environment free.
  private mutating func step(at time: Int64, _ asked: Int64, _ worker: Worker) {
    finish(by: time, worker)
    position = time
    withUnsafePointer(to: time) { time in
      withUnsafePointer(to: asked) { asked in
        let arrivals = UnsafeBufferPointer(start: time, count: 1)
        let durations = UnsafeBufferPointer(start: asked, count: 1)
        let busy = running.count
        if busy + spillover.running >= limit {
          worker.scratch.beginBlock()
          worker.scratch.throttled.append(0)
          spillover.meter.took(
            Block(arrivals: arrivals, durations: durations, from: time.pointee, to: time.pointee), &worker.scratch,
            worker)
        } else if busy < level {
          split(Block(arrivals: arrivals, durations: durations, from: time.pointee, to: time.pointee), &worker.scratch)
          tell(worker)
          peak = max(peak, running.count + spillover.running)
        } else {
          spillover.model.concurrencyLimit = .max
          spillover.replay(arrivals, durations, until: time.pointee, worker)
          peak = max(peak, busy + spillover.meter.takePeak())
        }
      }
    }
  }

  /// The trace ends at `horizon`, up to which everything was replayed.
  mutating func close(at horizon: Int64, _ worker: Worker) {
    for end in running.elements {
      spillover.meter.cutOff(at: horizon, beyond: end - horizon, provisioned: true, worker)
    }
    running.removeAll()
    spillover.meter.startedWarm(idleTime: 0, peak: peak)
    spillover.model.provisioned = level
    spillover.close(at: horizon, worker)
  }
}

extension ProvisionedReplay: Checkpointed where Spillover: Checkpointed {
  func save(to state: inout StateWriter) {
    state.write(level)
    running.save(to: &state)
    state.write(mostBusy)
    state.write(peak)
    state.write(position)
    spillover.save(to: &state)
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    level = try state.read()
    try running.restore(from: &state)
    mostBusy = try state.read()
    peak = try state.read()
    position = try state.read()
    try spillover.restore(from: &state)
  }
}
