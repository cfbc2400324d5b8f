import Engine
import EngineRivals
import Foundation
import Statistics
import Units

/// One function whose invocations stand in memory, on one core: Poisson arrivals, lognormal durations (median 100 ms,
/// sigma 1), a cold start takes 250 ms more, keep-alive 60 s, most-recently-used reuse. All count cold starts, busy and
/// idle time and a histogram of latencies, and must agree to the last digit.
enum MemoryRace {
  static let invocations = 2_000_000
  static let keepAlive = TimeSpan.seconds(60)
  static let coldStart = TimeSpan(nanoseconds: 250_000_000)
  static let median = 0.1
  static let sigma = 1.0
  static let concurrencies = [1, 10, 100, 1000]

  static func meanGap(_ concurrency: Int) -> Double { median * exp(sigma * sigma / 2) / Double(concurrency) }

  static func run(_ scoreboard: inout Scoreboard) {
    for concurrency in concurrencies {
      let (arrivals, durations) = draw(meanGap: meanGap(concurrency))
      var own = PoolReplay.Count()
      var literal = pool_count()
      var certified = pool_count()
      arrivals.withUnsafeBufferPointer { arrivals in
        durations.withUnsafeBufferPointer { durations in
          let times = shortest(
            of: 15,
            {
              own = PoolReplay(keepAlive: keepAlive, coldStart: coldStart).count(
                arrivals: arrivals, durations: durations)
            },
            {
              literal = pool_count()
              pool_literal(
                arrivals.baseAddress, durations.baseAddress, Int64(arrivals.count), keepAlive.nanoseconds,
                coldStart.nanoseconds, &literal)
            },
            {
              certified = pool_count()
              pool_certified(
                arrivals.baseAddress, durations.baseAddress, Int64(arrivals.count), keepAlive.nanoseconds,
                coldStart.nanoseconds, &certified)
            })
          scoreboard.add(
            "in memory, \(concurrency) at once, against a literal loop", own: pace(invocations, times[0]),
            rival: pace(invocations, times[1]), figure: times[1] / times[0])
          scoreboard.add(
            "in memory, \(concurrency) at once, against certified blocks", own: pace(invocations, times[0]),
            rival: pace(invocations, times[2]), figure: times[2] / times[0])
        }
      }
      agree(own, literal, "the literal loop at \(concurrency)")
      agree(own, certified, "certified blocks at \(concurrency)")
    }
  }

  static func agree(_ own: PoolReplay.Count, _ rival: pool_count, _ what: String) {
    precondition(
      Int64(own.coldStarts) == rival.cold_starts && own.busyTime == Int128(rival.busy)
        && own.idleTimeBeforeReuse == Int128(rival.idle),
      "Faascast and \(what) count differently: \(own.coldStarts), \(own.busyTime), \(own.idleTimeBeforeReuse) and "
        + "\(rival.cold_starts), \(rival.busy), \(rival.idle)")
  }

  private static func draw(meanGap: Double) -> ([Int64], [Int64]) {
    var gaps = RandomStream(seed: 1, purpose: .arrivals)
    var services = RandomStream(seed: 1, purpose: .durations)
    let law = Distribution.lognormal(mu: log(median), sigma: sigma)
    var time = 0.0
    var arrivals: [Int64] = []
    var durations: [Int64] = []
    for _ in 0..<invocations {
      time += meanGap * gaps.exponential()
      arrivals.append(Int64(time * 1e9))
      durations.append(Int64((law.sample(&services) * 1e9).rounded()))
    }
    return (arrivals, durations)
  }
}
