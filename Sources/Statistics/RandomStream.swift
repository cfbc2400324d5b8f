/// What a random stream is drawn for. Each purpose has a stream of its own, so that a what-if that changes one
/// (say, init times) leaves the others (arrivals, service times) as they were: common random numbers.
///
/// The raw values enter the streams' keys and never change.
public enum RandomPurpose: UInt64, Sendable {
  case arrivals = 1
  case durations = 2
  case initialisation = 3
  case keepAlive = 4
  case reuse = 5
  case population = 6
  case resampling = 7
  /// Which invocations fail.
  case failures = 20
  /// Init that runs again inside an invocation.
  case suppressedInit = 21
  /// Which environments were initialised ahead.
  case proactiveInit = 22
  /// Which version of a function serves a request.
  case routing = 23
  /// How long callers wait before they try again.
  case backoff = 24
  /// How long users think.
  case thinking = 25
  /// How long the allocation of provisioned environments takes.
  case allocation = 26
  /// What invocations take that a function's events cause elsewhere.
  case destinations = 27
  /// Which calls a function makes, and what they take.
  case calls = 28
  /// On which records of an event source its function fails.
  case badRecords = 29
  /// Which partition key or message group a record has.
  case partitionKeys = 30
  /// When event sources are looked at, and batches tried again.
  case polling = 31
  /// What invocations with batches take beside their records.
  case batchOverhead = 32
  /// Which tenant a request is of.
  case tenants = 33
}

/// A stream of random numbers that is a pure function of (seed, replication, function, purpose).
///
/// Streams of different keys are independent and need no order of creation, so the answer is the same on any number of
/// threads.
public struct RandomStream: RandomNumberGenerator, Sendable, BitwiseCopyable {
  private var generator: Philox4x64
  private var block: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
  private var left = 0

  /// - Parameters:
  ///   - seed: the scenario's seed.
  ///   - replication: counted from zero.
  ///   - subject: what the stream belongs to, most often a function (`StableHash.of` its name).
  ///   - purpose: what is drawn.
  public init(seed: UInt64, replication: UInt64 = 0, subject: UInt64 = 0, purpose: RandomPurpose) {
    generator = Philox4x64(key: (seed, purpose.rawValue), counter: (0, 0, subject, replication))
  }

  @inlinable
  public mutating func next() -> UInt64 { nextWord() }

  @usableFromInline
  mutating func nextWord() -> UInt64 {
    if left == 0 {
      block = generator.nextBlock()
      left = 4
    }
    left -= 1
    switch left {
    case 3: return block.0
    case 2: return block.1
    case 1: return block.2
    default: return block.3
    }
  }

  /// Takes up to `count` words at once, first those left of the block at hand, then whole blocks, of which there may be
  /// up to three words more than asked for. Gives how many; at most `count` + 3 fit.
  mutating func takeWords(_ count: Int, into words: UnsafeMutablePointer<UInt64>) -> Int {
    var taken = 0
    while left > 0, taken < count {
      words[taken] = nextWord()
      taken += 1
    }
    let blocks = (count - taken + 3) / 4
    if blocks > 0 { generator.nextBlocks(blocks, into: words + taken) }
    return taken + 4 * blocks
  }

  /// Gives back the last `count` words of those taken.
  mutating func putBack(_ count: Int) {
    guard count > 0 else { return }
    let (blocks, words) = (left + count).quotientAndRemainder(dividingBy: 4)
    generator.stepBack(words == 0 ? blocks : blocks + 1)
    if words > 0 { block = generator.nextBlock() }
    left = words
  }

  /// A number in the open interval (0, 1), on the grid of odd multiples of 2^-53.
  public mutating func uniform() -> Double { openUnitInterval(nextWord()) }

  /// A whole number in `0..<bound`, without bias (Lemire 2019). `bound` is at least 1.
  public mutating func index(below bound: Int) -> Int {
    let bound = UInt64(bound)
    var product = nextWord().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = nextWord().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }
}

extension RandomStream: WordSource {}

/// Hashes that stay the same between runs, machines and versions (Swift's own change with each process).
public enum StableHash {
  /// FNV-1a over the text's UTF-8, then SplitMix64's finaliser to spread it over all bits.
  public static func of(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
    return hash ^ (hash >> 31)
  }

  /// A hash of many bytes, eight at a time: FNV-1a over words, each folded, with the last one filled up with zeros.
  public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var at = 0
    while at < bytes.count {
      var word: UInt64 = 0
      if bytes.count - at >= 8 {
        word = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
      } else {
        for byte in bytes[at...].reversed() { word = word << 8 | UInt64(byte) }
      }
      hash = (hash ^ word) &* 0x0000_0100_0000_01b3
      hash ^= hash >> 29
      at += 8
    }
    return hash ^ UInt64(bytes.count)
  }
}
