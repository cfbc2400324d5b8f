import Statistics
import Units
import Workloads

/// Counts what a summary needs while ordered invocations pass by.
struct TraceCount {
  private struct Function {
    var invocations = 0
    var busy: Double = 0
    var last: Int64 = 0
    var gaps = GapSums()
  }

  private var functions: [Function] = []
  private var invocations = 0
  private var first: Int64 = 0
  private var last: Int64 = 0
  private var gaps = GapSums()
  private var counts = DispersionCount()
  private var durations = LogLinearHistogram()
  private var oddities = TraceSummary.Oddities()

  /// Functions with fewer invocations have gaps too few for a coefficient of variation.
  private static let leastInvocations = 10

  mutating func add(_ batch: InvocationBatch) {
    let needed = Int(batch.functions.max() ?? -1) + 1
    if functions.count < needed {
      functions.append(contentsOf: repeatElement(Function(), count: needed - functions.count))
    }
    for row in 0..<batch.count {
      add(Int(batch.functions[row]), batch.arrivals[row], batch.durations[row])
    }
  }

  private mutating func add(_ index: Int, _ arrival: Int64, _ duration: Int64) {
    counts.add(arrival)
    durations.record(duration)
    if duration == 0 { oddities.zeroDurations += 1 }
    if invocations == 0 {
      first = arrival
    } else {
      note(gap: arrival - last)
      gaps.add(arrival - last)
    }
    let earlier = functions[index]
    if earlier.invocations > 0 {
      functions[index].gaps.add(arrival - earlier.last)
      if arrival == earlier.last { oddities.simultaneousInFunction += 1 }
    }
    functions[index].last = arrival
    functions[index].busy += Double(duration)
    functions[index].invocations += 1
    last = arrival
    invocations += 1
  }

  private mutating func note(gap: Int64) {
    if gap == 0 { oddities.simultaneousArrivals += 1 }
    if gap > TimeUnit.hours.nanoseconds { oddities.longGaps += 1 }
    if gap > oddities.longestGap?.nanoseconds ?? -1 {
      oddities.longestGap = TimeSpan(nanoseconds: gap)
      oddities.longestGapStart = Instant(nanoseconds: last)
    }
  }

  /// The summary of all that was added from `ordered`, which has come to its end.
  consuming func summary(of ordered: OrderedInvocations, title: String, busiest: Int) -> TraceSummary {
    let known = ordered.functions
    let horizon = ordered.horizon
    let seconds = Double(horizon.nanoseconds) / 1e9
    // A record without an end of its own goes as far as its last arrival; what still runs then brings no arrivals.
    counts.finish(at: ordered.hasFixedHorizon ? horizon.nanoseconds : last)
    oddities.singleInvocations = functions.count { $0.invocations == 1 }
    let applications = Set(known.compactMap(\.application))
    let invoked = functions.count { $0.invocations > 0 }
    return TraceSummary(
      title: title, invocations: invocations, functions: known.count, idleFunctions: known.count - invoked,
      applications: applications.isEmpty ? nil : applications.count, epoch: ordered.epoch, horizon: horizon,
      arrivals: invocations == 0 ? nil : Instant(nanoseconds: first)...Instant(nanoseconds: last),
      meanRate: seconds > 0 ? Double(invocations) / seconds : 0, peakMinute: counts.peakMinute,
      busiest: busiestFunctions(busiest, known), dispersion: counts.results, gapVariation: gaps.variation,
      gapVariationOfFunctions: Spread(
        functions.filter { $0.invocations >= Self.leastInvocations }.compactMap(\.gaps.variation)),
      durations: durations, memorySettings: Spread(known.compactMap { $0.memory.map { Double($0.megabytes) } }),
      memoryUsed: Spread(known.compactMap(\.memoryUsed).filter(\.isFinite)),
      meanConcurrency: seconds > 0 ? Double(durations.sum) / 1e9 / seconds : 0, oddities: oddities,
      ledger: ordered.ledger, observations: ordered.observations)
  }

  private func busiestFunctions(_ count: Int, _ known: [WorkloadFunction]) -> [TraceSummary.BusyFunction] {
    let order = functions.indices.filter { functions[$0].invocations > 0 }
      .sorted { (functions[$1].invocations, $0) < (functions[$0].invocations, $1) }
    return order.prefix(max(0, count)).filter { $0 < known.count }.map { index in
      let function = functions[index]
      let mean = function.busy / Double(function.invocations)
      return TraceSummary.BusyFunction(
        function: known[index], invocations: function.invocations,
        share: Double(function.invocations) / Double(invocations),
        meanDuration: TimeSpan(nanoseconds: Int64(mean.rounded())), gapVariation: function.gaps.variation)
    }
  }
}

/// Sums of times between arrivals.
private struct GapSums {
  private var count = 0
  private var sum = 0.0
  private var squares = 0.0

  mutating func add(_ gap: Int64) {
    let gap = Double(gap)
    count += 1
    sum += gap
    squares += gap * gap
  }

  /// The coefficient of variation, by the unbiased variance; nil for fewer than two gaps or none longer than zero.
  var variation: Double? {
    guard count > 1, sum > 0 else { return nil }
    let mean = sum / Double(count)
    let variance = max(0, (squares - sum * mean) / Double(count - 1))
    return variance.squareRoot() / mean
  }
}

/// Counts arrivals in intervals of a second, a minute, ten minutes and an hour, each made of the ones before.
private struct DispersionCount {
  private struct Level {
    let width: Int64
    /// The interval at hand and its arrivals so far.
    var index: Int64 = 0
    var count = 0
    /// Over the intervals before it.
    var sum = 0.0
    var squares = 0.0
    var most = 0
    var mostIndex: Int64 = 0
    /// Intervals in all, once that is known.
    var intervals: Int64 = 0
  }

  private var levels = [TimeSpan.seconds(1), .minutes(1), .minutes(10), .hours(1)].map { Level(width: $0.nanoseconds) }
  private var end: Int64 = 0

  /// Counts an arrival, which is not before the last one.
  mutating func add(_ arrival: Int64) {
    if arrival >= end { move(to: arrival) }
    levels[0].count += 1
  }

  /// Closes all intervals that end at or before `arrival`.
  private mutating func move(to arrival: Int64) {
    for level in levels.indices {
      let index = arrival / levels[level].width
      if index == levels[level].index { break }
      close(level)
      levels[level].index = index
    }
    end = (levels[0].index + 1) * levels[0].width
  }

  private mutating func close(_ level: Int) {
    let count = levels[level].count
    levels[level].sum += Double(count)
    levels[level].squares += Double(count) * Double(count)
    if count > levels[level].most {
      levels[level].most = count
      levels[level].mostIndex = levels[level].index
    }
    levels[level].count = 0
    if level + 1 < levels.count { levels[level + 1].count += count }
  }

  /// Closes what is open, and leaves out of each level what lies past the last whole interval before `horizon`.
  mutating func finish(at horizon: Int64) {
    for level in levels.indices {
      let width = levels[level].width
      levels[level].intervals = Int64((Double(horizon) / Double(width) + 0.01).rounded(.down))
      let before = levels[level]
      close(level)
      if before.index >= before.intervals {
        levels[level].sum = before.sum
        levels[level].squares = before.squares
      }
    }
  }

  var results: [TraceSummary.Dispersion] {
    levels.map { level in
      var index: Double?
      if level.intervals > 1, level.sum > 0 {
        let n = Double(level.intervals)
        let mean = level.sum / n
        index = max(0, (level.squares - level.sum * mean) / (n - 1)) / mean
      }
      return TraceSummary.Dispersion(
        interval: TimeSpan(nanoseconds: level.width), intervals: Int(level.intervals), index: index)
    }
  }

  var peakMinute: TraceSummary.Peak? {
    guard levels[1].most > 0 else { return nil }
    return TraceSummary.Peak(
      start: Instant(nanoseconds: levels[1].mostIndex * levels[1].width), invocations: levels[1].most)
  }
}
