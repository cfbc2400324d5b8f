import Units
import Workloads

/// Draws invocations from counts per period, by stretching minutes to the period's length.
struct PeriodGenerator: InvocationGenerator {
  private var minutes: MinuteCountGenerator
  /// The period is this many nanoseconds for each of a minute: at least 1.
  private let stretch: Int64
  private var block = InvocationBlock()

  init(_ minutes: MinuteCountGenerator, minutesInPeriod stretch: Int64) {
    self.minutes = minutes
    self.stretch = stretch
  }

  mutating func generate(until end: Instant, into result: inout InvocationBlock) {
    guard stretch > 1 else { return minutes.generate(until: end, into: &result) }
    block.removeAll()
    let (whole, rest) = end.nanoseconds.quotientAndRemainder(dividingBy: stretch)
    minutes.generate(until: Instant(nanoseconds: whole + (rest > 0 ? 1 : 0)), into: &block)
    for index in 0..<block.count {
      result.append(arrival: block.arrivals[index] * stretch, duration: block.durations[index])
    }
  }
}
