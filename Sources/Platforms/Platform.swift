public import Statistics

/// A serverless platform as the simulation sees it: values only, no clock, no state.
public struct Platform: Hashable, Sendable {
  /// Names the price book's entry.
  public var region: String
  /// Concurrent executions that all functions share; nil for no limit. AWS starts accounts at 1,000 per Region
  /// (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, read 2026-11).
  public var accountConcurrency: Int?
  public var reuse: ReuseOrder
  public var keepAlive: KeepAlive
  /// The age at which an idle environment is ended and a busy one is not used again; nil for none.
  ///
  /// AWS ends environments "every few hours" and gives no number; measured in 2020: U(7000, 7400) s, about 2 h.
  public var maximumLifetime: Distribution?
  /// In place of keep-alive, which environments are kept; nil for keep-alive alone.
  public var policy: KeepAlivePolicy?
  /// What the service refuses beyond concurrency; nothing unless said.
  public var limits: ServiceLimits
  /// Settings by function; later rules win over earlier ones, exact names over patterns.
  public var rules: [FunctionRule]

  public init(
    region: String = "us-east-1", accountConcurrency: Int? = 1000, reuse: ReuseOrder = .mostRecentlyUsed,
    keepAlive: KeepAlive = .default, maximumLifetime: Distribution? = .constant(7200),
    limits: ServiceLimits = .none, rules: [FunctionRule] = []
  ) {
    self.region = region
    self.accountConcurrency = accountConcurrency
    self.reuse = reuse
    self.keepAlive = keepAlive
    self.maximumLifetime = maximumLifetime
    self.limits = limits
    self.rules = rules
  }

  /// Whether anything in it lets what happened decide what comes: retries, growth, tracking, versions. Without, each
  /// invocation's fate follows from concurrency alone.
  public var hasFeedback: Bool {
    limits != .none
      || rules.contains { rule in
        var beside = rule.behaviour
        if beside.provisioning?.tracking == nil { beside.provisioning = nil }
        return !beside.isEmpty
      }
  }

  /// Whether provisioned concurrency changes at given times.
  public var hasSchedules: Bool { rules.contains { $0.behaviour.provisioning != nil } }

  /// Whether some functions have a part of the account's concurrency for themselves.
  public var dividesConcurrency: Bool {
    rules.contains {
      $0.reservedConcurrency != nil || $0.provisionedConcurrency != nil || $0.behaviour.provisioning != nil
    }
  }
}

/// Which idle environment serves the next invocation. AWS documents none; traces of 2020 show most-recently-used in
/// 99.2-99.6 % of choices.
public enum ReuseOrder: String, CaseIterable, Hashable, Sendable {
  case mostRecentlyUsed = "most-recently-used"
  case leastRecentlyUsed = "least-recently-used"
  case newestCreated = "newest-created"
  case oldestCreated = "oldest-created"
  case random
}

/// How long an idle environment waits for the next invocation before it is ended, in seconds.
public struct KeepAlive: Hashable, Sendable {
  /// The law for an environment that becomes idle while no other of its function is alive.
  public var sole: Distribution
  /// The law for one that becomes idle while others are alive; nil means the same as `sole`.
  public var deeper: Distribution?

  public init(_ sole: Distribution, deeper: Distribution? = nil) {
    self.sole = sole
    self.deeper = deeper
  }

  /// Ten minutes: what AWS Lambda measured as in 2019 (Shilkov) and 2021 (STeLLAR, IISWC'21). AWS promises no number.
  public static let `default` = KeepAlive(.constant(600))
}
