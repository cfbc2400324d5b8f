public import Statistics
public import Units

/// A queue or a stream whose records Lambda's pollers read in batches and hand to a function: an event source mapping
/// (docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html, read 2026-11).
///
/// The workload's invocations of the function are then the records that arrive in it, each with the time that the
/// function works on it.
public struct EventSource: Hashable, Sendable {
  public enum Feed: Hashable, Sendable {
    case queue(MessageQueue)
    case stream(RecordStream)
  }

  public var feed: Feed
  public var batching: Batching
  /// The share of records on which the function fails whenever it works on them.
  public var badRecords: Double
  /// Whether the function tells which records of a batch failed (`ReportBatchItemFailures`); else a bad record fails its
  /// whole batch.
  public var reportsItemFailures: Bool
  /// How long a batch waits whose invocation was throttled, and a stream's whose invocation failed. AWS says "backs off"
  /// and no more.
  public var backoff: Backoff
  /// Where records go that are given up.
  public var onFailure: Destination?

  public init(
    _ feed: Feed, batching: Batching, badRecords: Double = 0, reportsItemFailures: Bool = false,
    backoff: Backoff = Backoff(base: .seconds(1), longest: .minutes(1), jitter: .equal), onFailure: Destination? = nil
  ) {
    self.feed = feed
    self.batching = batching
    self.badRecords = badRecords
    self.reportsItemFailures = reportsItemFailures
    self.backoff = backoff
    self.onFailure = onFailure
  }
}

/// How records become batches, and batches invocations.
public struct Batching: Hashable, Sendable {
  /// Records of a batch at most.
  public var size: Int
  /// How long a batch that isn't full is waited for: 0 to 300 s.
  public var window: TimeSpan
  /// Of each record; a batch holds at most `largestPayload` of them.
  public var recordBytes: Int64
  /// What an invocation takes beside its records, s.
  public var overhead: Distribution
  /// Whether the function works on the records of a batch at the same time: it then takes as long as the longest, else
  /// as all of them.
  public var isParallel: Bool

  public init(
    size: Int, window: TimeSpan = .zero, recordBytes: Int64 = 1024, overhead: Distribution = .constant(0),
    isParallel: Bool = false
  ) {
    self.size = size
    self.window = window
    self.recordBytes = recordBytes
    self.overhead = overhead
    self.isParallel = isParallel
  }

  /// An invocation's payload has at most 6 MB (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
  public static let largestPayload: Int64 = 6 << 20

  /// Records that fit into a batch.
  public var capacity: Int {
    recordBytes > 0 ? max(1, min(size, Int(Self.largestPayload / recordBytes))) : size
  }
}

/// An SQS queue (docs.aws.amazon.com/lambda/latest/dg/with-sqs.html and services-sqs-scaling.html,
/// services-sqs-errorhandling.html, read 2026-11).
public struct MessageQueue: Hashable, Sendable {
  /// Message groups of a FIFO queue, equally busy; nil for a standard queue. The order is kept within a group: none of its
  /// messages is handed out while an earlier one is being worked on.
  public var groups: Int?
  /// How long a message that was received is hidden; AWS wants at least the function's timeout, and recommends six times
  /// that and the batching window.
  public var visibilityTimeout: TimeSpan
  /// A message received as often goes to the dead-letter queue instead of being received again (`maxReceiveCount`); nil
  /// without such a queue.
  public var maximumReceives: Int?
  /// A message that is older is deleted; SQS's default is four days.
  public var retention: TimeSpan
  public var polling: Polling

  public init(
    groups: Int? = nil, visibilityTimeout: TimeSpan = .seconds(30), maximumReceives: Int? = nil,
    retention: TimeSpan = .hours(96), polling: Polling = Polling()
  ) {
    self.groups = groups
    self.visibilityTimeout = visibilityTimeout
    self.maximumReceives = maximumReceives
    self.retention = retention
    self.polling = polling
  }

  /// How many batches are worked on at once: `start` when messages appear, `perMinute` more every minute in which messages
  /// are left over, `most` at last; back to what is used when they are not.
  ///
  /// AWS documents the numbers; that the rise comes in steps of `step` is an inference.
  public struct Polling: Hashable, Sendable {
    public var start: Int
    public var perMinute: Int
    public var most: Int
    public var step: TimeSpan
    /// Pollers of provisioned mode, which `start` and `most` follow from; nil in standard mode.
    public var pollers: PollerBounds?

    /// Standard mode: 5, then 300 more a minute, up to 1,250 or the mapping's maximum concurrency.
    public init(maximumConcurrency: Int? = nil) {
      most = maximumConcurrency ?? 1250
      start = min(5, most)
      perMinute = 300
      step = .minutes(1)
    }

    /// Provisioned mode: ten invocations at once for each poller, up to 1,000 more a minute.
    public init(pollers: PollerBounds) {
      start = Self.invocationsPerPoller * pollers.minimum
      most = Self.invocationsPerPoller * pollers.maximum
      perMinute = 1000
      step = .minutes(1)
      self.pollers = pollers
    }

    public static let invocationsPerPoller = 10
    /// Receptions a second of a provisioned poller, and bytes.
    public static let pollsPerPoller = 10
    public static let bytesPerPoller: Int64 = 1 << 20
  }
}

/// How many provisioned pollers there are at least and at most.
public struct PollerBounds: Hashable, Sendable {
  public var minimum: Int
  public var maximum: Int

  public init(minimum: Int, maximum: Int) {
    self.minimum = minimum
    self.maximum = maximum
  }
}

/// A stream whose records keep their order: Kinesis, DynamoDB, Kafka. A failing batch blocks those behind it
/// (docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html, with-ddb.html, kafka-scaling-modes.html and
/// kinesis-on-failure-destination.html, read 2026-11).
public struct RecordStream: Hashable, Sendable {
  /// Shards of Kinesis or DynamoDB, partitions of Kafka.
  public var shards: Int
  /// Batches of one shard that are worked on at once, 1 to 10; those of one partition key never are.
  public var parallelisation: Int
  /// Partition keys, equally busy; nil for so many that shards are equally busy.
  public var keys: Int?
  /// How often a shard that had nothing is looked at; zero where records are pushed (enhanced fan-out). The moments are
  /// spread by chance.
  public var pollInterval: TimeSpan
  /// Batches do not reach over the bounds of windows of this length, at whose end the function is invoked once more; nil
  /// without.
  public var tumblingWindow: TimeSpan?
  /// Retries of a batch after function errors; nil for ever.
  public var retries: Int?
  /// Records that are older are given up; nil for never.
  public var maximumAge: TimeSpan?
  /// Whether a batch that failed is split in two, which counts as no retry.
  public var bisects: Bool
  /// Records that are older are lost.
  public var retention: TimeSpan
  /// Pollers of Kafka, which take the place of parallelisation.
  public var pollers: KafkaPollers?

  public init(
    shards: Int, parallelisation: Int = 1, keys: Int? = nil, pollInterval: TimeSpan = .zero,
    tumblingWindow: TimeSpan? = nil, retries: Int? = nil, maximumAge: TimeSpan? = nil, bisects: Bool = false,
    retention: TimeSpan = .hours(24), pollers: KafkaPollers? = nil
  ) {
    self.shards = shards
    self.parallelisation = parallelisation
    self.keys = keys
    self.pollInterval = pollInterval
    self.tumblingWindow = tumblingWindow
    self.retries = retries
    self.maximumAge = maximumAge
    self.bisects = bisects
    self.retention = retention
    self.pollers = pollers
  }
}

/// The pollers of a Kafka topic. Each works on partitions of its own, never more than there are.
///
/// AWS looks at the lag once a minute and changes the number within three; by how much it does not say. Inferred here: it
/// doubles when more records wait than were worked on in the minute, and halves when none wait and half would do.
public struct KafkaPollers: Hashable, Sendable {
  public var bounds: PollerBounds
  /// Invocations at once of each poller: 1, or 5 in provisioned mode.
  public var invocationsPerPoller: Int
  /// From a look at the lag to the change.
  public var delay: TimeSpan
  public var isProvisioned: Bool

  /// On-demand mode.
  public static let onDemand = KafkaPollers(
    bounds: PollerBounds(minimum: 1, maximum: .max), invocationsPerPoller: 1, delay: .minutes(3), isProvisioned: false)

  /// Provisioned mode: five invocations at once for each poller.
  public static func provisioned(_ bounds: PollerBounds) -> KafkaPollers {
    KafkaPollers(bounds: bounds, invocationsPerPoller: 5, delay: .zero, isProvisioned: true)
  }

  public init(bounds: PollerBounds, invocationsPerPoller: Int, delay: TimeSpan, isProvisioned: Bool) {
    self.bounds = bounds
    self.invocationsPerPoller = invocationsPerPoller
    self.delay = delay
    self.isProvisioned = isProvisioned
  }

  /// Bytes a second of a provisioned poller.
  public static let bytesPerPoller: Int64 = 5 << 20
  /// Pollers for which one event poller unit is billed (…/kafka-scaling-modes.html, "Enhanced EPU Utilization").
  public static let pollersPerUnit = 10
}
