public import Units

/// Cold starts and idle time as functions of the keep-alive, all from one replay.
///
/// Under most-recently-used reuse and one keep-alive for all environments, an arrival that takes concurrency from n to
/// n+1 finds the environment that fell idle when concurrency last fell from n+1 to n. It is cold when that was longer
/// ago than the keep-alive, whatever the keep-alive is: the gaps tell the whole curve, as stack distances tell a cache's
/// (R. L. Mattson et al., "Evaluation techniques for storage hierarchies", IBM Systems Journal 9(2), 1970).
///
/// Exact where a cold start holds its environment as long as a warm one; otherwise off by what a cold start's overhead
/// and init add to concurrency. Maximum lifetimes and the account's limit are left out.
public struct KeepAliveCurve: Equatable, Sendable {
  /// One keep-alive and what it would give.
  public struct Point: Equatable, Sendable {
    public var keepAlive: TimeSpan
    /// Invocations that would find no live environment.
    public var coldStarts: Int
    /// Time in which on-demand environments would wait, up to the horizon, ns.
    public var idleTime: Int128
  }

  /// In ascending order of keep-alive.
  public let points: [Point]
  /// Invocations that were started, provisioned ones too.
  public let starts: Int
  /// The trace's end, or as far as the replay came.
  public let horizon: Instant
  public let isComplete: Bool

  /// The keep-alives of the points: sixteen to an octave from 1 s to 18 hours, and those that people name.
  static let keepAlives: [Int64] = {
    var times = Set<Int64>()
    for octave in 0..<16 {
      for step in 0..<16 { times.insert((1_000_000_000 << Int64(octave)) / 16 * Int64(16 + step)) }
    }
    for seconds in named { times.insert(Int64(seconds) * 1_000_000_000) }
    return times.sorted()
  }()

  /// Keep-alives that people name, s.
  private static let named = [
    1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 180, 300, 420, 600, 900, 1200, 1800, 2700, 3600, 7200, 10_800, 14_400, 21_600,
    43_200, 86_400,
  ]

  /// The points of keep-alives that people name.
  public var namedPoints: [Point] {
    let named = Set(Self.named.map { Int64($0) * 1_000_000_000 })
    return points.filter { named.contains($0.keepAlive.nanoseconds) }
  }

  /// The share of started invocations that would start cold; nil where none was started.
  public func coldShare(at point: Point) -> Double? {
    starts > 0 ? Double(point.coldStarts) / Double(starts) : nil
  }

  /// On-demand environments that would wait, averaged over the horizon; nil for a horizon of zero.
  public func meanIdleEnvironments(at point: Point) -> Double? {
    horizon > .zero ? Double(point.idleTime) / Double(horizon.nanoseconds) : nil
  }

  init(_ gaps: Gaps, starts: Int, horizon: Instant, isComplete: Bool) {
    self.starts = starts
    self.horizon = horizon
    self.isComplete = isComplete
    var points: [Point] = []
    // What is at least as long as the keep-alive, and the sum of what is shorter.
    var longer = gaps.closed.reduce(0) { $0 + $1.count }
    var openLonger = gaps.open.reduce(0) { $0 + $1.count }
    var shorter: Int128 = 0
    for (index, keepAlive) in Self.keepAlives.enumerated() {
      longer -= gaps.closed[index].count
      openLonger -= gaps.open[index].count
      shorter += gaps.closed[index].sum + gaps.open[index].sum
      points.append(
        Point(
          keepAlive: TimeSpan(nanoseconds: keepAlive), coldStarts: gaps.first + longer,
          idleTime: shorter + Int128(longer + openLonger) * Int128(keepAlive)))
    }
    self.points = points
  }

  /// The gaps between an end and the arrival that takes its environment, by the keep-alives between which they lie.
  struct Gaps {
    struct Class: BitwiseCopyable {
      var count = 0
      var sum: Int128 = 0
    }

    /// Arrivals at levels never left before: cold under every keep-alive.
    var first = 0
    /// Gaps below the keep-alive of the same index and not below the one before; one more for those beyond the last.
    private(set) var closed = Array(repeating: Class(), count: keepAlives.count + 1)
    /// The same of environments that still waited at the horizon.
    private(set) var open = Array(repeating: Class(), count: keepAlives.count + 1)

    mutating func close(_ gap: Int64) {
      let index = Self.index(of: gap)
      closed[index].count += 1
      closed[index].sum += Int128(gap)
    }

    mutating func leaveOpen(_ gap: Int64) {
      let index = Self.index(of: gap)
      open[index].count += 1
      open[index].sum += Int128(gap)
    }

    mutating func merge(_ other: Gaps) {
      first += other.first
      for index in closed.indices {
        closed[index].count += other.closed[index].count
        closed[index].sum += other.closed[index].sum
        open[index].count += other.open[index].count
        open[index].sum += other.open[index].sum
      }
    }

    /// The first keep-alive that is longer than the gap.
    private static func index(of gap: Int64) -> Int {
      var low = 0
      var high = keepAlives.count
      while low < high {
        let middle = (low + high) / 2
        if keepAlives[middle] > gap { high = middle } else { low = middle + 1 }
      }
      return low
    }
  }
}

extension KeepAliveCurve.Gaps: Checkpointed {
  func save(to state: inout StateWriter) {
    state.write(first)
    state.write(closed)
    state.write(open)
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    first = try state.read()
    closed = try state.readArray()
    open = try state.readArray()
  }
}
