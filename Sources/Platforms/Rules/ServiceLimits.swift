public import Units

/// What the service refuses beyond concurrency itself. Nil: it doesn't.
///
/// The default is none of them, so that a scenario says what it wants to see; `lambda` is what AWS documents today.
public struct ServiceLimits: Hashable, Sendable {
  /// How fast new environments may be added.
  public var scaling: ScalingRate?
  /// Synchronous requests a second for each unit of concurrency, at account, reserved and provisioned level alike.
  public var requestsPerConcurrency: Int?
  /// After this long the Init phase of an on-demand environment is given up, and runs again inside the invocation.
  public var initLimit: TimeSpan?
  /// A restore from a snapshot that takes longer fails its invocation (`SnapStartTimeoutException`).
  public var restoreLimit: TimeSpan?

  public init(
    scaling: ScalingRate? = nil, requestsPerConcurrency: Int? = nil, initLimit: TimeSpan? = nil,
    restoreLimit: TimeSpan? = nil
  ) {
    self.scaling = scaling
    self.requestsPerConcurrency = requestsPerConcurrency
    self.initLimit = initLimit
    self.restoreLimit = restoreLimit
  }

  public static let none = ServiceLimits()

  /// As documented in 2026: 1,000 environments every 10 s for each function
  /// (docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html), ten requests a second for each unit of concurrency
  /// (…/lambda-concurrency.html), Init and restore within 10 s (…/lambda-runtime-environment.html); read 2026-11.
  public static let lambda = ServiceLimits(
    scaling: .perFunction(environments: 1000, per: .seconds(10)), requestsPerConcurrency: 10, initLimit: .seconds(10),
    restoreLimit: .seconds(10))

  /// As it was until 2023-11-26: a burst for the whole account (3,000 in the largest Regions), then 500 environments more
  /// a minute; the other limits as today.
  public static let lambdaBefore2023 = ServiceLimits(
    scaling: .account(burst: 3000, perMinute: 500), requestsPerConcurrency: 10, initLimit: .seconds(10),
    restoreLimit: .seconds(10))
}

/// How fast concurrency may grow: a bucket of tokens, one for each new on-demand environment, that fills up continuously.
///
/// AWS documents the rate and that it refills continuously without accruing; that the bucket holds one period's worth is
/// an inference.
public enum ScalingRate: Hashable, Sendable {
  /// Each function has its own bucket of `environments` tokens, which fills up in `per`.
  case perFunction(environments: Int, per: TimeSpan)
  /// All functions share a bucket of `burst` tokens, which gains `perMinute` of them every minute.
  case account(burst: Int, perMinute: Int)
}

/// Why a request was refused, as Lambda's API names it: `TooManyRequestsException.Reason`
/// (docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, read 2026-11).
public enum ThrottleReason: String, CaseIterable, Hashable, Sendable {
  /// The concurrency that functions share is used up, or may not grow this fast.
  case concurrentInvocations = "ConcurrentInvocationLimitExceeded"
  /// The function's reserved concurrency is used up, or zero.
  case reservedConcurrentInvocations = "ReservedFunctionConcurrentInvocationLimitExceeded"
  /// More requests a second than the account's concurrency allows.
  case callerRate = "CallerRateLimitExceeded"
  /// More requests a second than the function's reserved concurrency allows.
  case reservedRate = "ReservedFunctionInvocationRateLimitExceeded"
}
