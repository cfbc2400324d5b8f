import Units

/// The invocations of a generated workload in order of arrival, slice of time by slice of time.
///
/// Each slice is generated function by function and then sorted; those that arrive together stay in the order of
/// their functions. How time is sliced does not show in the result.
struct GeneratedSlices {
  /// What a slice should hold: it then fits a core's share of the cache hierarchy while it is sorted.
  static let usualRows = 1 << 19

  private let rowsPerSlice: Int
  private let horizon: Int64
  private var generators: [any InvocationGenerator]
  /// Where the next slice begins.
  private(set) var position: Int64 = 0
  private var length: Int64
  private var block = InvocationBlock()
  private var sort = ArrivalSort()

  init(_ workload: GeneratedWorkload, seed: UInt64, replication: UInt64, rowsPerSlice: Int = usualRows) {
    self.rowsPerSlice = max(1, rowsPerSlice)
    horizon = workload.horizon.nanoseconds
    generators = workload.functions.indices.map { workload.generator($0, seed, replication) }
    let share = Double(rowsPerSlice) / Double(max(1, workload.expectedInvocations))
    length = Self.whole(share * Double(horizon))
  }

  /// Puts the next invocations into an empty batch; false after the last.
  mutating func next(into batch: inout InvocationBatch) -> Bool {
    while position < horizon {
      let end = position + min(length, horizon - position)
      for function in generators.indices {
        block.removeAll()
        generators[function].generate(until: Instant(nanoseconds: end), into: &block)
        batch.functions.append(contentsOf: repeatElement(Int32(truncatingIfNeeded: function), count: block.count))
        batch.arrivals.append(contentsOf: block.arrivals)
        batch.durations.append(contentsOf: block.durations)
      }
      sort.sort(&batch)
      position = end
      // Rates change over a day: follow them, so that no slice grows far beyond the others.
      if batch.count > 2 * rowsPerSlice {
        length = Self.whole(Double(length) / 2)
      } else if batch.count < rowsPerSlice / 4 {
        length = Self.whole(Double(length) * 2)
      }
      if !batch.isEmpty { return true }
    }
    return false
  }

  /// A slice of about `nanoseconds`: whole minutes, because counts come by the minute; less only when a minute would
  /// hold far too much, down to a millisecond.
  private static func whole(_ nanoseconds: Double) -> Int64 {
    let minute = Double(TimeUnit.minutes.nanoseconds)
    let minutes = (nanoseconds / minute).rounded(.down)
    let length = minutes >= 1 ? minutes * minute : nanoseconds > minute / 4 ? minute : nanoseconds
    return Int64(min(max(length, 1_000_000), 1e17))
  }
}
