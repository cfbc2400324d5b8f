public import Statistics
public import Units

/// Lambda's queue of events for asynchronous invocation
/// (docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html and …/invocation-async-configuring.html,
/// read 2026-11). S3, SNS and EventBridge invoke this way.
public struct AsynchronousPolicy: Hashable, Sendable {
  /// Retries after function errors, timeouts included: 0 to 2.
  public var retries: Int
  /// An event that is older is discarded: 1 min to 6 h.
  public var maximumAge: TimeSpan
  public var onSuccess: Destination?
  public var onFailure: Destination?

  public init(
    retries: Int = 2, maximumAge: TimeSpan = .hours(6), onSuccess: Destination? = nil, onFailure: Destination? = nil
  ) {
    self.retries = retries
    self.maximumAge = maximumAge
    self.onSuccess = onSuccess
    self.onFailure = onFailure
  }

  /// The wait before retry number `retry`, from 0, after a function error: one minute, then two.
  public static func errorWait(retry: Int) -> TimeSpan { retry == 0 ? .minutes(1) : .minutes(2) }

  /// The wait after the throttle number `count`, from 0: from 1 s doubling to 5 min.
  public static func throttleWait(count: Int) -> TimeSpan { .seconds(min(300, 1 << Int64(min(count, 9)))) }
}

/// Where the record of an event goes when Lambda is done with it.
public enum Destination: Hashable, Sendable {
  /// A dead-letter queue, SQS, SNS, EventBridge or S3: counted, and no more.
  case service(String)
  /// A function, which is invoked asynchronously and runs for a time drawn from the law (s).
  case function(String, duration: Distribution)

  /// Services that take records.
  public static let services = ["dead-letter-queue", "event-bridge", "s3", "sns", "sqs"]
}

/// A number of users, each of whom invokes the function, waits for the answer, thinks, and invokes again.
public struct ClosedLoop: Hashable, Sendable {
  public var users: Int
  /// From an answer to the next request, s. The first request comes after a first think time.
  public var thinkTime: Distribution
  /// What an invocation takes, s.
  public var duration: Distribution

  public init(users: Int, thinkTime: Distribution, duration: Distribution) {
    self.users = users
    self.thinkTime = thinkTime
    self.duration = duration
  }
}
