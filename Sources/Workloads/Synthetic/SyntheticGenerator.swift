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
  /// Arrivals drawn ahead, ns, of which those before `given` were given out.
  private var ahead: [Int64] = []
  private var given = 0
  /// How many are drawn at once: few for functions that are rarely invoked, more for those that go on.
  private var drawnTogether = 2
  private static var mostTogether: Int { 512 }

  init(source: Source, law: Distribution, horizon: Instant, arrivals: RandomStream, durations: RandomStream) {
    self.source = source
    self.law = law
    self.horizon = horizon.nanoseconds
    arrivalStream = arrivals
    durationStream = durations
  }

  mutating func generate(until end: Instant, into block: inout InvocationBlock) {
    let end = min(end.nanoseconds, horizon)
    guard end > 0 else { return }
    while true {
      if given == ahead.count { drawAhead() }
      var stop = ahead.count
      if ahead[stop - 1] >= end { stop = ahead[given...].firstIndex { $0 >= end } ?? stop }
      block.append(arrivals: ahead[given..<stop])
      given = stop
      if stop < ahead.count { return block.appendDurations(law, from: &durationStream) }
    }
  }

  private mutating func drawAhead() {
    drawnTogether = min(2 * drawnTogether, Self.mostTogether)
    given = 0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: drawnTogether) { moments in
      moments.initialize(repeating: 0)
      source.fill(moments, from: &arrivalStream)
      ahead.removeAll(keepingCapacity: true)
      // One beyond all horizons stands for none.
      for moment in moments { ahead.append(moment < 9e18 ? Int64(max(0, moment)) : .max) }
    }
  }
}

/// A source of a kind that is not known until it runs.
struct AnyArrivalSource: ArrivalSource {
  private var source: any ArrivalSource

  init(_ source: any ArrivalSource) { self.source = source }

  mutating func next(_ stream: inout RandomStream) -> Double { source.next(&stream) }

  mutating func fill(_ moments: UnsafeMutableBufferPointer<Double>, from stream: inout RandomStream) {
    source.fill(moments, from: &stream)
  }
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
