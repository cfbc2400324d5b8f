/// Poisson arrivals, exponential service, one request per environment, exponential keep-alive: (busy, idle) is a Markov
/// chain, the same for every order of reuse, as idle environments do not age.
public struct ExponentialKeepAlivePool: Equatable, Sendable {
  /// Arrivals per second.
  public let rate: Double
  /// Mean service time in seconds.
  public let service: Double
  /// Mean seconds that an environment stays after a request ends.
  public let keepAlive: Double
  /// Concurrency limit; nil for none.
  public let limit: Int?

  /// All positive; rate × service is at most 100,000 Erlang (the states are some 170 times as many), the limit at most
  /// ten million.
  public init(rate: Double, service: Double, keepAlive: Double, limit: Int? = nil) throws(ParameterOutOfRange) {
    try requireLoad(rate: rate, service: service)
    try requireTime(keepAlive, "keep-alive")
    if let limit { try requireCount(limit, "limit") }
    try requireLoad(rate * service, atMost: 1e5)
    self.rate = rate
    self.service = service
    self.keepAlive = keepAlive
    self.limit = limit
  }

  /// All figures.
  ///
  /// Without a limit, the chain is cut where the number busy is once in 1e18 instants. Run both with the same arrivals:
  /// each one rejected at the cut would have been cold, and the environment that it would have left behind spares at
  /// most one later cold start; so the share of cold starts is off by at most twice what is cut. `relativeError` says so.
  public func figures() -> PoolFigures {
    let law = PoissonLaw(unchecked: rate * service)
    let last = min(limit ?? .max, law.peak(ofProbability: 1e-18))
    // From where fewer are busy only once in 1e18 instants; the share below is at most that of a geometric law.
    var first = min(last - 1, Int(law.mean))
    var below = 1.0
    while first > 0, below >= 1e-18 {
      below *= Double(first) / law.mean
      first -= 1
    }
    below = first == 0 ? 0 : below / (1 - Double(first) / law.mean)
    let chain = Chain(birth: rate, death: 1 / service, expiry: 1 / keepAlive, levels: first...last)
    let tops = chain.solve(keepsFallPhases: false).topProbabilities
    let isCut = last != limit
    let cut = tops.last ?? 0
    let rejected = isCut ? limit.map { LossSystem.blocking(offered: rate * service, limit: $0) } ?? 0 : cut
    let cold = tops.dropLast().reduce(0, +)
    return PoolFigures(
      coldProbability: cold / (1 - rejected), rejectionProbability: rejected,
      meanBusy: rate * service * (1 - rejected),
      // As many environments expire as start.
      meanIdle: rate * cold * keepAlive,
      coldRate: rate * cold,
      relativeError: 1e-13 + 2 * ((isCut ? cut : 0) + below) / cold)
  }

  private struct Chain: LevelChain {
    let birth: Double
    let death: Double
    let expiry: Double
    let levels: ClosedRange<Int>
    var lowestPhase: Int { levels.lowerBound }
    func topPhase(of level: Int) -> Int { level }
    func fallRate(level: Int, phase: Int) -> Double { Double(level - phase) * expiry }
  }
}
