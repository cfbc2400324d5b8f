/// Something that the control plane has to do at a moment.
enum Occurrence {
  /// A running invocation ends.
  case invocationEnds(flight: Int)
  /// A new version of a function goes live.
  case deploys(function: Int, deployment: Int)
  /// Scheduled bounds for a function's provisioned concurrency take effect.
  case boundsChange(function: Int, action: Int)
  /// A request for provisioned environments is fulfilled.
  case allocationCompletes(function: Int, request: Int)
  /// A minute of metrics is complete.
  case minuteCloses(function: Int)
  /// A caller, or the gateway before the function, stops waiting for an attempt.
  case callerGivesUp(call: Int, attempt: Int)
  case callerTries(call: Int)
  /// An event leaves Lambda's queue for its function.
  case eventIsDue(Int)
  /// The environments of a function on managed instances are thought over, and new ones are ready.
  case managedScales(function: Int)
  case managedArrive(function: Int, count: Int)
  /// A function that waits for others has run for its timeout.
  case chainTimesOut(Int)
  case userActs(function: Int, user: Int)
  /// A state machine has waited for as long as it should.
  case stateEnds(Int)
  /// Something that the event source of a function waits for.
  case mappingActs(function: Int, MappingEvent)
  /// A minute is over for event sources.
  case mappingsAreSampled
}

/// An occurrence and its place in time.
///
/// At one moment invocations end first, in the order of the coupled executor (function, then the environment's number), so
/// that what becomes free can serve; then the platform changes; then requests come, in the order in which they were
/// scheduled. The workload's own arrivals are last.
struct Scheduled: Comparable {
  enum Rank: UInt8 {
    case end
    case platform
    case request
  }

  var time: Int64
  var rank: Rank
  var order: UInt64
  /// No two have the same: provisioned environments have no number that would tell them apart.
  var number: Int
  var occurrence: Occurrence

  static func < (a: Scheduled, b: Scheduled) -> Bool {
    if a.time != b.time { return a.time < b.time }
    if a.rank != b.rank { return a.rank.rawValue < b.rank.rawValue }
    return a.order != b.order ? a.order < b.order : a.number < b.number
  }

  static func == (a: Scheduled, b: Scheduled) -> Bool { a.number == b.number }
}
