import Statistics
import Units

/// Draws a synthetic function's invocations.
///
/// Arrivals and durations come from streams of their own, each used in a fixed order, so the invocations do not depend
/// on how `generate(until:into:)` slices time, and a change of the duration law leaves the arrivals as they were.
struct SyntheticGenerator<Source: ArrivalSource>: InvocationGenerator {
  private var source: Source
  private let law: Distribution
  private let horizon: Int64
  private var arrivalStream: RandomStream
  private var durationStream: RandomStream
  private var pending: Int64
  /// Durations drawn ahead, in seconds: many at once are cheaper, few suffice for functions that are rarely invoked.
  private var durations: [Double] = []
  private var nextDuration = 0
  private var durationBatch = 4

  init(source: Source, law: Distribution, horizon: Instant, arrivals: RandomStream, durations: RandomStream) {
    self.source = source
    self.law = law
    self.horizon = horizon.nanoseconds
    arrivalStream = arrivals
    durationStream = durations
    pending = .max
    pending = Self.instant(self.source.next(&arrivalStream))
  }

  mutating func generate(until end: Instant, into block: inout InvocationBlock) {
    let end = min(end.nanoseconds, horizon)
    while pending < end {
      if nextDuration == durations.count { drawDurations() }
      block.append(arrival: pending, duration: Self.duration(seconds: durations[nextDuration]))
      nextDuration += 1
      pending = Self.instant(source.next(&arrivalStream))
    }
  }

  private mutating func drawDurations() {
    durations.removeAll(keepingCapacity: true)
    law.append(durationBatch, to: &durations, from: &durationStream)
    nextDuration = 0
    durationBatch = min(durationBatch * 4, 256)
  }

  /// The moment as an integer; one beyond all horizons stands for none.
  private static func instant(_ moment: Double) -> Int64 { moment < 9e18 ? Int64(max(0, moment)) : .max }

  /// Cut to 0…10^18 ns (31 years): laws have tails without end, and sums of times must not overflow.
  private static func duration(seconds: Double) -> Int64 {
    seconds < 1e9 ? Int64((max(0, seconds) * 1e9).rounded()) : 1_000_000_000_000_000_000
  }
}

/// A source of a kind that is not known until it runs.
struct AnyArrivalSource: ArrivalSource {
  private var source: any ArrivalSource

  init(_ source: any ArrivalSource) { self.source = source }

  mutating func next(_ stream: inout RandomStream) -> Double { source.next(&stream) }
}

extension SyntheticFunction {
  /// A generator of this function's invocations; a pure function of its arguments.
  func generator(
    seed: UInt64, replication: UInt64, horizon: Instant, start: Int64
  ) -> any InvocationGenerator {
    let subject = StableHash.of(name)
    var arrivals = RandomStream(seed: seed, replication: replication, subject: subject, purpose: .arrivals)
    let durations = RandomStream(seed: seed, replication: replication, subject: subject, purpose: .durations)
    let context = SourceContext(start: start, horizon: Double(horizon.nanoseconds))

    func make<Source: ArrivalSource>(_ source: Source) -> any InvocationGenerator {
      SyntheticGenerator(
        source: source, law: duration, horizon: horizon, arrivals: arrivals, durations: durations)
    }
    // Each kind that carries heavy traffic gets a loop compiled for it.
    switch self.arrivals.source(context, &arrivals) {
    case let source as PoissonSource: return make(source)
    case let source as StretchedSource: return make(source)
    case let source as MarkovSource: return make(source)
    case let source as RenewalSource: return make(source)
    case let source as BatchSource: return make(source)
    case let source: return make(AnyArrivalSource(source))
    }
  }
}
