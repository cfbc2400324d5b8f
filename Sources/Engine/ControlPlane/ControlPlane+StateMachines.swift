import Platforms
import Statistics
import Units

/// An execution of a state machine, or of a durable function.
struct Execution {
  /// The state machine, or the durable function.
  var function: Int
  var source: Int
  var began: Int64
}

/// States that are entered one after the other: those of an execution, or of a branch in it.
struct StateSequence {
  var states: [StateMachine.State]
  var next = 0
  var execution: Int
  /// The fork whose branch it is.
  var fork: Int?
  /// What the workload says that the task in it takes, ns.
  var duration: Int64?
}

/// Branches at the same time.
struct Fork {
  /// The sequence that waits for them.
  var sequence: Int
  var running = 0
  /// Branches to come when others are done.
  var left: [[StateMachine.State]]
}

extension ControlPlane {
  /// An execution of the state machine, or durable function, begins.
  func execute(_ function: Int, _ states: [StateMachine.State], duration: Int64?) {
    let source = books.workload[function]
    books.offer(source)
    let number = newNumber()
    executions[number] = Execution(function: function, source: source, began: now)
    let sequence = newNumber()
    sequences[sequence] = StateSequence(states: states, execution: number, duration: duration)
    enterStates(sequence)
  }

  /// Enters states up to one that takes time, or to the end.
  func enterStates(_ number: Int) {
    while var sequence = sequences[number] {
      // Branches of a fork that failed go no further.
      guard let execution = executions[sequence.execution], sequence.fork.map({ forks[$0] != nil }) ?? true else {
        sequences[number] = nil
        return
      }
      guard sequence.next < sequence.states.count else { return endSequence(number, response: .succeeded) }
      let state = sequence.states[sequence.next]
      let duration = sequence.duration
      sequence.next += 1
      sequence.duration = nil
      sequences[number] = sequence
      books.enterState(execution.source)
      switch state {
      case .wait(let law):
        let time = TimeLaw(law).draw(&callStreams[execution.function])
        return schedule(.stateEnds(number), at: now + time)
      case .task(let task):
        let drawn = duration ?? TimeLaw(task.duration).draw(&callStreams[execution.function])
        return begin(task, duration: drawn, sequence: number, by: execution.function)
      case .parallel(let branches): return fork(branches, atOnce: branches.count, number)
      case .map(let map):
        return fork(Array(repeating: map.states, count: map.count), atOnce: map.atOnce ?? map.count, number)
      case .choice(let choices):
        guard let way = choose(choices, of: execution.function) else { continue }
        return fork([way.states], atOnce: 1, number)
      }
    }
  }

  private func begin(_ task: StateMachine.Task, duration: Int64, sequence: Int, by function: Int) {
    guard let target = indices[task.function] else { return endSequence(sequence, response: .failed(.error)) }
    let source = target == function ? books.workload[target] : books.calls[target]
    var call = Call(function: target, duration: duration, source: source, began: now)
    call.policy = task.retry
    call.sequence = sequence
    call.isPart = target == function
    begin(call)
  }

  private func choose(_ choices: [StateMachine.Choice], of function: Int) -> StateMachine.Choice? {
    var chance = callStreams[function].uniform()
    for choice in choices {
      if chance < choice.probability { return choice }
      chance -= choice.probability
    }
    return nil
  }

  private func fork(_ branches: [[StateMachine.State]], atOnce: Int, _ sequence: Int) {
    guard !branches.isEmpty else { return enterStates(sequence) }
    let number = newNumber()
    forks[number] = Fork(sequence: sequence, left: branches.reversed())
    for _ in 0..<min(atOnce, branches.count) where forks[number] != nil { startBranch(number) }
  }

  private func startBranch(_ number: Int) {
    guard var fork = forks[number], let states = fork.left.popLast(), let parent = sequences[fork.sequence] else {
      return
    }
    fork.running += 1
    forks[number] = fork
    let branch = newNumber()
    sequences[branch] = StateSequence(states: states, execution: parent.execution, fork: number)
    enterStates(branch)
  }

  /// The last answer to a task.
  func stateHears(_ response: Response, _ number: Int) {
    guard let sequence = sequences[number] else { return }
    if case .succeeded = response { return enterStates(number) }
    if case .task(let task) = sequence.states[sequence.next - 1], task.isCaught { return enterStates(number) }
    endSequence(number, response: response)
  }

  private func endSequence(_ number: Int, response: Response) {
    guard let sequence = sequences.removeValue(forKey: number) else { return }
    guard let parent = sequence.fork else {
      guard let execution = executions.removeValue(forKey: sequence.execution) else { return }
      return books.close(execution.source, response, responseTime: now - execution.began)
    }
    guard var fork = forks[parent] else { return }
    guard case .succeeded = response else {
      forks[parent] = nil
      return endSequence(fork.sequence, response: response)
    }
    fork.running -= 1
    forks[parent] = fork
    if !fork.left.isEmpty {
      startBranch(parent)
    } else if fork.running == 0 {
      forks[parent] = nil
      enterStates(fork.sequence)
    }
  }
}

extension DurablePlan {
  /// Its invocations as tasks, with waits between them.
  func states(of function: String) -> [StateMachine.State] {
    let first = StateMachine.Task(function: function, duration: .constant(0), retry: retry)
    return stages.reduce(into: [.task(first)]) { states, stage in
      states.append(.wait(stage.wait))
      let work = StateMachine.Task(function: function, duration: stage.work, retry: retry)
      states.append(.task(work))
    }
  }
}
