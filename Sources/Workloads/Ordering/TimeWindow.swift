public import Units

/// A stretch of a trace: arrivals in [from, to).
public struct TimeWindow: Hashable, Sendable {
  /// Since the trace's start, not negative.
  public let from: TimeSpan
  /// Not before `from`; nil for the trace's end.
  public let to: TimeSpan?

  init(from: TimeSpan, to: TimeSpan?) {
    self.from = max(.zero, from)
    self.to = to.map { [from = self.from] in max(from, $0) }
  }

  /// The window that `inner`, whose zero is where this one begins, cuts out of the whole.
  func cut(_ inner: TimeWindow) -> TimeWindow {
    let start = Self.sum(from, inner.from)
    let end = inner.to.map { Self.sum(from, $0) }
    return TimeWindow(from: start, to: [to, end].compactMap { $0 }.min())
  }

  /// The length, where it has an end.
  var length: TimeSpan? { to.map { $0 - from } }

  private static func sum(_ a: TimeSpan, _ b: TimeSpan) -> TimeSpan {
    let (sum, overflow) = a.nanoseconds.addingReportingOverflow(b.nanoseconds)
    return TimeSpan(nanoseconds: overflow ? .max : sum)
  }

  var description: String { "arrivals from \(from)" + (to.map { " to \($0)" } ?? " on") }
}

extension Workload {
  /// The same workload with only the arrivals in [from, to), and zero moved to `from`.
  ///
  /// The horizon becomes `to` - `from`; a generated workload that ends before `to` still ends where it did. What the
  /// trace measured of itself is kept only where it has moments; sums over the whole trace say nothing of a part.
  public func windowed(from: TimeSpan, to: TimeSpan?) -> Workload {
    let window = TimeWindow(from: from, to: to)
    var result = self
    result.epoch = epoch.map { $0 + window.from.seconds }
    switch feed {
    case .recorded(var recorded):
      recorded.window = recorded.window?.cut(window) ?? window
      result.feed = .recorded(recorded)
    case .generated(let generated):
      result.feed = .generated(generated.windowed(window))
    }
    return result
  }
}

extension GeneratedWorkload {
  fileprivate func windowed(_ window: TimeWindow) -> GeneratedWorkload {
    let end = min(horizon, Instant.zero + (window.to ?? horizon - .zero))
    let start = min(end, Instant.zero + window.from)
    var result = self
    result.horizon = Instant.zero + (end - start)
    let share = (end - start).seconds / max((horizon - .zero).seconds, .leastNormalMagnitude)
    result.expectedInvocations = Int(share * Double(expectedInvocations))
    result.ledger.remark(window.description)
    result.observations = observations?.windowed(window)
    result.generator = { [generator] function, seed, replication in
      WindowedGenerator(generator(function, seed, replication), start: start, end: end)
    }
    return result
  }
}

extension Observations {
  /// What can be said of a part of the trace.
  func windowed(_ window: TimeWindow) -> Observations {
    func moved(_ points: [Point]) -> [Point] {
      points.compactMap { point in
        let at = point.at - window.from
        guard at >= .zero, window.length.map({ at.nanoseconds < $0.nanoseconds }) ?? true else { return nil }
        return Point(at: at, value: point.value)
      }
    }
    var result = Observations()
    result.concurrency = moved(concurrency)
    result.throttles = moved(throttles)
    return result
  }
}

/// Draws what another generator draws in a window, moved to begin at zero.
private struct WindowedGenerator: InvocationGenerator {
  private var generator: any InvocationGenerator
  private let start: Instant
  private let end: Instant
  private var scratch = InvocationBlock()
  /// How far the other generator has come.
  private var position = Instant.zero

  init(_ generator: any InvocationGenerator, start: Instant, end: Instant) {
    self.generator = generator
    self.start = start
    self.end = end
  }

  mutating func generate(until limit: Instant, into block: inout InvocationBlock) {
    // What lies before the window is drawn in steps and thrown away, so that it never stands in memory at once.
    while position < start {
      position = min(start, position + .minutes(10))
      scratch.removeAll()
      generator.generate(until: position, into: &scratch)
    }
    guard limit > .zero else { return }
    let until = limit - .zero < end - start ? start + (limit - .zero) : end
    scratch.removeAll()
    generator.generate(until: until, into: &scratch)
    for (arrival, duration) in zip(scratch.arrivals, scratch.durations) where arrival >= start.nanoseconds {
      block.append(arrival: arrival - start.nanoseconds, duration: duration)
    }
  }
}
