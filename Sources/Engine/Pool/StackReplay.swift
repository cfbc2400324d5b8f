import Statistics

/// The pool of one function whose idle environments are a stack: most-recently-used reuse, one keep-alive and one
/// maximum lifetime for all. The same answers as `FunctionReplay`'s, faster; where environments are all alike,
/// `LineReplay` is faster still.
///
/// Invocations are replayed in blocks through a calendar that fits them (StackReplay+Walk.swift).
///
/// Why a stack can be told by levels: an environment that falls idle as concurrency falls from n+1 to n lies under all
/// that fall idle while it stays below n, so that the arrival which takes concurrency from n to n+1 again takes just
/// that one. With one keep-alive for all, those beneath are older still, so that where it has expired all have, and the
/// arrival is cold. Above `waiting` the levels count downwards:
///
///     waiting   [ n+2 | n+1 |  n  ]   ← the next arrival takes the last
///
/// Its owner calls `deallocate()` when it goes away.
struct StackReplay<Meter: BlockMeter> {
  var model: FunctionModel
  let keepAlive: Int64
  /// Int64.max for none.
  let lifetime: Int64
  var initStream: RandomStream

  /// Idle environments, the next to serve last; expired ones stay until an arrival comes to them.
  var waiting = Vector<WaitingEnvironment>()
  /// Ends of running invocations between blocks, in no order.
  var endings = Vector<Ending>()
  /// Invocations running now.
  var running = 0
  /// All that happened up to here is accounted.
  private var position: Int64 = 0

  var meter: Meter

  /// Nil when the function's environments don't make a stack: where laws are not constant, or some are provisioned.
  init?(model: FunctionModel, meter: Meter, initStream: RandomStream) {
    guard let keepAlive = model.constantKeepAlive, let lifetime = model.constantLifetime, model.provisioned == 0
    else { return nil }
    self.model = model
    self.keepAlive = keepAlive
    self.lifetime = lifetime
    self.initStream = initStream
    self.meter = meter
  }

  /// For a model of one keep-alive and no limit, provisioned environments or lifetime.
  init(_ model: FunctionModel, meter: Meter) {
    self.model = model
    keepAlive = model.constantKeepAlive ?? 0
    lifetime = .max
    initStream = RandomStream(seed: 0, purpose: .initialisation)
    self.meter = meter
  }

  func deallocate() {
    waiting.deallocate()
    endings.deallocate()
  }

  /// Replays on: arrivals ascend and lie at or after those before, and all that ends by `end` is finished.
  mutating func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker
  ) {
    var first = 0
    while first < arrivals.count {
      let last = min(first + blockSize, arrivals.count)
      let block = Block(
        arrivals: UnsafeBufferPointer(rebasing: arrivals[first..<last]),
        durations: UnsafeBufferPointer(rebasing: durations[first..<last]),
        from: max(position, arrivals[first]), to: arrivals[last - 1])
      let cut = cutOff(block, worker)
      count(timeoutsIn: cut)
      walk(cut, &worker.scratch, worker)
      position = block.end
      first = last
    }
    guard end > position || running > 0 else { return }
    let none = UnsafeBufferPointer<Int64>(start: nil, count: 0)
    walk(Block(arrivals: none, durations: none, from: position, to: max(end, position)), &worker.scratch, worker)
    position = max(end, position)
  }

  /// About four times as many invocations as run at once, so that looking through those is cheap for each of the block.
  private var blockSize: Int { min(max(4 * running, 2048), 1 << 16) }

  /// The trace ends at `horizon`, up to which everything was replayed.
  mutating func close(at horizon: Int64, _ worker: Worker) {
    for ending in endings.elements {
      meter.cutOff(at: horizon, beyond: ending.time - horizon, provisioned: false, worker)
    }
    for environment in waiting.elements {
      let expires = min(environment.since + keepAlive, environment.lifetimeEnd)
      if expires <= horizon {
        meter.environmentEnded(at: expires, idleSince: environment.since, worker)
      } else {
        meter.stillWaits(at: horizon, idleSince: environment.since, worker)
      }
    }
    waiting.removeAll()
    endings.removeAll()
    running = 0
    meter.close(at: horizon, provisioned: model.provisioned)
  }
}

extension StackReplay: Checkpointed where Meter: Checkpointed {
  func save(to state: inout StateWriter) {
    state.write(initStream)
    waiting.save(to: &state)
    endings.save(to: &state)
    state.write(running)
    state.write(position)
    meter.save(to: &state)
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    initStream = try state.read()
    try waiting.restore(from: &state)
    try endings.restore(from: &state)
    running = try state.read()
    position = try state.read()
    try meter.restore(from: &state)
  }
}
