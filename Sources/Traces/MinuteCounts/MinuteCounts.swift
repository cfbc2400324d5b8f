/// Counts per minute of many functions, packed: about a byte for a run of idle minutes and one or two for a busy one.
///
/// A function's counts are a row of tokens, each a number of 7 bits a byte, the lowest first, the high bit set where
/// more follow:
///
///     number = 2 zeros        so many minutes without invocations
///     number = 2 count + 1    one minute with `count` invocations
///
/// What follows the last busy minute is left out. A function has a row for each table (day) that names it.
struct MinuteCounts: Sendable {
  /// The most invocations that a minute may have.
  static let largestCount = 1_000_000_000

  private struct Row: Sendable {
    var function: Int32
    var firstMinute: Int32
    var start: Int
    var end: Int
  }

  private var bytes: [UInt8] = []
  private var rows: [Row] = []
  /// Where each function's rows begin in `rows`, and their end; filled by `seal`.
  private var firstRow: [Int32] = []
  /// Each function's row in the table at hand, or -1.
  private var rowAtHand: [Int32] = []
  /// The first minute of the table at hand, counted from the trace's start.
  private var firstMinute: Int32 = 0

  /// Each function's invocations, all minutes together.
  private(set) var totals: [Int] = []

  /// Begins another table, whose rows start at `minute`. Tables follow each other in time and do not overlap.
  mutating func beginTable(at minute: Int) {
    firstMinute = Int32(clamping: minute)
    rowAtHand = Array(repeating: -1, count: totals.count)
  }

  /// What became of a row that was added.
  enum Addition {
    case new
    /// The function had a row in this table; the counts were added minute by minute.
    case merged
    /// As `merged`, but a minute would have more than `largestCount`: nothing was added.
    case tooMany
  }

  /// Adds a row of the table at hand. Functions are numbered from zero; a new one takes the next number or a later one.
  mutating func add(_ row: MinuteRow, function: Int) -> Addition {
    while totals.count <= function {
      totals.append(0)
      rowAtHand.append(-1)
    }
    guard rowAtHand[function] >= 0 else {
      rowAtHand[function] = Int32(rows.count)
      append(row, function: function)
      totals[function] += row.total
      return .new
    }
    // A second row for the function: its first is put in order with this one and written anew.
    let first = rows[Int(rowAtHand[function])]
    var merged = MinuteRow()
    guard
      merged.setToSum(of: cursor(of: first), Cursor(row: row, firstMinute: Int(firstMinute)), from: Int(firstMinute))
    else { return .tooMany }
    rows[Int(rowAtHand[function])].start = bytes.count
    bytes.append(contentsOf: merged.tokens)
    rows[Int(rowAtHand[function])].end = bytes.count
    totals[function] += row.total
    return .merged
  }

  private mutating func append(_ row: MinuteRow, function: Int) {
    let start = bytes.count
    bytes.append(contentsOf: row.tokens)
    rows.append(Row(function: Int32(function), firstMinute: firstMinute, start: start, end: bytes.count))
  }

  /// Puts each function's rows together. Nothing is added afterwards.
  mutating func seal() {
    rows.sort { ($0.function, $0.firstMinute) < ($1.function, $1.firstMinute) }
    firstRow = Array(repeating: 0, count: totals.count + 1)
    for row in rows { firstRow[Int(row.function) + 1] += 1 }
    for function in totals.indices { firstRow[function + 1] += firstRow[function] }
    rowAtHand = []
  }

  /// All invocations; Int.max where that overflows.
  var total: Int {
    totals.reduce(0) { sum, next in
      let (result, overflow) = sum.addingReportingOverflow(next)
      return overflow ? .max : result
    }
  }

  /// Bytes that the counts take.
  var memory: Int { bytes.count + rows.count * MemoryLayout<Row>.stride }

  /// Reads a function's busy minutes in order.
  func cursor(of function: Int) -> Cursor {
    let own = rows[Int(firstRow[function])..<Int(firstRow[function + 1])]
    return Cursor(bytes: bytes, rows: own.map { ($0.firstMinute, $0.start, $0.end) })
  }

  private func cursor(of row: Row) -> Cursor {
    Cursor(bytes: bytes, rows: [(row.firstMinute, row.start, row.end)])
  }

  /// A walk over the busy minutes of one function.
  struct Cursor: Sendable {
    private let bytes: [UInt8]
    private var rows: ArraySlice<(firstMinute: Int32, start: Int, end: Int)>
    private var position = 0
    private var end = 0
    private var minute = 0

    fileprivate init(bytes: [UInt8], rows: [(firstMinute: Int32, start: Int, end: Int)]) {
      self.bytes = bytes
      self.rows = rows[...]
    }

    /// The minutes of a row by itself.
    init(row: MinuteRow, firstMinute: Int) {
      self.init(bytes: Array(row.tokens), rows: [(Int32(clamping: firstMinute), 0, row.tokens.count)])
    }

    /// The next minute that has invocations, and how many; nil after the last.
    mutating func next() -> (minute: Int, count: Int)? {
      while true {
        while position == end {
          guard let row = rows.popFirst() else { return nil }
          (minute, position, end) = (Int(row.firstMinute), row.start, row.end)
        }
        var token = Int(bytes[position])
        position += 1
        if token >= 128 {
          token &= 127
          var shift = 7
          var byte: Int
          repeat {
            byte = Int(bytes[position])
            position += 1
            token |= (byte & 127) << shift
            shift += 7
          } while byte >= 128
        }
        if token & 1 == 0 {
          minute += token >> 1
        } else {
          minute += 1
          return (minute - 1, token >> 1)
        }
      }
    }
  }
}

/// The packed counts of one function in one table, while they are read.
struct MinuteRow: Sendable {
  private var storage: [UInt8] = []
  private var used = 0
  private var zeros = 0
  /// Invocations in all minutes.
  private(set) var total = 0

  var tokens: ArraySlice<UInt8> { storage[..<used] }

  /// Empties the row and makes room for `minutes` written in `bytes` bytes of text. A count takes no more bytes packed
  /// than written out with its comma.
  mutating func clear(forText bytes: Int) {
    if storage.count < bytes + 16 { storage = Array(repeating: 0, count: bytes + bytes / 2 + 16) }
    used = 0
    zeros = 0
    total = 0
  }

  /// Adds a minute without invocations, or several.
  mutating func appendZeros(_ count: Int) { zeros += count }

  /// Adds a minute with 1...`MinuteCounts.largestCount` invocations.
  mutating func append(_ count: Int) {
    if zeros > 0 {
      write(zeros << 1)
      zeros = 0
    }
    write(count << 1 | 1)
    total += count
  }

  private mutating func write(_ token: Int) {
    var token = token
    if used + 10 > storage.count { storage.append(contentsOf: repeatElement(0, count: storage.count + 16)) }
    while token >= 128 {
      storage[used] = UInt8(truncatingIfNeeded: token) | 128
      used += 1
      token >>= 7
    }
    storage[used] = UInt8(truncatingIfNeeded: token)
    used += 1
  }

  /// Makes this the sum, minute by minute, of two walks that begin at `start`; false where a minute has too many.
  mutating func setToSum(of a: MinuteCounts.Cursor, _ b: MinuteCounts.Cursor, from start: Int) -> Bool {
    var (a, b) = (a, b)
    var (nextA, nextB) = (a.next(), b.next())
    var minute = start
    clear(forText: 0)
    while true {
      let at = min(nextA?.minute ?? .max, nextB?.minute ?? .max)
      if at == .max { return true }
      var count = 0
      if let found = nextA, found.minute == at {
        count += found.count
        nextA = a.next()
      }
      if let found = nextB, found.minute == at {
        count += found.count
        nextB = b.next()
      }
      guard count <= MinuteCounts.largestCount else { return false }
      appendZeros(at - minute)
      append(count)
      minute = at + 1
    }
  }
}
