import Platforms
import Statistics
import Testing
import Traces
import Units
import Workloads

@testable import Engine

@Suite("Kinesis, DynamoDB and Kafka before functions")
struct StreamSourceTests {
  /// A shard whose records are pushed, with batches that wait for nothing and are repeated after 10 s, 20 s and so on.
  private func stream(
    shards: Int = 1, size: Int = 100, window: Int64 = 0, _ change: (inout RecordStream) -> Void = { _ in }
  ) -> EventSource {
    var stream = RecordStream(shards: shards)
    change(&stream)
    return EventSource(
      .stream(stream), batching: Batching(size: size, window: .seconds(window)),
      backoff: Backoff(base: .seconds(10), longest: .minutes(5), jitter: .none))
  }

  @Test("a shard has one batch at work; what came meanwhile is the next")
  func oneAtATime() throws {
    // 0; then 1 and 2, which take 4 s; then 3, 4, 5 and 6.
    #expect(try batchPicture("1111111--------", each: 2, stream()) == "1.1...1........")
    #expect(try batchPicture("1111111--------", each: 2, stream(size: 1)) == "1.1.1.1.1.1.1..")
    // A window begins when the work before it is done.
    #expect(try batchPicture("1111111--------", each: 0.1, stream(window: 3)) == "...1...1.......")
    #expect(try batchPicture("1111111--------", each: 0.1, stream(size: 2, window: 30)) == ".1.1.1.........")
  }

  @Test("a shard with work for one server keeps records waiting as Pollaczek and Khinchine say")
  func pollaczekKhinchine() throws {
    let exact = 0.6 * 2 / (2 * (1 - 0.6))
    var means: [Double] = []
    for seed in 1...12 as ClosedRange<UInt64> {
      let script = poissonWorkload(rate: 0.6, duration: .exponential(mean: 1), seconds: 8000, seed: seed)
      let story = try EventSourceStory(script.functions["f"] ?? [], for: 8000, stream(size: 1))
      means.append(story.mapping.delay.mean / 1e9)
    }
    let (mean, error) = meanAndError(means)
    #expect(abs(mean - exact) < 4 * error, "\(mean) ± \(error), exact \(exact)")
  }

  @Test("batches at once: shards times the parallelization factor, but one for each partition key")
  func parallelisation() throws {
    func peak(_ change: @escaping (inout RecordStream) -> Void) throws -> Int {
      try EventSourceStory(records(400, each: 1), for: 100, stream(shards: 4, size: 1, change)).mapping.peakConcurrency
    }
    #expect(try peak { _ in } == 4)
    #expect(try peak { $0.parallelisation = 10 } == 40)
    #expect(
      try peak {
        $0.parallelisation = 10
        $0.keys = 1
      } == 1)
  }

  @Test("a shard without records is looked at four times a second, or once")
  func polling() throws {
    for interval in [0.25, 1] {
      var delays: [Double] = []
      for seed in 1...30 as ClosedRange<UInt64> {
        let script = (0..<40).map { (arrival: Int64($0) * 10_000_000_000, duration: Int64(1_000_000)) }
        let policy = stream { $0.pollInterval = TimeSpan(seconds: interval) ?? .zero }
        let story = try EventSourceStory(script, for: 500, policy, seed: seed)
        #expect(Double(story.mapping.delay.maximum) <= interval * 1e9)
        delays.append(story.mapping.delay.mean / 1e9)
      }
      // The moments are spread evenly, so that records wait half an interval on average.
      let (mean, error) = meanAndError(delays)
      #expect(abs(mean - interval / 2) < 4 * error)
    }
  }

  @Test("a batch that fails stands before all others of its shard until its retries are used up")
  func blocking() throws {
    var policy = stream(size: 1) { $0.retries = 2 }
    policy.badRecords = 1
    policy.onFailure = .service("sqs")
    // 0; retries 10 s after the error at 1 s and 20 s after that at 12 s; given up at 33 s, when the other begins.
    #expect(
      try batchPicture("11", each: 1, for: 48, policy) == "1..........1....................11..........1...")
    let story = try EventSourceStory("11", each: 1, for: 100, policy)
    #expect(story.mapping.discardedBatches == 2 && story.source.failed == 2 && story.source.sentOn == 2)
    #expect(story.source.retries == 4 && story.mapping.blockedTime == 2 * 32_000_000_000)
    // Without a limit the shard is blocked to the end.
    policy = stream(size: 1)
    policy.badRecords = 1
    let endless = try EventSourceStory("11", each: 1, for: 1000, policy)
    #expect(endless.source.inFlight == 2 && endless.mapping.blockedTime > 990_000_000_000)
  }

  @Test("without splitting a batch is given up with all its records; splitting finds the bad ones, and costs no retry")
  func bisecting() throws {
    func source(_ size: Int, bisects: Bool, reports: Bool = false) throws -> EventSourceStory {
      var policy = stream(size: size) {
        $0.retries = 0
        $0.bisects = bisects
      }
      policy.badRecords = 0.05
      policy.reportsItemFailures = reports
      return try EventSourceStory(records(400, each: 0.01), for: 100, policy, seed: 9)
    }
    let bad = try source(1, bisects: false).source.failed
    #expect(abs(bad - 20) < 4 * 5)
    #expect(try source(16, bisects: true).source.failed == bad)
    #expect(try source(16, bisects: true).mapping.splits > 0)
    #expect(try source(16, bisects: false).source.failed > 2 * bad)
    // Reporting without retries: what lies before the bad record is done, the rest is given up with it.
    let reporting = try source(16, bisects: false, reports: true).source.failed
    let whole = try source(16, bisects: false).source.failed
    #expect(bad < reporting && reporting < whole)
  }

  @Test("throttles use up no retry; records that grow too old are given up, of which the destination hears")
  func age() throws {
    var policy = stream(size: 1) {
      $0.retries = 0
      $0.maximumAge = .minutes(1)
    }
    policy.onFailure = .service("s3")
    let story = try EventSourceStory("1----1", each: 1, for: 200, policy) { $0.reservedConcurrency = 0 }
    #expect(story.source.expired == 2 && story.source.failed == 0 && story.source.sentOn == 2)
    #expect(story.mapping.batches == 0 && story.source.requeued == story.outcome.totals.throttles)
    // What the stream itself no longer keeps is lost without a word.
    var short = stream(size: 1) { $0.retention = .minutes(1) }
    short.onFailure = .service("s3")
    let lost = try EventSourceStory(records(100, each: 2), for: 200, short)
    #expect(lost.source.completed == 30 && lost.source.expired == 70 && lost.source.sentOn == 0)
  }

  @Test("tumbling windows: batches keep within them, and each ends with one more invocation")
  func tumbling() throws {
    let policy = stream { $0.tumblingWindow = .seconds(10) }
    #expect(
      try batchPicture("1-1-1----------1---------", each: 0.1, policy) == "1.1.1.....1....1....1....")
    // Work that goes on beyond the window's end: the rest of its records come with its last invocation, those of the
    // next window after.
    #expect(try batchPicture("------1-11-1--------------", each: 6, policy) == "......1.....1...........1.")
  }

  @Test("Kafka on demand: pollers double while the lag grows, three minutes after the look, up to the partitions")
  func kafkaOnDemand() throws {
    let policy = stream(shards: 4, size: 10) { $0.pollers = .onDemand }
    let story = try EventSourceStory(records(4000, each: 1), for: 900, policy)
    // Looks every minute from the first record on; a change after four minutes, and the next three later.
    #expect(story.mapping.samples.map(\.limit) == [1, 1, 1, 1, 2, 2, 2, 4, 4, 4, 4, 4, 4, 4, 4])
    #expect(story.mapping.peakConcurrency == 4)
  }

  @Test("Kafka's provisioned pollers: five batches at once each, 5 MB a second, one billed unit for ten")
  func kafkaProvisioned() throws {
    let policy = stream(shards: 60, size: 1) {
      $0.pollers = .provisioned(PollerBounds(minimum: 11, maximum: 11))
    }
    let story = try EventSourceStory(records(4000, each: 1), for: 60, policy)
    #expect(story.mapping.peakConcurrency == 55)
    #expect(story.mapping.pollerUnitTime == 2 * 60_000_000_000)
    // One partition, records of 1 MB, on a poller of 5 MB a second.
    var large = stream(shards: 1, size: 5) { $0.pollers = .provisioned(PollerBounds(minimum: 1, maximum: 1)) }
    large.batching.recordBytes = 1 << 20
    let slow = try EventSourceStory(records(50, each: 0.001), for: 60, large)
    #expect(abs(slow.mapping.delay.maximum - 9_000_000_000) < 1000)
  }
}
