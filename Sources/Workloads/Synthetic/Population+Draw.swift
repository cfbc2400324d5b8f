import Glibc
import Statistics
import Units

extension Population {
  /// The functions; a pure function of the population's values. O(n log n) in the number of functions.
  func draw() -> [SyntheticFunction] {
    var stream = RandomStream(seed: seed, purpose: .population)
    let sizes = applicationSizes(&stream)
    let count = sizes.reduce(0, +)

    // Mean durations are normal in log-seconds; rates get their ranks from a second normal that correlates with it.
    let normals = (0..<count).map { _ in stream.normal() }
    let correlation = (2 * sin(.pi / 6 * rateDurationCorrelation)).settled
    let rest = max(0, 1 - correlation * correlation).squareRoot()
    let scores = normals.map { correlation * $0 + rest * stream.normal() }
    let byRate = (0..<count).sorted { (scores[$0], $0) < (scores[$1], $1) }
    let slices = Azure2019Marginals.dailyInvocations.slices(count)
    var daily = [Double](repeating: 0, count: count)
    for (rank, function) in byRate.enumerated() { daily[function] = slices[rank] }
    let triggers = assignTriggers(byRate: byRate, daily: daily, &stream)
    for function in 0..<count where triggers[function] == .timer {
      daily[function] = TimerRates.round(daily[function])
    }
    let scale = rateScale(total: daily.reduce(0, +))

    var functions: [SyntheticFunction] = []
    functions.reserveCapacity(count)
    for (application, size) in sizes.enumerated() {
      let name = "app" + String(application + 100_000_000).dropFirst(application < 100_000 ? 4 : 1)
      let memory = min(Azure2019Marginals.memory(stream.uniform()), 1e6)
      let burstiness = stream.uniform()
      for member in 1...size {
        let index = functions.count
        let logMean = Azure2019Marginals.durationMu + Azure2019Marginals.durationSigma * normals[index]
        let spread = Azure2019Marginals.durationSpread
        functions.append(
          SyntheticFunction(
            name: "\(name)/f\(member)",
            arrivals: Self.arrivals(
              triggers[index], rate: min(daily[index] * scale / 86_400, ArrivalProcess.highestRate),
              burstiness: burstiness, &stream),
            duration: .lognormal(mu: logMean - spread * spread / 2, sigma: spread),
            memoryUsed: memory, trigger: triggers[index].rawValue, application: name))
      }
    }
    return functions
  }

  private func rateScale(total: Double) -> Double {
    switch volume {
    case .invocationsPerDay(let wanted): wanted / total
    case .scale(let scale): scale
    case nil: 1
    }
  }

  private func applicationSizes(_ stream: inout RandomStream) -> [Int] {
    var sizes: [Int] = []
    switch size {
    case .applications(let count):
      while sizes.count < count { sizes.append(Self.applicationSize(&stream)) }
    case .functions(let count):
      var left = count
      while left > 0 {
        sizes.append(min(left, Self.applicationSize(&stream)))
        left -= sizes[sizes.count - 1]
      }
    }
    return sizes
  }

  private static func applicationSize(_ stream: inout RandomStream) -> Int {
    var left = stream.uniform()
    for (sizes, probability) in Azure2019Marginals.applicationSizes {
      left -= probability
      guard left < 0 else { continue }
      if sizes.lowerBound < 11 { return sizes.lowerBound + stream.index(below: sizes.count) }
      let size = Double(sizes.lowerBound) * pow(stream.uniform(), -1 / Azure2019Marginals.largeApplicationExponent)
      return min(Int(min(size, 1e6)), sizes.upperBound)
    }
    return 1
  }

  /// Gives each function its trigger, so that shares of functions and shares of invocations both come out.
  ///
  /// The most invoked 2 % carry nearly all invocations: there a trigger is drawn by what it still lacks of its share of
  /// invocations. Further down invocations no longer matter, and it is drawn by what it lacks of its share of functions.
  private func assignTriggers(byRate: [Int], daily: [Double], _ stream: inout RandomStream) -> [Trigger] {
    let kinds = Azure2019Marginals.triggers.map { kind in
      (
        trigger: kind.trigger, functions: triggers.map { $0[kind.trigger] ?? 0 } ?? kind.functions,
        intensity: kind.invocations / kind.functions
      )
    }
    let functionTotal = kinds.reduce(0) { $0 + $1.functions }
    let intensityTotal = kinds.reduce(0) { $0 + $1.functions * $1.intensity }
    let total = daily.reduce(0, +)
    var functionsLacking = kinds.map { $0.functions / functionTotal * Double(byRate.count) }
    let top = (byRate.count + 49) / 50
    let below = byRate.dropLast(top).reduce(0) { $0 + daily[$1] }
    var invocationsLacking = kinds.map {
      $0.functions * $0.intensity / intensityTotal * total - $0.functions / functionTotal * below
    }

    var assigned = [Trigger](repeating: .http, count: byRate.count)
    for (rank, function) in byRate.reversed().enumerated() {
      let rate = daily[function]
      let possible = kinds.indices.map {
        functionsLacking[$0] > 0 && (kinds[$0].trigger != .timer || rate <= TimerRates.highest)
      }
      var weights = kinds.indices.map { possible[$0] ? max(0, functionsLacking[$0]) : 0 }
      if rank < top {
        let lacking = kinds.indices.map { possible[$0] ? max(0, invocationsLacking[$0]) : 0 }
        // A function much larger than what is lacking would overshoot: then the one that lacks most takes it.
        let fitting = lacking.map { $0 >= rate ? $0 : 0 }
        weights = fitting.contains { $0 > 0 } ? fitting : lacking.map { $0 == lacking.max() ? 1 : 0 }
      }
      let chosen = draw(weights, &stream)
      assigned[function] = kinds[chosen].trigger
      functionsLacking[chosen] -= 1
      invocationsLacking[chosen] -= rate
    }
    return assigned
  }

  /// An index with probability proportional to its weight; the first where all are zero.
  private func draw(_ weights: [Double], _ stream: inout RandomStream) -> Int {
    var left = stream.uniform() * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() where weight > 0 {
      left -= weight
      if left < 0 { return index }
    }
    return weights.lastIndex { $0 > 0 } ?? 0
  }

  /// How a function is invoked: a process with the rate, whose gaps have the coefficient of variation that the published
  /// law for its class of trigger has at `burstiness`.
  private static func arrivals(
    _ trigger: Trigger, rate: Double, burstiness: Double, _ stream: inout RandomStream
  ) -> ArrivalProcess {
    if trigger == .timer {
      return timer(rate: rate, cv: Azure2019Marginals.timerGapVariation.value(at: burstiness), &stream)
    }
    let cv = Azure2019Marginals.gapVariation.value(at: burstiness)
    if cv == 0 { return .timer(.every(period(1 / rate)), offset: .random, jitter: nil) }  // somebody's poller
    switch trigger {
    case .http:
      // The day's swing adds to the variation of gaps: under a sinusoid 1 + cv² is multiplied by 1/√(1 − amplitude²).
      let swing = 0.5
      let rest = (1 + cv * cv) * (1 - swing * swing).squareRoot() - 1
      guard rest > 0, rate > 96 / 86_400.0 else { return renewal(rate: rate, cv: cv) }
      let phase = TimeSpan(nanoseconds: Int64(stream.uniform() * 86_400e9))
      return .modulated(
        renewal(rate: rate, cv: rest.squareRoot()),
        by: RateProfile([.sinusoid(amplitude: swing, period: .hours(24), phase: phase)]))
    case .queue where cv > 1:
      // In a Poisson stream of batches only one gap in `mean` is not zero: cv² = 2 mean − 1.
      let mean = (1 + cv * cv) / 2
      return .batch(of: .poisson(rate: rate / mean), size: .geometric(mean: mean))
    default: return renewal(rate: rate, cv: cv)
    }
  }

  private static func renewal(rate: Double, cv: Double) -> ArrivalProcess {
    let law = try? Distribution.gap(law: cv > 1 ? .hyperexponential : .gamma, rate: rate, cv: cv)
    return law.map { .renewal(gap: $0, start: .equilibrium) } ?? .poisson(rate: rate)
  }

  /// Ticks with the coefficient of variation `cv`: one timer; two that share the period unevenly (gaps d and p − d have
  /// cv = |1 − 2d/p|); or one that starts several invocations at each tick (k at once have cv² = k − 1).
  private static func timer(rate: Double, cv: Double, _ stream: inout RandomStream) -> ArrivalProcess {
    let gap = 1 / rate
    // Real timers are late by a little; at most 0.5 s.
    let lateness = Distribution.uniform(lower: 0, upper: min(0.5, gap / 100))
    if cv == 0 { return .timer(.every(period(gap)), offset: .random, jitter: lateness) }
    if cv <= 1 {
      let both = period(2 * gap)
      let first = Int64(stream.uniform() * Double(both.nanoseconds))
      let apart = Int64((1 - cv) / 2 * Double(both.nanoseconds))
      let second = first + apart < both.nanoseconds ? first + apart : first + apart - both.nanoseconds
      return .sum([
        .timer(.every(both), offset: .fixed(TimeSpan(nanoseconds: first)), jitter: nil),
        .timer(.every(both), offset: .fixed(TimeSpan(nanoseconds: second)), jitter: nil),
      ])
    }
    let together = max(2, Int((1 + cv * cv).rounded()))
    return .batch(
      of: .timer(.every(period(gap * Double(together))), offset: .random, jitter: lateness),
      size: .constant(together))
  }

  private static func period(_ seconds: Double) -> TimeSpan {
    max(ArrivalProcess.shortestSpell, TimeSpan(seconds: min(seconds, 1e9)) ?? .hours(24))
  }
}

/// The rates that timers have: people write round periods.
private enum TimerRates {
  /// One a second, per day.
  static let highest = 86_400.0

  /// Per day: weekly, daily, … each second.
  private static let round: [Double] = [
    1.0 / 7, 1, 2, 3, 4, 6, 8, 12, 24, 48, 96, 144, 288, 480, 720, 1440, 2880, 5760, 8640, 17_280, 43_200, 86_400,
  ]
  /// Where the published CDF of rates was read. Rounding crosses none of these, so it leaves the readings as they are.
  private static let readings = [0, 1, 10, 24, 288, 1440, 10_000, 86_400.5]

  /// The round rate nearest in ratio to a daily rate, on the same side of all readings.
  static func round(_ rate: Double) -> Double {
    for (low, high) in zip(readings, readings.dropFirst()) where rate > low && rate <= high {
      return round.filter { $0 > low && $0 <= high }.min { abs(log($0 / rate)) < abs(log($1 / rate)) } ?? rate
    }
    return rate
  }
}
