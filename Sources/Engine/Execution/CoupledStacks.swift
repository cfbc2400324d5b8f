import Platforms
import Statistics
import Workloads

/// All functions in one order of time, so that a limit they share can refuse invocations, where each function's idle
/// environments make a stack (see `StackReplay`).
///
/// The order of time is needed only to tell what becomes of each invocation. A batch is therefore taken twice: first row
/// by row, with no more of each function at hand than a cache line; then function by function, to count all that a report
/// tells.
///
/// Its owner calls `deallocate()` when it goes away.
struct CoupledStacks: CoupledReplay {
  private let keepAlive: Int64
  /// Int64.max for none.
  private let lifetime: Int64
  /// Invocations that may take from the shared concurrency at once.
  private let limit: Int
  private let models: [FunctionModel]
  private var functions = Vector<Function>()
  private var initStreams: [RandomStream]
  private var meters: [FunctionMeter]

  /// Running invocations between blocks, in no order.
  private var running = Vector<Running>()
  private var calendar = BlockCalendar<Running>()
  /// Invocations that run, and those of them that take from the shared concurrency.
  private var busy = 0
  private var sharedBusy = 0
  /// All that happened up to here is accounted.
  private var position: Int64 = 0
  private(set) var peaks = PeakSeries()
  /// The first moment of which `peaks` must be told.
  private var nextTurn = Int64.min

  /// Of what was read for the cache only: without it, it would not be read.
  private var lookedAhead: Int32 = 0

  /// Moments at which invocations ended, of the rows at hand.
  private var finished = Vector<Int64>()
  private var fates = Vector<Fate>()
  /// What the cold ones of the rows at hand waited for, in order.
  private var coldStarts = Vector<ColdStart>()
  /// Rows that were replayed, but not counted yet: too few for so many functions.
  private var untold = InvocationBatch()
  private var fewestToTell: Int { 8 * functions.count }
  private var scatter = FunctionScatter()
  private let worker = Worker(tellsShared: false)

  /// What is needed of a function at each of its invocations.
  private struct Function: BitwiseCopyable {
    var waiting = WaitingStack()
    /// Waiting of environments that served again, since it was told to the meter.
    var idleTime: Int128 = 0
    var busy: Int32 = 0
    var peak: Int32 = 0
    var provisionedBusy: Int32 = 0
    /// Has no limit of its own, no timeout and no provisioned environments.
    var isPlain: Bool
    /// Whether on-demand invocations take from the shared concurrency.
    var takesShared: Bool
  }

  /// A running invocation of any function.
  private struct Running: Event, BitwiseCopyable {
    var time: Int64
    /// When the environment's maximum lifetime ends; `Running.provisioned` for one that is provisioned.
    var lifetimeEnd: Int64
    var function: Int32

    /// Marks provisioned environments, which do not age.
    static let provisioned = Int64.min

    /// As with `Ending`; what functions do at one moment doesn't depend on their order.
    @inline(__always)
    static func < (a: Running, b: Running) -> Bool {
      a.time != b.time ? a.time < b.time : a.lifetimeEnd < b.lifetimeEnd
    }
  }

  /// Nil when the platform's environments don't make stacks.
  init?(_ simulation: Simulation, _ functions: [WorkloadFunction], _ settings: [FunctionSettings], limit: Int) {
    let models = settings.map { FunctionModel(settings: $0, platform: simulation.platform) }
    // Keep-alive and lifetime are the platform's, the same for all.
    guard simulation.platform.reuse == .mostRecentlyUsed, let first = models.first,
      let keepAlive = first.constantKeepAlive, let lifetime = first.constantLifetime
    else { return nil }
    self.models = models
    self.keepAlive = keepAlive
    self.lifetime = lifetime
    self.limit = limit
    initStreams = functions.map { simulation.stream(of: $0, .initialisation) }
    meters = models.map { FunctionMeter($0) }
    for model in models {
      let isPlain = model.concurrencyLimit == .max && model.timeout == .max && model.provisioned == 0
      self.functions.append(Function(isPlain: isPlain, takesShared: model.sharesConcurrency))
    }
  }

  func deallocate() {
    for function in functions.elements { function.waiting.deallocate() }
    functions.deallocate()
    running.deallocate()
    calendar.deallocate()
    finished.deallocate()
    fates.deallocate()
    coldStarts.deallocate()
  }

  func tally(of function: Int) -> Tally { meters[function].tally }
  var meter: TimelineMeter { worker.meter }

  mutating func replay(_ batch: InvocationBatch) {
    if untold.isEmpty, batch.count >= fewestToTell {
      walk(batch, from: 0)
      tell(batch)
      return
    }
    let first = untold.count
    untold.functions.append(contentsOf: batch.functions)
    untold.arrivals.append(contentsOf: batch.arrivals)
    untold.durations.append(contentsOf: batch.durations)
    walk(untold, from: first)
    if untold.count >= fewestToTell { settle() }
  }

  mutating func settle() {
    guard !untold.isEmpty else { return }
    tell(untold)
    untold.removeAll()
  }

  /// Tells what becomes of a batch's rows from one on.
  private mutating func walk(_ batch: InvocationBatch, from first: Int) {
    fates.reserve(batch.count)
    fates.setCount(batch.count)
    batch.functions.withUnsafeBufferPointer { functions in
      batch.arrivals.withUnsafeBufferPointer { arrivals in
        batch.durations.withUnsafeBufferPointer { durations in
          var next = first
          while next < batch.count {
            let last = min(batch.count, next + min(max(4 * busy, 4096), 1 << 16))
            walk(functions, arrivals, durations, next..<last, until: arrivals[last - 1])
            next = last
          }
        }
      }
    }
  }

  /// Finishes all that ends by `time`.
  private mutating func finish(by time: Int64) {
    guard time >= position else { return }
    walk(.init(start: nil, count: 0), .init(start: nil, count: 0), .init(start: nil, count: 0), 0..<0, until: time)
  }

  /// Replays some rows, and all that ends by `end`, which is the last arrival or later: as `StackReplay.walk`.
  private mutating func walk(
    _ names: UnsafeBufferPointer<Int32>, _ arrivals: UnsafeBufferPointer<Int64>,
    _ durations: UnsafeBufferPointer<Int64>,
    _ rows: Range<Int>, until end: Int64
  ) {
    let start = max(position, rows.isEmpty ? position : arrivals[rows.lowerBound])
    let grid = Calendar(from: start, to: end, wanted: max(1, max(rows.count, running.count) / 2))
    calendar.open(grid.count)
    calendar.take(&running, until: end, grid)
    var finished = finished
    finished.removeAll()

    let functions = functions.base
    let fates = fates.base
    let (limit, last) = (limit, rows.upperBound)
    var (busy, sharedBusy, nextTurn) = (busy, sharedBusy, nextTurn)
    var due = 0
    var row = rows.lowerBound
    var ahead: Int32 = 0
    var bucketOfNext = row < last ? grid.bucket(arrivals[row]) : Int.max
    for bucket in 0..<grid.count {
      calendar.turn(to: bucket, &due)
      while true {
        let isArrival = bucketOfNext == bucket
        let time = isArrival ? arrivals[row] : .max
        while let ended = calendar.popDue(by: time, &due) {
          if ended.time >= nextTurn { nextTurn = peaks.turn(at: ended.time, level: Int64(busy)) }
          busy &-= 1
          finished.append(ended.time)
          sharedBusy &-= finish(ended, functions + Int(ended.function)) ? 1 : 0
        }
        guard isArrival else { break }

        let its = functions + Int(names[row])
        // A later row's function comes into the cache meanwhile.
        ahead &+= functions[Int(names[min(row &+ 12, last &- 1)])].busy
        let duration = durations[row]
        if time >= nextTurn { nextTurn = peaks.turn(at: time, level: Int64(busy)) }
        let isFull = sharedBusy >= limit
        var start: Start?
        if its.pointee.isPlain {
          start = isFull && its.pointee.takesShared ? nil : begin(names[row], its, at: time, duration)
        } else {
          start = beginBounded(names[row], its, at: time, duration, isFull: isFull)
        }
        fates[row] = start?.fate ?? .throttled
        row &+= 1
        bucketOfNext = row < last ? grid.bucket(arrivals[row]) : .max
        guard let start else { continue }
        busy &+= 1
        if its.pointee.takesShared, start.fate != .provisioned { sharedBusy &+= 1 }
        its.pointee.busy &+= 1
        its.pointee.peak = max(its.pointee.peak, its.pointee.busy)
        peaks.reached(Int64(busy))
        if start.ending.time > end {
          running.append(start.ending)
        } else {
          let itsBucket = grid.bucket(start.ending.time)
          if itsBucket == bucket {
            calendar.insert(start.ending, &due)
          } else {
            calendar.put(start.ending, in: itsBucket)
          }
        }
      }
    }
    lookedAhead = ahead
    (self.busy, self.sharedBusy, self.nextTurn) = (busy, sharedBusy, nextTurn)
    position = max(position, end)
    self.finished = finished
    worker.meter.busyEnded(finished.elements)
  }

  /// An invocation ends; tells whether it gives back shared concurrency.
  @inline(__always)
  private mutating func finish(_ ended: Running, _ its: UnsafeMutablePointer<Function>) -> Bool {
    its.pointee.busy &-= 1
    if ended.lifetimeEnd > ended.time {
      its.pointee.waiting.append(WaitingEnvironment(since: ended.time, lifetimeEnd: ended.lifetimeEnd))
    } else if ended.lifetimeEnd == Running.provisioned {
      its.pointee.provisionedBusy &-= 1
      worker.meter.environmentEnded(at: ended.time)
      return false
    } else {
      meters[Int(ended.function)].environmentEnded(at: ended.time, worker)
    }
    return its.pointee.takesShared
  }

  /// What becomes of an invocation that starts.
  private struct Start {
    var fate: Fate
    var ending: Running
  }

  /// An invocation starts in the environment used last, if that is alive.
  @inline(__always)
  private mutating func begin(
    _ function: Int32, _ its: UnsafeMutablePointer<Function>, at time: Int64, _ duration: Int64
  ) -> Start {
    guard let idle = its.pointee.waiting.last, idle.since &+ keepAlive > time, idle.lifetimeEnd > time else {
      return beginElsewhere(function, its, at: time, duration)
    }
    its.pointee.waiting.removeLast()
    its.pointee.idleTime &+= Int128(time &- idle.since)
    return Start(
      fate: .warm,
      ending: Running(time: time &+ max(1, duration), lifetimeEnd: idle.lifetimeEnd, function: function))
  }

  /// Removes environments that are not alive; starts in the first that is, else cold.
  @inline(never)
  private mutating func beginElsewhere(
    _ function: Int32, _ its: UnsafeMutablePointer<Function>, at time: Int64, _ duration: Int64
  ) -> Start {
    let index = Int(function)
    while let idle = its.pointee.waiting.last {
      its.pointee.waiting.removeLast()
      let expires = min(idle.since + keepAlive, idle.lifetimeEnd)
      guard expires <= time else {
        its.pointee.idleTime += Int128(time - idle.since)
        return Start(
          fate: .warm,
          ending: Running(time: time + max(1, duration), lifetimeEnd: idle.lifetimeEnd, function: function))
      }
      meters[index].environmentEnded(at: expires, idleSince: idle.since, worker)
    }
    let overhead = models[index].platformOverhead.draw(&initStreams[index])
    let initDuration = models[index].initDuration.draw(&initStreams[index])
    coldStarts.append(ColdStart(overhead: overhead, initDuration: initDuration))
    return Start(
      fate: .cold,
      ending: Running(
        time: time + max(1, overhead + initDuration + duration), lifetimeEnd: lifetime == .max ? .max : time + lifetime,
        function: function))
  }

  /// An invocation of a function with bounds of its own; nil when it is refused.
  @inline(never)
  private mutating func beginBounded(
    _ function: Int32, _ its: UnsafeMutablePointer<Function>, at time: Int64, _ asked: Int64, isFull: Bool
  ) -> Start? {
    let index = Int(function)
    let isProvisioned = Int(its.pointee.provisionedBusy) < models[index].provisioned
    if isFull, its.pointee.takesShared, !isProvisioned { return nil }
    guard Int(its.pointee.busy) < models[index].concurrencyLimit else { return nil }
    let duration = min(asked, models[index].timeout)
    guard isProvisioned else { return begin(function, its, at: time, duration) }
    its.pointee.provisionedBusy += 1
    meters[index].startedProvisioned(at: time, duration: duration, running: Int(its.pointee.busy) + 1, worker)
    return Start(
      fate: .provisioned,
      ending: Running(time: time + max(1, duration), lifetimeEnd: Running.provisioned, function: function))
  }
}

/// What an invocation waited for before it ran, ns.
private struct ColdStart: BitwiseCopyable {
  var overhead: Int64
  var initDuration: Int64
}

/// What became of an invocation.
enum Fate: UInt8, BitwiseCopyable {
  case warm, cold, provisioned, throttled
}

// MARK: - Counting

extension CoupledStacks {
  /// Tells each function's meter of its part of a batch.
  private mutating func tell(_ batch: InvocationBatch) {
    scatter.scatter(batch, functions: functions.count, fates)
    let scatter = scatter
    for index in 0..<functions.count {
      scatter.withFates(of: index) { arrivals, durations, fates, colds in
        guard let first = arrivals.first, let last = arrivals.last else { return }
        worker.scratch.beginBlock()
        for (place, fate) in fates.enumerated() where fate != .warm {
          switch fate {
          case .warm, .provisioned: break
          case .cold:
            worker.scratch.cold.append(Int32(truncatingIfNeeded: place))
            let cold = coldStarts[Int(colds[place])]
            meters[index].startedCold(
              at: arrivals[place], overhead: cold.overhead, initDuration: cold.initDuration,
              duration: min(durations[place], models[index].timeout), running: 0, worker)
          case .throttled: worker.scratch.throttled.append(Int32(truncatingIfNeeded: place))
          }
        }
        let block = Block(arrivals: arrivals, durations: durations, from: first, to: last)
        meters[index].began(
          models[index].timeout == .max ? block : cutOff(block, fates, index), &worker.scratch, worker)
      }
      tellWaiting(of: index)
    }
    coldStarts.removeAll()
  }

  private mutating func tellWaiting(of index: Int) {
    guard functions[index].peak > 0 else { return }
    meters[index].startedWarm(idleTime: functions[index].idleTime, peak: Int(functions[index].peak))
    functions.base[index].idleTime = 0
  }

  /// The block with durations cut off at the function's timeout, those of throttled invocations too.
  private mutating func cutOff(_ block: Block, _ fates: UnsafeBufferPointer<Fate>, _ index: Int) -> Block {
    let timeout = models[index].timeout
    worker.scratch.durations.reserve(block.count)
    worker.scratch.durations.setCount(block.count)
    for place in 0..<block.count { worker.scratch.durations.base[place] = min(block.durations[place], timeout) }
    meters[index].timedOut(
      zip(block.durations, fates).reduce(0) { $0 + ($1.0 > timeout && $1.1 != .throttled ? 1 : 0) })
    var block = block
    block.durations = worker.scratch.durations.elements
    return block
  }

  /// The trace ends at `horizon`, up to which everything was replayed.
  mutating func close(at horizon: Int64) {
    settle()
    finish(by: horizon)
    _ = peaks.turn(at: horizon + 1, level: Int64(busy))
    for ending in running.elements {
      meters[Int(ending.function)].cutOff(
        at: horizon, beyond: ending.time - horizon, provisioned: ending.lifetimeEnd == Running.provisioned, worker)
    }
    for index in 0..<functions.count {
      tellWaiting(of: index)
      while let idle = functions[index].waiting.last {
        functions.base[index].waiting.removeLast()
        let expires = min(idle.since + keepAlive, idle.lifetimeEnd)
        if expires <= horizon {
          meters[index].environmentEnded(at: expires, idleSince: idle.since, worker)
        } else {
          meters[index].stillWaits(at: horizon, idleSince: idle.since, worker)
        }
      }
      meters[index].close(at: horizon, provisioned: models[index].provisioned)
    }
  }
}

extension CoupledStacks {
  func save(to state: inout StateWriter) {
    for index in 0..<functions.count {
      functions[index].waiting.save(to: &state)
      state.write(functions[index].busy)
      state.write(functions[index].peak)
      state.write(functions[index].provisionedBusy)
      state.write(initStreams[index])
      meters[index].save(to: &state)
    }
    running.save(to: &state)
    state.write(busy)
    state.write(sharedBusy)
    state.write(position)
    state.write(nextTurn)
    peaks.save(to: &state)
    worker.meter.save(to: &state)
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    for index in 0..<functions.count {
      try functions.base[index].waiting.restore(from: &state)
      functions.base[index].busy = try state.read()
      functions.base[index].peak = try state.read()
      functions.base[index].provisionedBusy = try state.read()
      initStreams[index] = try state.read()
      try meters[index].restore(from: &state)
    }
    try running.restore(from: &state)
    busy = try state.read()
    sharedBusy = try state.read()
    position = try state.read()
    nextTurn = try state.read()
    try peaks.restore(from: &state)
    try worker.meter.restore(from: &state)
  }
}
