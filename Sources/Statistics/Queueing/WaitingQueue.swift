import Glibc

/// Poisson arrivals, exponential service, a concurrency limit, and a first-in-first-out queue before it (M/M/c):
/// requests that a limit holds back instead of rejecting.
public struct WaitingQueue: Equatable, Sendable {
  /// Arrivals per second.
  public let rate: Double
  /// Mean service time in seconds.
  public let service: Double
  /// The concurrency limit.
  public let limit: Int
  /// The share of arrivals that wait, Erlang's C.
  public let waitProbability: Double

  /// The load, rate × service, is below `limit`: otherwise the queue grows for ever.
  public init(rate: Double, service: Double, limit: Int) throws(ParameterOutOfRange) {
    try requireLoad(rate: rate, service: service)
    try requireCount(limit, "limit")
    let offered = rate * service
    guard offered < Double(limit) else {
      throw ParameterOutOfRange(
        parameter: "limit", found: "\(limit)",
        expected: "above the load of \(offered) Erlang, or else the queue grows for ever")
    }
    self.rate = rate
    self.service = service
    self.limit = limit
    waitProbability = Self.waitProbability(
      offered: offered, limit: limit, blocking: LossSystem.blocking(offered: offered, limit: limit))
  }

  private static func waitProbability(offered: Double, limit: Int, blocking: Double) -> Double {
    let spare = (Double(limit) - offered) / Double(limit)
    return blocking / (spare + (1 - spare) * blocking)
  }

  public var offered: Double { rate * service }
  /// Busy share of the limit.
  public var utilisation: Double { offered / Double(limit) }
  /// Mean waiting time of all arrivals, in seconds.
  public var meanWait: Double { waitProbability * service / (Double(limit) - offered) }
  /// Mean of waiting and service together, in seconds.
  public var meanResponse: Double { meanWait + service }
  /// Mean number of waiting requests.
  public var meanWaiting: Double { rate * meanWait }

  /// P(wait > t), t in seconds.
  public func wait(above t: Double) -> Double {
    t < 0 ? 1 : waitProbability * exp(-(Double(limit) - offered) * t / service)
  }

  /// P(waiting and service together > t), t in seconds.
  ///
  /// The sum of a service time and, with probability C, an exponential of rate (c - a)/S:
  /// e^-t/S (1 + C (1 - e^-xt/S)/x) with x = c - a - 1, whose limit at x = 0 is e^-t/S (1 + C t/S).
  public func response(above t: Double) -> Double {
    if t <= 0 { return 1 }
    let age = t / service
    let x = Double(limit) - offered - 1
    // For x below zero, e^-age is multiplied in before it meets e^(-x age), which may be huge.
    let integral =
      x == 0 ? age * exp(-age) : x > 0 ? exp(-age) * -expm1(-x * age) / x : exp(-(1 + x) * age) * expm1(x * age) / x
    return min(1, exp(-age) + waitProbability * integral)
  }

  /// The response time in seconds that a share `p` of the requests does not exceed.
  public func responseQuantile(_ p: Double) throws(ParameterOutOfRange) -> Double {
    try requireProbability(p, "quantile")
    let slowest = service / min(1, Double(limit) - offered)
    return bisectLogarithm(from: 1e-18 * service, to: 1000 * slowest) { response(above: $0) > 1 - p }
  }

  /// The smallest limit at which the mean wait is at most `target` seconds.
  public static func smallestLimit(
    rate: Double, service: Double, meanWait target: Double
  ) throws(ParameterOutOfRange) -> Int {
    try requireLoad(rate: rate, service: service)
    try requirePositive(target, "target wait")
    let offered = rate * service
    var blocking = 1.0
    var limit = 0
    while true {
      limit += 1
      blocking = offered * blocking / (Double(limit) + offered * blocking)
      guard Double(limit) > offered else { continue }
      let wait = waitProbability(offered: offered, limit: limit, blocking: blocking)
      if wait * service / (Double(limit) - offered) <= target { return limit }
    }
  }
}
