import Measuring
public import Statistics
public import Units

/// What one function's starts and requests took when no other machine ran: the profile that a prediction rests on.
public struct FunctionTimings: Sendable {
  public var function: String
  public private(set) var records: [InvocationRecord] = []

  public init(function: String) { self.function = function }

  public mutating func add(_ record: InvocationRecord) { records.append(record) }

  public mutating func add(_ other: FunctionTimings) { records += other.records }

  /// First requests of new environments, and others. Those that other programs disturbed are among them, as they are among
  /// the requests that the timings predict.
  public var cold: [InvocationRecord] { records.filter { $0.coldStart != nil } }
  public var warm: [InvocationRecord] { records.filter { $0.coldStart == nil } }

  public var noisyCount: Int { records.count { $0.sample.isNoisy } }

  /// Seconds from hand-over to result in an environment that is there; nil where nothing was measured.
  public var duration: Distribution? { Self.law((warm.isEmpty ? cold : warm).map(\.duration.seconds)) }

  /// Seconds by which a first request takes longer than others, on average: pages that it touches first, caches.
  public var firstExcess: Double {
    guard !cold.isEmpty, !warm.isEmpty else { return 0 }
    return Self.mean(cold.map(\.duration.seconds)) - Self.mean(warm.map(\.duration.seconds))
  }

  /// Seconds of init: the machine's start, and what the first request takes longer than others, which is billed alike.
  public var initialisation: Distribution? {
    Self.law(cold.map { max(0, ($0.coldStart?.initialisation.seconds ?? 0) + firstExcess) })
  }

  /// Seconds of a machine's start alone.
  public var start: Distribution? { Self.law(cold.map { $0.coldStart?.initialisation.seconds ?? 0 }) }

  /// Seconds from hand-over to the beginning of a new machine, and of putting it under its quota.
  public var overhead: Distribution? { Self.law(cold.map { $0.coldStart?.overhead.seconds ?? 0 }) }

  /// The median of what requests wait before the host notices them.
  public var lateness: TimeSpan {
    let sorted = records.map(\.lateness).sorted()
    return sorted.isEmpty ? .zero : sorted[sorted.count / 2]
  }

  /// Processors that a request keeps busy while it runs, at most one.
  public var processorShare: Double {
    let wall = warm.reduce(0) { $0 + $1.sample.wall.seconds }
    return wall > 0 ? min(1, warm.reduce(0) { $0 + $1.sample.processor.seconds } / wall) : 1
  }

  private static func law(_ seconds: [Double]) -> Distribution? {
    QuantileFunction(sample: seconds).map { .empirical($0) }
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
}

/// Waits between requests while measuring: at the pace of the plan's requests, because a processor that was idle is another
/// than one at work (its clock, its caches, its place in the scheduler's queue); but at least a quota period and a random
/// part of another, so that the quota is whole again.
struct ArrivalGaps {
  private var draws: RandomStream
  private let period: TimeSpan
  private let mean: TimeSpan

  /// Longer waits would only take time.
  private static let longest = TimeSpan.milliseconds(500)

  init(seed: UInt64, part: Int, function: String, period: TimeSpan, mean: TimeSpan) {
    draws = RandomStream(seed: seed, replication: UInt64(part), subject: StableHash.of(function), purpose: .arrivals)
    self.period = period
    self.mean = mean
  }

  mutating func next() -> TimeSpan {
    let shortest = Double(period.nanoseconds) * (1 + draws.uniform())
    let paced = min(Double(Self.longest.nanoseconds), Double(mean.nanoseconds) * draws.exponential())
    return TimeSpan(nanoseconds: Int64(max(shortest, paced)))
  }
}
