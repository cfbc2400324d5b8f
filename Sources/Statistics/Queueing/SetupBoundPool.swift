/// Poisson arrivals, one request per environment, and a setup that is bound to the request that caused it, all times
/// exponential: (in setup, busy, idle) is a Markov chain, the same for every order of reuse.
///
/// A cold start takes setup and service time, during which its environment is away; so setups breed a few more.
public struct SetupBoundPool: Equatable, Sendable {
  /// Arrivals per second.
  public let rate: Double
  /// Mean service time in seconds.
  public let service: Double
  /// Mean setup time in seconds.
  public let setup: Double
  /// Mean seconds that an environment stays after a request ends.
  public let keepAlive: Double

  /// All positive; rate × (service + setup) is at most 100 Erlang.
  public init(rate: Double, service: Double, setup: Double, keepAlive: Double) throws(ParameterOutOfRange) {
    try requireLoad(rate: rate, service: service)
    try requireTime(setup, "setup time")
    try requireTime(keepAlive, "keep-alive")
    guard rate * (service + setup) <= 100 else {
      throw ParameterOutOfRange(
        parameter: "rate times service and setup time", found: "\(rate * (service + setup)) Erlang",
        expected: "at most 100 Erlang; above, simulate")
    }
    self.rate = rate
    self.service = service
    self.setup = setup
    self.keepAlive = keepAlive
  }

  /// All figures. `relativeError` is twice the share of arrivals lost at the edge where the chain is cut, relative to the
  /// share of cold starts: to first order, each may change its own fate and that of one later arrival.
  public func figures() throws(ParameterOutOfRange) -> PoolFigures {
    let instant = try ExponentialKeepAlivePool(rate: rate, service: service, keepAlive: keepAlive).figures()
    let setups = max(1e-9, rate * setup * min(1, 1.5 * instant.coldProbability))
    // Setups come in bursts, more of them together than a Poisson law would have.
    var mostInSetup = 5 + Int(4 * (rate * setup).squareRoot())
    var mostEnvironments = PoissonLaw(unchecked: rate * service + setups).peak(ofProbability: 1e-14) + 1
    while true {
      let sums = solve(mostEnvironments: mostEnvironments, mostInSetup: mostInSetup)
      let error = 2 * (sums.lostAtTop + sums.lostInSetup) / sums.cold
      guard error < 1e-9 else {
        if sums.lostInSetup > 0.1e-9 * sums.cold { mostInSetup += 2 + mostInSetup / 2 }
        if sums.lostAtTop > 0.1e-9 * sums.cold { mostEnvironments += 2 + mostEnvironments / 8 }
        continue
      }
      return PoolFigures(
        coldProbability: sums.cold, meanBusy: sums.busy, meanIdle: sums.idle, meanInSetup: sums.inSetup,
        coldRate: rate * sums.cold, relativeError: max(error, 1e-11))
    }
  }

  /// Levels are numbers of environments, solved from the last one down; then flows are carried up from level zero.
  private func solve(mostEnvironments: Int, mostInSetup: Int) -> SetupExcursion.Sums {
    var levels: [[SetupExcursion]] = []
    var returns: [[Double]] = []
    for environments in (1...mostEnvironments).reversed() {
      let level = SetupLevel(
        rate: rate, completion: 1 / service, readiness: 1 / setup, expiry: 1 / keepAlive, environments: environments,
        mostInSetup: mostInSetup, isLast: environments == mostEnvironments)
      var excursions = level.excursions(returningWith: returns)
      returns = excursions.map(\.falls)
      for index in excursions.indices { excursions[index].falls = [] }
      levels.append(excursions)
    }
    // Level zero is one state, in which every arrival is cold.
    var sums = SetupExcursion.Sums(total: 1, cold: 1)
    var entries = [rate]
    for excursions in levels.reversed() {
      var next = [Double](repeating: 0, count: mostInSetup)
      for (excursion, flow) in zip(excursions, entries) {
        sums.add(flow, excursion.sums)
        for (boundary, climbs) in excursion.climbs.enumerated() { next[boundary] += flow * climbs }
      }
      entries = next
    }
    var shares = SetupExcursion.Sums()
    shares.add(1 / sums.total, sums)
    return shares
  }
}
