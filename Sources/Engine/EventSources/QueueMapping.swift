import DequeModule
import Platforms
import Units

/// An SQS queue and Lambda's pollers before it.
///
/// A message is visible, or hidden since it was received, until it is deleted after success or its visibility timeout
/// brings it back. One batch at a time is gathered.
final class QueueMapping: EventSourceMapping {
  private var context: MappingContext
  private let queue: MessageQueue
  private let capacity: Int
  var tally = MappingTally()

  /// All messages that are not deleted, by number.
  private var messages: [Int: SourceRecord] = [:]
  private var visible: VisibleMessages
  /// Numbers of messages in order of arrival; those at the front may be deleted.
  private var order: Deque<Int> = []
  private var batches: [Int: Reception] = [:]
  /// Batches at work, or refused and waiting for their next attempt.
  private(set) var running = 0
  private(set) var limit: Int
  private var peakSinceScaling = 0
  private var isScaling = false
  private var isPolled = false
  /// When the first message of the batch that is gathered was received, and which gathering it is.
  private var gatheredSince: Int64?
  private var gathering = 0
  /// Provisioned pollers read no batch before.
  private var nextPoll: Int64 = 0
  private var unitsSince: Int64 = 0

  /// A batch that was received, and what there still is to do with it.
  private struct Reception {
    var batch: SourceBatch
    /// Until its visibility timeout is over.
    var isHidden = true
    var isRunning = true
    var isRefused = false
  }

  init(_ context: MappingContext, _ queue: MessageQueue) {
    self.context = context
    self.queue = queue
    capacity = context.policy.batching.capacity
    visible = VisibleMessages(groups: queue.groups)
    limit = queue.polling.start
  }

  var groups: Int { queue.groups ?? 1 }
  var backlog: Int { messages.count }
  var oldest: Int64? {
    while let first = order.first, messages[first] == nil { order.removeFirst() }
    return order.first.flatMap { messages[$0]?.arrived }
  }

  func arrive(_ record: SourceRecord, _ plane: ControlPlane) {
    messages[record.number] = record
    order.append(record.number)
    visible.append(record.number, group: record.group)
    guard !isPolled else { return }
    // Messages of one moment are received together.
    isPolled = true
    plane.schedule(.polls(lane: 0), of: context.function, at: plane.now + 1)
  }

  func makeRecord(duration: Int64, at now: Int64) -> SourceRecord {
    context.record(duration: duration, at: now, groups: groups)
  }

  // MARK: - Reading

  private func poll(_ plane: ControlPlane) {
    while running < limit, visible.count > 0, plane.now >= nextPoll {
      guard isGathered(plane) else { return }
      let batch = receive(plane)
      gatheredSince = nil
      if !batch.records.isEmpty { start(batch, plane) }
    }
    if visible.count > 0, running >= limit { startScaling(plane) }
  }

  /// Whether a batch is full, or has been waited for as long as the window says.
  private func isGathered(_ plane: ControlPlane) -> Bool {
    let window = context.policy.batching.window.nanoseconds
    guard window > 0, visible.count < capacity else { return true }
    if let since = gatheredSince { return plane.now >= since + window }
    gatheredSince = plane.now
    gathering += 1
    plane.schedule(.windowCloses(lane: 0, number: gathering), of: context.function, at: plane.now + window)
    return false
  }

  /// Takes messages out of the queue; those received too often go to the dead-letter queue, those too old are gone.
  private func receive(_ plane: ControlPlane) -> SourceBatch {
    var batch = SourceBatch(records: [], taken: gatheredSince ?? plane.now)
    while batch.records.count < capacity, let number = visible.next() {
      guard var message = messages[number] else { continue }
      if plane.now - message.arrived >= queue.retention.nanoseconds {
        messages[number] = nil
        plane.books.expire(context.source)
        continue
      }
      if let most = queue.maximumReceives, message.receives >= most {
        messages[number] = nil
        tally.deadLettered += 1
        plane.books.giveUp(context.source)
        plane.books.sendOn(context.source)
        continue
      }
      if message.receives > 0 { plane.books.retry(context.source) }
      message.receives += 1
      messages[number] = message
      visible.lock(message.group)
      batch.records.append(message)
    }
    visible.endBatch()
    return batch
  }

  private func start(_ batch: SourceBatch, _ plane: ControlPlane) {
    let number = plane.newNumber()
    running += 1
    peakSinceScaling = max(peakSinceScaling, running)
    tally.peakConcurrency = max(tally.peakConcurrency, running)
    batches[number] = Reception(batch: batch)
    plane.schedule(
      .visibilityEnds(batch: number), of: context.function, at: batch.taken + queue.visibilityTimeout.nanoseconds)
    pause(after: batch, plane)
    attempt(number, plane)
  }

  /// Provisioned pollers together read so often and so much a second.
  private func pause(after batch: SourceBatch, _ plane: ControlPlane) {
    guard queue.polling.pollers != nil else { return }
    let bytes = Double(Int64(batch.records.count) * context.policy.batching.recordBytes)
    let byBytes = bytes / Double(MessageQueue.Polling.bytesPerPoller) * 1e9
    let byPolls = 1e9 / Double(MessageQueue.Polling.pollsPerPoller)
    nextPoll = plane.now + Int64(max(byBytes, byPolls)) / Int64(max(1, pollers))
    plane.schedule(.pollsAgain, of: context.function, at: nextPoll)
  }

  private var pollers: Int { limit / MessageQueue.Polling.invocationsPerPoller }

  private func attempt(_ number: Int, _ plane: ControlPlane) {
    guard let batch = batches[number]?.batch else { return }
    batches[number]?.isRefused = false
    guard plane.invoke(batch, number: number, duration: context.work.duration(of: batch), of: context) else { return }
    tally.started(batch, at: plane.now)
    for record in batch.records { messages[record.number]?.wasStarted = true }
  }

  // MARK: - What becomes of a batch

  func hear(_ response: Response, batch number: Int, _ plane: ControlPlane) {
    guard var reception = batches[number] else { return }
    if case .throttled = response {
      // Lambda keeps trying until the messages' visibility ends
      // (docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html, read 2026-11).
      plane.books.requeue(context.source, reception.batch.records.count)
      let wait = context.wait(&reception.batch, retry: reception.batch.throttles)
      reception.batch.throttles += 1
      reception.isRefused = true
      batches[number] = reception
      slowDown()
      return plane.schedule(.retries(batch: number), of: context.function, at: plane.now + wait)
    }
    running -= 1
    reception.isRunning = false
    if case .succeeded = response {
      reception.batch.records = succeed(reception, plane)
    } else if !context.policy.reportsItemFailures {
      slowDown()
    }
    batches[number] = reception.isHidden && !reception.batch.records.isEmpty ? reception : nil
    poll(plane)
  }

  /// Deletes what was done. What failed, which is returned, stays hidden until its visibility ends.
  private func succeed(_ reception: Reception, _ plane: ControlPlane) -> [SourceRecord] {
    var failed: [SourceRecord] = []
    var stopped: Set<Int> = []
    for record in reception.batch.records {
      // A FIFO queue's function stops at a group's first failure, so that the order is kept (the same page).
      if record.isBad || stopped.contains(record.group) {
        failed.append(record)
        if queue.groups != nil { stopped.insert(record.group) }
        continue
      }
      if reception.isHidden { visible.unlock(record.group) }
      if messages.removeValue(forKey: record.number) == nil {
        tally.duplicates += 1
      } else {
        plane.books.close(context.source, .succeeded, responseTime: plane.now - record.arrived)
      }
    }
    return failed
  }

  /// Errors and throttles make Lambda work on fewer batches at once (the same page; by how many is inferred).
  private func slowDown() {
    if queue.polling.pollers == nil { limit = max(min(queue.polling.start, limit), limit - 1) }
  }

  // MARK: - Time passes

  func happen(_ event: MappingEvent, _ plane: ControlPlane) {
    switch event {
    case .windowCloses(_, let number): if number == gathering, gatheredSince != nil { poll(plane) }
    case .visibilityEnds(let batch): reappear(batch, plane)
    case .retries(let batch): attempt(batch, plane)
    case .pollsAgain: poll(plane)
    case .polls:
      isPolled = false
      poll(plane)
    case .scales: scale(plane)
    case .tumblingWindowEnds, .pollersChange: break
    }
  }

  /// The messages of a batch are visible again. A batch that was refused until now is dropped; one that runs runs on, and
  /// its messages are worked on twice.
  private func reappear(_ number: Int, _ plane: ControlPlane) {
    guard var reception = batches[number] else { return }
    for record in reception.batch.records.reversed() {
      visible.unlock(record.group)
      if messages[record.number]?.receives == record.receives { visible.putBack(record.number, group: record.group) }
    }
    if reception.isRefused { running -= 1 }
    reception.isHidden = false
    batches[number] = reception.isRunning && !reception.isRefused ? reception : nil
    poll(plane)
  }

  private func startScaling(_ plane: ControlPlane) {
    guard !isScaling else { return }
    isScaling = true
    peakSinceScaling = running
    plane.schedule(.scales, of: context.function, at: plane.now + queue.polling.step.nanoseconds)
  }

  private func scale(_ plane: ControlPlane) {
    isScaling = false
    takeUnits(until: plane.now)
    let polling = queue.polling
    if visible.count > 0, running >= limit {
      let more = Double(polling.perMinute) * polling.step.seconds / 60
      limit = min(polling.most, limit + max(1, Int(more)))
    } else {
      limit = min(polling.most, max(polling.start, peakSinceScaling))
    }
    poll(plane)
    if limit > polling.start { startScaling(plane) }
  }

  /// Provisioned pollers are billed for the time that there are so many.
  private func takeUnits(until now: Int64) {
    guard queue.polling.pollers != nil else { return }
    tally.pollerUnitTime += Int128(pollers) * Int128(now - unitsSince)
    unitsSince = now
  }

  func close(at horizon: Int64, _ plane: ControlPlane) {
    takeUnits(until: horizon)
    for message in messages.values where horizon - message.arrived >= queue.retention.nanoseconds {
      plane.books.expire(context.source)
    }
  }
}
