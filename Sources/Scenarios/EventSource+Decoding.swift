import Diagnostics
import Platforms
import Units

enum EventSourceKey: String, EntryKey {
  case sqs
  case sqsFIFO = "sqs-fifo"
  case kinesis
  case dynamoDB = "dynamodb"
  case kafka
}

/// What every event source may have.
enum SourceBatchKey: String, EntryKey {
  case batchSize = "batch-size"
  case window
  case recordSize = "record-size"
  case overhead
  case work
  case badRecords = "bad-records"
  case reportItemFailures = "report-item-failures"
  case backoff
}

enum QueueKey: String, EntryKey {
  case groups
  case visibilityTimeout = "visibility-timeout"
  case maximumReceives = "maximum-receives"
  case retention
  case maximumConcurrency = "maximum-concurrency"
  case pollers
  case growthStep = "growth-step"
}

enum StreamKey: String, EntryKey {
  case shards
  case parallelizationFactor = "parallelization-factor"
  case partitionKeys = "partition-keys"
  case pollInterval = "poll-interval"
  case tumblingWindow = "tumbling-window"
  case retries
  case maximumAge = "maximum-age"
  case bisect
  case retention
  case onFailure = "on-failure"
}

enum KafkaKey: String, EntryKey {
  case partitions
  case partitionKeys = "partition-keys"
  case retries
  case maximumAge = "maximum-age"
  case bisect
  case retention
  case onFailure = "on-failure"
  case pollers
  case pollersDelay = "pollers-delay"
}

enum PollersKey: String, EntryKey {
  case minimum
  case maximum
}

/// How a function works on the records of a batch.
enum BatchWorkMode: String, CaseIterable {
  case sequential
  case parallel
}

extension Entry {
  /// - Parameter timeout: the function's, where the same rule says it.
  func eventSource(timeout: TimeSpan?) throws(InputFault) -> EventSource {
    let form = "one of \(EventSourceKey.names.joined(separator: ", ")), as in {sqs: {batch-size: 10}}"
    let fields = try Fields<EventSourceKey>(self, form)
    guard fields.present.count == 1, let kind = fields.present.first, let entry = fields[kind] else {
      throw fault("\(fields.present.count) sources", expected: form)
    }
    switch kind {
    case .sqs, .sqsFIFO: return try entry.messageQueue(isFIFO: kind == .sqsFIFO, timeout: timeout)
    case .kinesis: return try entry.shardedStream(pollInterval: .seconds(1))
    case .dynamoDB: return try entry.shardedStream(pollInterval: .milliseconds(250))
    case .kafka: return try entry.kafkaTopic()
    }
  }

  private func batched(
    _ form: String, others: [String], defaults: Batching, sizes: ClosedRange<Int>, feed: EventSource.Feed
  ) throws(InputFault) -> EventSource {
    let fields = try Fields<SourceBatchKey>(self, form, others: others)
    var batching = defaults
    if let entry = fields[.batchSize] { batching.size = try entry.integer(in: sizes, "records of a batch") }
    if let entry = fields[.window] {
      batching.window = try entry.duration(in: .zero ... .seconds(300), "a window")
    }
    if let entry = fields[.recordSize] { batching.recordBytes = try entry.byteCount("a record's bytes") }
    if let entry = fields[.overhead] { batching.overhead = try entry.distribution() }
    if let entry = fields[.work] {
      batching.isParallel = try entry.choice("a way of work") as BatchWorkMode == .parallel
    }
    var source = EventSource(feed, batching: batching)
    source.badRecords = try fields[.badRecords]?.share("bad records") ?? 0
    source.reportsItemFailures = try fields[.reportItemFailures]?.boolean() ?? false
    if let entry = fields[.backoff] { source.backoff = try entry.backoff() }
    return source
  }

  /// A time within bounds.
  private func duration(in range: ClosedRange<TimeSpan>, _ what: String) throws(InputFault) -> TimeSpan {
    let span = try duration(what)
    guard range.contains(span) else {
      throw fault(expected: "\(what) from \(range.lowerBound) to \(range.upperBound)")
    }
    return span
  }

  // MARK: SQS

  private func messageQueue(isFIFO: Bool, timeout: TimeSpan?) throws(InputFault) -> EventSource {
    let form = "a queue such as {batch-size: 10, visibility-timeout: 3m, maximum-receives: 5}"
    let fields = try Fields<QueueKey>(self, form, others: SourceBatchKey.names)
    var queue = MessageQueue()
    if let entry = fields[.groups] {
      guard isFIFO else { throw entry.fault("groups", expected: "them in sqs-fifo only") }
    }
    if isFIFO {
      queue.groups = try fields.require(.groups, "a number of message groups").integer(in: 1...10_000_000, "groups")
    }
    if let entry = fields[.maximumReceives] { queue.maximumReceives = try entry.integer(in: 1...1000, "receptions") }
    if let entry = fields[.retention] {
      queue.retention = try entry.duration(in: .minutes(1) ... .hours(14 * 24), "a retention")
    }
    if let entry = fields[.maximumConcurrency] {
      queue.polling = .init(maximumConcurrency: try entry.integer(in: 2...1000, "a concurrency"))
    }
    if let entry = fields[.pollers] {
      guard fields[.maximumConcurrency] == nil else {
        throw entry.fault("pollers and maximum-concurrency", expected: "one of them", advice: "AWS allows no more")
      }
      queue.polling = .init(
        pollers: try entry.pollerBounds(PollerBounds(minimum: 2, maximum: 200), 2...200, 2...10_000))
    }
    if let entry = fields[.growthStep] { queue.polling.step = try entry.positiveDuration("a step") }
    var source = try batched(
      form, others: QueueKey.names, defaults: Batching(size: 10), sizes: 1...(isFIFO ? 10 : 10_000),
      feed: .queue(queue))
    if isFIFO, source.batching.window > .zero {
      throw fault("a window", expected: "none, as Lambda has none for FIFO queues")
    }
    if source.batching.size > 10, source.batching.window < .seconds(1) {
      throw fault(
        "a batch-size of \(source.batching.size) with a window of \(source.batching.window)",
        expected: "a window of 1s or more, as Lambda wants it for more than 10 messages")
    }
    // AWS's advice (docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html): six timeouts and the window.
    let advised = TimeSpan(nanoseconds: 6 * (timeout ?? .zero).nanoseconds + source.batching.window.nanoseconds)
    queue.visibilityTimeout = max(.seconds(30), advised)
    if let entry = fields[.visibilityTimeout] {
      queue.visibilityTimeout = try entry.duration(in: .seconds(1) ... .hours(12), "a visibility timeout")
      if let timeout, queue.visibilityTimeout < timeout {
        throw entry.fault(
          expected: "at least the function's timeout, \(timeout)", advice: "AWS advises six times that and the window")
      }
    }
    source.feed = .queue(queue)
    return source
  }

  private func pollerBounds(
    _ bounds: PollerBounds, _ minima: ClosedRange<Int>, _ maxima: ClosedRange<Int>
  ) throws(InputFault) -> PollerBounds {
    let fields = try Fields<PollersKey>(self, "pollers such as {minimum: 2, maximum: 20}")
    var bounds = bounds
    if let entry = fields[.minimum] { bounds.minimum = try entry.integer(in: minima, "pollers") }
    if let entry = fields[.maximum] { bounds.maximum = try entry.integer(in: maxima, "pollers") }
    guard bounds.minimum <= bounds.maximum else {
      throw fault("a maximum of \(bounds.maximum)", expected: "at least the minimum, \(bounds.minimum)")
    }
    return bounds
  }

  // MARK: Streams

  private func shardedStream(pollInterval: TimeSpan) throws(InputFault) -> EventSource {
    let form = "a stream such as {shards: 4, batch-size: 100, retries: 3, bisect: true}"
    let fields = try Fields<StreamKey>(self, form, others: SourceBatchKey.names)
    var stream = RecordStream(
      shards: try fields.require(.shards, "a number of shards").integer(in: 1...100_000, "shards"),
      pollInterval: pollInterval)
    if let entry = fields[.parallelizationFactor] { stream.parallelisation = try entry.integer(in: 1...10, "a factor") }
    stream.keys = try fields[.partitionKeys]?.integer(in: 1...1_000_000_000, "partition keys")
    if let entry = fields[.pollInterval] { stream.pollInterval = try entry.duration("an interval") }
    if let entry = fields[.tumblingWindow] {
      guard stream.parallelisation == 1 else {
        throw entry.fault("a tumbling window with a parallelization factor", expected: "one of them")
      }
      stream.tumblingWindow = try entry.duration(in: .seconds(1) ... .seconds(900), "a tumbling window")
    }
    stream.retries = try fields[.retries]?.integer(in: 0...10_000, "retries")
    stream.maximumAge = try fields[.maximumAge]?.recordAge()
    stream.bisects = try fields[.bisect]?.boolean() ?? false
    if let entry = fields[.retention] {
      stream.retention = try entry.duration(in: .hours(24) ... .hours(8760), "a retention")
    }
    var source = try batched(
      form, others: StreamKey.names, defaults: Batching(size: 100), sizes: 1...10_000, feed: .stream(stream))
    source.onFailure = try fields[.onFailure]?.destination()
    return source
  }

  private func recordAge() throws(InputFault) -> TimeSpan {
    try duration(in: .minutes(1) ... .seconds(604_800), "an age of records")
  }

  private func kafkaTopic() throws(InputFault) -> EventSource {
    let form = "a topic such as {partitions: 12, pollers: {minimum: 1, maximum: 12}}"
    let fields = try Fields<KafkaKey>(self, form, others: SourceBatchKey.names)
    var stream = RecordStream(
      shards: try fields.require(.partitions, "a number of partitions").integer(in: 1...100_000, "partitions"),
      retention: .hours(168), pollers: .onDemand)
    if let entry = fields[.pollers] {
      stream.pollers = .provisioned(
        try entry.pollerBounds(PollerBounds(minimum: 1, maximum: 200), 1...200, 1...2000))
    }
    if let entry = fields[.pollersDelay] { stream.pollers?.delay = try entry.duration("a delay") }
    stream.keys = try fields[.partitionKeys]?.integer(in: 1...1_000_000_000, "partition keys")
    stream.retries = try fields[.retries]?.integer(in: 0...10_000, "retries")
    stream.maximumAge = try fields[.maximumAge]?.recordAge()
    stream.bisects = try fields[.bisect]?.boolean() ?? false
    if let entry = fields[.retention] { stream.retention = try entry.positiveDuration("a retention") }
    let onFailure = try fields[.onFailure]?.destination()
    // docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html: with a destination, ten retries at most.
    if onFailure != nil, stream.retries == nil { stream.retries = 10 }
    var source = try batched(
      form, others: KafkaKey.names, defaults: Batching(size: 100, window: .milliseconds(500)), sizes: 1...10_000,
      feed: .stream(stream))
    source.onFailure = onFailure
    return source
  }
}
