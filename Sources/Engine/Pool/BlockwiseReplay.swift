import Statistics

/// A replay block by block: what becomes of an invocation that does not just start warm is the same on a line and with a
/// stack.
protocol BlockwiseReplay {
  associatedtype Meter: BlockMeter
  var model: FunctionModel { get }
  var initStream: RandomStream { get set }
  var meter: Meter { get set }
}

extension LineReplay: BlockwiseReplay {}
extension StackReplay: BlockwiseReplay {}

extension BlockwiseReplay {
  /// The block with durations cut off at the timeout, if there is one.
  func cutOff(_ block: Block, _ worker: Worker) -> Block {
    guard model.timeout < .max else { return block }
    worker.scratch.durations.reserve(block.count)
    worker.scratch.durations.setCount(block.count)
    let cut = worker.scratch.durations.base
    for index in 0..<block.count { cut[index] = min(block.durations[index], model.timeout) }
    var block = block
    block.asked = block.durations
    block.durations = UnsafeBufferPointer(start: cut, count: block.count)
    return block
  }

  /// Counts the timeouts of a block, those of throttled invocations too, which are taken back.
  mutating func count(timeoutsIn block: Block) {
    guard let asked = block.asked else { return }
    meter.timedOut(asked.reduce(0) { $0 + ($1 > model.timeout ? 1 : 0) })
  }

  @inline(never)
  mutating func refuse(_ place: Int, _ block: Block, _ scratch: inout ReplayScratch) {
    scratch.throttled.append(Int32(truncatingIfNeeded: place))
    if let asked = block.asked, asked[place] > model.timeout { meter.timedOut(-1) }
  }

  /// An invocation starts cold; gives how long it holds its environment.
  @inline(never)
  mutating func holdCold(
    at time: Int64, _ duration: Int64, _ place: Int, _ running: Int, _ scratch: inout ReplayScratch, _ worker: Worker
  ) -> Int64 {
    scratch.cold.append(Int32(truncatingIfNeeded: place))
    let overhead = model.platformOverhead.draw(&initStream)
    let initDuration = model.initDuration.draw(&initStream)
    meter.startedCold(
      at: time, overhead: overhead, initDuration: initDuration, duration: duration, running: running, worker)
    return max(1, overhead + initDuration + duration)
  }
}
