public import Statistics

/// What became of the requests of one source: each of them ends in one of these ways, whatever it took.
///
/// `offered == completed + failed + throttled + turnedAway + expired + inFlight`.
public struct SourceTally: Hashable, Sendable {
  /// Requests made, repetitions aside.
  public var offered = 0
  /// Repetitions: of callers after an error, a refusal or a timeout of their own; of events and records after a function
  /// error.
  public var retries = 0
  /// Times that an event went back into Lambda's queue, or a record of an event source stayed in it, because its function
  /// was throttled.
  public var requeued = 0
  public var completed = 0
  /// Given up after an error, a timeout of the function or of the caller.
  public var failed = 0
  /// Given up after a refusal by Lambda.
  public var throttled = 0
  /// Given up after a refusal by the gateway in front.
  public var turnedAway = 0
  /// Events that grew too old in Lambda's queue, records that did so in their source.
  public var expired = 0
  /// Running, waiting or to be repeated when the trace ended.
  public var inFlight = 0
  /// Records of events sent on: to a service, or to a function, whose source then offers them.
  public var sentOn = 0
  /// States entered by executions of a state machine or of a durable function.
  public var states = 0
  /// From a request to its last answer, waits and repetitions included, ns.
  public var responseTime = LogLinearHistogram()

  public init() {}

  /// Whether everything offered is accounted for.
  public var isConserved: Bool { offered == completed + failed + throttled + turnedAway + expired + inFlight }
}

/// A source of requests to one function.
public struct SourceOutcome: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    /// The workload's invocations.
    case workload
    /// The workload's records in a queue or stream, which are handed over in batches.
    case eventSource = "event-source"
    /// The workload's executions of a state machine.
    case stateMachine = "state-machine"
    /// The workload's executions of a durable function.
    case durable
    /// Users in a closed loop.
    case users
    /// Records of other functions' events.
    case destination
    /// Functions that invoke it as a step of their work.
    case functions
  }

  public var kind: Kind
  /// Index into the outcome's functions.
  public var function: Int
  /// Whether requests go through Lambda's queue.
  public var isAsynchronous: Bool
  public var tally = SourceTally()
  /// Of an event source.
  public var mapping: MappingTally?

  public init(kind: Kind, function: Int, isAsynchronous: Bool) {
    self.kind = kind
    self.function = function
    self.isAsynchronous = isAsynchronous
  }
}
