import Diagnostics
import Logs
import Platforms
import Statistics
import Synchronization
import Testing
import Units
import Workloads

@testable import Engine
@testable import Planning

@Suite("Replications")
struct ReplicationTests {
  private let pool = Pool(rate: 2, service: .exponential(mean: 1), keepAlive: 10, horizon: .minutes(20))

  private static func read(_ outcome: Outcome) -> Readings {
    let totals = outcome.totals
    return Readings([
      (.coldStarts, .figure(Double(totals.coldStarts))),
      (.coldShare, .share(totals.coldStarts, of: totals.starts)),
      (.latency(.p50), .quantile(0.5, of: totals.latency, unit: 1e6)),
    ])
  }

  @Test("any number of threads gives the same replications, and the first is the plain run")
  func threads() throws {
    let simulation = try pool.simulation(seed: 4)
    let answers = try [1, 2, 5].map { jobs in
      try Replications(simulation, jobs: jobs).run(0..<7) { (index, outcome) throws(InputFault) in
        [index, outcome.totals.arrivals, outcome.totals.coldStarts]
      }
    }
    #expect(answers[0] == answers[1] && answers[0] == answers[2])
    #expect(answers[0].map { $0[0] } == Array(0..<7))
    #expect(Set(answers[0].map { $0[1] }).count > 3, "replications differ")
    let plain = try simulation.run().totals
    #expect(answers[0][0] == [0, plain.arrivals, plain.coldStarts])
  }

  @Test("a precision is reached after the same number of replications on any number of threads, and no fewer would do")
  func precision() throws {
    let target = PrecisionTarget(relative: 0.04, outputs: [.coldStarts, .latency(.p50)], most: 500)
    let findings = try [1, 3].map { jobs in
      try Replications(pool.simulation(seed: 1), jobs: jobs).run(
        .precision(target), read: { (outcome) throws(InputFault) in Self.read(outcome) })
    }
    let study = findings[0].study
    #expect(findings.map(\.study.replications) == [study.replications, study.replications])
    #expect(study.replications > PrecisionTarget.fewest && study.replications < 500)
    #expect(target.missed(by: study).isEmpty)
    let interval = try #require(study.interval(.coldStarts))
    #expect(interval.halfWidth <= 0.04 * interval.estimate)
    var shorter = Study()
    for replication in 0..<study.replications - 1 {
      #expect(shorter.replications < PrecisionTarget.fewest || !target.missed(by: shorter).isEmpty)
      var simulation = try pool.simulation(seed: 1)
      simulation.replication = UInt64(replication)
      shorter.add(Self.read(try simulation.run()))
    }
    #expect(!target.missed(by: shorter).isEmpty)
  }

  @Test("a precision out of reach ends at the most replications and is told as missed")
  func outOfReach() throws {
    let target = PrecisionTarget(relative: 0.001, outputs: [.coldStarts, .cost], most: 12)
    let findings = try Replications(pool.simulation(seed: 1), jobs: 2).run(
      .precision(target), read: { (outcome) throws(InputFault) in Self.read(outcome) })
    #expect(findings.study.replications == 12)
    #expect(findings.isComplete)
    #expect(target.missed(by: findings.study) == [.coldStarts, .cost])
  }

  @Test("stopped, the complete replications count; stopped at once, the first says what it has")
  func stopping() throws {
    let done = Atomic(0)
    let some = try Replications(pool.simulation(seed: 1), jobs: 1).run(
      .count(50),
      read: { (outcome) throws(InputFault) in
        done.add(1, ordering: .relaxed)
        return Self.read(outcome)
      }, shouldStop: { done.load(ordering: .relaxed) >= 4 })
    #expect(some.study.replications == 4)
    #expect(!some.isComplete)
    let none = try Replications(pool.simulation(seed: 1), jobs: 2).run(
      .count(5), read: { (outcome) throws(InputFault) in Self.read(outcome) }, shouldStop: { true })
    #expect(none.study.replications == 0)
    #expect(!none.isComplete)
  }

  @Test("an account that cannot hold what functions reserve is told once, whichever replication met it")
  func faults() throws {
    var simulation = try pool.simulation(seed: 1)
    simulation.platform.accountConcurrency = 100
    simulation.platform.rules[0].reservedConcurrency = 50
    #expect(throws: InputFault.self) {
      _ = try Replications(simulation, jobs: 3).run(
        .count(6), read: { (outcome) throws(InputFault) in Self.read(outcome) })
    }
  }

  @Test("progress comes one call at a time, never falls and ends near the whole")
  func progress() throws {
    nonisolated(unsafe) var shares: [Double] = []
    _ = try Replications(pool.simulation(seed: 1), jobs: 3).run(
      0..<6, digest: { (_, _) throws(InputFault) in 0 }, onProgress: { shares.append($0.share ?? -1) })
    #expect(shares.count >= 6)
    #expect(zip(shares, shares.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(abs((shares.last ?? 0) - 1) < 1e-9)
  }
}

@Suite("Warm-up")
struct WarmUpTests {
  @Test("what is left out and what is left make the whole, function by function, to the last digit")
  func exactness() throws {
    for seed in 0..<12 as Range<UInt64> {
      let pool = Pool(
        rate: 1.5, service: .lognormal(mu: -0.5, sigma: 1), keepAlive: 40, provisioned: Int(seed % 3),
        limit: seed % 2 == 0 ? 4 : nil, horizon: TimeSpan(nanoseconds: 1_234_567_890_123))
      let simulation = try pool.simulation(seed: seed)
      let whole = try simulation.run()
      let rest = try simulation.run(leavingOut: TimeSpan(nanoseconds: 100_000_000_001))
      var early = simulation
      early.workload = simulation.workload.windowed(from: .zero, to: .minutes(2))
      let beginning = try early.run()
      #expect(rest.horizon == whole.horizon - .minutes(2))
      #expect(rest.timeline.rows == Array(whole.timeline.rows.dropFirst(2)))
      var sum = beginning.functions[0].tally
      sum.merge(rest.functions[0].tally)
      #expect(sum == whole.functions[0].tally, "seed \(seed)")
      #expect(rest.totals.peakConcurrency == rest.timeline.rows.map(\.peakConcurrency).max())
      #expect(rest.totals.arrivals == rest.timeline.rows.reduce(0) { $0 + $1.arrivals }, "seed \(seed)")
      #expect(rest.totals.coldStarts == rest.timeline.rows.reduce(0) { $0 + $1.coldStarts }, "seed \(seed)")
      #expect(rest.ledger.remarks.contains { $0.hasPrefix("warm-up") })
    }
  }

  @Test("a warm-up as long as the trace leaves the trace whole")
  func tooLong() throws {
    let simulation = try Pool(rate: 1, service: .exponential(mean: 1), keepAlive: 5, horizon: .minutes(3))
      .simulation(seed: 1)
    #expect(try simulation.run(leavingOut: .minutes(3)).totals == simulation.run().totals)
    #expect(try simulation.run(leavingOut: TimeSpan(nanoseconds: .max)).totals == simulation.run().totals)
  }

  @Test("a pool that fills over ten minutes is found to, and what is left is the closed form's")
  func settling() throws {
    // Service times of ten minutes: from empty, the mean number busy is a (1 - e^(-t/600 s)).
    let pool = Pool(rate: 0.05, service: .exponential(mean: 600), keepAlive: 60, horizon: .hours(24))
    var replications = try Replications(pool.simulation(seed: 3), jobs: 2)
    let found = try #require(try replications.settlingTime(pilots: 5))
    #expect(found >= .minutes(10) && found <= .hours(2), "\(found)")
    replications.warmUp = found
    let findings = try replications.run(
      .count(60),
      read: { (outcome) throws(InputFault) in
        Readings([
          (.meanConcurrency, .figure(Double(outcome.totals.busyTimeInHorizon) / Double(outcome.horizon.nanoseconds)))
        ])
      })
    let interval = try #require(findings.study.interval(.meanConcurrency, confidence: 0.9999))
    #expect(interval.contains(30), "\(interval)")
    #expect(interval.halfWidth < 1.5)
  }
}
