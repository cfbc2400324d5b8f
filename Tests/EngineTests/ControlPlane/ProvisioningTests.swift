import Platforms
import Statistics
import Testing
import Units

@testable import Engine

@Suite("Provisioned concurrency over time")
struct ProvisioningTests {
  private func provisioned(
    _ level: Int, _ actions: [ScheduledAction] = [], limit: Int? = nil, tracking: TargetTracking? = nil,
    delay: Double = 60, initDuration: Double = 0, keepAlive: Double = 3600
  ) -> Platform {
    barePlatform(
      keepAlive: KeepAlive(.constant(keepAlive)), limit: limit, initDuration: .constant(initDuration)
    ) {
      $0.provisionedConcurrency = level
      $0.behaviour.provisioning = Provisioning(
        schedule: actions, tracking: tracking, allocationDelay: .constant(delay))
    }
  }

  private func at(_ seconds: Int64, _ level: Int) -> ScheduledAction {
    ScheduledAction(.at(.seconds(seconds)), minimum: level, maximum: level)
  }

  @Test("asked for at 2 s, ready when the delay is over; preferred from then on, what is above spills over")
  func allocation() throws {
    // Three environments take 30 ms to make: at 5 s they are not ready, at 6 s they are.
    let platform = provisioned(0, [at(2, 3)], delay: 3)
    #expect(try Story("a----a4", seconds: 0.5, on: platform).letters == "CWPPPW")
  }

  @Test("6,000 a minute, and none serves before all are ready")
  func allOrNothing() throws {
    // 600 environments: 60 s of delay and 6 s of making.
    let platform = provisioned(0, [at(0, 600)])
    func provisionedStarts(at moment: Double) throws -> Int {
      let script = Array(repeating: (arrival: Int64(moment * 1e9), duration: Int64(1_000_000_000)), count: 700)
      let workload = ScriptedWorkload(horizon: 100_000_000_000, functions: ["f": script]).workload
      return try Simulation(workload: workload, platform: platform).run().totals.provisionedStarts
    }
    #expect(try provisionedStarts(at: 65.999) == 0)
    #expect(try provisionedStarts(at: 66) == 600)
  }

  @Test("provisioned environments of one version serve only what an alias's weights send there")
  func version() throws {
    func starts(_ version: Int?) throws -> Int {
      var platform = provisioned(1)
      platform.rules[0].behaviour.provisioning?.version = version
      platform.rules[0].behaviour.deployments = [
        Deployment(at: .seconds(100), shift: .canary(share: 0.25, after: .seconds(100)))
      ]
      let tally = try evenly(perSecond: 10, for: 300, duration: 0.001, on: platform).totals
      #expect(tally.coldStarts == (version == nil ? 0 : 1), "the other version runs on demand")
      return tally.provisionedStarts
    }
    #expect(try starts(nil) == 3000)
    let (old, new) = (try starts(0), try starts(1))
    // 1,000 requests before, 1,000 after, and of 1,000 in between a quarter by chance.
    #expect(old + new == 3000)
    #expect((new - 1250).magnitude < 4 * 14, "\(new)")
  }

  @Test("a fall takes effect at once; what is busy ends when it is free")
  func fall() throws {
    let platform = provisioned(3, [at(3, 1)])
    let story = try Story("3--a3", seconds: 1, 1, 5, 1, on: platform)
    // At 3 s the third of the first still has the one environment that stays.
    #expect(story.letters == "PPPCWCC")
    // Three from the start for 3 s, one for the last 2 s.
    #expect(seconds(story.outcome.totals.provisionedTimeInHorizon) == 11)
  }

  @Test("Init of environments allocated later is billed whether or not they serve")
  func initBilled() throws {
    let tally = try Story("a", seconds: 1, horizon: 100, on: provisioned(0, [at(10, 4)], delay: 0, initDuration: 2))
      .outcome
      .totals
    #expect(tally.provisionedBilledMilliseconds == 4 * 2000)
    #expect(tally.environmentsCreated == 5)
  }

  @Test("an account that would keep fewer than 100 unreserved refuses the request; others meet what is left")
  func accountRefuses() throws {
    let refused = try Story("a--a", seconds: 1, on: provisioned(0, [at(1, 51)], limit: 150, delay: 0)).outcome.totals
    #expect(refused.failedAllocations == 1 && refused.provisionedStarts == 0)
    let granted = try Story("a--a", seconds: 1, on: provisioned(0, [at(1, 50)], limit: 150, delay: 0)).outcome.totals
    #expect(granted.failedAllocations == 0 && granted.provisionedStarts == 1)
    // 50 provisioned and 100 shared: of 160 at once ten are refused.
    let script = Array(repeating: (arrival: Int64(5_000_000_000), duration: Int64(1_000_000_000)), count: 160)
    let workload = ScriptedWorkload(horizon: 10_000_000_000, functions: ["f": script]).workload
    let tally = try Simulation(workload: workload, platform: provisioned(0, [at(1, 50)], limit: 150, delay: 0)).run()
      .totals
    #expect(tally.provisionedStarts == 50 && tally.throttles == 10)
  }

  @Test("a version's provisioned environments have ten requests a second each; more spill over")
  func requestRate() throws {
    var platform = provisioned(1, [at(1000, 1)])
    platform.limits.requestsPerConcurrency = 10
    let tally = try evenly(perSecond: 100, for: 10, duration: 0.001, on: platform).totals
    #expect(abs(tally.provisionedStarts - 110) <= 1)
    #expect(tally.throttles == 0)
  }

  /// Exact values: P(spill) is Erlang's loss, P(cold) from the embedded excursions of the chain (provisioned busy,
  /// on-demand busy); keep-alive deterministic, most-recently-used.
  @Test(
    "spillover and cold starts against exact values",
    arguments: [
      (2.0, 2, 60.0, 0.4, 0.0071272), (2, 4, 60, 0.0952381, 0.0070995), (2, 6, 60, 0.0120846, 0.0055581),
      (5, 5, 30, 0.2848678, 0.0085255),
    ])
  func exactValues(rate: Double, level: Int, keepAlive: Double, spill: Double, cold: Double) throws {
    // Scheduled, so that the control plane carries it.
    let platform = provisioned(level, [at(0, level)], keepAlive: keepAlive)
    var spills: [Double] = []
    var colds: [Double] = []
    for seed in 0..<12 as Range<UInt64> {
      let script = poissonWorkload(
        rate: rate, duration: .exponential(mean: 1), seconds: 12_000 / rate, seed: 500 + seed)
      let outcome = try Simulation(workload: script.workload, platform: platform, seed: seed).run()
      #expect(outcome.execution == .independent)
      let starts = Double(outcome.totals.starts)
      spills.append(1 - Double(outcome.totals.provisionedStarts) / starts)
      colds.append(Double(outcome.totals.coldStarts) / starts)
    }
    for (values, exact) in [(spills, spill), (colds, cold)] {
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
      #expect(abs(mean - exact) <= 4 * (variance / Double(values.count)).squareRoot(), "\(mean), exact \(exact)")
    }
  }

  /// λ = 2/s, S = 1 s exponential, τ = 60 s: provisioned environments, P(spill), P(cold), mean idle and busy on demand.
  private static let exactCurve: [(level: Int, spill: Double, cold: Double, idle: Double, busy: Double)] = [
    (0, 1, 0.007135872810210541, 4.89595468501509, 2),
    (1, 0.666666666666667, 0.0071324956829194935, 4.562919187410425, 1.3333333333333337),
    (3, 0.21052631578947373, 0.007118102392230053, 3.476357077867926, 0.4210526315789474),
    (4, 0.09523809523809532, 0.007099505859124817, 2.708230873605171, 0.19047619047619055),
    (6, 0.012084592145015114, 0.005558143573217594, 0.9452342731204229, 0.02416918429003023),
    (7, 0.0034408602150537665, 0.0025560048703918603, 0.3439166245264778, 0.00688172043010753),
    (9, 0.00019095813242946504, 0.0001810743859257986, 0.02189254026741136, 0.0003819162648589301),
    (10, 3.8190167941263576e-05, 3.697143811985413e-05, 0.004443845392118377, 7.638033588252715e-05),
    (12, 1.1572684414342627e-06, 1.1356923674891329e-06, 0.00013629573482323973, 2.3145368828685253e-06),
  ]

  @Test("the whole curve of provisioned concurrency against its exact values", arguments: exactCurve)
  func curve(level: Int, spill: Double, cold: Double, idle: Double, busy: Double) throws {
    let exact = try ProvisionedPool(rate: 2, service: 1, provisioned: level, keepAlive: 60)
    #expect(abs(exact.spillProbability / spill - 1) < 1e-6 && abs(exact.coldProbability / cold - 1) < 1e-6)
    let platform = barePlatform(keepAlive: KeepAlive(.constant(60))) { $0.provisionedConcurrency = level }
    var found: [[Double]] = [[], [], [], []]
    for seed in 0..<10 as Range<UInt64> {
      let script = poissonWorkload(rate: 2, duration: .exponential(mean: 1), seconds: 25_000, seed: 900 + seed)
      let totals = try Simulation(workload: script.workload, platform: platform, seed: seed).run().totals
      let onDemand = totals.busyTimeInHorizon - totals.provisionedBusyTimeInHorizon
      let values: [Double] = [
        Double(totals.starts - totals.provisionedStarts) / Double(totals.starts),
        Double(totals.coldStarts) / Double(totals.starts), seconds(totals.idleTimeInHorizon) / 25_000,
        seconds(onDemand) / 25_000,
      ]
      for (index, value) in values.enumerated() { found[index].append(value) }
    }
    for (values, exact) in zip(found, [spill, cold, idle, busy]) {
      let (mean, error) = meanAndError(values)
      // What is expected fewer than five times in all these runs may not happen at all.
      let rare = 5 / 500_000.0 * max(1, idle / cold)
      #expect(abs(mean - exact) <= max(4 * error, rare), "\(level): \(mean) ± \(error), exact \(exact)")
    }
  }

  @Test("cron in a time zone follows its summer time")
  func timeZones() throws {
    // 2026-03-27T00:00Z; Berlin's clocks go forward in the night to the 29th.
    let epoch = 1_774_569_600.0
    let cron = ScheduledAction(
      .repeating(.cron(try CronSchedule(parsing: "0 8 * * *")), timeZone: "Europe/Berlin"), minimum: 5, maximum: 5)
    let schedule = ProvisioningSchedule(
      [cron], level: 0, epoch: epoch, horizon: TimeSpan.hours(5 * 24).nanoseconds)
    func hours(_ schedule: ProvisioningSchedule) -> [Int64] {
      (0..<8).compactMap { schedule.moment($0) }.map { $0 / TimeSpan.hours(1).nanoseconds }
    }
    #expect(hours(schedule) == [7, 31, 54, 78, 102])
    let rate = ScheduledAction(.repeating(.every(.hours(2)), timeZone: nil), minimum: 0, maximum: 0)
    let every = ProvisioningSchedule([rate], level: 0, epoch: nil, horizon: TimeSpan.hours(5).nanoseconds)
    #expect(hours(every) == [0, 2, 4])
  }

  // MARK: Target tracking

  /// The level asked for at each minute's end, nil for none, when each minute has one data point.
  private func minutes(_ values: [Double?], level: Int, _ policy: TargetTracking) -> [Int?] {
    var tracker = UtilisationTracker(policy)
    return values.enumerated().map { minute, value in
      if let value { tracker.sample(busy: Int((value * 1000).rounded()), of: 1000) }
      return tracker.closeMinute(
        at: TimeSpan.minutes(Int64(minute + 1)).nanoseconds, level: level, isAllocating: false)
    }
  }

  @Test("the high alarm wants three minutes above 0.7; the level then rises in proportion")
  func scaleOut() {
    let policy = TargetTracking(target: 0.7, minimum: 1, maximum: 100)
    // 10 × 0.9 / 0.7 = 12.86
    #expect(minutes([0.9, 0.9, 0.9], level: 10, policy) == [nil, nil, 13])
    #expect(minutes([0.9, 0.7, 0.9, 0.9, 0.9], level: 10, policy) == [nil, nil, nil, nil, 13])
    #expect(minutes([0.9, 0.9, nil, 0.9, 0.9], level: 10, policy) == [nil, nil, nil, nil, nil])
    #expect(minutes([1, 1, 1], level: 80, policy) == [nil, nil, 100])
    #expect(minutes([1, 1, 1], level: 100, policy) == [nil, nil, nil])
  }

  @Test("the low alarm wants three minutes below 0.63; the level falls by a tenth at most, and never without data")
  func scaleIn() {
    let policy = TargetTracking(target: 0.7, minimum: 5, maximum: 100)
    #expect(minutes([0.62, 0.62, 0.62], level: 40, policy) == [nil, nil, 36])
    #expect(minutes([0.63, 0.63, 0.63], level: 40, policy) == [nil, nil, nil])
    // In proportion where that is less: 40 × 0.62 / 0.7 = 35.4 below a tenth's 36.
    #expect(minutes([0.629, 0.629, 0.629], level: 4, policy) == [nil, nil, nil])
    #expect(minutes([0.1, 0.1, 0.1], level: 5, policy) == [nil, nil, nil])
    #expect(minutes([0.1, 0.1, nil, nil, nil, 0.1], level: 40, policy) == [nil, nil, nil, nil, nil, nil])
  }

  @Test("data points and cool-downs are what the policy says")
  func parameters() {
    var policy = TargetTracking(target: 0.5, minimum: 0, maximum: 100)
    policy.pointsOut = 1
    policy.cooldownOut = .minutes(2)
    #expect(minutes([1, 1, 1, 1], level: 10, policy) == [20, nil, 20, nil])
    policy.pointsIn = 2
    policy.largestFall = 1
    #expect(minutes([0.1, 0.1], level: 10, policy) == [nil, 2])
    var tracker = UtilisationTracker(policy)
    for busy in [0, 4, 8] { tracker.sample(busy: busy, of: 10) }
    // The minute's average is 0.4: neither alarm. Its maximum would be 0.8.
    #expect(tracker.closeMinute(at: 60_000_000_000, level: 10, isAllocating: false) == nil)
    policy.statistic = .maximum
    tracker = UtilisationTracker(policy)
    for busy in [0, 4, 8] { tracker.sample(busy: busy, of: 10) }
    #expect(tracker.closeMinute(at: 60_000_000_000, level: 10, isAllocating: false) == 16)
  }

  @Test(
    "in a run: steady load of 9 on 10 environments brings 13, load of 3 brings them down one by one, silence nothing")
  func tracked() throws {
    let tracking = TargetTracking(target: 0.7, minimum: 1, maximum: 50)
    let platform = provisioned(10, tracking: tracking, delay: 0)
    func load(_ count: Int, from start: Int64, to end: Int64) -> [(arrival: Int64, duration: Int64)] {
      // So many at once for all but the last instant of each second.
      (start..<end).flatMap { second in
        Array(repeating: (arrival: second * 1_000_000_000, duration: Int64(1_000_000_000)), count: count)
      }
    }
    func allocated(_ script: [(arrival: Int64, duration: Int64)], minutes: Int64) throws -> Double {
      let workload = ScriptedWorkload(horizon: minutes * 60_000_000_000, functions: ["f": script]).workload
      return seconds(try Simulation(workload: workload, platform: platform).run().totals.provisionedTimeInHorizon) / 60
    }
    // Samples of a second with 14 at once on 10: 0.1, 0.2 … 1, then 1 for each that spills over; their mean is 0.679.
    // With 20 at once it is 0.775: after three minutes 10 × 0.775 / 0.7, so 12.
    #expect(try allocated(load(14, from: 0, to: 240), minutes: 4) == 40)
    #expect(try allocated(load(20, from: 0, to: 240), minutes: 4) == 3 * 10 + 12)
    // Three at once on 10: mean 0.2; from the third minute on one less every minute.
    #expect(try allocated(load(3, from: 0, to: 360), minutes: 6) == 30 + 9 + 8 + 7)
    // Silence: the level stays.
    #expect(try allocated(load(3, from: 0, to: 120), minutes: 20) == 200)
  }
}
