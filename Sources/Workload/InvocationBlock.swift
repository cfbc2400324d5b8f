/// Some invocations of one function, in order of arrival; two parallel columns in nanoseconds.
public struct InvocationBlock: Sendable {
  /// Nanoseconds since the trace's start.
  public private(set) var arrivals: [Int64] = []
  /// Nanoseconds that the function runs, init aside.
  public private(set) var durations: [Int64] = []

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

  /// Appends invocations whose durations are in seconds, as laws give them: each becomes the nearest nanosecond in
  /// 0...`longestDuration`, NaN zero. Both columns have the same length.
  public mutating func append(arrivals new: UnsafeBufferPointer<Int64>, seconds: UnsafeBufferPointer<Double>) {
    precondition(new.count == seconds.count)
    let longest = Double(Self.longestDuration)
    arrivals.append(contentsOf: new)
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
