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

  mutating func fill(_ moments: UnsafeMutableBufferPointer<Double>, from stream: inout RandomStream) {
    guard !moments.isEmpty else { return }
    let first = pending == nil ? 0 : 1
    if first == 1 { moments[0] = next(&stream) }
    gap.fill(UnsafeMutableBufferPointer(rebasing: moments[first...]), from: &stream)
    for index in first..<moments.count {
      clock += 1e9 * moments[index]
      moments[index] = clock
    }
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
