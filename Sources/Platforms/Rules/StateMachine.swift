public import Statistics
import Units

/// A state machine of AWS Step Functions, whose executions invoke functions and cost no concurrency of Lambda's while they
/// wait (docs.aws.amazon.com/step-functions/latest/dg/concepts-states.html, read 2026-11).
///
/// States come one after the other. A failure that is not caught ends the execution, or the parallel or map state that it
/// is part of, whose other branches are heard no more.
public struct StateMachine: Hashable, Sendable {
  public var states: [State]

  public init(_ states: [State]) { self.states = states }

  public enum State: Hashable, Sendable {
    case task(Task)
    /// For a time, s.
    case wait(Distribution)
    /// Branches at the same time.
    case parallel([[State]])
    case map(Map)
    /// One of several ways, or on to the next state when chance takes none.
    case choice([Choice])
  }

  /// A function is invoked, and its answer waited for.
  public struct Task: Hashable, Sendable {
    public var function: String
    /// What the function itself takes, s.
    public var duration: Distribution
    /// How often it is tried and how long waited for; of a function that fails in the end, the execution hears.
    public var retry: CallerPolicy
    /// Whether the execution goes on with the next state when the task fails for good.
    public var isCaught: Bool

    public init(
      function: String, duration: Distribution, retry: CallerPolicy = CallerPolicy(), isCaught: Bool = false
    ) {
      self.function = function
      self.duration = duration
      self.retry = retry
      self.isCaught = isCaught
    }
  }

  /// The same states so many times, `atOnce` of them at the same time.
  public struct Map: Hashable, Sendable {
    public var states: [State]
    public var count: Int
    /// Nil for all.
    public var atOnce: Int?

    public init(_ states: [State], count: Int, atOnce: Int? = nil) {
      self.states = states
      self.count = count
      self.atOnce = atOnce
    }
  }

  /// A way that a share of executions take.
  public struct Choice: Hashable, Sendable {
    /// 0 to 1; of all ways at most 1 together.
    public var probability: Double
    public var states: [State]

    public init(probability: Double, _ states: [State]) {
      self.probability = probability
      self.states = states
    }
  }

  /// The functions that it may invoke.
  public var functions: Set<String> { Self.functions(states) }

  private static func functions(_ states: [State]) -> Set<String> {
    states.reduce(into: []) { names, state in
      switch state {
      case .task(let task): names.insert(task.function)
      case .wait: break
      case .parallel(let branches): for branch in branches { names.formUnion(functions(branch)) }
      case .map(let map): names.formUnion(functions(map.states))
      case .choice(let choices): for choice in choices { names.formUnion(functions(choice.states)) }
      }
    }
  }
}

extension CallerPolicy {
  /// What Workflow Studio gives a task that invokes a function: three retries, after 1, 2 and 4 s, spread by chance
  /// (docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html, read 2026-11).
  public static let stepFunctions = CallerPolicy(
    attempts: 4, backoff: Backoff(base: .seconds(1), longest: .hours(24), jitter: .full))
}

/// A durable function: it works, waits without running, and works on in a new invocation that replays what it had done
/// (docs.aws.amazon.com/lambda/latest/dg/durable-functions.html, read 2026-11). While it waits it holds no environment and
/// no concurrency; going on may be a cold start.
public struct DurablePlan: Hashable, Sendable {
  /// After the work that the workload tells: waits, and what comes after each.
  public var stages: [Stage]
  /// How often each invocation is tried.
  public var retry: CallerPolicy

  public init(_ stages: [Stage], retry: CallerPolicy = CallerPolicy()) {
    self.stages = stages
    self.retry = retry
  }

  public struct Stage: Hashable, Sendable {
    /// s; up to a year.
    public var wait: Distribution
    /// What the function works after the wait, with replaying what it had done before, s.
    public var work: Distribution

    public init(wait: Distribution, work: Distribution) {
      self.wait = wait
      self.work = work
    }
  }
}
