import DequeModule
import Platforms
import Units

/// A stream and Lambda's pollers before it.
///
/// Its records lie in partitions (a shard's parallel parts, Kafka's partitions) in order of arrival. Each partition belongs
/// to one lane, a lane works on one batch at a time, and a batch that fails stands in the lane's way until it succeeds or
/// is given up.
final class StreamMapping: EventSourceMapping {
  var context: MappingContext
  let stream: RecordStream
  private let capacity: Int
  var tally = MappingTally()
  var partitions: [StreamPartition]
  var lanes: [StreamLane] = []
  /// Lanes in use: partition p belongs to lane p modulo this.
  private(set) var limit = 0
  private(set) var backlog = 0
  private(set) var running = 0
  /// Kafka's pollers, and what they are judged by.
  var pollers = 1
  var finishedSinceScaling = 0
  var isScaling = false
  var unitsSince: Int64 = 0

  init(_ context: MappingContext, _ stream: RecordStream) {
    self.context = context
    self.stream = stream
    capacity = context.policy.batching.capacity
    let count = stream.shards * (stream.pollers == nil ? stream.parallelisation : 1)
    partitions = Array(repeating: StreamPartition(), count: count)
    pollers = min(stream.pollers?.bounds.minimum ?? 1, count)
    setLanes()
  }

  var oldest: Int64? {
    let waiting = partitions.compactMap(\.oldest)
    let working = lanes.compactMap { lane in (lane.pending + [lane.batch].compactMap(\.self)).compactMap(\.oldest).min()
    }
    return (waiting + working).min()
  }

  func makeRecord(duration: Int64, at now: Int64) -> SourceRecord {
    guard let keys = stream.keys else {
      return context.record(duration: duration, at: now, groups: partitions.count)
    }
    var record = context.record(duration: duration, at: now, groups: keys)
    record.group = Int(StreamPartition.hash(key: record.group) % UInt64(partitions.count))
    return record
  }

  func arrive(_ record: SourceRecord, _ plane: ControlPlane) {
    backlog += 1
    partitions[record.group].add(record)
    if let window = stream.tumblingWindow?.nanoseconds, !partitions[record.group].isWindowOpen {
      partitions[record.group].isWindowOpen = true
      let end = (plane.now / window + 1) * window
      plane.schedule(.tumblingWindowEnds(partition: record.group), of: context.function, at: end)
    }
    wake(record.group % limit, plane)
    if stream.pollers != nil { startScaling(plane) }
  }

  /// Makes lanes of the pollers, or one for each partition.
  func setLanes() {
    limit = stream.pollers.map { min(partitions.count, pollers * $0.invocationsPerPoller) } ?? partitions.count
    while lanes.count < limit {
      lanes.append(StreamLane(phase: Int64(context.chance() * Double(stream.pollInterval.nanoseconds))))
    }
  }

  // MARK: - Reading

  /// Something lies in one of a lane's partitions.
  func wake(_ lane: Int, _ plane: ControlPlane) {
    guard lanes[lane].isFree, !lanes[lane].isPolled else { return }
    let interval = stream.pollInterval.nanoseconds
    lanes[lane].isPolled = true
    guard interval > 0 else {
      // Records of one moment are read together.
      return plane.schedule(.polls(lane: lane), of: context.function, at: plane.now + 1)
    }
    let since = max(0, plane.now - lanes[lane].phase)
    let next = lanes[lane].phase + (since + interval - 1) / interval * interval
    plane.schedule(.polls(lane: lane), of: context.function, at: max(plane.now, next))
  }

  /// Takes a batch if it is full or its window is over.
  private func look(_ lane: Int, _ plane: ControlPlane) {
    guard lane < limit, lanes[lane].isFree else { return }
    let mine = stride(from: lane, to: partitions.count, by: limit).filter { !partitions[$0].isTaken }
    for partition in mine {
      drop(partitions[partition].removeOld(by: plane.now - longestAge), plane)
    }
    let waiting = mine.reduce(0) { $0 + partitions[$1].count }
    guard waiting > 0 else { return }
    let window = context.policy.batching.window.nanoseconds
    if window > 0, waiting < capacity, !mine.contains(where: { partitions[$0].hasWindowEnd }) {
      let end = lanes[lane].windowEnd ?? (plane.now + window)
      if lanes[lane].windowEnd == nil {
        lanes[lane].windowEnd = end
        lanes[lane].gathering += 1
        plane.schedule(
          .windowCloses(lane: lane, number: lanes[lane].gathering), of: context.function, at: end)
      }
      if plane.now < end { return }
    }
    lanes[lane].windowEnd = nil
    var batch = SourceBatch(records: [], taken: plane.now)
    for partition in mine where batch.records.count < capacity && !batch.endsWindow {
      if partitions[partition].move(to: &batch, capacity: capacity) {
        partitions[partition].isTaken = true
        lanes[lane].taken.append(partition)
      }
    }
    lanes[lane].pending.append(batch)
    goOn(lane, plane)
  }

  /// The lane's next batch, or more records.
  private func goOn(_ lane: Int, _ plane: ControlPlane) {
    while let batch = lanes[lane].pending.popLast() {
      let batch = withoutOld(batch, plane)
      guard !batch.records.isEmpty || batch.endsWindow else { continue }
      lanes[lane].batch = batch
      running += 1
      tally.peakConcurrency = max(tally.peakConcurrency, running)
      if plane.now >= lanes[lane].nextRead { return attempt(lane, plane) }
      return plane.schedule(.retries(batch: lane), of: context.function, at: lanes[lane].nextRead)
    }
    if let since = lanes[lane].blockedSince { tally.blockedTime += Int128(plane.now - since) }
    lanes[lane].blockedSince = nil
    for partition in lanes[lane].taken { partitions[partition].isTaken = false }
    lanes[lane].taken = []
    if lane < limit {
      look(lane, plane)
    } else {
      // Its partitions have gone over to other lanes.
      for other in 0..<limit { wake(other, plane) }
    }
  }

  /// Records of this age, ns, are not worked on any more.
  private var longestAge: Int64 { min(stream.retention.nanoseconds, stream.maximumAge?.nanoseconds ?? .max) }

  /// The batch without records that are too old to be worked on.
  private func withoutOld(_ batch: SourceBatch, _ plane: ControlPlane) -> SourceBatch {
    guard let oldest = batch.oldest, plane.now - oldest >= longestAge else { return batch }
    var batch = batch
    let before = batch.records.count
    batch.records.removeAll { plane.now - $0.arrived >= longestAge }
    drop(before - batch.records.count, plane)
    return batch
  }

  /// Gives up records that are too old; of those that outlived the mapping's own limit the destination hears.
  private func drop(_ count: Int, _ plane: ControlPlane) {
    guard count > 0 else { return }
    backlog -= count
    plane.books.expire(context.source, count)
    if let maximum = stream.maximumAge, maximum < stream.retention {
      plane.deliver(from: context.function, context.source, to: context.policy.onFailure)
    }
  }

  /// The lane's batch is no longer at work.
  private func clear(_ lane: Int) {
    lanes[lane].batch = nil
    running -= 1
  }

  private func attempt(_ lane: Int, _ plane: ControlPlane) {
    guard let batch = lanes[lane].batch else { return }
    guard plane.invoke(batch, number: lane, duration: context.work.duration(of: batch), of: context) else { return }
    tally.started(batch, at: plane.now)
    if stream.pollers?.isProvisioned == true {
      let bytes = Double(Int64(batch.records.count) * context.policy.batching.recordBytes)
      let perLane = Double(KafkaPollers.bytesPerPoller) * Double(pollers) / Double(limit)
      lanes[lane].nextRead = plane.now + Int64(bytes / perLane * 1e9)
    }
    guard lanes[lane].batch != nil else { return }
    for index in batch.records.indices { lanes[lane].batch?.records[index].wasStarted = true }
  }

  // MARK: - What becomes of a batch

  func hear(_ response: Response, batch lane: Int, _ plane: ControlPlane) {
    guard var batch = lanes[lane].batch else { return }
    switch response {
    case .throttled:
      plane.books.requeue(context.source, batch.records.count)
      let wait = context.wait(&batch, retry: batch.throttles)
      batch.throttles += 1
      lanes[lane].batch = batch
      plane.schedule(.retries(batch: lane), of: context.function, at: plane.now + wait)
    case .succeeded:
      let rest = takeDone(batch, plane)
      if rest.records.isEmpty {
        clear(lane)
        goOn(lane, plane)
      } else {
        fail(lane, rest, hasProgress: rest.records.count < batch.records.count, plane)
      }
    case .failed, .turnedAway, .unheard: fail(lane, batch, hasProgress: false, plane)
    }
  }

  /// What must be tried again of a batch whose function reports: from the first bad record on, of Kafka the bad ones
  /// (docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html, kafka-retry-configurations.html).
  private func takeDone(_ batch: SourceBatch, _ plane: ControlPlane) -> SourceBatch {
    var rest = batch
    let first = batch.records.firstIndex(where: \.isBad) ?? batch.records.count
    rest.records = stream.pollers == nil ? Array(batch.records[first...]) : batch.records.filter(\.isBad)
    let done = stream.pollers == nil ? Array(batch.records[..<first]) : batch.records.filter { !$0.isBad }
    for record in done {
      plane.books.close(context.source, .succeeded, responseTime: plane.now - record.arrived)
    }
    backlog -= done.count
    finishedSinceScaling += done.count
    return rest
  }

  private func fail(_ lane: Int, _ batch: SourceBatch, hasProgress: Bool, _ plane: ControlPlane) {
    var batch = batch
    lanes[lane].blockedSince = lanes[lane].blockedSince ?? plane.now
    if stream.bisects, batch.records.count > 1, !hasProgress {
      // Splitting consumes no retry (docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html).
      tally.splits += 1
      plane.books.retry(context.source, batch.records.count)
      let middle = batch.records.count / 2
      var (first, second) = (batch, batch)
      first.records = Array(batch.records[..<middle])
      first.endsWindow = false
      second.records = Array(batch.records[middle...])
      lanes[lane].pending += [second, first]
      clear(lane)
      return goOn(lane, plane)
    }
    if hasProgress { batch.failures = 0 }
    if let retries = stream.retries, batch.failures >= retries {
      tally.discardedBatches += 1
      backlog -= batch.records.count
      finishedSinceScaling += batch.records.count
      plane.books.giveUp(context.source, batch.records.count)
      plane.deliver(from: context.function, context.source, to: context.policy.onFailure)
      clear(lane)
      return goOn(lane, plane)
    }
    plane.books.retry(context.source, batch.records.count)
    let wait = context.wait(&batch, retry: batch.failures)
    batch.failures += 1
    lanes[lane].batch = batch
    plane.schedule(.retries(batch: lane), of: context.function, at: plane.now + wait)
  }

  // MARK: - Time passes

  func happen(_ event: MappingEvent, _ plane: ControlPlane) {
    switch event {
    case .windowCloses(let lane, let number):
      if lanes[lane].gathering == number, lanes[lane].windowEnd != nil { look(lane, plane) }
    case .retries(let lane):
      guard let batch = lanes[lane].batch else { return }
      clear(lane)
      lanes[lane].pending.append(batch)
      goOn(lane, plane)
    case .polls(let lane):
      lanes[lane].isPolled = false
      if lane < limit { look(lane, plane) }
    case .tumblingWindowEnds(let partition):
      partitions[partition].endWindow()
      wake(partition % limit, plane)
    case .scales: scale(plane)
    case .pollersChange(let count): change(to: count, plane)
    case .visibilityEnds, .pollsAgain: break
    }
  }

  func close(at horizon: Int64, _ plane: ControlPlane) {
    takeUnits(until: horizon)
    for lane in lanes {
      if let since = lane.blockedSince { tally.blockedTime += Int128(horizon - since) }
    }
    let lost = partitions.reduce(0) { $0 + $1.count(arrivedBefore: horizon - stream.retention.nanoseconds) }
    plane.books.expire(context.source, lost)
  }
}
