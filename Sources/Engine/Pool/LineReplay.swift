import Statistics

/// The pool of one function whose environments are all alike: most-recently-used reuse, one keep-alive for all, no
/// maximum lifetime, none provisioned. The same answers as `FunctionReplay`'s, many times faster.
///
/// All environments stand on one line of time: those that wait by the moment since when they do, then those that run by
/// the moment at which they will end.
///
///     line   [ 3 | 8 | 9 ‖ 14 | 17 | 25 ]     ‖ the border: now
///              waiting     running
///
/// An invocation that ends only passes the border. An arrival takes the environment before the border, which is the one
/// used last, and puts it down again where its invocation will end. With one keep-alive for all, whatever stands before
/// it on the line is older, so that one comparison tells warm from cold.
///
/// Where only a few run at once, this is all (LineReplay+Walk.swift). Where many do, blocks of invocations are
/// *certified* when it can be shown that every arrival in them finds a live environment; then only counting remains
/// (LineReplay+Certified.swift).
///
/// Its owner calls `deallocate()` when it goes away.
struct LineReplay<Meter: BlockMeter> {
  var model: FunctionModel
  /// ns; below `longestKeepAlive`.
  let keepAlive: Int64
  var initStream: RandomStream

  /// Environments at `waitingFrom..<end`; behind them, where running ones are in order, moments that never come.
  var line = Vector<Int64>()
  /// Those from here to the border wait, in order; expired ones stay until an arrival comes to them.
  var waitingFrom = 0
  /// Those from here on run.
  var border = 0
  var end = 0
  /// Whether those that run are in order.
  var isSorted = true

  /// All that happened up to here is accounted.
  private var position: Int64 = 0
  /// How many invocations to walk where no block can be certified.
  private var stretch = shortestStretch

  var meter: Meter

  /// 39 hours: sums of waiting over a block stay in 64 bits.
  static var longestKeepAlive: Int64 { 1 << 47 }

  /// Nil when the function's environments are not alike.
  init?(model: FunctionModel, meter: Meter, initStream: RandomStream) {
    guard let keepAlive = model.constantKeepAlive, keepAlive < Self.longestKeepAlive,
      model.constantLifetime == .max, model.provisioned == 0
    else { return nil }
    self.init(model, keepAlive: keepAlive, meter: meter, initStream: initStream)
  }

  /// For a model of this one keep-alive, without lifetime and provisioned environments.
  init(_ model: FunctionModel, keepAlive: Int64, meter: Meter, initStream: RandomStream) {
    self.model = model
    self.keepAlive = keepAlive
    self.initStream = initStream
    self.meter = meter
    makeRoom(for: 0)
  }

  func deallocate() { line.deallocate() }

  var running: Int { end - border }

  /// Replays on: arrivals ascend and lie at or after those before, and all that ends by `end` is finished.
  mutating func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker
  ) {
    var next = 0
    while next < arrivals.count {
      let count = running < Self.fewRunning ? Self.walkedBlock : min(max(32 * running, 2048), Self.mostInBlock)
      let rows = next..<min(arrivals.count, next + count)
      let block = Block(
        arrivals: UnsafeBufferPointer(rebasing: arrivals[rows]),
        durations: UnsafeBufferPointer(rebasing: durations[rows]), from: max(position, arrivals[next]),
        to: arrivals[rows.upperBound - 1])
      next += play(cutOff(block, worker), worker)
      position = arrivals[next - 1]
    }
    finish(by: end, &worker.scratch, worker)
    position = max(end, position)
  }

  /// Replays a block or its first part, and tells how many of its invocations.
  private mutating func play(_ block: Block, _ worker: Worker) -> Int {
    guard running >= Self.fewRunning, !Meter.needsEachStart else {
      walk(block, &worker.scratch, worker)
      count(timeoutsIn: block)
      return block.count
    }
    var part = block.prefix(lastingUntil: max(position, block.start) + keepAlive / 2)
    var warm = 0
    if part.count >= Self.fewestToCertify, part.end - position < keepAlive {
      warm = certify(part, &worker.scratch, worker)
      if warm == part.count {
        stretch = Self.shortestStretch
        count(timeoutsIn: part)
        return warm
      }
      // The first that may start cold is known now, and that those before it are warm.
      warm = warm >= Self.fewestToCertify ? certify(part.prefix(warm), &worker.scratch, worker) : 0
    }
    stretch = warm > 0 ? Self.shortestStretch : min(2 * stretch, Self.mostInBlock)
    part = block.prefix(min(block.count, warm + stretch))
    walk(part.dropFirst(warm), &worker.scratch, worker)
    count(timeoutsIn: part)
    return part.count
  }

  /// Below, walking is faster than certifying.
  private static var fewRunning: Int { 6 }
  private static var walkedBlock: Int { 1024 }
  private static var mostInBlock: Int { 1 << 16 }
  private static var fewestToCertify: Int { 32 }
  private static var shortestStretch: Int { 48 }

  /// Makes room on the line for so many environments more.
  mutating func makeRoom(for count: Int) {
    let padding = Self.padding
    guard end + count + padding > line.count else { return }
    let standing = end - waitingFrom
    line.base.update(from: line.base + waitingFrom, count: standing)
    border -= waitingFrom
    end -= waitingFrom
    waitingFrom = 0
    let room = 2 * (standing + count + padding)
    line.reserve(room)
    line.setCount(max(room, line.count))
    padLine()
  }

  /// Moments that never come stand behind the line, so that a walk need not look for its end.
  func padLine() { (line.base + end).update(repeating: .max, count: Self.padding) }
  static var padding: Int { 16 }

  /// The trace ends at `horizon`, up to which everything was replayed.
  mutating func close(at horizon: Int64, _ worker: Worker) {
    for index in border..<end {
      meter.cutOff(at: horizon, beyond: line[index] - horizon, provisioned: false, worker)
    }
    for index in waitingFrom..<border {
      let since = line[index]
      if since + keepAlive <= horizon {
        meter.environmentEnded(at: since + keepAlive, idleSince: since, worker)
      } else {
        meter.stillWaits(at: horizon, idleSince: since, worker)
      }
    }
    (waitingFrom, border, end, isSorted) = (0, 0, 0, true)
    padLine()
    meter.close(at: horizon, provisioned: model.provisioned)
  }
}

extension LineReplay: Checkpointed where Meter: Checkpointed {
  func save(to state: inout StateWriter) {
    state.write(initStream)
    state.write(UnsafeBufferPointer(rebasing: line.elements[waitingFrom..<end]))
    state.write(border - waitingFrom)
    state.write(isSorted)
    state.write(position)
    state.write(stretch)
    meter.save(to: &state)
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    initStream = try state.read()
    let standing: [Int64] = try state.readArray()
    border = try state.read()
    isSorted = try state.read()
    position = try state.read()
    stretch = try state.read()
    (waitingFrom, end) = (0, 0)
    makeRoom(for: standing.count)
    for (index, time) in standing.enumerated() { line[index] = time }
    end = standing.count
    padLine()
    try meter.restore(from: &state)
  }
}
