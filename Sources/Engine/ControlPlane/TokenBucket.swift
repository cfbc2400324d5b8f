import Units

/// A bucket of tokens that fills up continuously: exact, in whole tokens times nanoseconds.
struct TokenBucket {
  private let capacity: Int128
  /// Tokens that come in `period`.
  private let refill: Int128
  private let period: Int128
  private var level: Int128
  private var filledAt: Int64 = 0

  /// Full at the start.
  init(capacity: Int, refill: Int, per period: TimeSpan) {
    self.period = Int128(max(1, period.nanoseconds))
    self.capacity = Int128(capacity) * self.period
    self.refill = Int128(refill)
    level = self.capacity
  }

  /// Requests a second, with a burst of one second's worth unless said otherwise.
  init(perSecond rate: Int, burst: Int? = nil) { self.init(capacity: burst ?? rate, refill: rate, per: .seconds(1)) }

  /// Whether there is a token at `time`; times never fall.
  mutating func hasToken(at time: Int64) -> Bool {
    level = min(capacity, level + refill * Int128(time - filledAt))
    filledAt = time
    return level >= period
  }

  /// Takes the token that `hasToken` found.
  mutating func take() { level -= period }
}
