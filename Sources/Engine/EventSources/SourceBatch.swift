import Platforms
import Statistics

/// A message of a queue or a record of a stream.
struct SourceRecord {
  /// Counts the source's records in order of arrival.
  var number: Int
  /// What the function takes for it, ns.
  var duration: Int64
  var arrived: Int64
  /// Whether the function fails on it.
  var isBad: Bool
  /// The message group or partition it belongs to.
  var group: Int
  /// How often it was received from a queue.
  var receives = 0
  /// Whether an invocation has worked on it before.
  var wasStarted = false
}

/// Records that are handed to a function together.
struct SourceBatch {
  var records: [SourceRecord]
  /// When the first of them was taken from the source.
  var taken: Int64
  /// Function errors so far, and throttles.
  var failures = 0
  var throttles = 0
  var lastWait: Int64 = 0
  /// Whether a tumbling window ends with it.
  var endsWindow = false

  var oldest: Int64? { records.lazy.map(\.arrived).min() }
  var hasBadRecord: Bool { records.contains(where: \.isBad) }
}

/// How long the function works on batches.
struct BatchWork {
  let batching: Batching
  private let overhead: TimeLaw
  private let isReporting: Bool
  private var stream: RandomStream

  init(_ source: EventSource, stream: RandomStream) {
    batching = source.batching
    overhead = TimeLaw(source.batching.overhead)
    isReporting = source.reportsItemFailures
    self.stream = stream
  }

  /// What an invocation with the batch takes, ns. A function that doesn't tell which records failed stops at the first
  /// bad one.
  mutating func duration(of batch: SourceBatch) -> Int64 {
    var sum: Int64 = 0
    var longest: Int64 = 0
    for record in batch.records {
      sum = min(TimeLaw.longest, sum + record.duration)
      longest = max(longest, record.duration)
      if record.isBad, !isReporting { break }
    }
    return min(TimeLaw.longest, overhead.draw(&stream) + (batching.isParallel ? longest : sum))
  }
}
