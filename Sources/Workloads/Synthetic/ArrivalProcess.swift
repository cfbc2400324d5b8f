public import Statistics
public import Units

/// How invocations of one function arrive.
///
/// All processes are exact: no time step, no approximation below a nanosecond. Random ones begin in equilibrium (instant
/// zero is a random moment of a process that has always been running) unless said otherwise.
public indirect enum ArrivalProcess: Hashable, Sendable {
  /// Independent arrivals at a constant rate, per second.
  case poisson(rate: Double)
  /// A Poisson process whose rate follows a Markov chain (MMPP): two states or more.
  case markovModulated([MarkovState])
  /// Independent gaps of one law, in seconds.
  case renewal(gap: Distribution, start: RenewalStart)
  /// At each arrival of a process not one invocation but several at the same instant.
  case batch(of: ArrivalProcess, size: BatchSize)
  /// Ticks of a clock, each late by `jitter` seconds where given (cut below the time to the next tick).
  case timer(Schedule, offset: TimerOffset, jitter: Distribution?)
  /// A process whose clock runs only during on-times; on- and off-times in seconds.
  case onOff(on: Distribution, off: Distribution, during: ArrivalProcess)
  /// A process whose clock runs at the speed of a profile. For a Poisson process this is the nonhomogeneous Poisson
  /// process with rate `rate · profile(t)`, by inversion.
  case modulated(ArrivalProcess, by: RateProfile)
  /// Several processes together.
  case sum([ArrivalProcess])
}

/// One state of a Markov-modulated Poisson process.
public struct MarkovState: Hashable, Sendable {
  /// Arrivals per second while in it.
  public var rate: Double
  /// Mean time in it; times are exponential.
  public var stay: TimeSpan
  /// Weights of the states that may follow, one for each state, its own zero; nil: all others alike.
  public var next: [Double]?

  public init(rate: Double, stay: TimeSpan, next: [Double]? = nil) {
    self.rate = rate
    self.stay = stay
    self.next = next
  }
}

/// What a renewal process has behind it at instant zero.
public enum RenewalStart: String, CaseIterable, Hashable, Sendable {
  /// It has always been running: the first gap has the law of what is left of a gap at a random moment.
  case equilibrium
  /// An arrival just before zero: the first gap is a whole one.
  case fresh
}

/// How many invocations arrive together.
public enum BatchSize: Hashable, Sendable {
  case constant(Int)
  /// 1, 2, … with probabilities falling by a constant factor.
  case geometric(mean: Double)
  /// Every whole number from the first to the second, equally likely.
  case uniform(Int, Int)
  case weighted([Weight])

  public struct Weight: Hashable, Sendable {
    public var size: Int
    public var weight: Double

    public init(size: Int, weight: Double) {
      self.size = size
      self.weight = weight
    }
  }

  public var mean: Double {
    switch self {
    case .constant(let size): Double(size)
    case .geometric(let mean): mean
    case .uniform(let low, let high): (Double(low) + Double(high)) / 2
    case .weighted(let weights):
      weights.reduce(0) { $0 + $1.weight * Double($1.size) } / weights.reduce(0) { $0 + $1.weight }
    }
  }
}

extension ArrivalProcess {
  /// A Poisson process with rate `rate · Π factors(t)` per second.
  public static func nonhomogeneousPoisson(rate: Double, _ factors: RateProfile.Factor...) -> ArrivalProcess {
    .modulated(.poisson(rate: rate), by: RateProfile(factors))
  }

  /// Whether it looks at the calendar: what day and hour instant zero is.
  var readsCalendar: Bool {
    switch self {
    case .poisson, .markovModulated, .renewal: false
    case .timer(let schedule, _, _): if case .cron = schedule { true } else { false }
    case .batch(let process, _), .onOff(_, _, let process): process.readsCalendar
    case .modulated(let process, let profile): profile.readsCalendar || process.readsCalendar
    case .sum(let parts): parts.contains(where: \.readsCalendar)
    }
  }

  /// Whether it follows the same laws at every moment.
  var isStationary: Bool {
    switch self {
    case .poisson, .markovModulated, .renewal: true
    case .timer, .modulated: false
    case .batch(let process, _), .onOff(_, _, let process): process.isStationary
    case .sum(let parts): parts.allSatisfy(\.isStationary)
    }
  }

  /// About how many arrivals to expect before `horizon`.
  ///
  /// - Parameter start: the wall-clock second of instant zero, since 1970.
  func expectedArrivals(before horizon: TimeSpan, start: Int64) -> Double {
    switch self {
    case .poisson(let rate): return rate * horizon.seconds
    case .markovModulated(let states):
      let shares = MarkovState.timeShares(states) ?? []
      return zip(states, shares).reduce(0) { $0 + $1.0.rate * $1.1 } * horizon.seconds
    case .renewal(let gap, _): return horizon.seconds / gap.mean
    case .batch(let process, let size): return process.expectedArrivals(before: horizon, start: start) * size.mean
    case .timer(.every(let period), _, _): return (horizon.seconds / period.seconds).rounded(.up)
    case .timer(.cron(let schedule), _, _):
      let first = CivilDate.split(secondsSince1970: start).day
      let days = min(Int(horizon.seconds / 86_400), 3660)
      let fires = (0...days).count { schedule.fires(onDay: first + $0) } * schedule.timesPerDay
      return Double(fires) / Double(days + 1) * max(1, horizon.seconds / 86_400)
    case .onOff(let on, let off, let process):
      return process.expectedArrivals(before: horizon, start: start) * on.mean / (on.mean + off.mean)
    case .modulated(let process, let profile):
      return process.expectedArrivals(before: horizon, start: start) * profile.mean(before: horizon, start: start)
    case .sum(let parts): return parts.reduce(0) { $0 + $1.expectedArrivals(before: horizon, start: start) }
    }
  }
}

/// Rates as people write them.
public enum ArrivalRate {
  /// Reads `0.9` (per second) or `50/m`, `3 / h`, `0.5/ms`: a number of arrivals per unit of time. Nil for anything else.
  public static func perSecond(parsing text: String) -> Double? {
    let parts = text.filter { $0 != " " && $0 != "_" }.split(separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.first, let number = Double(first), number.isFinite, parts.count <= 2 else { return nil }
    guard parts.count == 2 else { return number }
    guard let unit = TimeUnit(rawValue: String(parts[1])) else { return nil }
    return number * 1e9 / Double(unit.nanoseconds)
  }
}
