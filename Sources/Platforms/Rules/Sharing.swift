public import Statistics
public import Units

/// Several invocations in one environment at a time, as other platforms than Lambda's functions allow: Cloud Run, Azure
/// Functions, Knative.
///
/// A request goes to the environment that has the most of them and room for one more; one that is not ready yet is waited
/// for. Which environment platforms choose is not documented: filling them is an inference.
public struct EnvironmentSharing: Hashable, Sendable {
  /// Invocations of one environment at most.
  public var concurrency: Int

  public init(concurrency: Int) { self.concurrency = concurrency }
}

/// A function that keeps its tenants apart: an environment serves one tenant only
/// (docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html, read 2026-11).
public struct TenantIsolation: Hashable, Sendable {
  public var tenants: Int
  /// How unequal tenants are: the n-th most frequent has n^-skew of the first one's requests; 0 for equal ones.
  public var skew: Double

  public init(tenants: Int, skew: Double = 0) {
    self.tenants = tenants
    self.skew = skew
  }

  /// Environments, active or idle, for every thousand of the function's concurrency. What happens beyond AWS does not
  /// say; inferred is that the request is refused.
  public static let environmentsPerThousand = 2500
}

/// Lambda Managed Instances: environments on the account's own EC2 instances, each with many invocations at a time. None
/// starts when a request comes: there are no cold starts, and what finds no room is refused
/// (docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-scaling.html, read 2026-11).
///
/// Lambda adds environments behind the demand, by concurrency and by processor, with room for traffic to double within
/// five minutes. How, AWS does not say; inferred is: every `period`, as many as keep the largest demand of the last five
/// minutes below `target`, ready after `delay`.
public struct ManagedInstances: Hashable, Sendable {
  /// Invocations of one environment at most: up to 64 for each vCPU.
  public var concurrency: Int
  /// Environments at least and at most; both zero switch the function off. AWS: 3, and no limit.
  public var minimum: Int
  public var maximum: Int
  /// vCPUs of an environment.
  public var processors: Double
  /// vCPUs that a running invocation uses; zero to scale by concurrency alone.
  public var processorsPerInvocation: Double
  /// The share of what environments can take that Lambda aims at. AWS: room to double, so one half.
  public var target: Double
  public var period: TimeSpan
  /// From the decision to the first request, s.
  public var delay: Distribution

  public init(
    concurrency: Int = 64, minimum: Int = 3, maximum: Int = 15_000, processors: Double = 1,
    processorsPerInvocation: Double = 0, target: Double = 0.5, period: TimeSpan = .seconds(30),
    delay: Distribution = .constant(60)
  ) {
    self.concurrency = concurrency
    self.minimum = minimum
    self.maximum = maximum
    self.processors = processors
    self.processorsPerInvocation = processorsPerInvocation
    self.target = target
    self.period = period
    self.delay = delay
  }

  /// Invocations that one environment can take: as many as its concurrency and its processors allow.
  public var room: Int {
    guard processorsPerInvocation > 0 else { return concurrency }
    return max(1, min(concurrency, Int(processors / processorsPerInvocation)))
  }
}
