import Statistics
import Units
import Workloads

/// Draws the invocations of one function from its counts per minute.
///
/// The same invocations come out however the calls slice time: what is drawn from a stream depends on the minutes before
/// alone. Memory is constant, whatever a minute's count.
struct MinuteCountGenerator: InvocationGenerator {
  static let minute: Int64 = 60_000_000_000

  /// Random points drawn together at most. It enters the sequence of draws in minutes that have more; it never changes.
  private static let stretch = 1024

  private let law: ArrivalLaw
  private let duration: Distribution
  private var minutes: MinuteCounts.Cursor
  private var arrivalStream: RandomStream
  private var countStream: RandomStream
  private var durationStream: RandomStream
  /// The share of a gap by which all arrivals of an equidistant law are late, below 1.
  private var phase = 0.0

  /// The next minute, not begun.
  private var upcoming: (minute: Int, count: Int)?
  /// The start of the minute at hand, what is left to draw in it, and how far the drawing has come in it.
  private var start: Int64 = 0
  private var left = 0
  private var drawn = 0
  private var position = 0.0
  /// Arrivals drawn but not given: they lie at or after the end of the last call.
  private var waiting: [Int64] = []

  init(
    counts: MinuteCounts, function: Int, name: String, law: ArrivalLaw, duration: Distribution, seed: UInt64,
    replication: UInt64
  ) {
    self.law = law
    self.duration = duration
    let subject = StableHash.of(name)
    minutes = counts.cursor(of: function)
    arrivalStream = RandomStream(seed: seed, replication: replication, subject: subject, purpose: .arrivals)
    durationStream = RandomStream(seed: seed, replication: replication, subject: subject, purpose: .durations)
    countStream = RandomStream(
      seed: seed, replication: replication, subject: StableHash.of(name + " counts"), purpose: .arrivals)
    if law == .equidistantShifted { phase = arrivalStream.uniform() }
    upcoming = minutes.next()
  }

  mutating func generate(until end: Instant, into block: inout InvocationBlock) {
    let end = end.nanoseconds
    if !waiting.isEmpty {
      let given = waiting.firstIndex { $0 >= end } ?? waiting.count
      block.append(arrivals: waiting[..<given])
      waiting = Array(waiting[given...])
    }
    while waiting.isEmpty, left > 0 || begins(before: end) {
      block.appendArrivals(upTo: Self.stretch) { draw(before: end, into: $0, $1) }
      waiting = block.takeArrivals(from: end)
    }
    block.appendDurations(duration, from: &durationStream)
  }

  private func begins(before end: Int64) -> Bool {
    guard let upcoming else { return false }
    return Int64(upcoming.minute) * Self.minute < end
  }

  /// Takes up the upcoming minute.
  private mutating func begin() {
    guard let (minute, count) = upcoming else { return }
    start = Int64(minute) * Self.minute
    left = law == .poisson ? countStream.poisson(mean: Double(count)) : count
    drawn = 0
    position = 0
    upcoming = minutes.next()
  }

  /// Draws the next arrivals, of minutes that begin before `end`, and says how many; at most a stretch.
  private mutating func draw(
    before end: Int64, into arrivals: UnsafeMutableBufferPointer<Int64>, _ variates: UnsafeMutableBufferPointer<Double>
  ) -> Int {
    switch law {
    case .equidistant, .equidistantShifted:
      var count = 0
      while count < Self.stretch, left > 0 || begins(before: end) {
        if left == 0 { begin() }
        count += drawEvenly(into: .init(rebasing: arrivals[count...]))
      }
      return count
    case .uniform, .exponential, .poisson:
      if left == 0 {
        let count = drawMinutes(before: end, into: arrivals, variates)
        if count > 0 || left == 0 { return count }
      }
      if law == .exponential, drawn == 0 {
        arrivals[0] = start
        left -= 1
        drawn = 1
        return 1
      }
      return drawAtRandom(into: arrivals, variates)
    }
  }

  /// Draws whole minutes at random, as many as fit. One that was taken up but does not fit is left at hand.
  ///
  /// The gaps of all come from the stream in one go; they are the same as if drawn minute by minute.
  private mutating func drawMinutes(
    before end: Int64, into arrivals: UnsafeMutableBufferPointer<Int64>, _ variates: UnsafeMutableBufferPointer<Double>
  ) -> Int {
    let most = 64  // 1 KB, which needs no memory but the stack's
    return withUnsafeTemporaryAllocation(of: (start: Int64, points: Int).self, capacity: most) { batch in
      let leading = law == .exponential ? 1 : 0
      var size = 0
      var gaps = 0
      var room = Self.stretch  // for arrivals, of which a minute may have one more than gaps
      while size < most, begins(before: end) {
        begin()
        guard left > 0 else { continue }
        let points = left - leading
        guard gaps + points + 1 <= Self.stretch, left <= room else { break }
        batch[size] = (start, points)
        size += 1
        gaps += points + (points > 0 ? 1 : 0)
        room -= left
        left = 0
      }
      arrivalStream.fillExponential(.init(rebasing: variates[..<gaps]))
      var count = 0
      var gap = 0
      for index in 0..<size {
        let (start, points) = batch[index]
        if leading == 1 {
          arrivals[count] = start
          count += 1
        }
        guard points > 0 else { continue }
        var sum = 0.0
        for offset in 0...points {
          sum += variates[gap + offset]
          variates[gap + offset] = sum
        }
        let scale = Double(Self.minute) / sum
        for offset in 0..<points {
          arrivals[count + offset] = start + min(Int64(variates[gap + offset] * scale), Self.minute - 1)
        }
        gap += points + 1
        count += points
      }
      return count
    }
  }

  /// Draws points of the minute at hand at equal distances, as many as fit.
  private mutating func drawEvenly(into arrivals: UnsafeMutableBufferPointer<Int64>) -> Int {
    let count = Int64(drawn + left)
    let (gap, rest) = Self.minute.quotientAndRemainder(dividingBy: count)
    let late = Int64(phase * Double(Self.minute) / Double(count))
    // A minute times the index would overflow; its parts do not. The remainder is carried along, since dividing is slow.
    var (extra, remainder) = (Int64(drawn) * rest).quotientAndRemainder(dividingBy: count)
    var within = Int64(drawn) * gap + late
    let stop = min(left, arrivals.count)
    for index in 0..<stop {
      arrivals[index] = start + min(within + extra, Self.minute - 1)
      within += gap
      remainder += rest
      if remainder >= count {
        remainder -= count
        extra += 1
      }
    }
    left -= stop
    drawn += stop
    return stop
  }

  /// Draws random points of the minute at hand in ascending order, as many as fit.
  ///
  /// n points thrown at random lie where the first n of n + 1 exponential gaps end, stretched to fill the minute
  /// (L. Devroye, "Non-Uniform Random Variate Generation", 1986, V.3). Where the points do not fit, the sum of the gaps
  /// not yet drawn is a gamma variate, and what is left lies at random behind the last point drawn.
  private mutating func drawAtRandom(
    into arrivals: UnsafeMutableBufferPointer<Int64>, _ variates: UnsafeMutableBufferPointer<Double>
  ) -> Int {
    guard left > 0 else { return 0 }
    let count = min(left, Self.stretch)
    let rest = left - count
    let gaps = UnsafeMutableBufferPointer(rebasing: variates[..<(rest == 0 ? count + 1 : count)])
    arrivalStream.fillExponential(gaps)
    var sum = 0.0
    for index in gaps.indices {
      sum += gaps[index]
      gaps[index] = sum
    }
    if rest > 0 { sum += arrivalStream.gamma(shape: Double(rest + 1)) }
    let scale = (Double(Self.minute) - position) / sum
    for index in 0..<count {
      let within = Int64(position + gaps[index] * scale)
      arrivals[index] = start + min(within, Self.minute - 1)
    }
    position += gaps[count - 1] * scale
    left = rest
    drawn += count
    return count
  }
}
