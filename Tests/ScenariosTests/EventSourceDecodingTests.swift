import Diagnostics
import Platforms
import Statistics
import Testing
import Units

@testable import Scenarios

@Suite("Event sources in scenarios")
struct EventSourceDecodingTests {
  private func source(_ yaml: String, beside: String = "") throws -> EventSource {
    let text = "workload: {azure-2021: t.csv}\nfunctions: {f: {\(beside)event-source: {\(yaml)}}}"
    let scenario = try Scenario(decoding: Array(text.utf8), file: "s.yaml")
    return try #require(scenario.platform.rules[0].behaviour.eventSource)
  }

  private func verdict(_ yaml: String, beside: String = "") -> String {
    do {
      _ = try source(yaml, beside: beside)
      return "taken"
    } catch {
      return "\(error)"
    }
  }

  @Test("SQS")
  func queues() throws {
    let plain = EventSource(.queue(MessageQueue()), batching: Batching(size: 10))
    #expect(try source("sqs: {}") == plain)
    var queue = MessageQueue(visibilityTimeout: .seconds(90), maximumReceives: 5, retention: .hours(1))
    queue.polling = .init(maximumConcurrency: 50)
    queue.polling.step = .seconds(10)
    var full = EventSource(
      .queue(queue),
      batching: Batching(
        size: 500, window: .seconds(5), recordBytes: 4096, overhead: .constant(0.02), isParallel: true),
      badRecords: 0.01, reportsItemFailures: true)
    full.backoff = Backoff(base: .seconds(2), longest: .seconds(20), jitter: .none)
    #expect(
      try source(
        """
        sqs: {batch-size: 500, window: 5s, record-size: 4KB, overhead: 20ms, work: parallel, bad-records: 0.01,
        report-item-failures: true, backoff: {base: 2s, longest: 20s, jitter: none}, visibility-timeout: 90s,
        maximum-receives: 5, retention: 1h, maximum-concurrency: 50, growth-step: 10s}
        """) == full)
    var provisioned = plain
    provisioned.feed = .queue(MessageQueue(polling: .init(pollers: PollerBounds(minimum: 2, maximum: 20))))
    #expect(try source("sqs: {pollers: {maximum: 20}}") == provisioned)
    #expect(try source("sqs-fifo: {groups: 6}").feed == .queue(MessageQueue(groups: 6)))
    // Six timeouts and the window, as AWS advises.
    let advised = MessageQueue(visibilityTimeout: .seconds(190))
    #expect(try source("sqs: {window: 10s}", beside: "timeout: 30s, ").feed == .queue(advised))
  }

  @Test("streams")
  func streams() throws {
    let stream = RecordStream(
      shards: 4, parallelisation: 2, keys: 1000, pollInterval: .zero, retries: 3, maximumAge: .hours(1),
      bisects: true, retention: .hours(48))
    var kinesis = EventSource(.stream(stream), batching: Batching(size: 100))
    kinesis.onFailure = .service("s3")
    #expect(
      try source(
        """
        kinesis: {shards: 4, parallelization-factor: 2, partition-keys: 1000, poll-interval: 0s, retries: 3,
        maximum-age: 1h, bisect: true, retention: 48h, on-failure: s3}
        """) == kinesis)
    let table = RecordStream(shards: 1, pollInterval: .milliseconds(250), tumblingWindow: .seconds(60))
    #expect(try source("dynamodb: {shards: 1, tumbling-window: 60s}").feed == .stream(table))
    var topic = RecordStream(shards: 12, retention: .hours(168), pollers: .onDemand)
    #expect(
      try source("kafka: {partitions: 12}")
        == EventSource(.stream(topic), batching: Batching(size: 100, window: .milliseconds(500))))
    topic.pollers = .provisioned(PollerBounds(minimum: 2, maximum: 12))
    topic.pollers?.delay = .seconds(30)
    topic.retries = 10
    #expect(
      try source("kafka: {partitions: 12, pollers: {minimum: 2, maximum: 12}, pollers-delay: 30s, on-failure: sqs}")
        .feed
        == .stream(topic))
  }

  @Test("what AWS does not allow, and what is mistyped, is said with its place")
  func faults() {
    let cases: [(yaml: String, beside: String, says: String)] = [
      (
        "", "",
        "s.yaml:2: functions.f.event-source: found 0 sources, expected one of sqs, sqs-fifo, kinesis, "
          + "dynamodb, kafka, as in {sqs: {batch-size: 10}}"
      ),
      (
        "sqz: {}", "",
        "s.yaml:2: functions.f.event-source.sqz: found an unknown key, expected a known one; "
          + "did you mean 'sqs'?"
      ),
      (
        "sqs: {batchsize: 3}", "",
        "s.yaml:2: functions.f.event-source.sqs.batchsize: found an unknown key, "
          + "expected a known one; did you mean 'batch-size'?"
      ),
      (
        "sqs: {batch-size: 100}", "",
        "s.yaml:2: functions.f.event-source.sqs: found a batch-size of 100 with a window "
          + "of 0s, expected a window of 1s or more, as Lambda wants it for more than 10 messages"
      ),
      (
        "sqs: {groups: 3}", "",
        "s.yaml:2: functions.f.event-source.sqs.groups: found groups, "
          + "expected them in sqs-fifo only"
      ),
      (
        "sqs-fifo: {}", "",
        "s.yaml:2: functions.f.event-source.sqs-fifo: found no groups, "
          + "expected a number of message groups"
      ),
      (
        "sqs-fifo: {groups: 2, window: 1s}", "",
        "s.yaml:2: functions.f.event-source.sqs-fifo: found a window, "
          + "expected none, as Lambda has none for FIFO queues"
      ),
      (
        "sqs: {visibility-timeout: 10s}", "timeout: 30s, ",
        "s.yaml:2: functions.f.event-source.sqs.visibility-timeout: "
          + "found \"10s\", expected at least the function's timeout, 30s; AWS advises six times that and the window"
      ),
      (
        "sqs: {pollers: {}, maximum-concurrency: 5}", "",
        "s.yaml:2: functions.f.event-source.sqs.pollers: found pollers "
          + "and maximum-concurrency, expected one of them; AWS allows no more"
      ),
      ("kinesis: {}", "", "s.yaml:2: functions.f.event-source.kinesis: found no shards, expected a number of shards"),
      (
        "kinesis: {shards: 1, maximum-age: 5s}", "",
        "s.yaml:2: functions.f.event-source.kinesis.maximum-age: "
          + "found \"5s\", expected an age of records from 1m to 7d"
      ),
      (
        "kinesis: {shards: 1, parallelization-factor: 2, tumbling-window: 10s}", "",
        "s.yaml:2: "
          + "functions.f.event-source.kinesis.tumbling-window: found a tumbling window with a parallelization factor, "
          + "expected one of them"
      ),
      (
        "kafka: {partitions: 2, pollers: {minimum: 3, maximum: 2}}", "",
        "s.yaml:2: "
          + "functions.f.event-source.kafka.pollers: found a maximum of 2, expected at least the minimum, 3"
      ),
      (
        "sqs: {}", "asynchronous: lambda, ",
        "s.yaml:2: functions.f.event-source: found event-source with another way "
          + "to be invoked, expected one of event-source, state-machine, durable, caller, asynchronous"
      ),
    ]
    for (yaml, beside, says) in cases { #expect(verdict(yaml, beside: beside) == says, "\(yaml)") }
  }
}
