import Platforms
import Statistics
import Testing
import Units

@testable import Engine

@Suite("Two ways to the same answer")
struct AgreementTests {
  @Test("each function alone and all together agree to the last digit where no limit binds")
  func independentAndCoupled() throws {
    for seed in 0..<400 as Range<UInt64> {
      let scenario = RandomScenario(seed: seed, limit: nil)
      let simulation = Simulation(workload: scenario.script.workload, platform: scenario.platform, seed: seed, jobs: 2)
      let alone = try simulation.run()
      let coupled = try simulation.runCoupled()
      #expect(alone.execution == .independent)
      #expect(alone.totals == coupled.totals, "seed \(seed)")
      #expect(alone.timeline == coupled.timeline, "seed \(seed)")
      #expect(alone.functions.map(\.tally) == coupled.functions.map(\.tally), "seed \(seed)")
    }
  }

  @Test("a limit that never binds changes nothing; one that binds is met and never passed")
  func limits() throws {
    var bound = 0
    for seed in 0..<400 as Range<UInt64> {
      let scenario = RandomScenario(seed: seed, limit: nil)
      guard scenario.platform.rules.allSatisfy({ $0.reservedConcurrency == nil && $0.provisionedConcurrency == 0 })
      else { continue }
      let free = try Simulation(workload: scenario.script.workload, platform: scenario.platform, seed: seed).run()
      var platform = scenario.platform
      platform.accountConcurrency = free.totals.peakConcurrency
      let exact = try Simulation(workload: scenario.script.workload, platform: platform, seed: seed).run()
      #expect(exact.execution == .independent, "seed \(seed)")
      #expect(exact.totals == free.totals, "seed \(seed)")

      guard free.totals.peakConcurrency > 1 else { continue }
      platform.accountConcurrency = free.totals.peakConcurrency - 1
      let tight = try Simulation(workload: scenario.script.workload, platform: platform, seed: seed).run()
      #expect(tight.execution == .coupled, "seed \(seed)")
      #expect(tight.totals.throttles > 0, "seed \(seed)")
      #expect(tight.totals.peakConcurrency == free.totals.peakConcurrency - 1, "seed \(seed)")
      bound += 1
    }
    #expect(bound > 50)
  }

  @Test("what arrives is started or throttled, and time adds up over rows, functions and totals")
  func conservation() throws {
    for seed in 1000..<1300 as Range<UInt64> {
      let scenario = RandomScenario(seed: seed, limit: seed % 3 == 0 ? 103 : nil)
      let outcome: Outcome
      do {
        outcome = try Simulation(workload: scenario.script.workload, platform: scenario.platform, seed: seed).run()
      } catch {
        #expect(scenario.platform.accountConcurrency != nil, "seed \(seed): \(error)")
        continue
      }
      let totals = outcome.totals
      let scripted = scenario.script.functions.values.reduce(0) { $0 + $1.count }
      #expect(totals.arrivals == scripted, "seed \(seed)")
      #expect(totals.arrivals == outcome.timeline.rows.reduce(0) { $0 + $1.arrivals }, "seed \(seed)")
      #expect(totals.throttles == outcome.timeline.rows.reduce(0) { $0 + $1.throttles }, "seed \(seed)")
      #expect(totals.coldStarts == outcome.timeline.rows.reduce(0) { $0 + $1.coldStarts }, "seed \(seed)")
      #expect(
        totals.billedMegabyteMilliseconds + totals.provisionedBilledMegabyteMilliseconds
          == outcome.timeline.rows.reduce(Int128(0)) { $0 + Int128($1.billedMegabyteMilliseconds) }, "seed \(seed)")
      #expect(totals.latency.count == UInt64(totals.starts), "seed \(seed)")
      #expect(totals.initDuration.count == UInt64(totals.coldStarts), "seed \(seed)")
      #expect(totals.coldStarts + totals.provisionedStarts <= totals.starts, "seed \(seed)")
      #expect(
        totals.busyTimeInHorizon == outcome.timeline.rows.reduce(Int128(0)) { $0 + Int128($1.busyTime) }, "seed \(seed)"
      )
      #expect(
        totals.idleTimeInHorizon == outcome.timeline.rows.reduce(Int128(0)) { $0 + Int128($1.idleTime) }, "seed \(seed)"
      )
      #expect(totals.peakConcurrency == outcome.timeline.rows.map(\.peakConcurrency).max() ?? 0, "seed \(seed)")
    }
  }

  @Test("any number of threads gives the same answer")
  func threads() throws {
    for seed in 0..<30 as Range<UInt64> {
      let scenario = RandomScenario(seed: seed, limit: nil)
      let answers = try [1, 2, 5].map { jobs in
        try Simulation(workload: scenario.script.workload, platform: scenario.platform, seed: seed, jobs: jobs).run()
      }
      for answer in answers {
        #expect(answer.totals == answers[0].totals, "seed \(seed)")
        #expect(answer.timeline == answers[0].timeline, "seed \(seed)")
      }
    }
  }

  @Test("functions whose next slice is drawn ahead are replayed as if it were not")
  func drawnAhead() throws {
    let script = poissonWorkload(rate: 10, duration: .exponential(mean: 1), seconds: 1200, seed: 3)
    let simulation = Simulation(
      workload: script.workload, platform: barePlatform(keepAlive: .init(.constant(5))), seed: 3, jobs: 3)
    let plain = try simulation.run()
    var executor = IndependentExecutor(
      simulation, watch: RunWatch(), sliceSize: 600, giant: 300, makeRun: simulation.makeLoneRun)
    let ahead = try #require(try executor.run())
    #expect(ahead.totals == plain.totals)
    #expect(ahead.timeline == plain.timeline)
  }

  @Test("longer keep-alive never adds cold starts under most-recently-used with one fixed law")
  func monotoneInKeepAlive() throws {
    for seed in 0..<60 as Range<UInt64> {
      let script = RandomScenario(seed: seed, limit: nil).script
      var before = Int.max
      for keepAlive in [0.0, 0.5, 2, 8, 30, 1000] {
        let platform = barePlatform(keepAlive: .init(.constant(keepAlive)))
        let cold = try Simulation(workload: script.workload, platform: platform).run().totals.coldStarts
        #expect(cold <= before, "seed \(seed), keep-alive \(keepAlive) s")
        before = cold
      }
    }
  }
}
