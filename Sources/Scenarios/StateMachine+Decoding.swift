import Diagnostics
import Platforms
import Units

enum StateKey: String, EntryKey {
  case task
  case duration
  case retry
  case isCaught = "catch"
  case wait
  case parallel
  case map
  case count
  case atOnce = "at-once"
  case choice
}

enum ChoiceKey: String, EntryKey {
  case probability
  case states
}

enum DurableKey: String, EntryKey {
  case stages
  case retry
}

enum StageKey: String, EntryKey {
  case wait
  case work
}

extension Entry {
  func stateMachine() throws(InputFault) -> StateMachine { StateMachine(try states(depth: 0)) }

  private func states(depth: Int) throws(InputFault) -> [StateMachine.State] {
    let form = "a list of states: [{task: reserve, duration: 80ms}, {wait: 30s}, {map: [...], count: 20}]"
    guard depth < 20 else { throw fault("states in states, 20 deep", expected: "fewer") }
    var states: [StateMachine.State] = []
    for entry in try list(form) { states.append(try entry.state(form, depth: depth)) }
    return states
  }

  private func state(_ form: String, depth: Int) throws(InputFault) -> StateMachine.State {
    let fields = try Fields<StateKey>(self, form)
    let kinds = [StateKey.task, .wait, .parallel, .map, .choice].filter { fields[$0] != nil }
    guard let kind = kinds.first, kinds.count == 1, let entry = fields[kind] else {
      throw fault("\(kinds.count) kinds of state", expected: "one of task, wait, parallel, map, choice")
    }
    func allow(_ keys: StateKey...) throws(InputFault) {
      for key in fields.present where key != kind && !keys.contains(key) {
        guard let value = fields[key] else { continue }
        throw value.fault("\(key.rawValue) in a state of kind \(kind.rawValue)", expected: "it elsewhere")
      }
    }
    switch kind {
    case .task:
      try allow(.duration, .retry, .isCaught)
      var task = StateMachine.Task(
        function: try entry.string("a function"),
        duration: try fields.require(.duration, "what the function takes").distribution())
      if let retry = fields[.retry] { task.retry = try retry.retryPolicy() }
      task.isCaught = try fields[.isCaught]?.boolean() ?? false
      return .task(task)
    case .wait:
      try allow()
      return .wait(try entry.distribution())
    case .parallel:
      try allow()
      var branches: [[StateMachine.State]] = []
      for branch in try entry.list("a list of branches, each a list of states") {
        branches.append(try branch.states(depth: depth + 1))
      }
      return .parallel(branches)
    case .map:
      try allow(.count, .atOnce)
      return .map(
        StateMachine.Map(
          try entry.states(depth: depth + 1),
          count: try fields.require(.count, "how often").integer(in: 1...10_000, "a count"),
          atOnce: try fields[.atOnce]?.integer(in: 1...10_000, "a count")))
    default:
      try allow()
      var choices: [StateMachine.Choice] = []
      for way in try entry.list("a list of ways such as {probability: 0.1, states: [...]}") {
        let parts = try Fields<ChoiceKey>(way, "a way such as {probability: 0.1, states: [...]}")
        choices.append(
          StateMachine.Choice(
            probability: try parts.require(.probability, "a probability").share("a probability"),
            try parts.require(.states, "states").states(depth: depth + 1)))
      }
      guard choices.reduce(0, { $0 + $1.probability }) <= 1 + 1e-9 else {
        throw entry.fault("probabilities that add up to more than 1", expected: "shares of executions")
      }
      return .choice(choices)
    }
  }

  /// What is done when a function fails: as a caller does, but for a budget, which callers share.
  private func retryPolicy() throws(InputFault) -> CallerPolicy {
    let policy = try callerPolicy()
    guard policy.budget == nil else { throw fault("a retry budget", expected: "attempts, timeout and backoff") }
    return policy
  }

  func durablePlan() throws(InputFault) -> DurablePlan {
    let form = "a plan such as {stages: [{wait: 1h, work: 300ms}]}"
    let fields = try Fields<DurableKey>(self, form)
    var plan = DurablePlan([])
    for entry in try fields.require(.stages, "stages").list(form) {
      let stage = try Fields<StageKey>(entry, "a stage such as {wait: 1h, work: 300ms}")
      plan.stages.append(
        DurablePlan.Stage(
          wait: try stage.require(.wait, "a wait").distribution(),
          work: try stage.require(.work, "what is worked after it").distribution()))
    }
    if let entry = fields[.retry] { plan.retry = try entry.retryPolicy() }
    return plan
  }
}
