import Platforms
import Units

/// What all functions of an account share in a Region.
struct Account {
  /// Concurrent on-demand invocations of functions without a reservation that fit; nil for no limit. Falls and rises with
  /// provisioned concurrency.
  private(set) var sharedLimit: Int?
  private(set) var sharedBusy = 0
  /// New environments, where the account as a whole is bounded.
  var growth: TokenBucket?
  /// Requests a second of functions without a reservation.
  private var requests: TokenBucket?
  /// When such requests came, where a function is alone: what shows that the rate was enough for all.
  var counts: RequestCounts?
  /// Requests a second through API Gateway.
  var gateway = TokenBucket(
    perSecond: CallerPolicy.Door.gatewayRate, burst: CallerPolicy.Door.gatewayBurst)

  /// - Parameter sharedLimit: what reservations and provisioned concurrency leave at the start.
  init(platform: Platform, sharedLimit: Int?) {
    self.sharedLimit = sharedLimit
    if case .account(let burst, let perMinute) = platform.limits.scaling {
      growth = TokenBucket(capacity: burst, refill: perMinute, per: .minutes(1))
    }
    if let rate = platform.limits.requestsPerConcurrency, let limit = platform.accountConcurrency {
      requests = TokenBucket(perSecond: rate * limit)
    }
  }

  var isFull: Bool { sharedLimit.map { sharedBusy >= $0 } ?? false }

  /// A request of a function without a reservation, where they share a rate; false when it is above.
  mutating func admit(at now: Int64) -> Bool {
    guard requests != nil else { return true }
    counts?.add(at: now)
    guard requests?.hasToken(at: now) == true else { return false }
    requests?.take()
    return true
  }

  mutating func began() { sharedBusy += 1 }
  mutating func ended() { sharedBusy -= 1 }

  /// Takes `change` environments out of what is shared, or gives back when negative; false, and nothing changes, when
  /// fewer than AWS keeps unreserved would be left.
  mutating func provision(_ change: Int) -> Bool {
    guard let limit = sharedLimit else { return true }
    guard change <= 0 || limit - change >= SharedConcurrency.leastUnreserved else { return false }
    sharedLimit = limit - change
    return true
  }
}
