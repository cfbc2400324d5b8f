import Glibc
import Statistics
import Units

/// Gives one function's arrivals one after the other.
///
/// Moments are ns after instant zero as Double: whole nanoseconds are exact for 104 days, whole milliseconds for 18
/// years, whole seconds always; elsewhere the error is below the spacing of Doubles (4 ns at a year).
protocol ArrivalSource: Sendable {
  /// The next arrival, never before the one given last; infinity once there is none before the horizon.
  mutating func next(_ stream: inout RandomStream) -> Double
  /// Puts into `moments` what as many calls of `next` give, bit for bit.
  mutating func fill(_ moments: UnsafeMutableBufferPointer<Double>, from stream: inout RandomStream)
}

extension ArrivalSource {
  mutating func fill(_ moments: UnsafeMutableBufferPointer<Double>, from stream: inout RandomStream) {
    for index in moments.indices { moments[index] = next(&stream) }
  }
}

/// What every source is told besides its own parameters.
struct SourceContext {
  /// The wall-clock second of instant zero, since 1970.
  var start: Int64
  /// ns after instant zero, in the process' own time, from which on arrivals do not matter.
  var horizon: Double
}

extension ArrivalProcess {
  /// A source at instant zero; initial states come from the stream.
  func source(_ context: SourceContext, _ stream: inout RandomStream) -> any ArrivalSource {
    switch self {
    case .poisson(let rate): return PoissonSource(rate: rate)
    case .markovModulated(let states): return MarkovSource(states, context, &stream)
    case .renewal(let gap, let start): return RenewalSource(gap, start, &stream)
    case .batch(let process, let size): return BatchSource(process.source(context, &stream), size)
    case .timer(.every(let period), let offset, let jitter):
      return PeriodicSource(period: period, offset: offset, jitter: jitter, &stream)
    case .timer(.cron(let schedule), let offset, let jitter):
      return CronSource(schedule, offset: offset, jitter: jitter, context, &stream)
    case .onOff(let on, let off, let process):
      let inner = process.source(context, &stream)
      return OnOffSource(on: on, off: off, inner, context, &stream)
    case .modulated(let process, let profile):
      var own = context
      own.horizon *= max(1, profile.maximum)
      let clock = ProfileClock(profile, start: context.start, horizon: context.horizon)
      if case .poisson(let rate) = process { return StretchedSource(PoissonSource(rate: rate), clock) }
      return StretchedAnySource(process.source(own, &stream), clock)
    case .sum(let parts): return SumSource(parts.map { $0.source(context, &stream) }, &stream)
    }
  }
}

struct PoissonSource: ArrivalSource {
  private let meanGap: Double
  private var clock = 0.0

  /// - Parameter rate: per second; 0 for none.
  init(rate: Double) { meanGap = 1e9 / rate }

  mutating func next(_ stream: inout RandomStream) -> Double {
    clock += meanGap * stream.exponential()
    return clock
  }

  mutating func fill(_ moments: UnsafeMutableBufferPointer<Double>, from stream: inout RandomStream) {
    Distribution.exponential(mean: 1).fill(moments, from: &stream)
    for index in moments.indices {
      clock += meanGap * moments[index]
      moments[index] = clock
    }
  }
}

struct MarkovSource: ArrivalSource {
  private struct State: Sendable {
    var meanGap: Double
    var meanStay: Double
    /// Ascending up to 1: where the uniform variate below an entry leads.
    var thresholds: [Double]
  }

  private let states: [State]
  private let horizon: Double
  private var state: Int
  private var clock = 0.0
  private var stateEnd: Double

  init(_ states: [MarkovState], _ context: SourceContext, _ stream: inout RandomStream) {
    self.states = states.indices.map { index in
      let weights = MarkovState.nextWeights(states, index)
      let total = weights.reduce(0, +)
      var sum = 0.0
      let thresholds = weights.map { weight in
        sum += weight
        return sum / total
      }
      return State(
        meanGap: 1e9 / states[index].rate, meanStay: Double(states[index].stay.nanoseconds), thresholds: thresholds)
    }
    horizon = context.horizon
    let shares = MarkovState.timeShares(states) ?? [1]
    var left = stream.uniform()
    state =
      shares.firstIndex { share in
        left -= share
        return left < 0
      } ?? 0
    stateEnd = 0
    stateEnd = self.states[state].meanStay * stream.exponential()
  }

  mutating func next(_ stream: inout RandomStream) -> Double {
    while clock < horizon {
      // The gap is memoryless, so one that the end of the state cuts off is simply drawn anew in the next.
      let arrival = clock + states[state].meanGap * stream.exponential()
      if arrival < stateEnd {
        clock = arrival
        return arrival
      }
      clock = stateEnd
      if states.count == 2 {
        state = 1 - state
      } else {
        let u = stream.uniform()
        state = states[state].thresholds.firstIndex { u < $0 } ?? state
      }
      stateEnd = clock + states[state].meanStay * stream.exponential()
    }
    return .infinity
  }
}

struct RenewalSource: ArrivalSource {
  private let gap: Distribution
  private var pending: Double?
  private var clock = 0.0

  init(_ gap: Distribution, _ start: RenewalStart, _ stream: inout RandomStream) {
    self.gap = gap
    if start == .equilibrium { pending = gap.sampleResidual(&stream) }
  }

  mutating func next(_ stream: inout RandomStream) -> Double {
    clock += 1e9 * (pending ?? gap.sample(&stream))
    pending = nil
    return clock
  }
}

struct BatchSource: ArrivalSource {
  private var batches: any ArrivalSource
  private let size: BatchSize
  private let thresholds: [Double]
  private var moment = 0.0
  private var left = 0

  init(_ batches: any ArrivalSource, _ size: BatchSize) {
    self.batches = batches
    self.size = size
    if case .weighted(let weights) = size {
      var sum = 0.0
      thresholds = weights.map { weight in
        sum += weight.weight
        return sum
      }
    } else {
      thresholds = []
    }
  }

  mutating func next(_ stream: inout RandomStream) -> Double {
    if left == 0 {
      moment = batches.next(&stream)
      left = draw(&stream)
    }
    left -= 1
    return moment
  }

  private func draw(_ stream: inout RandomStream) -> Int {
    switch size {
    case .constant(let size): return size
    case .geometric(let mean):
      // ⌈Exp / −ln(1 − 1/mean)⌉ is geometric on 1, 2, …
      guard mean > 1 else { return 1 }
      return max(1, Int(min((stream.exponential() / -log1p(-1 / mean)).rounded(.up), 1e12)))
    case .uniform(let low, let high): return low + stream.index(below: high - low + 1)
    case .weighted(let weights):
      let u = stream.uniform() * (thresholds.last ?? 0)
      return weights[thresholds.firstIndex { u < $0 } ?? weights.count - 1].size
    }
  }
}

struct PeriodicSource: ArrivalSource {
  private let period: Double
  private let jitter: Distribution?
  private let offset: Double
  private var tick = 0.0

  init(period: TimeSpan, offset: TimerOffset, jitter: Distribution?, _ stream: inout RandomStream) {
    self.period = Double(period.nanoseconds)
    self.jitter = jitter
    switch offset {
    case .fixed(let span): self.offset = Double(span.nanoseconds)
    case .random: self.offset = (stream.uniform() * self.period).rounded(.down)
    }
  }

  mutating func next(_ stream: inout RandomStream) -> Double {
    let moment = offset + tick * period
    tick += 1
    guard let jitter else { return moment }
    return moment + min(max(0, 1e9 * jitter.sample(&stream)), period - 1)
  }
}

struct CronSource: ArrivalSource {
  private var cursor: CronCursor
  private let jitter: Distribution?
  private let offset: Double
  private var following: Double

  init(
    _ schedule: CronSchedule, offset: TimerOffset, jitter: Distribution?, _ context: SourceContext,
    _ stream: inout RandomStream
  ) {
    cursor = CronCursor(schedule, start: context.start, horizon: context.horizon)
    self.jitter = jitter
    switch offset {
    case .fixed(let span): self.offset = Double(span.nanoseconds)
    case .random: self.offset = (stream.uniform() * 60e9).rounded(.down)
    }
    following = cursor.next()
  }

  mutating func next(_ stream: inout RandomStream) -> Double {
    let moment = following
    guard moment < .infinity else { return .infinity }
    following = cursor.next()
    guard let jitter else { return moment + offset }
    return moment + offset + min(max(0, 1e9 * jitter.sample(&stream)), following - moment - 1)
  }
}

struct OnOffSource: ArrivalSource {
  private let on: Distribution
  private let off: Distribution
  private let horizon: Double
  private var inner: any ArrivalSource
  /// The inner clock's reading where the present on-time ends.
  private var onEnd: Double
  /// Off-time so far.
  private var away: Double

  init(
    on: Distribution, off: Distribution, _ inner: any ArrivalSource, _ context: SourceContext,
    _ stream: inout RandomStream
  ) {
    self.on = on
    self.off = off
    self.inner = inner
    horizon = context.horizon
    if stream.uniform() * (on.mean + off.mean) < on.mean {
      away = 0
      onEnd = 1e9 * on.sampleResidual(&stream)
    } else {
      away = 1e9 * off.sampleResidual(&stream)
      onEnd = 1e9 * on.sample(&stream)
    }
  }

  mutating func next(_ stream: inout RandomStream) -> Double {
    let arrival = inner.next(&stream)
    while arrival >= onEnd {
      guard onEnd + away < horizon else { return .infinity }
      away += 1e9 * off.sample(&stream)
      onEnd += 1e9 * on.sample(&stream)
    }
    return arrival + away
  }
}

/// A Poisson process on a clock of varying speed.
struct StretchedSource: ArrivalSource {
  private var inner: PoissonSource
  private var clock: ProfileClock
  private var last = 0.0

  init(_ inner: PoissonSource, _ clock: ProfileClock) {
    self.inner = inner
    self.clock = clock
  }

  mutating func next(_ stream: inout RandomStream) -> Double {
    let arrival = inner.next(&stream)
    let gap = arrival - last
    last = arrival
    return clock.advance(by: gap)
  }

  mutating func fill(_ moments: UnsafeMutableBufferPointer<Double>, from stream: inout RandomStream) {
    inner.fill(moments, from: &stream)
    for index in moments.indices {
      let arrival = moments[index]
      moments[index] = clock.advance(by: arrival - last)
      last = arrival
    }
  }
}

/// Any process on a clock of varying speed.
struct StretchedAnySource: ArrivalSource {
  private var inner: any ArrivalSource
  private var clock: ProfileClock
  private var last = 0.0

  init(_ inner: any ArrivalSource, _ clock: ProfileClock) {
    self.inner = inner
    self.clock = clock
  }

  mutating func next(_ stream: inout RandomStream) -> Double {
    let arrival = inner.next(&stream)
    let gap = arrival - last
    last = arrival
    return clock.advance(by: gap)
  }
}

struct SumSource: ArrivalSource {
  private var parts: [any ArrivalSource]
  private var pending: [Double]

  init(_ parts: [any ArrivalSource], _ stream: inout RandomStream) {
    self.parts = parts
    pending = []
    for index in self.parts.indices { pending.append(self.parts[index].next(&stream)) }
  }

  mutating func next(_ stream: inout RandomStream) -> Double {
    var first = 0
    for index in pending.indices where pending[index] < pending[first] { first = index }
    let moment = pending[first]
    if moment < .infinity { pending[first] = parts[first].next(&stream) }
    return moment
  }
}
