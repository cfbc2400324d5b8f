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
  /// Words drawn at once at most: 2 KB, which stays in the nearest cache.
  static let most = 256

  private var stream: RandomStream
  private let words: UnsafeMutablePointer<UInt64>
  private var position = 0
  private var end = 0
  /// Words that the loop will want at least.
  private var wanted: Int

  init(of stream: RandomStream, wanted: Int) {
    self.stream = stream
    self.wanted = wanted
    words = .allocate(capacity: min(Self.most, wanted + 4) + 4)  // a whole block may be more than asked for
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
  consuming func finish() -> RandomStream {
    stream.putBack(end - position)
    return stream
  }

  deinit { words.deallocate() }
}
