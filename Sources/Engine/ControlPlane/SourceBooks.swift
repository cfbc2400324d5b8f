import Platforms
import Statistics

/// The books of all sources of requests.
struct SourceBooks {
  private(set) var sources: [SourceOutcome] = []
  /// Each function's sources, by index.
  private(set) var workload: [Int] = []
  private(set) var users: [Int?] = []
  private(set) var destination: [Int] = []
  /// Synchronous and asynchronous calls of other functions.
  private(set) var calls: [Int] = []
  private(set) var events: [Int] = []

  init(_ behaviours: [FunctionBehaviour]) {
    for (function, behaviour) in behaviours.enumerated() {
      let kind: SourceOutcome.Kind =
        if behaviour.eventSource != nil {
          .eventSource
        } else if behaviour.stateMachine != nil {
          .stateMachine
        } else if behaviour.durable != nil {
          .durable
        } else {
          .workload
        }
      workload.append(open(kind, function, isAsynchronous: behaviour.asynchronous != nil))
      users.append(behaviour.users.map { _ in open(.users, function, isAsynchronous: false) })
      destination.append(open(.destination, function, isAsynchronous: true))
      calls.append(open(.functions, function, isAsynchronous: false))
      events.append(open(.functions, function, isAsynchronous: true))
    }
  }

  private mutating func open(_ kind: SourceOutcome.Kind, _ function: Int, isAsynchronous: Bool) -> Int {
    sources.append(SourceOutcome(kind: kind, function: function, isAsynchronous: isAsynchronous))
    return sources.count - 1
  }

  mutating func offer(_ source: Int) { sources[source].tally.offered += 1 }
  mutating func retry(_ source: Int, _ count: Int = 1) { sources[source].tally.retries += count }
  mutating func requeue(_ source: Int, _ count: Int = 1) { sources[source].tally.requeued += count }
  mutating func enterState(_ source: Int) { sources[source].tally.states += 1 }
  mutating func sendOn(_ source: Int) { sources[source].tally.sentOn += 1 }

  mutating func expire(_ source: Int, _ count: Int = 1) { sources[source].tally.expired += count }
  /// Records of an event source that nobody will work on again.
  mutating func giveUp(_ source: Int, _ count: Int = 1) { sources[source].tally.failed += count }
  mutating func keep(_ mapping: MappingTally, of source: Int) { sources[source].mapping = mapping }

  /// The last answer to a request; `responseTime` where somebody waited for it.
  mutating func close(_ source: Int, _ response: Response, responseTime: Int64? = nil) {
    switch response {
    case .succeeded: sources[source].tally.completed += 1
    case .failed, .unheard: sources[source].tally.failed += 1
    case .throttled: sources[source].tally.throttled += 1
    case .turnedAway: sources[source].tally.turnedAway += 1
    }
    if let responseTime { sources[source].tally.responseTime.record(responseTime) }
  }

  /// What has no last answer yet is in flight.
  mutating func closeAll() {
    for index in sources.indices {
      let tally = sources[index].tally
      sources[index].tally.inFlight =
        tally.offered - tally.completed - tally.failed - tally.throttled - tally.turnedAway - tally.expired
    }
  }
}
