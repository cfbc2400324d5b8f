import Glibc

/// Poisson arrivals, exponential service, one request per environment, reuse of the most recently used environment, and
/// a fixed keep-alive: Lambda on demand. With a limit, arrivals that find it full are rejected.
///
/// Idle environments form a stack. The arrival that takes the number busy from n to n + 1 finds the environment that was
/// pushed when it last fell from n + 1 to n, if that was at most the keep-alive ago (deeper ones are older still).
/// Reversed in time, that gap is the passage time T(n) from n to n + 1. So with π the law of the number busy
///
///     P(cold) = Σ π(n) P(T(n) > τ)            E[idle] = λ Σ π(n) E[min(T(n), τ)]
///
/// and with a limit c, n stays below c and P(cold) is divided by the accepted share. The transform of P(T(n) > t) follows
/// from the one below it: ψ(n) = d / (λ + s d) with d = 1 + n μ ψ(n-1).
public struct KeepAlivePool: Equatable, Sendable {
  /// Arrivals per second.
  public let rate: Double
  /// Mean service time in seconds, the same for cold and warm starts.
  public let service: Double
  /// Seconds that an environment stays after a request ends.
  public let keepAlive: Double
  /// Concurrency limit; nil for none.
  public let limit: Int?

  /// All positive; rate × service is at most `largestOfferedLoad`, the limit at most ten million.
  public init(rate: Double, service: Double, keepAlive: Double, limit: Int? = nil) throws(ParameterOutOfRange) {
    try requireLoad(rate: rate, service: service)
    try requireTime(keepAlive, "keep-alive")
    if let limit { try requireCount(limit, "limit") }
    self.rate = rate
    self.service = service
    self.keepAlive = keepAlive
    self.limit = limit
  }

  /// Mean number busy were there no limit, in Erlang.
  public var offered: Double { rate * service }

  /// All figures. Time is proportional to the highest level that matters: about 3 ms at 10,000 Erlang.
  public func figures() -> PoolFigures {
    let levels = Levels(self)
    let standard = levels.sums(rate: rate, service: service, keepAlive: keepAlive, by: .standard)
    let check = levels.sums(rate: rate, service: service, keepAlive: keepAlive, by: .check)
    let accepted = 1 - levels.rejection
    return PoolFigures(
      coldProbability: standard.cold / accepted,
      rejectionProbability: levels.rejection,
      meanBusy: offered * accepted,
      meanIdle: rate * standard.idleSeconds,
      coldRate: rate * standard.cold,
      // A share of cold starts below the smallest number, e^-700, is zero.
      relativeError: max(
        standard.cold > 0 ? (abs(standard.cold - check.cold) + levels.neglected) / standard.cold : 0,
        abs(standard.idleSeconds - check.idleSeconds) / standard.idleSeconds, 1e-13))
  }

  /// Share of the accepted arrivals that start an environment.
  public var coldProbability: Double {
    let levels = Levels(self)
    return levels.sums(rate: rate, service: service, keepAlive: keepAlive, by: .standard).cold / (1 - levels.rejection)
  }
}

// MARK: - The sums over levels

extension KeepAlivePool {
  /// The law of the number busy, as far as an arrival can raise it.
  private struct Levels {
    /// π(n) for n from zero.
    let weights: [Double]
    /// Share of arrivals rejected.
    let rejection: Double
    /// A bound on the weight of the levels left out.
    let neglected: Double

    init(_ pool: KeepAlivePool) {
      let law = PoissonLaw(unchecked: pool.offered)
      // P(cold) is not below some multiple of 1/(λτ), so what lies beyond is nothing even for years of keep-alive.
      let top = min(pool.limit ?? .max, law.peak(ofProbability: 1e-26))
      let mode = min(top, Int(pool.offered))
      var weights = [Double](repeating: 0, count: top + 1)
      weights[mode] = 1
      for n in stride(from: mode - 1, through: 0, by: -1) {
        weights[n] = weights[n + 1] * Double(n + 1) / pool.offered
      }
      for n in (mode + 1)..<max(mode + 1, top + 1) { weights[n] = weights[n - 1] * pool.offered / Double(n) }
      let total = weights.reduce(0, +)
      for n in weights.indices { weights[n] /= total }
      if top == pool.limit {
        rejection = weights.removeLast()
        neglected = 0
      } else {
        rejection = pool.limit.map { LossSystem.blocking(offered: pool.offered, limit: $0) } ?? 0
        neglected = law.probability(above: top)
      }
      self.weights = weights
    }

    /// Σ π(n) P(T(n) > τ) and Σ π(n) E[min(T(n), τ)].
    ///
    /// Level zero, P(T > τ) = e^-λτ, is taken apart: at low load it may be far smaller or larger than all the others.
    func sums(
      rate: Double, service: Double, keepAlive: Double, by inversion: LaplaceInversion
    ) -> (cold: Double, idleSeconds: Double) {
      let alone = weights.first ?? 0
      let death = 1 / service
      let slowest = slowestDecay(rate: rate, service: service, atLeast: 1 / keepAlive)
      let (cold, idle) = inversion.values(at: keepAlive) { s in
        let shifted = Complex(s.real - slowest, s.imaginary)
        let atDecay = transform(at: shifted, rate: rate, death: death)
        return (atDecay, (slowest == 0 ? atDecay : transform(at: s, rate: rate, death: death)) / s)
      }
      return (
        alone * exp(-rate * keepAlive) + max(0, cold) * exp(-slowest * keepAlive),
        alone * -expm1(-rate * keepAlive) / rate + idle
      )
    }

    /// Σ π(n) ψ(n) over n from one.
    private func transform(at s: Complex, rate: Double, death: Double) -> Complex {
      var survival = (rate + s).inverse
      var sum = Complex.zero
      for n in weights.indices.dropFirst() {
        let d = 1 + (Double(n) * death) * survival
        survival = d / (rate + s * d)
        sum = sum + weights[n] * survival
      }
      return sum
    }

    /// The rate of decay of P(T > t) at the top level, which decays slowest; zero when it is below `bound`.
    ///
    /// Pulling e^(-decay t) out before the inversion keeps tiny probabilities (a low limit, a long keep-alive) precise.
    /// The pole lies where ψ, followed from the right, stops being positive.
    private func slowestDecay(rate: Double, service: Double, atLeast bound: Double) -> Double {
      guard weights.count > 1, bound < rate else { return 0 }
      func isRightOfAllPoles(_ decay: Double) -> Bool {
        guard decay < rate else { return false }
        var survival = 1 / (rate - decay)
        for n in weights.indices.dropFirst() {
          let d = 1 + Double(n) / service * survival
          let denominator = rate - decay * d
          guard denominator > 0 else { return false }
          survival = d / denominator
        }
        return true
      }
      guard isRightOfAllPoles(bound) else { return 0 }
      return bisectLogarithm(from: bound, to: rate, while: isRightOfAllPoles)
    }
  }
}
