import Platforms
import Statistics
import Testing
import Units
import Workloads

@testable import Engine

@Suite("SQS queues before functions")
struct QueueSourceTests {
  private func sqs(
    size: Int = 10, window: Int64 = 0, _ change: (inout MessageQueue) -> Void = { _ in }
  ) -> EventSource {
    var queue = MessageQueue()
    change(&queue)
    return EventSource(.queue(queue), batching: Batching(size: size, window: .seconds(window)))
  }

  @Test("a batch takes what is there; a window waits for more, and no longer than until it is full")
  func batches() throws {
    let now = sqs()
    #expect(try batchPicture("3---1-1---", each: 0.1, now) == "1...1.1...")
    let waiting = sqs(window: 3)
    #expect(try batchPicture("1-1-1-----", each: 0.1, waiting) == "...1...1..")
    #expect(try batchPicture("1-1-1-----", each: 0.1, sqs(size: 2, window: 5)) == "..1......1")
    // 9 messages of 2 MB: three fit into 6 MB.
    var large = sqs()
    large.batching.recordBytes = 2 << 20
    #expect(try EventSourceStory("9-", each: 0.1, large).mapping.batches == 3)
  }

  @Test("records take their time one after the other, or all at once, beside what each invocation takes")
  func work() throws {
    var policy = sqs()
    policy.batching.overhead = .constant(0.5)
    #expect(try EventSourceStory("4------", each: 1, policy).outcome.totals.duration.maximum == 4_500_000_000)
    policy.batching.isParallel = true
    #expect(try EventSourceStory("4------", each: 1, policy).outcome.totals.duration.maximum == 1_500_000_000)
  }

  @Test("five batches at once, 300 more every minute while messages are left, 1,250 at most; then back to five")
  func scaling() throws {
    func peaks(_ polling: MessageQueue.Polling, messages: Int, minutes: Int) throws -> [Int] {
      let story = try EventSourceStory(
        records(messages, each: 9.99), for: minutes * 60, sqs(size: 1) { $0.polling = polling })
      #expect(story.outcome.timeline.interval == .minutes(1))
      return story.outcome.timeline.rows.map(\.peakConcurrency)
    }
    #expect(try peaks(.init(), messages: 30_000, minutes: 7) == [5, 305, 605, 905, 1205, 1250, 1250])
    #expect(try peaks(.init(maximumConcurrency: 100), messages: 5_000, minutes: 3) == [5, 100, 100])
    #expect(try peaks(.init(maximumConcurrency: 2), messages: 500, minutes: 2) == [2, 2])
    // Provisioned mode: ten for each poller, 1,000 more a minute.
    let pollers = MessageQueue.Polling(pollers: PollerBounds(minimum: 2, maximum: 150))
    #expect(try peaks(pollers, messages: 50_000, minutes: 4) == [20, 1020, 1500, 1500])

    let story = try EventSourceStory(
      records(1000, each: 9.99) + records(100, at: 600, each: 9.99), for: 660, sqs(size: 1))
    #expect(story.outcome.timeline.rows.map(\.peakConcurrency)[10] == 5)
  }

  @Test("messages wait as Erlang's formula says where so many batches are worked on at once")
  func erlangC() throws {
    let exact = try WaitingQueue(rate: 3.5, service: 1, limit: 5).meanWait
    var means: [Double] = []
    for seed in 1...12 as ClosedRange<UInt64> {
      let script = poissonWorkload(rate: 3.5, duration: .exponential(mean: 1), seconds: 2000, seed: seed)
      let policy = sqs(size: 1) { $0.polling = .init(maximumConcurrency: 5) }
      let story = try EventSourceStory(script.functions["f"] ?? [], for: 2000, policy)
      means.append(story.mapping.delay.mean / 1e9)
    }
    let (mean, error) = meanAndError(means)
    #expect(abs(mean - exact) < 4 * error, "\(mean) ± \(error), exact \(exact)")
  }

  @Test("a message that fails is hidden for the visibility timeout; after its last reception it is a dead letter")
  func redrive() throws {
    var policy = sqs {
      $0.visibilityTimeout = .seconds(10)
      $0.maximumReceives = 3
    }
    policy.badRecords = 1
    #expect(
      try batchPicture("1", each: 1, for: 40, policy) == "1.........1.........1...................")
    let story = try EventSourceStory("1", each: 1, for: 40, policy)
    #expect(story.mapping.deadLettered == 1 && story.source.failed == 1 && story.source.sentOn == 1)
    #expect(story.source.retries == 2 && story.outcome.totals.errors == 3)
    // A batching window counts against it: the message was received when the window began.
    policy.batching.window = .seconds(4)
    #expect(try batchPicture("1", each: 1, for: 30, policy) == "....1.........1.........1.....")
  }

  @Test("one bad message fails its whole batch, unless the function reports which failed")
  func partialFailures() throws {
    var policy = sqs(window: 1) { $0.maximumReceives = 3 }
    policy.badRecords = 0.1
    func story() throws -> EventSourceStory {
      try EventSourceStory(
        (0..<400).map { (arrival: Int64($0) * 10_000_000, duration: Int64(1_000_000)) }, for: 600, policy, seed: 5)
    }
    policy.reportsItemFailures = true
    let reporting = try story()
    policy.reportsItemFailures = false
    let failing = try story()
    let bad = reporting.mapping.deadLettered
    #expect(abs(bad - 40) < 4 * 6)
    // Good ones are worked on once, bad ones three times.
    #expect(reporting.source.completed == 400 - bad && reporting.source.retries == 2 * bad)
    #expect(reporting.outcome.totals.errors == 0)
    #expect(failing.source.retries > reporting.source.retries && failing.outcome.totals.errors > 0)
    #expect(failing.mapping.deadLettered >= bad)
  }

  @Test("a visibility timeout shorter than the work has it done more than once")
  func duplicates() throws {
    let policy = sqs { $0.visibilityTimeout = .seconds(2) }
    // Received at 0, 2 and 4 s; the first to finish deletes it at 5 s.
    #expect(try batchPicture("1", each: 5, for: 12, policy) == "1.1.1.......")
    let story = try EventSourceStory("1", each: 5, for: 12, policy)
    #expect(story.source.completed == 1 && story.mapping.duplicates == 2 && story.source.retries == 2)
  }

  @Test("FIFO: a group has one batch at work, and at most so many batches are at work as there are groups")
  func groups() throws {
    #expect(try batchPicture("6", each: 1, for: 7, sqs(size: 2) { $0.groups = 1 }) == "1.1.1..")
    let six = sqs(size: 1) {
      $0.groups = 6
      $0.polling = .init(maximumConcurrency: 10)
    }
    let story = try EventSourceStory(records(1500, each: 0.5), for: 200, six)
    #expect(story.mapping.peakConcurrency == 6 && story.source.completed == 1500)
  }

  @Test("FIFO: a message that fails holds its group back until it is a dead letter, and no other group")
  func blockedGroup() throws {
    var policy = sqs(size: 1) {
      $0.groups = 1
      $0.visibilityTimeout = .seconds(10)
      $0.maximumReceives = 2
    }
    policy.badRecords = 1
    // 0 s and 10 s: the first; it is a dead letter at 20 s, when the second comes.
    #expect(try batchPicture("1-1", each: 1, for: 45, policy).prefix(31) == "1.........1.........1.........1")
    let story = try EventSourceStory("1-1", each: 1, for: 45, policy)
    #expect(story.mapping.deadLettered == 2)
  }

  @Test("throttled batches are tried until their messages' visibility ends; nothing is lost")
  func throttled() throws {
    let story = try EventSourceStory(records(200, each: 1), for: 400, sqs(size: 1)) { $0.reservedConcurrency = 3 }
    #expect(story.source.completed == 200 && story.source.requeued == story.outcome.totals.throttles)
    #expect(story.outcome.totals.peakConcurrency == 3 && story.source.requeued > 0)
    let off = try EventSourceStory("1", each: 1, for: 200, sqs { $0.retention = .seconds(100) }) {
      $0.reservedConcurrency = 0
    }
    #expect(off.source.expired == 1 && off.mapping.batches == 0)
  }

  @Test("provisioned pollers read ten times a second each, and a megabyte; they are billed by the poller and second")
  func pollers() throws {
    let polling = MessageQueue.Polling(pollers: PollerBounds(minimum: 2, maximum: 2))
    let fast = sqs(size: 1) { $0.polling = polling }
    let story = try EventSourceStory(records(100, each: 0.001), for: 600, fast)
    // 100 batches, one every 50 ms.
    #expect(abs(story.mapping.delay.maximum - 4_950_000_000) <= 1000)
    #expect(story.mapping.pollerUnitTime == 2 * 600_000_000_000)
    var large = fast
    large.batching.recordBytes = 256 << 10
    // A quarter of a megabyte each on two pollers: one every 125 ms.
    let slow = try EventSourceStory(records(100, each: 0.001), for: 600, large)
    #expect(abs(slow.mapping.delay.maximum - 99 * 125_000_000) <= 1000)
  }

  @Test("backlog and age by the minute")
  func samples() throws {
    let story = try EventSourceStory(records(20, each: 10), for: 180, sqs(size: 1) { $0.polling.perMinute = 0 })
    // Five at a time: 5 a ten seconds; all gone after 40 s. With 40 each: gone after 160 s.
    #expect(story.mapping.samples.map(\.backlog) == [0, 0, 0])
    let slow = try EventSourceStory(
      records(20, each: 40), for: 180,
      sqs(size: 1) {
        $0.polling = .init(maximumConcurrency: 5)
        $0.visibilityTimeout = .minutes(5)
      })
    #expect(slow.mapping.samples.map(\.backlog) == [15, 10, 0])
    #expect(slow.mapping.samples.map(\.oldest) == [60_000_000_000, 120_000_000_000, 0])
    #expect(slow.mapping.peakBacklog == 20)
  }
}
