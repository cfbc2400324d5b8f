import Diagnostics
import Platforms
import Units

enum CallerKey: String, EntryKey {
  case door
  case timeout
  case attempts
  case backoff
  case budget
}

enum BackoffKey: String, EntryKey {
  case base
  case longest
  case jitter
}

enum BudgetKey: String, EntryKey {
  case capacity
  case retryCost = "retry-cost"
  case timeoutCost = "timeout-cost"
  case refund
}

enum AsynchronousKey: String, EntryKey {
  case retries
  case maximumAge = "maximum-age"
  case onSuccess = "on-success"
  case onFailure = "on-failure"
}

enum DestinationKey: String, EntryKey {
  case function
  case duration
}

enum CallKey: String, EntryKey {
  case function
  case mode
  case probability
  case count
  case duration
}

/// How a function invokes another.
enum CallMode: String, CaseIterable {
  case synchronous
  case asynchronous
}

enum UsersKey: String, EntryKey {
  case count
  case thinkTime = "think-time"
  case duration
}

extension Entry {
  /// Callers that have a name.
  static let namedCallers: [(name: String, policy: CallerPolicy)] = [
    ("aws-sdk", .sdkStandard), ("step-functions", .stepFunctions),
  ]

  func callerPolicy() throws(InputFault) -> CallerPolicy {
    let form = "aws-sdk, step-functions, or a mapping with \(CallerKey.names.joined(separator: ", "))"
    guard isMapping else {
      guard let policy = Self.namedCallers.first(where: { isWord($0.name) })?.policy else {
        throw fault(expected: form)
      }
      return policy
    }
    let fields = try Fields<CallerKey>(self, form)
    var policy = CallerPolicy()
    if let entry = fields[.door] { policy.door = try entry.choice("a way in") }
    policy.timeout = try fields[.timeout]?.positiveDuration("a timeout")
    if let entry = fields[.attempts] { policy.attempts = try entry.integer(in: 1...1000, "attempts") }
    if let entry = fields[.backoff] { policy.backoff = try entry.backoff() }
    policy.budget = try fields[.budget]?.retryBudget()
    return policy
  }

  func backoff() throws(InputFault) -> Backoff {
    let fields = try Fields<BackoffKey>(self, "a backoff such as {base: 100ms, longest: 20s, jitter: full}")
    var backoff = Backoff()
    if let entry = fields[.base] { backoff.base = try entry.duration("a wait") }
    if let entry = fields[.longest] { backoff.longest = try entry.duration("a wait") }
    if let entry = fields[.jitter] { backoff.jitter = try entry.choice("a jitter") }
    return backoff
  }

  private func retryBudget() throws(InputFault) -> RetryBudget {
    let fields = try Fields<BudgetKey>(self, "a budget such as {capacity: 500, retry-cost: 5}")
    let tokens = 0...1_000_000
    var budget = RetryBudget()
    if let entry = fields[.capacity] { budget.capacity = try entry.integer(in: tokens, "tokens") }
    if let entry = fields[.retryCost] { budget.retryCost = try entry.integer(in: tokens, "tokens") }
    if let entry = fields[.timeoutCost] { budget.timeoutCost = try entry.integer(in: tokens, "tokens") }
    if let entry = fields[.refund] { budget.refund = try entry.integer(in: tokens, "tokens") }
    return budget
  }

  /// `lambda` for its defaults, or a mapping.
  func asynchronousPolicy() throws(InputFault) -> AsynchronousPolicy {
    if isWord("lambda") { return AsynchronousPolicy() }
    let fields = try Fields<AsynchronousKey>(self, "lambda, or a mapping such as {retries: 1, maximum-age: 1h}")
    var policy = AsynchronousPolicy()
    if let entry = fields[.retries] { policy.retries = try entry.integer(in: 0...2, "retries") }
    if let entry = fields[.maximumAge] {
      let age = try entry.duration("an age")
      guard (TimeSpan.minutes(1)...TimeSpan.hours(6)).contains(age) else {
        throw entry.fault(expected: "an age from 1m to 6h")
      }
      policy.maximumAge = age
    }
    policy.onSuccess = try fields[.onSuccess]?.destination()
    policy.onFailure = try fields[.onFailure]?.destination()
    return policy
  }

  func destination() throws(InputFault) -> Destination {
    let form = "one of \(Destination.services.joined(separator: ", ")), or {function: NAME, duration: LAW}"
    guard isMapping else {
      guard let service = text, Destination.services.contains(service) else {
        throw fault(expected: form, advice: text.flatMap { didYouMean($0, among: Destination.services) })
      }
      return .service(service)
    }
    let fields = try Fields<DestinationKey>(self, form)
    return .function(
      try fields.require(.function, "a function").string("a function"),
      duration: try fields.require(.duration, "how long the function runs").distribution())
  }

  func functionCalls() throws(InputFault) -> [FunctionCall] {
    let form =
      "a list of steps: [{function: stock, duration: 80ms}, {function: mail, mode: asynchronous, duration: 1s}]"
    var calls: [FunctionCall] = []
    for entry in try list(form) {
      let fields = try Fields<CallKey>(entry, form)
      var call = FunctionCall(
        function: try fields.require(.function, "a function").string("a function"),
        duration: try fields.require(.duration, "what the called function takes").distribution())
      if let entry = fields[.mode] { call.isAsynchronous = try entry.choice("a mode") as CallMode == .asynchronous }
      if let entry = fields[.probability] { call.probability = try entry.share("a probability") }
      if let entry = fields[.count] { call.count = try entry.integer(in: 1...10_000, "calls at once") }
      calls.append(call)
    }
    return calls
  }

  func closedLoop() throws(InputFault) -> ClosedLoop {
    let fields = try Fields<UsersKey>(self, "users such as {count: 50, think-time: 3s, duration: 200ms}")
    return ClosedLoop(
      users: try fields.require(.count, "a number of users").integer(in: 1...10_000_000, "a number of users"),
      thinkTime: try fields.require(.thinkTime, "a think time").distribution(),
      duration: try fields.require(.duration, "what an invocation takes").distribution())
  }
}
