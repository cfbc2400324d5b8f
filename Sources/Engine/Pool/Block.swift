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

  /// The first `count` invocations, at least one.
  func prefix(_ count: Int) -> Block { part(0..<count) }

  /// Those but the first `count`, which are not all.
  func dropFirst(_ count: Int) -> Block { part(count..<self.count) }

  /// The first invocations that arrive by `time`, at least one.
  func prefix(lastingUntil time: Int64) -> Block {
    guard end > time else { return self }
    var low = 1
    var high = count - 1
    while low < high {
      let middle = (low + high) / 2
      if arrivals[middle] <= time { low = middle + 1 } else { high = middle }
    }
    return prefix(min(low, count))
  }

  private func part(_ rows: Range<Int>) -> Block {
    var part = Block(
      arrivals: UnsafeBufferPointer(rebasing: arrivals[rows]),
      durations: UnsafeBufferPointer(rebasing: durations[rows]),
      from: arrivals[rows.lowerBound], to: arrivals[rows.upperBound - 1])
    part.asked = asked.map { UnsafeBufferPointer(rebasing: $0[rows]) }
    return part
  }
}

/// Buckets of equal width, a power of two of ns, over the stretch of a block.
struct Calendar {
  /// Where the first bucket begins: the block's start or before.
  let start: Int64
  let shift: Int64
  let count: Int

  /// - Parameter wanted: how many buckets at most, at least 1.
  init(_ block: Block, wanted: Int) { self.init(from: block.start, to: block.end, wanted: wanted) }

  init(from start: Int64, to end: Int64, wanted: Int) {
    self.start = start
    let span = end - start
    shift = Int64(64 - (span / Int64(wanted)).leadingZeroBitCount)
    count = Int(span >> shift) + 1
  }

  /// The same buckets, of which the last ends with the block: what lies beyond the block lies beyond them.
  init(upTo block: Block, wanted: Int) {
    let buckets = Calendar(block, wanted: wanted)
    (shift, count) = (buckets.shift, buckets.count)
    start = block.end &+ 1 &- Int64(count) &<< shift
  }

  /// The bucket of a moment at or after the block's start.
  @inline(__always)
  func bucket(_ time: Int64) -> Int { Int(truncatingIfNeeded: (time &- start) &>> shift) }

  /// The bucket of a moment up to the block's end; the first one where that lies before the start.
  @inline(__always)
  func clampedBucket(_ time: Int64) -> Int { max(0, bucket(time)) }
}
