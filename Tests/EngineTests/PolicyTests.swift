import Platforms
import Statistics
import Testing
import Units

@testable import Engine

@Suite("Keep-alive policies of the literature")
struct PolicyTests {
  private static let plenty = MemorySize(megabytes: 1 << 40)

  /// Functions of one size, invoked by chance, each for no time.
  private func instantaneous(rates: [Double], seconds: Double, seed: UInt64) -> ScriptedWorkload {
    var functions: [String: [(arrival: Int64, duration: Int64)]] = [:]
    for (index, rate) in rates.enumerated() {
      functions["f\(index)"] =
        poissonWorkload(rate: rate, duration: .constant(0), seconds: seconds, seed: seed &* 100 &+ UInt64(index))
        .functions["f"]
    }
    return ScriptedWorkload(horizon: Int64(seconds * 1e9), functions: functions)
  }

  private func run(
    _ script: ScriptedWorkload, _ policy: KeepAlivePolicy, coldStart: Double = 0.1
  ) throws -> Outcome {
    var platform = barePlatform(keepAlive: KeepAlive(.constant(600)), initDuration: .constant(coldStart)) {
      $0.memory = MemorySize(megabytes: 128)
    }
    platform.policy = policy
    let outcome = try Simulation(workload: script.workload, platform: platform).run()
    let totals = outcome.totals
    #expect(totals.arrivals == totals.starts + totals.throttles)
    #expect(
      totals.idleTimeInHorizon == outcome.timeline.rows.reduce(Int128(0)) { $0 + Int128($1.idleTime) })
    return outcome
  }

  @Test("a fixed keep-alive with memory in plenty is the pool of Lambda, to the last digit")
  func fixed() throws {
    var compared = 0
    for seed in 0..<300 as Range<UInt64> {
      var scenario = RandomScenario(seed: seed, limit: nil)
      scenario.platform.reuse = .mostRecentlyUsed
      scenario.platform.keepAlive.deeper = nil
      scenario.platform.rules[0].provisionedConcurrency = nil
      guard scenario.platform.rules[0].reservedConcurrency == nil else { continue }
      let pool = try Simulation(workload: scenario.script.workload, platform: scenario.platform, seed: seed).run()
      scenario.platform.policy = .caching(.fixed, memory: Self.plenty)
      let kept = try Simulation(workload: scenario.script.workload, platform: scenario.platform, seed: seed).run()
      #expect(kept.totals == pool.totals && kept.timeline == pool.timeline, "seed \(seed)")
      compared += 1
    }
    #expect(compared > 80)
  }

  @Test("LRU hits as often as King's exact sum says")
  func king() throws {
    let rates = [1.0, 0.5, 0.25, 0.2, 0.1, 0.05]
    let exact = try #require(try SharedRoom(rates: rates, capacity: 3).exactHits()).overall
    var hits: [Double] = []
    for seed in 1...12 as ClosedRange<UInt64> {
      let totals = try run(
        instantaneous(rates: rates, seconds: 2000, seed: seed),
        .caching(.leastRecentlyUsed, memory: .init(megabytes: 384)), coldStart: 0
      ).totals
      hits.append(1 - Double(totals.coldStarts) / Double(totals.starts))
    }
    let (mean, error) = meanAndError(hits)
    #expect(abs(mean - exact) < 4 * error, "\(mean) ± \(error), exact \(exact)")
  }

  @Test("landlord is LRU where all cost the same; nobody beats who knows the future")
  func relatives() throws {
    let rates = [1.0, 0.5, 0.25, 0.2, 0.1, 0.05, 0.02, 0.02, 0.01]
    for seed in 1...8 as ClosedRange<UInt64> {
      let script = instantaneous(rates: rates, seconds: 800, seed: seed)
      let room = MemorySize(megabytes: 4 * 128)
      let lru = try run(script, .caching(.leastRecentlyUsed, memory: room)).totals
      #expect(try run(script, .caching(.landlord, memory: room)).totals == lru)
      let best = try run(script, .caching(.clairvoyant, memory: room)).totals
      for order in EvictionOrder.allCases {
        let totals = try run(script, .caching(order, memory: room)).totals
        #expect(totals.coldStarts >= best.coldStarts, "\(order), seed \(seed)")
        #expect(totals.throttles == 0)
      }
      #expect(best.coldStarts < lru.coldStarts)
      // Frequency keeps what is used often: here that is better than recency.
      #expect(try run(script, .caching(.greedyDual, memory: room)).totals.coldStarts <= lru.coldStarts)
    }
    let bound = try run(instantaneous(rates: rates, seconds: 800, seed: 1), .clairvoyant).totals
    #expect(bound.coldStarts == 0 && bound.idleTimeInHorizon == 0 && bound.starts > 1000)
  }

  @Test("who does not fit into the memory beside those that run is refused")
  func refused() throws {
    let script = ScriptedWorkload(
      horizon: 100_000_000_000, functions: ["f": records(5, each: 10) + records(5, at: 50, each: 10)])
    let totals = try run(script, .caching(.greedyDual, memory: .init(megabytes: 3 * 128))).totals
    #expect(totals.throttles == 4 && totals.coldStarts == 3 && totals.environmentsCreated == 3)
  }

  @Test("the hybrid histogram learns a timer: it loads the function a tenth sooner, and unloads it a tenth later")
  func histogram() throws {
    let script = ScriptedWorkload(
      horizon: 100 * 630_000_000_000,
      functions: ["f": (0..<100).map { (arrival: Int64($0) * 630_000_000_000, duration: 0) }])
    let totals = try run(script, .hybridHistogram(HybridHistogram())).totals
    #expect(totals.coldStarts == 1)
    // Ten idle times, all between 10 and 11 min, are known when the eleventh invocation ends; until then it is kept all
    // the time. From then on it is loaded 9 min after each and waits for a minute and a half. A cold start's 0.1 s and a
    // nanosecond for each aside.
    #expect(abs(seconds(totals.idleTimeInHorizon) - (10 * 630 + 90 * 90)) < 1)
  }

  @Test("beyond the histogram's range a forecast takes over")
  func forecast() throws {
    let period: Int64 = 6 * 3_600_000_000_000
    let script = ScriptedWorkload(
      horizon: 40 * period, functions: ["f": (0..<40).map { (arrival: Int64($0) * period, duration: 0) }])
    let totals = try run(script, .hybridHistogram(HybridHistogram())).totals
    // Four hours of keep-alive are too few for six, until ten idle times are known.
    #expect(totals.coldStarts == 11)
    // Without the forecast nothing is learnt.
    let blind = try run(script, .hybridHistogram(HybridHistogram(outOfBounds: 1))).totals
    #expect(blind.coldStarts == 40)
  }
}
