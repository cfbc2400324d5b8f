import Platforms

/// Whether requests of all functions together stay below the rate that they share, although each was replayed alone.
///
/// The shared bucket holds one second's worth of tokens and gains as many in a second (`Account`). Where no two neighbouring
/// seconds have more requests than it holds, it never runs dry: at a second's start it has at least what the second before
/// has left of a full one, whether or not it was full in between. The condition is sufficient and no more; a run that
/// misses it is replayed in one order of time.
final class SharedRate {
  private let perSecond: Int
  /// Seconds from the one that is not over yet, and of them the requests known so far.
  private var open: [Int64: Int] = [:]
  /// The last second that was looked at, and its requests.
  private var last: (second: Int64, count: Int) = (-2, 0)
  private(set) var isWithin = true

  /// Nil where functions share no rate.
  init?(_ platform: Platform) {
    guard let rate = platform.limits.requestsPerConcurrency, let concurrency = platform.accountConcurrency else {
      return nil
    }
    perSecond = rate * concurrency
  }

  /// Takes the requests that threads collected, and looks at the seconds that are over by `end`: none before it comes.
  func take(_ workers: [Worker], before end: Int64) {
    for worker in workers {
      for run in worker.requests.runs { open[run.second, default: 0] += run.count }
      worker.requests.removeAll()
    }
    let over = open.filter { ($0.key + 1) * RequestCounts.second <= end }.sorted { $0.key < $1.key }
    for (second, count) in over {
      open[second] = nil
      if count + (last.second == second - 1 ? last.count : 0) > perSecond { isWithin = false }
      last = (second, count)
    }
  }
}

/// How many requests came in each second, in order of time.
struct RequestCounts {
  /// ns
  static let second: Int64 = 1_000_000_000

  private(set) var runs: [(second: Int64, count: Int)] = []

  mutating func add(at time: Int64) {
    let second = time / Self.second
    if let last = runs.last, last.second == second {
      runs[runs.count - 1].count += 1
    } else {
      runs.append((second, 1))
    }
  }

  mutating func append(_ other: RequestCounts) { runs += other.runs }
  mutating func removeAll() { runs.removeAll(keepingCapacity: true) }
}
