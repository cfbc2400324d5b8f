import Engine
import EngineRivals
import Foundation
import Statistics
import Units

/// As `MemoryRace`, but gaps and durations are drawn inside, block by block, by the same methods on both sides:
/// Philox4x64-10, ziggurats, the exponential function.
enum SampledRace {
  static let blockSize = 2048

  static func run(_ scoreboard: inout Scoreboard) {
    for concurrency in MemoryRace.concurrencies {
      let gap = MemoryRace.meanGap(concurrency)
      var own = PoolReplay.Count()
      var rival = pool_count()
      let times = shortest(
        of: 7,
        { own = replay(meanGap: gap) },
        {
          rival = pool_count()
          pool_sampled(
            gap, MemoryRace.median, MemoryRace.sigma, Int64(MemoryRace.invocations),
            MemoryRace.keepAlive.nanoseconds, MemoryRace.coldStart.nanoseconds, &rival)
        })
      scoreboard.add(
        "sampled inside, \(concurrency) at once", own: pace(MemoryRace.invocations, times[0]),
        rival: pace(MemoryRace.invocations, times[1]), figure: times[1] / times[0])
      // The exponential functions differ in the last digit, so that a few nanoseconds may.
      let difference = abs(Double(own.busyTime) / Double(rival.busy) - 1)
      precondition(
        difference < 1e-9 && abs(Int64(own.coldStarts) - rival.cold_starts) <= 2,
        "Faascast and C draw differently: \(own.coldStarts) and \(rival.cold_starts) cold starts")
    }
  }

  private static func replay(meanGap: Double) -> PoolReplay.Count {
    var gaps = RandomStream(seed: 1, purpose: .arrivals)
    var services = RandomStream(seed: 1, purpose: .durations)
    let law = Distribution.lognormal(mu: log(MemoryRace.median), sigma: MemoryRace.sigma)
    var counter = PoolReplay.Counter(
      PoolReplay(keepAlive: MemoryRace.keepAlive, coldStart: MemoryRace.coldStart))
    var time = 0.0
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: blockSize) { arrivals in
      withUnsafeTemporaryAllocation(of: Int64.self, capacity: blockSize) { durations in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: blockSize) { draws in
          var left = MemoryRace.invocations
          while left > 0 {
            let size = min(left, blockSize)
            let block = UnsafeMutableBufferPointer(rebasing: draws[..<size])
            gaps.fillExponential(block)
            for index in 0..<size {
              time += meanGap * block[index]
              arrivals[index] = Int64(time * 1e9)
            }
            law.fill(block, from: &services)
            for index in 0..<size { durations[index] = Int64(block[index] * 1e9 + 0.5) }
            counter.add(
              arrivals: UnsafeBufferPointer(rebasing: arrivals[..<size]),
              durations: UnsafeBufferPointer(rebasing: durations[..<size]))
            left -= size
          }
        }
      }
    }
    return counter.finish()
  }
}
