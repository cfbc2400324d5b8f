import Glibc

/// Provisioned concurrency in front of an on-demand pool: Poisson arrivals take a provisioned environment while one is
/// free and spill over to on-demand environments otherwise, which are reused most recently used first and kept for a
/// fixed time. Exponential service.
///
/// On-demand environments form a stack as in `KeepAlivePool`, now with the number of busy provisioned environments as a
/// phase: the spilled arrival that takes the busy on-demand environments from m to m + 1 is warm if they last fell from
/// m + 1 to m at most the keep-alive ago. The passage time between is that of a chain on (phase, level) which starts
/// with the law of the phase at the fall.
public struct ProvisionedPool: Equatable, Sendable {
  /// Arrivals per second.
  public let rate: Double
  /// Mean service time in seconds.
  public let service: Double
  /// Provisioned environments; zero for none.
  public let provisioned: Int
  /// Seconds that an on-demand environment stays after a request ends.
  public let keepAlive: Double

  /// Rate, service and keep-alive are positive; rate × service is at most 100,000 Erlang, `provisioned` from zero to ten
  /// million.
  public init(rate: Double, service: Double, provisioned: Int, keepAlive: Double) throws(ParameterOutOfRange) {
    try requireLoad(rate: rate, service: service)
    try requireCount(provisioned, "provisioned concurrency", in: 0...10_000_000)
    try requireTime(keepAlive, "keep-alive")
    try requireLoad(rate * service, atMost: 1e5)
    self.rate = rate
    self.service = service
    self.provisioned = provisioned
    self.keepAlive = keepAlive
  }

  public struct Figures: Equatable, Sendable {
    /// Share of the arrivals that find no provisioned environment free.
    public var spillProbability: Double
    /// Share of all arrivals that start an on-demand environment.
    public var coldProbability: Double
    /// Mean numbers of environments.
    public var meanBusyProvisioned: Double
    public var meanBusyOnDemand: Double
    public var meanIdleOnDemand: Double
    /// A safe estimate of the relative error of the cold share and the mean idle; the others are exact.
    public var relativeError: Double

    /// Share of the spilled arrivals that start an environment; NaN when nothing spills.
    public var coldProbabilityGivenSpill: Double { coldProbability / spillProbability }
    /// Mean number of on-demand environments.
    public var meanOnDemand: Double { meanBusyOnDemand + meanIdleOnDemand }
  }

  /// Share of the arrivals that spill over: Erlang's loss formula.
  public var spillProbability: Double { LossSystem.blocking(offered: rate * service, limit: provisioned) }

  /// Share of all arrivals that start an on-demand environment.
  public var coldProbability: Double {
    guard spillProbability > 0 else { return 0 }
    let passages = Passages(chain: Chain(rate: rate, service: service, provisioned: provisioned))
    return max(0, LaplaceInversion.standard.values(at: keepAlive, fourByFour: passages.transforms).0)
  }

  /// All figures. Time grows with the number of states that matter: some 0.3 s at 10,000 Erlang.
  public func figures() -> Figures {
    let offered = rate * service
    let spill = spillProbability
    var figures = Figures(
      spillProbability: spill, coldProbability: 0, meanBusyProvisioned: offered * (1 - spill),
      meanBusyOnDemand: offered * spill, meanIdleOnDemand: 0, relativeError: 0)
    guard spill > 0 else { return figures }
    let chain = Chain(rate: rate, service: service, provisioned: provisioned)
    let passages = Passages(chain: chain)
    let standard = LaplaceInversion.standard.values(at: keepAlive, fourByFour: passages.transforms)
    let check = LaplaceInversion.check.values(at: keepAlive, fourByFour: passages.transforms)
    figures.coldProbability = max(0, standard.0)
    figures.meanIdleOnDemand = rate * standard.1
    figures.relativeError = max(
      1e-12, abs(standard.0 - check.0) / standard.0, abs(standard.1 - check.1) / standard.1)
    return figures
  }
}

// MARK: - The chain of (busy provisioned, busy on demand)

extension ProvisionedPool {
  private struct Chain: LevelChain {
    let birth: Double
    let death: Double
    let levels: ClosedRange<Int>
    let lowestPhase: Int
    let top: Int

    /// States are left out that no more than one in 1e20 instants sees, or one in 1e20 of those with a spill: the counts
    /// of provisioned and on-demand busy together are Poisson, and the former alone follow that law cut at their number.
    init(rate: Double, service: Double, provisioned: Int) {
      let law = PoissonLaw(unchecked: rate * service)
      birth = rate
      death = 1 / service
      top = provisioned
      var last = max(provisioned + 1, Int(law.mean) + 1)
      var share = 1.0
      while share >= 1e-20 {
        share *= law.mean / Double(last)
        last += 1
      }
      var lowest = min(provisioned, Int(law.mean))
      share = 1
      while lowest > 0, share >= 1e-20 {
        share *= Double(lowest) / law.mean
        lowest -= 1
      }
      lowestPhase = lowest
      let first = max(0, law.trough(ofProbability: 1e-24) - provisioned)
      levels = first...max(first + 1, last - provisioned)
    }

    func topPhase(of level: Int) -> Int { top }
    func fallRate(level: Int, phase: Int) -> Double { Double(level) * death }
  }

  /// The transforms of P(cold) and of the mean idle per arrival, as functions of the keep-alive.
  private struct Passages {
    let chain: Chain
    let solution: LevelSolution

    init(chain: Chain) {
      self.chain = chain
      solution = chain.solve(keepsFallPhases: true)
    }

    /// Level by level: ψ(j), the transform of P(T > t) for the passage from (j, m) to a spill that finds m busy.
    ///
    /// From (j, m) the chain goes on to j + 1 or j - 1, or falls to level m - 1, from where it must first come back to
    /// the top phase. Eliminating phases upwards gives ψ(j) = a(j) + b(j) ψ(j+1) + c(j) ψ(top), with
    /// b + c = 1 - s a, by which ψ(top) = d / (λ + s d) needs no difference of nearly equal numbers.
    func transforms(_ s: ComplexLanes) -> (ComplexLanes, ComplexLanes) {
      let count = chain.top - chain.lowestPhase + 1
      var survival = [ComplexLanes](repeating: .zero, count: count)
      var a = survival
      var b = survival
      var c = survival
      var sum = ComplexLanes.zero
      for level in 0..<chain.levels.upperBound {
        let fall = Double(level) * chain.death
        var leaving = ComplexLanes.zero
        var inverse = ComplexLanes.zero
        var before = (a: ComplexLanes.zero, c: ComplexLanes.zero)
        for index in 0..<count - 1 {
          let left = index == 0 ? 0 : Double(chain.lowestPhase + index) * chain.death
          // 1 - b of the phase before is (its denominator - λ) over its denominator.
          leaving = fall + s + left * (leaving * inverse)
          inverse = (chain.birth + leaving).inverse
          before.a = (1 + fall * survival[index] + left * before.a) * inverse
          before.c = (fall * (1 - s * survival[index]) + left * before.c) * inverse
          a[index] = before.a
          b[index] = chain.birth * inverse
          c[index] = before.c
        }
        let left = count == 1 ? 0 : Double(chain.top) * chain.death
        let d = 1 + fall * survival[count - 1] + left * before.a
        let atTop = d / (chain.birth + s * d)
        survival[count - 1] = atTop
        for index in (0..<count - 1).reversed() {
          survival[index] = a[index] + b[index] * survival[index + 1] + c[index] * atTop
        }
        guard level >= chain.levels.lowerBound else { continue }
        let place = level - chain.levels.lowerBound
        var started = ComplexLanes.zero
        for (share, survival) in zip(solution.fallPhases[place], survival) { started = started + share * survival }
        sum = sum + solution.topProbabilities[place] * started
      }
      return (sum, sum / s)
    }
  }
}

// MARK: - Targets

extension ProvisionedPool {
  /// The smallest provisioned concurrency with at most a share `target` of spilled arrivals.
  public static func smallest(
    rate: Double, service: Double, spillProbability target: Double
  ) throws(ParameterOutOfRange) -> Int {
    try requireLoad(rate: rate, service: service)
    return try LossSystem.smallestLimit(offered: rate * service, blocking: target)
  }

  /// The smallest provisioned concurrency with at most a share `target` of cold starts: between none, and the one that
  /// spills no more than that.
  public static func smallest(
    rate: Double, service: Double, keepAlive: Double, coldProbability target: Double
  ) throws(ParameterOutOfRange) -> Int {
    var high = try smallest(rate: rate, service: service, spillProbability: target)
    let alone = try KeepAlivePool(rate: rate, service: service, keepAlive: keepAlive)
    if alone.coldProbability <= target { return 0 }
    // Cold starts are a share of the spillover that changes little from one number to the next: it points to the number
    // where they meet the target. Where it points beyond what is known, steps double.
    var low = 0
    var step = 1
    var provisioned = high
    while true {
      let pool = try ProvisionedPool(rate: rate, service: service, provisioned: provisioned, keepAlive: keepAlive)
      let cold = pool.coldProbability
      if cold <= target { high = provisioned } else { low = provisioned }
      guard high - low > 1 else { return high }
      let share = cold / pool.spillProbability
      let pointed = target < share ? try smallest(rate: rate, service: service, spillProbability: target / share) : low
      if pointed <= low {
        provisioned = min(low + step, high - 1)
        step *= 2
      } else if pointed >= high {
        provisioned = max(high - step, low + 1)
        step *= 2
      } else {
        provisioned = pointed
      }
    }
  }
}
