public import Units

/// How a function and those who invoke it behave over time. Nil: as if the rule did not exist.
public struct FunctionBehaviour: Hashable, Sendable {
  public var failures: FailureRates?
  /// The share of new on-demand environments that Lambda had initialised before the request came, which then waits for
  /// nothing. AWS says that it happens and no more; about 0.1 of the new environments of 2020's runs.
  public var proactiveInit: Double?
  /// New versions, by time.
  public var deployments: [Deployment]?
  /// Provisioned concurrency that changes.
  public var provisioning: Provisioning?
  /// Who invokes synchronously and what they do when it goes wrong.
  public var caller: CallerPolicy?
  /// Invocations of the workload are events for Lambda's queue.
  public var asynchronous: AsynchronousPolicy?
  /// Invocations of the workload are records of a queue or stream.
  public var eventSource: EventSource?
  /// Several invocations in one environment at a time.
  public var sharing: EnvironmentSharing?
  public var tenants: TenantIsolation?
  public var managed: ManagedInstances?
  /// Invocations of the workload are executions of a state machine, which is no function itself.
  public var stateMachine: StateMachine?
  /// Invocations of the workload are executions that wait and go on.
  public var durable: DurablePlan?
  /// People or programs that invoke, wait for the answer, think, and invoke again; beside the workload's invocations.
  public var users: ClosedLoop?
  /// Other functions that it invokes, step by step.
  public var calls: [FunctionCall]?

  public init() {}

  /// Whether nothing is said.
  public var isEmpty: Bool { self == FunctionBehaviour() }

  /// What `other` says wins.
  public func overridden(by other: FunctionBehaviour) -> FunctionBehaviour {
    var merged = self
    merged.failures = other.failures ?? failures
    merged.proactiveInit = other.proactiveInit ?? proactiveInit
    merged.deployments = other.deployments ?? deployments
    merged.provisioning = other.provisioning ?? provisioning
    merged.caller = other.caller ?? caller
    merged.asynchronous = other.asynchronous ?? asynchronous
    merged.eventSource = other.eventSource ?? eventSource
    merged.stateMachine = other.stateMachine ?? stateMachine
    merged.durable = other.durable ?? durable
    merged.sharing = other.sharing ?? sharing
    merged.tenants = other.tenants ?? tenants
    merged.managed = other.managed ?? managed
    merged.users = other.users ?? users
    merged.calls = other.calls ?? calls
    return merged
  }
}

/// Shares of invocations that fail, 0 to 1 and at most 1 together.
///
/// Where they are given, all zero or not, environments are reset as Lambda resets them. After an error that the handler returns the environment is kept. A crash, running out of memory and a timeout reset it:
/// the next invocation there runs Init again inside its own duration ("suppressed init",
/// docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html, read 2026-11).
public struct FailureRates: Hashable, Sendable {
  /// Errors that the handler returns.
  public var errors: Double
  /// Exits of the runtime.
  public var crashes: Double
  public var outOfMemory: Double

  public init(errors: Double = 0, crashes: Double = 0, outOfMemory: Double = 0) {
    self.errors = errors
    self.crashes = crashes
    self.outOfMemory = outOfMemory
  }
}

/// A new version of a function, whose environments all start cold.
public struct Deployment: Hashable, Sendable {
  /// Since the trace's start.
  public var at: TimeSpan
  public var shift: TrafficShift

  public init(at: TimeSpan, shift: TrafficShift = .allAtOnce) {
    self.at = at
    self.shift = shift
  }
}

/// How requests move from one version to the next: an alias's weights, chosen by chance for each request
/// (docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html, read 2026-11).
public enum TrafficShift: Hashable, Sendable {
  /// The old version's environments are not used again.
  case allAtOnce
  /// A share of requests at once, the rest after a time.
  case canary(share: Double, after: TimeSpan)
  /// The same share more every so often, the first at once.
  case linear(share: Double, every: TimeSpan)

  /// The new version's share of requests at a time after the deployment.
  public func share(after time: TimeSpan) -> Double {
    switch self {
    case .allAtOnce: 1
    case .canary(let share, let after): time < after ? share : 1
    case .linear(let share, let every): min(1, share * Double(time.nanoseconds / max(1, every.nanoseconds) + 1))
    }
  }

  /// CodeDeploy's predefined configurations
  /// (docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html, read 2026-11).
  public static let codeDeploy: [(name: String, shift: TrafficShift)] = [
    ("all-at-once", .allAtOnce),
    ("canary-10-percent-5-minutes", .canary(share: 0.1, after: .minutes(5))),
    ("canary-10-percent-10-minutes", .canary(share: 0.1, after: .minutes(10))),
    ("canary-10-percent-15-minutes", .canary(share: 0.1, after: .minutes(15))),
    ("canary-10-percent-30-minutes", .canary(share: 0.1, after: .minutes(30))),
    ("linear-10-percent-every-1-minute", .linear(share: 0.1, every: .minutes(1))),
    ("linear-10-percent-every-2-minutes", .linear(share: 0.1, every: .minutes(2))),
    ("linear-10-percent-every-3-minutes", .linear(share: 0.1, every: .minutes(3))),
    ("linear-10-percent-every-10-minutes", .linear(share: 0.1, every: .minutes(10))),
  ]
}
