public import Platforms

/// How many arrivals were refused, by reason; small, since there may be very many functions.
public struct ThrottleCounts: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  private var concurrentInvocations = 0
  private var reservedConcurrentInvocations = 0
  private var callerRate = 0
  private var reservedRate = 0

  public init(dictionaryLiteral elements: (ThrottleReason, Int)...) {
    for (reason, count) in elements { self[reason] += count }
  }

  public subscript(reason: ThrottleReason) -> Int {
    get {
      switch reason {
      case .concurrentInvocations: concurrentInvocations
      case .reservedConcurrentInvocations: reservedConcurrentInvocations
      case .callerRate: callerRate
      case .reservedRate: reservedRate
      }
    }
    set {
      switch reason {
      case .concurrentInvocations: concurrentInvocations = newValue
      case .reservedConcurrentInvocations: reservedConcurrentInvocations = newValue
      case .callerRate: callerRate = newValue
      case .reservedRate: reservedRate = newValue
      }
    }
  }

  /// All reasons together.
  public var total: Int { concurrentInvocations + reservedConcurrentInvocations + callerRate + reservedRate }

  /// Adds other counts so many times; -1 takes them away.
  public mutating func add(_ other: ThrottleCounts, times factor: Int = 1) {
    for reason in ThrottleReason.allCases { self[reason] += factor * other[reason] }
  }
}
