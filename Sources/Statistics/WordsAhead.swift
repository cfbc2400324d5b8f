/// Where random words come from: a stream, or a stretch of one drawn ahead.
protocol WordSource: ~Copyable {
  mutating func nextWord() -> UInt64
}

extension WordSource where Self: ~Copyable {
  /// A number in the open interval (0, 1).
  @inline(__always)
  mutating func uniform() -> Double { openUnitInterval(nextWord()) }
}

/// A word as a number in the open interval (0, 1): one of the odd multiples of 2^-53. With one more bit, the last of
/// them would be rounded to 1.
///
/// By way of Int64, for which the processor has an instruction that it lacks for UInt64.
@inline(__always)
func openUnitInterval(_ word: UInt64) -> Double { (Double(Int64(bitPattern: word >> 12)) + 0.5) * 0x1p-52 }

/// A stretch of a stream's words, drawn in one go, so that a loop over many variates does not wait for the generator at
/// each of them. What was not used goes back: the stream stands afterwards where one-by-one drawing would have left it.
struct WordsAhead: WordSource, ~Copyable {
  /// With the rest of a last block 1 KB, which needs no memory but the stack's.
  private static let room = 128
  /// Words drawn at once at most; a whole block may be more than asked for.
  private static let most = room - 4

  private var stream: RandomStream
  private let words: UnsafeMutablePointer<UInt64>
  private var position = 0
  private var end = 0
  /// Words that the loop will want at least.
  private var wanted: Int

  private init(of stream: RandomStream, wanted: Int, in words: UnsafeMutablePointer<UInt64>) {
    self.stream = stream
    self.wanted = wanted
    self.words = words
  }

  /// Calls `body` with words of a stream, and moves the stream on by those that it used.
  ///
  /// - Parameter wanted: how many it will want about.
  @inline(__always)
  static func draw(_ wanted: Int, of stream: inout RandomStream, _ body: (inout WordsAhead) -> Void) {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: room) { room in
      guard let base = room.baseAddress else { return }
      var words = WordsAhead(of: stream, wanted: wanted, in: base)
      body(&words)
      stream = words.finish()
    }
  }

  /// The next word.
  @inline(__always)
  mutating func nextWord() -> UInt64 {
    if position == end { refill() }
    let word = words[position]
    position &+= 1
    return word
  }

  @inline(never)
  private mutating func refill() {
    // At least a block: the loop may want more words than the variates that it was told of.
    end = stream.takeWords(min(Self.most, max(4, wanted)), into: words)
    wanted -= end
    position = 0
  }

  /// The stream, moved on by the words used.
  private consuming func finish() -> RandomStream {
    stream.putBack(end - position)
    return stream
  }
}
