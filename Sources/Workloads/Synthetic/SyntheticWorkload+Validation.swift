import Diagnostics
import Statistics
import Units

extension SyntheticWorkload {
  func validate() throws(InputFault) {
    guard horizon > .zero, horizon.nanoseconds <= Self.longestHorizon.nanoseconds else {
      throw outOfRange("horizon", horizon, "a time above zero and up to \(Self.longestHorizon)")
    }
    // From 1900 to 2200: the years in which the calendar below is meant.
    if let start, !(-2_208_988_800...7_258_118_400).contains(start) {
      throw outOfRange("start", "\(start) s since 1970", "a moment between the years 1900 and 2200")
    }
    guard !functions.isEmpty || population != nil else {
      throw InputFault(
        at: .init(file: "", key: "functions"), found: "none", expected: "at least one function, or a population")
    }
    for function in functions {
      let key = "functions.\(function.name)"
      guard !function.name.isEmpty else {
        throw InputFault(at: .init(file: "", key: "functions"), found: "a function without name", expected: "a name")
      }
      try function.arrivals.validate(at: "\(key).arrivals", placed: .init())
      try function.duration.requireLaw(at: "\(key).duration")
      if let memory = function.memory, memory.megabytes < 1 {
        throw outOfRange("\(key).memory", memory, "at least 1 MB")
      }
      if let used = function.memoryUsed, !(used > 0 && used < 1e9) {
        throw outOfRange("\(key).memory-used", used, "a number of MB above zero")
      }
    }
    try population?.validate(at: "population")
  }

  static let longestHorizon = TimeSpan.hours(24 * 3660)
}

private func outOfRange(_ key: String, _ found: Any, _ expected: String, advice: String? = nil) -> InputFault {
  InputFault(at: .init(file: "", key: key), found: "\(found)", expected: expected, advice: advice)
}

extension ArrivalProcess {
  /// Per second and function. Each arrival is a nanosecond or so of work and eight bytes of a block.
  static let highestRate = 1e7

  /// Shortest stays, steps and periods: the engine walks over each of them.
  static let shortestSpell = TimeSpan.milliseconds(1)

  /// What stands around a process and restricts it.
  struct Placing {
    /// Its clock does not run with the wall clock.
    var onOtherClock = false
    var depth = 0
  }

  /// - Parameter key: the path to this process in a scenario file.
  func validate(at key: String, placed: Placing) throws(InputFault) {
    guard placed.depth < 16 else {
      throw outOfRange(key, "processes nested more than 16 deep", "a simpler process")
    }
    var inner = placed
    inner.depth += 1
    switch self {
    case .poisson(let rate): try requireRate(rate, at: "\(key).poisson")
    case .markovModulated(let states): try Self.validate(states, at: "\(key).mmpp")
    case .renewal(let gap, _): try Self.validate(gap: gap, at: "\(key).renewal.gap")
    case .batch(let process, let size):
      try process.validate(at: "\(key).batch.arrivals", placed: inner)
      try size.validate(at: "\(key).batch.size")
    case .timer(let schedule, let offset, let jitter):
      try Self.validate(schedule, offset, jitter, at: "\(key).timer", placed)
    case .onOff(let on, let off, let process):
      try on.requireLaw(at: "\(key).on-off.on", positiveMean: true)
      try off.requireLaw(at: "\(key).on-off.off", positiveMean: false)
      guard on.mean + off.mean >= 0.01 else {
        throw outOfRange(
          "\(key).on-off", "\(on.mean + off.mean) s for on and off together", "at least 10 ms on average")
      }
      inner.onOtherClock = true
      try process.validate(at: "\(key).on-off.arrivals", placed: inner)
    case .modulated(let process, let profile):
      try profile.validate(at: "\(key).profile")
      inner.onOtherClock = true
      try process.validate(at: key, placed: inner)
    case .sum(let parts):
      guard !parts.isEmpty, parts.count <= 1000 else {
        throw outOfRange("\(key).sum", "\(parts.count) processes", "1 to 1000")
      }
      for (index, part) in parts.enumerated() { try part.validate(at: "\(key).sum[\(index)]", placed: inner) }
    }
  }

  private func requireRate(_ rate: Double, at key: String) throws(InputFault) {
    guard rate >= 0, rate <= Self.highestRate else {
      throw outOfRange(key, rate, "a rate from 0 to 10,000,000 per second")
    }
  }

  private static func validate(_ states: [MarkovState], at key: String) throws(InputFault) {
    guard (2...64).contains(states.count) else {
      throw outOfRange(key, "\(states.count) states", "2 to 64", advice: "one state is `poisson`")
    }
    for (index, state) in states.enumerated() {
      guard state.rate >= 0, state.rate <= highestRate else {
        throw outOfRange("\(key)[\(index)].rate", state.rate, "a rate from 0 to 10,000,000 per second")
      }
      guard state.stay >= shortestSpell else {
        throw outOfRange("\(key)[\(index)].stay", state.stay, "at least \(shortestSpell)")
      }
      if let next = state.next {
        let sane = next.count == states.count && next.allSatisfy { $0 >= 0 && $0 < 1e9 } && next.contains { $0 > 1e-9 }
        guard sane, next[index] == 0 else {
          throw outOfRange(
            "\(key)[\(index)].next", next, "\(states.count) weights, not negative, not all zero, its own zero")
        }
      }
    }
    guard states.contains(where: { $0.rate > 0 }) else {
      throw outOfRange(key, "rate 0 in all states", "a positive rate in one", advice: "write `poisson: 0` for none")
    }
    guard MarkovState.timeShares(states) != nil else {
      throw outOfRange(
        key, "states that others never lead to", "every state to lead to every other, if by way of more",
        advice: "check `next`")
    }
  }

  private static func validate(gap: Distribution, at key: String) throws(InputFault) {
    try gap.requireLaw(at: key, positiveMean: true)
    guard gap.mean >= 1 / highestRate else {
      throw outOfRange(key, "a mean gap of \(gap.mean) s", "at least 100 ns")
    }
    guard gap.coefficientOfVariation <= Distribution.largestGapVariation else {
      throw outOfRange(
        key, "a coefficient of variation of \(gap.coefficientOfVariation)", "at most 100",
        advice: "beyond it a trace does not show its rate; for bursts use batch, mmpp or on-off")
    }
  }

  private static func validate(
    _ schedule: Schedule, _ offset: TimerOffset, _ jitter: Distribution?, at key: String, _ placed: Placing
  ) throws(InputFault) {
    switch schedule {
    case .every(let period):
      guard period >= shortestSpell else {
        throw outOfRange("\(key).schedule", period, "a period of at least \(shortestSpell)")
      }
    case .cron(let cron):
      if placed.onOtherClock {
        throw outOfRange(
          key, excerpt(cron.text), "no cron expression under a profile or in on-off",
          advice: "cron goes by the wall clock; beside other processes use `sum`")
      }
    }
    if case .fixed(let span) = offset, span < .zero || span > SyntheticWorkload.longestHorizon {
      throw outOfRange("\(key).offset", span, "a time that is not negative")
    }
    try jitter?.requireLaw(at: "\(key).jitter")
  }
}

extension BatchSize {
  static let largest = 1_000_000

  fileprivate func validate(at key: String) throws(InputFault) {
    let range = 1...Self.largest
    let sane: Bool
    switch self {
    case .constant(let size): sane = range.contains(size)
    case .geometric(let mean): sane = mean >= 1 && mean <= Double(Self.largest)
    case .uniform(let low, let high): sane = range.contains(low) && range.contains(high) && low <= high
    case .weighted(let weights):
      sane =
        !weights.isEmpty && weights.allSatisfy { range.contains($0.size) && $0.weight >= 0 && $0.weight < 1e9 }
        && weights.contains { $0.weight > 1e-9 }
    }
    guard sane else {
      throw outOfRange(key, self, "sizes from 1 to 1,000,000 in ascending order, weights above zero")
    }
  }
}

extension RateProfile {
  fileprivate func validate(at key: String) throws(InputFault) {
    guard !factors.isEmpty, factors.count <= 16 else {
      throw outOfRange(key, "\(factors.count) factors", "1 to 16: diurnal, weekly, sinusoid, steps")
    }
    for factor in factors {
      switch factor {
      case .diurnal(let weights): try requireWeights(weights, count: 24, at: "\(key).diurnal")
      case .weekly(let weights): try requireWeights(weights, count: 7, at: "\(key).weekly")
      case .sinusoid(let amplitude, let period, let phase):
        guard amplitude >= 0, amplitude <= 1 else {
          throw outOfRange("\(key).sinusoid.amplitude", amplitude, "0 to 1", advice: "it is relative to the rate")
        }
        guard period >= .seconds(1), period <= SyntheticWorkload.longestHorizon else {
          throw outOfRange("\(key).sinusoid.period", period, "at least 1s")
        }
        guard phase.nanoseconds.magnitude <= SyntheticWorkload.longestHorizon.nanoseconds.magnitude else {
          throw outOfRange("\(key).sinusoid.phase", phase, "a time within the period")
        }
      case .steps(let length, let values, _):
        guard length >= ArrivalProcess.shortestSpell else {
          throw outOfRange("\(key).steps.step", length, "at least \(ArrivalProcess.shortestSpell)")
        }
        guard !values.isEmpty, values.allSatisfy({ $0 >= 0 && $0 <= 1e6 }) else {
          throw outOfRange(
            "\(key).steps.values", excerpt("\(values)"), "at least one factor, each from 0 to 1,000,000")
        }
      }
    }
  }

  private func requireWeights(_ weights: [Double], count: Int, at key: String) throws(InputFault) {
    guard weights.count == count else { throw outOfRange(key, "\(weights.count) weights", "\(count)") }
    guard weights.allSatisfy({ $0 >= 0 && $0 < 1e9 }), weights.contains(where: { $0 > 1e-9 }) else {
      throw outOfRange(key, excerpt("\(weights)"), "weights that are not negative and not all zero")
    }
  }
}

extension Distribution {
  /// Holds the law to parameters that make sense, so that sampling gives finite, non-negative numbers.
  func requireLaw(at key: String, positiveMean: Bool = false) throws(InputFault) {
    guard isLaw(depth: 0) else {
      throw outOfRange(key, self, "finite parameters, none negative, shapes and scales above zero")
    }
    if positiveMean, !(mean > 0 && mean.isFinite) {
      throw outOfRange(key, "a law with mean \(mean)", "a positive finite mean")
    }
  }

  private func isLaw(depth: Int) -> Bool {
    func shape(_ value: Double) -> Bool { value >= 1e-3 && value <= 1e9 }
    func size(_ value: Double) -> Bool { value >= 0 && value <= 1e12 }
    switch self {
    case .constant(let value): return size(value)
    case .uniform(let lower, let upper): return size(lower) && size(upper) && lower <= upper
    case .exponential(let mean): return size(mean)
    case .lognormal(let mu, let sigma): return mu.magnitude <= 100 && sigma >= 0 && sigma <= 50
    case .gamma(let k, let scale), .weibull(let k, let scale), .logLogistic(let k, let scale):
      return shape(k) && size(scale)
    case .burr(let k, let tail, let scale): return shape(k) && shape(tail) && size(scale)
    case .mixture(let parts):
      return depth < 8 && !parts.isEmpty
        && parts.allSatisfy { $0.weight > 0 && $0.weight < 1e12 && $0.distribution.isLaw(depth: depth + 1) }
    case .empirical(let law): return law.values.allSatisfy(size)
    }
  }
}
