import Statistics
import Units

// Sources that are clocks, run on other clocks, or stand side by side.

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
