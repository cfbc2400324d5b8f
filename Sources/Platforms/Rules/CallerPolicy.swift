public import Units

/// What stands between a synchronous caller and the function, and what the caller does when it goes wrong.
public struct CallerPolicy: Hashable, Sendable {
  /// The way in.
  public enum Door: String, CaseIterable, Hashable, Sendable {
    /// Lambda's API.
    case invoke
    /// A function URL: as `invoke`, a refusal is HTTP 429
    /// (docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html, read 2026-11).
    case functionURL = "function-url"
    /// A REST API of Amazon API Gateway: answers 504 after 29 s.
    case restAPI = "rest-api"
    /// An HTTP API of Amazon API Gateway: answers 503 after 30 s.
    case httpAPI = "http-api"

    /// When the door itself gives up on the function
    /// (docs.aws.amazon.com/apigateway/latest/developerguide/limits.html; 29 s can be raised on request since 2024-06).
    public var timeout: TimeSpan? {
      switch self {
      case .invoke, .functionURL: nil
      case .restAPI: .seconds(29)
      case .httpAPI: .seconds(30)
      }
    }

    /// API Gateway's account throttle in a Region, requests a second and burst
    /// (docs.aws.amazon.com/apigateway/latest/developerguide/limits.html).
    public static let gatewayRate = 10_000
    public static let gatewayBurst = 5_000

    /// Whether API Gateway's account throttle stands before it.
    public var isGateway: Bool { self == .restAPI || self == .httpAPI }
  }

  public var door: Door
  /// The caller gives up on an attempt after this time; the function runs on.
  public var timeout: TimeSpan?
  /// Attempts at most, the first included.
  public var attempts: Int
  public var backoff: Backoff
  public var budget: RetryBudget?

  public init(
    door: Door = .invoke, timeout: TimeSpan? = nil, attempts: Int = 1, backoff: Backoff = Backoff(),
    budget: RetryBudget? = nil
  ) {
    self.door = door
    self.timeout = timeout
    self.attempts = attempts
    self.backoff = backoff
    self.budget = budget
  }

  /// The AWS SDKs' standard mode: three attempts, full jitter from 1 s doubling to 20 s, a retry quota; 60 s to read
  /// (docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html and …/feature-smart-config-defaults.html).
  public static let sdkStandard = CallerPolicy(
    timeout: .seconds(60), attempts: 3, backoff: Backoff(), budget: RetryBudget())
}

/// The wait before an attempt is repeated: it doubles from `base` to `longest`, and chance spreads callers that failed
/// together (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
public struct Backoff: Hashable, Sendable {
  public enum Jitter: String, CaseIterable, Hashable, Sendable {
    /// The whole wait.
    case none
    /// Uniform from zero to the wait.
    case full
    /// Uniform from half the wait to the wait.
    case equal
    /// Uniform from `base` to three times the wait before.
    case decorrelated
  }

  public var base: TimeSpan
  public var longest: TimeSpan
  public var jitter: Jitter

  public init(base: TimeSpan = .seconds(1), longest: TimeSpan = .seconds(20), jitter: Jitter = .full) {
    self.base = base
    self.longest = longest
    self.jitter = jitter
  }

  /// The wait before retry number `retry`, from 0.
  /// - Parameters:
  ///   - previous: the wait before the retry before, ns.
  ///   - chance: uniform in 0 to 1.
  public func wait(retry: Int, previous: Int64, chance: Double) -> Int64 {
    let doubled = base.nanoseconds.multipliedReportingOverflow(by: 1 << Int64(min(retry, 40)))
    let ceiling = doubled.overflow ? longest.nanoseconds : min(longest.nanoseconds, doubled.partialValue)
    let wait = Double(ceiling)
    switch jitter {
    case .none: return ceiling
    case .full: return Int64(chance * wait)
    case .equal: return Int64((0.5 + 0.5 * chance) * wait)
    case .decorrelated:
      let low = Double(base.nanoseconds)
      let high = max(low, 3 * Double(previous))
      return min(longest.nanoseconds, Int64(low + chance * (high - low)))
    }
  }
}

/// Tokens that retries cost, so that callers stop retrying when nearly everything fails. The defaults are the AWS SDKs'.
public struct RetryBudget: Hashable, Sendable {
  public var capacity: Int
  public var retryCost: Int
  /// For a retry after the caller's own timeout.
  public var timeoutCost: Int
  /// Given back by a first attempt that succeeds; a retry that succeeds gives back what it cost.
  public var refund: Int

  public init(capacity: Int = 500, retryCost: Int = 5, timeoutCost: Int = 10, refund: Int = 1) {
    self.capacity = capacity
    self.retryCost = retryCost
    self.timeoutCost = timeoutCost
    self.refund = refund
  }
}
