package import Statistics

/// Some invocations of one function, in order of arrival; two parallel columns in nanoseconds.
public struct InvocationBlock: Sendable {
  /// Nanoseconds since the trace's start.
  public private(set) var arrivals: [Int64] = []
  /// Nanoseconds that the function runs, init aside.
  public private(set) var durations: [Int64] = []
  /// What generators draw in before it is an arrival or a duration; kept, like the columns, for the next time.
  private var variates: [Double] = []

  public init() {}

  public var count: Int { arrivals.count }
  public var isEmpty: Bool { arrivals.isEmpty }

  @inlinable
  public mutating func append(arrival: Int64, duration: Int64) {
    append(arrival, duration)
  }

  @usableFromInline
  mutating func append(_ arrival: Int64, _ duration: Int64) {
    arrivals.append(arrival)
    durations.append(duration)
  }

  /// The longest duration that a generator gives: a year of 365.25 days.
  public static let longestDuration: Int64 = 31_557_600_000_000_000

  /// Appends arrivals; `appendDurations` must follow.
  package mutating func append(arrivals new: some Collection<Int64>) { arrivals.append(contentsOf: new) }

  /// Appends up to `count` arrivals: `draw` writes them, may use as many variates and one more, and tells how many they
  /// are. `appendDurations` must follow.
  package mutating func appendArrivals(
    upTo count: Int,
    _ draw: (UnsafeMutableBufferPointer<Int64>, UnsafeMutableBufferPointer<Double>) -> Int
  ) {
    withVariates(count + 1) { arrivals, _, variates in
      arrivals.append(addingCapacity: count) { added in
        added.withUnsafeMutableBufferPointer { buffer, initialized in
          initialized += draw(UnsafeMutableBufferPointer(rebasing: buffer[initialized...]), variates)
        }
      }
    }
  }

  /// Takes away the last arrivals, those at or after `end`, which have no durations yet.
  package mutating func takeArrivals(from end: Int64) -> [Int64] {
    guard let last = arrivals.last, last >= end else { return [] }
    var first = arrivals.count
    while first > durations.count, arrivals[first - 1] >= end { first -= 1 }
    defer { arrivals.removeLast(arrivals.count - first) }
    return Array(arrivals[first...])
  }

  /// Appends durations, of a law in seconds, for the arrivals that have none: each becomes the nearest nanosecond in
  /// 0...`longestDuration`, NaN zero.
  package mutating func appendDurations(_ law: Distribution, from stream: inout RandomStream) {
    let drawnTogether = 1024
    let longest = Double(Self.longestDuration)
    withVariates(min(drawnTogether, arrivals.count - durations.count)) { arrivals, durations, variates in
      while durations.count < arrivals.count {
        let seconds = UnsafeMutableBufferPointer(rebasing: variates.prefix(arrivals.count - durations.count))
        law.fill(seconds, from: &stream)
        durations.append(addingCapacity: seconds.count) { added in
          added.withUnsafeMutableBufferPointer { buffer, initialized in
            for index in seconds.indices {
              let nanoseconds = seconds[index] * 1e9
              // Written so that NaN becomes zero.
              let clamped = nanoseconds > 0 ? (nanoseconds < longest ? nanoseconds : longest) : 0
              buffer.initializeElement(at: initialized + index, to: Int64(clamped + 0.5))
            }
            initialized += seconds.count
          }
        }
      }
    }
  }

  /// Calls `body` with both columns and room for `count` variates.
  private mutating func withVariates(
    _ count: Int, _ body: (inout [Int64], inout [Int64], UnsafeMutableBufferPointer<Double>) -> Void
  ) {
    if variates.count < count { variates = Array(repeating: 0, count: count) }
    variates.withUnsafeMutableBufferPointer { variates in
      body(&arrivals, &durations, UnsafeMutableBufferPointer(rebasing: variates[..<count]))
    }
  }

  /// Changes the durations of the invocations from an index on, by themselves and their arrivals.
  mutating func changeDurations(
    from start: Int, _ change: (UnsafeMutableBufferPointer<Int64>, UnsafeBufferPointer<Int64>) -> Void
  ) {
    durations.withUnsafeMutableBufferPointer { durations in
      arrivals.withUnsafeBufferPointer { arrivals in
        change(
          UnsafeMutableBufferPointer(rebasing: durations[start...]), UnsafeBufferPointer(rebasing: arrivals[start...]))
      }
    }
  }

  /// Empties the block and keeps its memory.
  public mutating func removeAll() {
    arrivals.removeAll(keepingCapacity: true)
    durations.removeAll(keepingCapacity: true)
  }
}

/// Some invocations of several functions; three parallel columns.
public struct InvocationBatch: Sendable {
  /// Indices into the reader's functions.
  public var functions: [Int32] = []
  /// Nanoseconds since the trace's start.
  public var arrivals: [Int64] = []
  /// Nanoseconds that the function runs, init aside.
  public var durations: [Int64] = []

  public init() {}

  public var count: Int { arrivals.count }
  public var isEmpty: Bool { arrivals.isEmpty }

  public mutating func append(function: Int32, arrival: Int64, duration: Int64) {
    functions.append(function)
    arrivals.append(arrival)
    durations.append(duration)
  }

  /// Changes the durations of the invocations from an index on, row by row: each by its function, itself and its arrival.
  mutating func changeDurations(
    from start: Int, _ change: (Int, UnsafeMutableBufferPointer<Int64>, UnsafeBufferPointer<Int64>) -> Void
  ) {
    durations.withUnsafeMutableBufferPointer { durations in
      arrivals.withUnsafeBufferPointer { arrivals in
        for row in start..<functions.count {
          change(
            Int(functions[row]), UnsafeMutableBufferPointer(rebasing: durations[row...row]),
            UnsafeBufferPointer(rebasing: arrivals[row...row]))
        }
      }
    }
  }

  /// Empties the batch and keeps its memory.
  public mutating func removeAll() {
    functions.removeAll(keepingCapacity: true)
    arrivals.removeAll(keepingCapacity: true)
    durations.removeAll(keepingCapacity: true)
  }
}
