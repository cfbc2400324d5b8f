public import Statistics
import Units

/// What an event source mapping did: batches, and how far it lagged behind its source.
public struct MappingTally: Hashable, Sendable {
  /// Invocations with a batch, repetitions included; those that were throttled are not.
  public var batches = 0
  /// Records of those batches.
  public var batchSize = LogLinearHistogram()
  /// From a record's arrival to the invocation that first works on it, ns.
  public var delay = LogLinearHistogram()
  /// The age of each batch's last record when it is handed over: what CloudWatch calls IteratorAge, ns.
  public var iteratorAge = LogLinearHistogram()
  /// Records in the source at most, those being worked on included.
  public var peakBacklog = 0
  /// Batches that were worked on, or waited for their repetition, at one moment.
  public var peakConcurrency = 0
  /// Messages that went to the dead-letter queue after their last reception.
  public var deadLettered = 0
  /// Records worked on successfully after they had been already: their visibility timeout was too short.
  public var duplicates = 0
  /// Batches split after an error.
  public var splits = 0
  /// Batches given up.
  public var discardedBatches = 0
  /// Time in which shards, or the parts of them that are worked on in parallel, stood behind a failing batch, ns.
  public var blockedTime: Int128 = 0
  /// Event poller units of provisioned mode times nanoseconds.
  public var pollerUnitTime: Int128 = 0
  /// One at the end of every minute, up to `mostSamples`.
  public var samples: [Sample] = []

  /// The state at the end of a minute.
  public struct Sample: Hashable, Sendable {
    /// Records in the source, those being worked on included.
    public var backlog: Int
    /// Age of the oldest of them, ns.
    public var oldest: Int64
    /// Batches that are worked on.
    public var concurrency: Int
    /// Batches that could be worked on at once.
    public var limit: Int
  }

  /// A year of minutes: memory never grows with the trace beyond.
  public static let mostSamples = 525_600

  public init() {}

  mutating func started(_ batch: SourceBatch, at now: Int64) {
    batches += 1
    batchSize.record(Int64(batch.records.count))
    if let last = batch.records.last { iteratorAge.record(now - last.arrived) }
    for record in batch.records where !record.wasStarted { delay.record(now - record.arrived) }
  }
}
