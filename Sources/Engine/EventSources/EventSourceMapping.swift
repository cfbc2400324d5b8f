import Platforms
import Statistics
import Units

/// What stands between a queue or stream and the function that works on its records.
protocol EventSourceMapping: AnyObject {
  var tally: MappingTally { get set }
  /// Records that arrived and are neither done with nor given up.
  var backlog: Int { get }
  /// When the oldest of them arrived.
  var oldest: Int64? { get }
  /// Batches at work, or waiting to be repeated.
  var running: Int { get }
  /// Batches that may be at work at once.
  var limit: Int { get }

  /// The record of an invocation of the workload.
  func makeRecord(duration: Int64, at now: Int64) -> SourceRecord
  func arrive(_ record: SourceRecord, _ plane: ControlPlane)
  /// The answer to an invocation with a batch.
  func hear(_ response: Response, batch: Int, _ plane: ControlPlane)
  func happen(_ event: MappingEvent, _ plane: ControlPlane)
  /// The trace ends.
  func close(at horizon: Int64, _ plane: ControlPlane)
}

/// What a mapping waits for.
enum MappingEvent {
  /// The window of a batch that isn't full is over.
  case windowCloses(lane: Int, number: Int)
  /// Messages received in a batch become visible again, unless they were deleted.
  case visibilityEnds(batch: Int)
  /// A batch is tried again.
  case retries(batch: Int)
  /// A queue's pollers may read again, after a pause that their throughput asks for.
  case pollsAgain
  /// A shard is looked at.
  case polls(lane: Int)
  case tumblingWindowEnds(partition: Int)
  /// The number of pollers or of batches at once is thought over.
  case scales
  /// A decision about pollers takes effect.
  case pollersChange(to: Int)
}

/// What all mappings have of their function.
struct MappingContext {
  let function: Int
  let policy: EventSource
  /// Whose books the records are in.
  let source: Int
  var work: BatchWork
  private var badRecords: RandomStream
  private var groups: RandomStream
  private var spread: RandomStream
  private var records = 0

  init(_ served: ServedFunction, index: Int, policy: EventSource, source: Int, _ simulation: Simulation) {
    function = index
    self.policy = policy
    self.source = source
    work = BatchWork(policy, stream: simulation.stream(of: served.function, .batchOverhead))
    badRecords = simulation.stream(of: served.function, .badRecords)
    groups = simulation.stream(of: served.function, .partitionKeys)
    spread = simulation.stream(of: served.function, .polling)
  }

  /// A record in one of so many groups, equally likely.
  mutating func record(duration: Int64, at now: Int64, groups count: Int) -> SourceRecord {
    records += 1
    return SourceRecord(
      number: records, duration: duration, arrived: now,
      isBad: policy.badRecords > 0 && badRecords.uniform() < policy.badRecords,
      group: count > 1 ? groups.index(below: count) : 0)
  }

  /// Below 1, for what is spread by chance.
  mutating func chance() -> Double { spread.uniform() }

  /// The wait before the batch is tried again, for the retry of that number, ns.
  mutating func wait(_ batch: inout SourceBatch, retry: Int) -> Int64 {
    let chance = policy.backoff.jitter == .none ? 1 : spread.uniform()
    batch.lastWait = policy.backoff.wait(retry: retry, previous: batch.lastWait, chance: chance)
    return max(1, batch.lastWait)
  }
}

extension ControlPlane {
  func makeMapping(of index: Int) -> (any EventSourceMapping)? {
    guard let policy = functions[index].settings.behaviour.eventSource else { return nil }
    let context = MappingContext(
      functions[index], index: index, policy: policy, source: books.workload[index], simulation)
    switch policy.feed {
    case .queue(let queue): return QueueMapping(context, queue)
    case .stream(let stream): return StreamMapping(context, stream)
    }
  }

  /// A record arrives in a function's source.
  func put(_ mapping: any EventSourceMapping, function: Int, duration: Int64) {
    books.offer(books.workload[function])
    mapping.arrive(mapping.makeRecord(duration: duration, at: now), self)
    mapping.tally.peakBacklog = max(mapping.tally.peakBacklog, mapping.backlog)
  }

  func schedule(_ event: MappingEvent, of function: Int, at time: Int64) {
    schedule(.mappingActs(function: function, event), at: time)
  }

  /// Hands a batch to its function; false when it was refused, which the mapping has then heard.
  func invoke(_ batch: SourceBatch, number: Int, duration: Int64, of context: MappingContext) -> Bool {
    var request = Request(
      function: context.function, duration: duration, source: context.source,
      origin: .batch(function: context.function, number), isSynchronous: true)
    request.failsOnRecord = batch.hasBadRecord && !context.policy.reportsItemFailures
    return invoke(request)
  }

  /// Takes down how far the mappings are, and again in a minute.
  func sampleMappings() {
    for case let mapping? in mappings where mapping.tally.samples.count < MappingTally.mostSamples {
      mapping.tally.samples.append(
        MappingTally.Sample(
          backlog: mapping.backlog, oldest: mapping.oldest.map { now - $0 } ?? 0, concurrency: mapping.running,
          limit: mapping.limit))
    }
    schedule(.mappingsAreSampled, at: now + TimeSpan.minutes(1).nanoseconds, .platform)
  }
}
