import Platforms

/// A request to run a function once.
struct Request {
  /// Index into the run's functions.
  var function: Int
  /// What the handler takes, ns.
  var duration: Int64
  /// Whose books it is in.
  var source: Int
  var origin: Origin
  /// Whether the limits on requests a second apply: they don't to events from Lambda's own queue.
  var isSynchronous: Bool
  /// Whether the function fails on one of the records that it is given.
  var failsOnRecord = false

  enum Origin {
    /// Nobody waits for the answer or tries again.
    case arrival
    /// An attempt of a caller.
    case call(Int, attempt: Int)
    /// An event from Lambda's queue.
    case event(Int)
    /// A batch of the event source of a function.
    case batch(function: Int, Int)
  }
}

/// What becomes of a request.
enum Response {
  case succeeded
  case failed(Failure)
  case throttled(ThrottleReason)
  /// The caller, or the gateway, no longer waits; the function runs on.
  case unheard
  /// Refused before Lambda, by the gateway in front.
  case turnedAway
}

/// Why an invocation that was started did not succeed.
enum Failure {
  /// The handler returned an error; the environment is kept.
  case error
  /// The runtime exited, out of memory or not; the environment is reset.
  case crash
  case timeout
  /// The snapshot could not be restored in time; the environment is gone.
  case restoreTimeout
}

/// A running invocation.
struct Flight {
  var request: Request
  var environment: Environment
  /// Whether the environment is a provisioned one.
  var isProvisioned: Bool
  /// Whether it takes from the concurrency that functions share.
  var takesShared: Bool
  var began: Int64
  /// When overhead and init are over.
  var ready: Int64
  /// The Init phase or restore, which is billed with the duration, ns.
  var initDuration: Int64
  /// When the function's timeout cuts it off.
  var deadline: Int64
  /// Whether it invokes others once its own work is done at `end`: what it takes is then known, and counted, later.
  var isOpen: Bool
  var end: Int64
  /// Nil when it succeeds.
  var failure: Failure?
}

/// Values with numbers that are given out again when the value is taken.
struct Slots<Value> {
  private var values: [Value?] = []
  private var free: [Int] = []

  var count: Int { values.count - free.count }
  var all: [Value] { values.compactMap(\.self) }

  mutating func insert(_ value: Value) -> Int {
    if let slot = free.popLast() {
      values[slot] = value
      return slot
    }
    values.append(value)
    return values.count - 1
  }

  subscript(slot: Int) -> Value? { values[slot] }

  mutating func take(_ slot: Int) -> Value? {
    guard let value = values[slot] else { return nil }
    values[slot] = nil
    free.append(slot)
    return value
  }
}
