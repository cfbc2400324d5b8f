import Statistics

/// The pool of one function whose idle environments are a stack: most-recently-used reuse, one keep-alive and one
/// maximum lifetime for all. The same answers as `FunctionReplay`'s, many times faster.
///
/// Invocations are replayed in blocks. A block is *certified* when it can be shown that every arrival in it finds a
/// live environment; then only counting remains (StackReplay+Certified.swift). Where that can't be shown, or environments
/// age or are provisioned, the block is *walked* event by event through a calendar that fits it (StackReplay+Walk.swift).
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
  private(set) var model: FunctionModel
  let keepAlive: Int64
  /// Int64.max for none.
  let lifetime: Int64
  var initStream: RandomStream

  /// Idle environments, the next to serve last; expired ones stay until an arrival comes to them.
  var waiting = Vector<WaitingEnvironment>()
  /// Running invocations between blocks, in no order.
  var running = Vector<Ending>()
  /// Invocations running now, and those of them in provisioned environments.
  var busy = 0
  var provisionedBusy = 0
  /// All that happened up to here is accounted.
  private var position: Int64 = 0
  /// How many blocks to walk before the next attempt to certify one, and how many after the next failure.
  private var blocksToWalk = 0
  private var patience = 1

  var meter: Meter

  /// Nil when the function's environments don't make a stack, whose laws are not constant.
  init?(model: FunctionModel, meter: Meter, initStream: RandomStream) {
    guard let keepAlive = model.constantKeepAlive, let lifetime = model.constantLifetime else { return nil }
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

  /// From now on so many provisioned environments serve; those too many end when they are free.
  mutating func provision(_ level: Int) { model.provisioned = level }

  func deallocate() {
    waiting.deallocate()
    running.deallocate()
  }

  /// Replays on: arrivals ascend and lie at or after those before, and all that ends by `end` is finished.
  mutating func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker
  ) {
    var first = 0
    while first < arrivals.count {
      let most = blockSize
      var last = min(first + most, arrivals.count)
      let mayCertify = canCertify && blocksToWalk == 0
      if mayCertify { last = cut(arrivals, first..<last) }
      let block = Block(
        arrivals: UnsafeBufferPointer(rebasing: arrivals[first..<last]),
        durations: UnsafeBufferPointer(rebasing: durations[first..<last]),
        from: max(position, arrivals[first]), to: arrivals[last - 1])
      play(block, mayCertify: mayCertify, worker)
      position = block.end
      first = last
    }
    guard end > position || running.count > 0 else { return }
    let none = UnsafeBufferPointer<Int64>(start: nil, count: 0)
    walk(Block(arrivals: none, durations: none, from: position, to: max(end, position)), &worker.scratch, worker)
    position = max(end, position)
  }

  private mutating func play(_ block: Block, mayCertify: Bool, _ worker: Worker) {
    let block = model.timeout < .max ? cutOff(block, worker) : block
    if mayCertify, block.count >= Self.fewestToCertify {
      if certify(block, after: position, &worker.scratch, worker) {
        patience = 1
        return
      }
      blocksToWalk = patience
      patience = min(2 * patience, Self.mostPatience)
    } else if blocksToWalk > 0 {
      blocksToWalk -= 1
    }
    walk(block, &worker.scratch, worker)
  }

  /// Whether all environments are alike, so that which one serves makes no difference; and keep-alive is below 39 h, so
  /// that sums over a block do not overflow.
  private var canCertify: Bool {
    !Meter.needsEachStart && lifetime == .max && model.provisioned == 0 && provisionedBusy == 0
      && keepAlive > 0 && keepAlive < 1 << 47
  }

  /// About four times as many invocations as run at once, so that looking through those is cheap for each of the block.
  private var blockSize: Int { min(max(4 * busy, 2048), 1 << 16) }
  private static var fewestToCertify: Int { 32 }
  private static var mostPatience: Int { 64 }

  /// The end of a block that spans an eighth of the keep-alive at most: the shorter, the likelier certified.
  private func cut(_ arrivals: UnsafeBufferPointer<Int64>, _ rows: Range<Int>) -> Int {
    let limit = max(arrivals[rows.lowerBound], position) + keepAlive / 8
    guard arrivals[rows.upperBound - 1] > limit else { return rows.upperBound }
    var low = rows.lowerBound + 1
    var high = rows.upperBound - 1
    while low < high {
      let middle = (low + high) / 2
      if arrivals[middle] <= limit { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The block with durations cut off at the timeout.
  private mutating func cutOff(_ block: Block, _ worker: Worker) -> Block {
    let timeout = model.timeout
    var timeouts = 0
    worker.scratch.durations.reserve(block.count)
    worker.scratch.durations.setCount(block.count)
    let cut = worker.scratch.durations.base
    // Those of throttled invocations are taken back where they are throttled.
    for index in 0..<block.count {
      let duration = block.durations[index]
      timeouts += duration > timeout ? 1 : 0
      cut[index] = min(duration, timeout)
    }
    meter.timedOut(timeouts)
    var block = block
    block.asked = block.durations
    block.durations = UnsafeBufferPointer(start: cut, count: block.count)
    return block
  }

  /// The trace ends at `horizon`, up to which everything was replayed.
  mutating func close(at horizon: Int64, _ worker: Worker) {
    for ending in running.elements {
      meter.cutOff(
        at: horizon, beyond: ending.time - horizon, provisioned: ending.lifetimeEnd == Ending.provisioned, worker)
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
    running.removeAll()
    meter.close(at: horizon, provisioned: model.provisioned)
  }
}

/// Some invocations of one function in order, and the stretch of time that they are replayed in: from `start`, which is
/// the first arrival where there is one, up to and with `end`, which is the last arrival or later.
struct Block {
  var arrivals: UnsafeBufferPointer<Int64>
  var durations: UnsafeBufferPointer<Int64>
  /// Durations before they were cut off at the timeout, where that was done.
  var asked: UnsafeBufferPointer<Int64>?
  let start: Int64
  let end: Int64

  init(arrivals: UnsafeBufferPointer<Int64>, durations: UnsafeBufferPointer<Int64>, from start: Int64, to end: Int64) {
    self.arrivals = arrivals
    self.durations = durations
    self.start = start
    self.end = end
  }

  var count: Int { arrivals.count }
}

/// Buckets of equal width, a power of two of ns, over the stretch of a block.
struct Calendar {
  let start: Int64
  let shift: Int64
  let count: Int

  /// - Parameter wanted: how many buckets at most, at least 1.
  init(_ block: Block, wanted: Int) {
    start = block.start
    let span = block.end - block.start
    shift = Int64(64 - (span / Int64(wanted)).leadingZeroBitCount)
    count = Int(span >> shift) + 1
  }

  /// The bucket of a moment at or after the block's start.
  @inline(__always)
  func bucket(_ time: Int64) -> Int { Int(truncatingIfNeeded: (time &- start) &>> shift) }

  /// The bucket of a moment up to the block's end; the first one where that lies before the start.
  @inline(__always)
  func clampedBucket(_ time: Int64) -> Int { max(0, bucket(time)) }
}

extension StackReplay: Checkpointed where Meter: Checkpointed {
  func save(to state: inout StateWriter) {
    state.write(initStream)
    waiting.save(to: &state)
    running.save(to: &state)
    state.write(busy)
    state.write(provisionedBusy)
    state.write(position)
    meter.save(to: &state)
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    initStream = try state.read()
    try waiting.restore(from: &state)
    try running.restore(from: &state)
    busy = try state.read()
    provisionedBusy = try state.read()
    position = try state.read()
    try meter.restore(from: &state)
  }
}
