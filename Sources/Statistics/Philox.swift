/// Philox4x64-10, a counter-based random generator: output block n is a pure function of (key, counter + n).
///
/// J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11. 2^256 counters under each of 2^128 keys;
/// passes BigCrush. Agrees with Random123's known answers and, but for the order of words, with NumPy's `Philox`.
struct Philox4x64: Sendable {
  private var counter: (UInt64, UInt64, UInt64, UInt64)
  private let key: (UInt64, UInt64)

  init(key: (UInt64, UInt64), counter: (UInt64, UInt64, UInt64, UInt64)) {
    self.key = key
    self.counter = counter
  }

  /// The block at the counter; the counter then moves on by one.
  mutating func nextBlock() -> (UInt64, UInt64, UInt64, UInt64) {
    var x = counter
    var k = key
    for _ in 0..<10 {
      let a = x.0.multipliedFullWidth(by: 0xD2E7_470E_E14C_6C93)
      let b = x.2.multipliedFullWidth(by: 0xCA5A_8263_9512_1157)
      x = (b.high ^ x.1 ^ k.0, b.low, a.high ^ x.3 ^ k.1, a.low)
      k = (k.0 &+ 0x9E37_79B9_7F4A_7C15, k.1 &+ 0xBB67_AE85_84CA_A73B)
    }
    counter.0 &+= 1
    if counter.0 == 0 { counter.1 &+= 1 }
    return x
  }
}
