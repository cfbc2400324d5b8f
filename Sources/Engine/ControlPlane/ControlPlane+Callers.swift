import Platforms
import Statistics
import Units

/// What the callers of one function have in common.
struct CallerState {
  let policy: CallerPolicy
  private var stream: RandomStream
  private var tokens: Int

  init(_ served: ServedFunction, _ simulation: Simulation) {
    let behaviour = served.settings.behaviour
    policy = behaviour.caller ?? CallerPolicy()
    stream = simulation.stream(of: served.function, .backoff)
    tokens = policy.budget?.capacity ?? 0
  }

  /// The wait before another attempt, ns; nil when there is none.
  mutating func wait(after call: Call, _ response: Response) -> (wait: Int64, cost: Int)? {
    let policy = call.policy ?? policy
    guard call.attempts < policy.attempts else { return nil }
    var cost = 0
    if call.policy == nil, let budget = policy.budget {
      if case .unheard = response { cost = budget.timeoutCost } else { cost = budget.retryCost }
      guard tokens >= cost else { return nil }
      tokens -= cost
    }
    let wait = policy.backoff.wait(
      retry: call.attempts - 1, previous: call.lastWait, chance: policy.backoff.jitter == .none ? 1 : stream.uniform())
    return (wait, cost)
  }

  mutating func succeeded(_ call: Call) {
    guard call.policy == nil, let budget = policy.budget else { return }
    tokens = min(budget.capacity, tokens + (call.attempts > 1 ? call.lastCost : budget.refund))
  }
}

extension CallerPolicy {
  /// How long an attempt is waited for, by the caller or the gateway, ns; nil for ever.
  fileprivate var patience: Int64? { [timeout, door.timeout].compactMap { $0?.nanoseconds }.min() }
}

/// A caller that wants one answer.
struct Call {
  var function: Int
  var duration: Int64
  var source: Int
  /// The user of a closed loop whose call it is.
  var user: Int?
  /// The chain of a function that waits for the answer.
  var chain: Int?
  /// The states of a state machine that wait for the answer, and what is done when it goes wrong in place of what the
  /// function's callers do.
  var sequence: Int?
  var policy: CallerPolicy?
  /// Whether it is part of a durable function's execution, which is in the books as a whole.
  var isPart = false
  var began: Int64
  /// Attempts made.
  var attempts = 0
  /// Whether the last attempt's answer is waited for.
  var isListening = false
  var lastWait: Int64 = 0
  var lastCost = 0
}

extension ControlPlane {
  func begin(_ call: Call) {
    if !call.isPart { books.offer(call.source) }
    let number = newNumber()
    calls[number] = call
    tryAgain(number)
  }

  /// The caller's next attempt.
  func tryAgain(_ number: Int) {
    guard var call = calls[number] else { return }
    let policy = call.policy ?? callers[call.function].policy
    call.attempts += 1
    call.isListening = true
    calls[number] = call
    if policy.door.isGateway {
      guard account.gateway.hasToken(at: now) else { return hear(.turnedAway, number, call.attempts) }
      account.gateway.take()
    }
    if let patience = policy.patience {
      schedule(.callerGivesUp(call: number, attempt: call.attempts), at: now + patience)
    }
    invoke(
      Request(
        function: call.function, duration: call.duration, source: call.source,
        origin: .call(number, attempt: call.attempts), isSynchronous: true))
  }

  func giveUp(_ number: Int, _ attempt: Int) { hear(.unheard, number, attempt) }

  /// An answer to an attempt; one that is no longer waited for is not heard.
  func hear(_ response: Response, _ number: Int, _ attempt: Int) {
    guard var call = calls[number], call.attempts == attempt, call.isListening else { return }
    call.isListening = false
    calls[number] = call
    if case .succeeded = response {
      callers[call.function].succeeded(call)
    } else if let (wait, cost) = callers[call.function].wait(after: call, response) {
      books.retry(call.source)
      (call.lastWait, call.lastCost) = (wait, cost)
      calls[number] = call
      schedule(.callerTries(call: number), at: now + wait)
      return
    }
    calls[number] = nil
    if !call.isPart { books.close(call.source, response, responseTime: now - call.began) }
    if let sequence = call.sequence { stateHears(response, sequence) }
    if let user = call.user { think(call.function, user: user) }
    if let chain = call.chain { chainHears(response, chain) }
  }
}

/// The users of a closed loop.
struct Crowd {
  let users: Int
  private let thinkTime: TimeLaw
  private let duration: TimeLaw
  private var thinking: RandomStream
  private var durations: RandomStream

  init?(_ served: ServedFunction, _ simulation: Simulation) {
    guard let loop = served.settings.behaviour.users else { return nil }
    users = loop.users
    thinkTime = TimeLaw(loop.thinkTime)
    duration = TimeLaw(loop.duration)
    thinking = simulation.stream(of: served.function, .thinking)
    durations = simulation.stream(of: served.function, .durations)
  }

  mutating func think() -> Int64 { thinkTime.draw(&thinking) }
  mutating func nextDuration() -> Int64 { duration.draw(&durations) }
}

extension ControlPlane {
  func startUsers(of function: Int) {
    for user in 0..<(crowds[function]?.users ?? 0) { think(function, user: user) }
  }

  /// The user thinks, then acts. A nanosecond at least: a loop without any time in it would never end.
  func think(_ function: Int, user: Int) {
    let time = max(1, crowds[function]?.think() ?? 1)
    schedule(.userActs(function: function, user: user), at: now + time)
  }

  func act(_ function: Int, user: Int) {
    guard let duration = crowds[function]?.nextDuration(), let source = books.users[function] else { return }
    begin(Call(function: function, duration: duration, source: source, user: user, began: now))
  }
}
