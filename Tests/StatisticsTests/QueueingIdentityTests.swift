import Foundation
import Testing

@testable import Statistics

/// What must hold whatever the numbers: recursions, limits, conservation laws, special cases with a formula of their own.
@Suite("Closed forms hold to identities")
struct QueueingIdentityTests {
  private let poolCases: [(rate: Double, service: Double, keepAlive: Double, limit: Int?)] = [
    (0.001, 1, 600, nil), (0.9, 1.991, 600, nil), (50, 1, 60, nil), (3000, 1, 600, nil), (2, 1, 3, 4), (5, 1, 1, 1),
    (1000, 1, 20, 990),
  ]

  @Test("the Poisson law adds up, and its tails and quantiles agree", arguments: [0.01, 1.7919, 250, 10_000, 1e6])
  func poisson(mean: Double) throws {
    let law = try PoissonLaw(mean: mean)
    let spread = 12 * mean.squareRoot() + 30
    let range = Int(max(0, mean - spread))...Int(mean + spread)
    let sum = range.reduce(0) { $0 + law.probability(of: $1) }
    expectClose(sum, 1, "sum", tolerance: 1e-11)
    for n in [Int(mean) - 3, Int(mean), Int(mean) + 2, Int(mean + mean.squareRoot() * 3)] where n >= 0 {
      expectClose(law.probability(above: n) + law.probability(upTo: n), 1, "above and up to \(n)", tolerance: 1e-12)
      expectClose(
        law.probability(above: n - 1) - law.probability(above: n), law.probability(of: n), "step at \(n)",
        tolerance: 1e-6)
    }
    for p in [0, 0.001, 0.5, 0.99, 0.9999] {
      let n = law.quantile(p)
      #expect(law.probability(upTo: n) >= p)
      #expect(n == 0 || law.probability(upTo: n - 1) < p)
    }
  }

  @Test("Erlang's loss is Poisson cut at the limit, and falls with the limit")
  func lossIsCutPoisson() throws {
    for offered in [0.2, 7, 120] {
      let law = try PoissonLaw(mean: offered)
      var before = 2.0
      for limit in 0...200 {
        let system = try LossSystem(offered: offered, limit: limit)
        let cut = law.probability(of: limit) / law.probability(upTo: limit)
        if cut > 1e-290 { expectClose(system.blocking, cut, "B(\(limit), \(offered))", tolerance: 1e-11) }
        #expect(system.blocking < before || system.blocking == 0)
        before = system.blocking
      }
    }
    // At 10,000 Erlang on as many places: 1/B = ∫ e^-x (1 + x/a)^c dx, by Stirling's series √(πa/2) + 2/3 + ….
    expectClose(
      1 / (try LossSystem(offered: 10_000, limit: 10_000).blocking), (Double.pi * 5000).squareRoot() + 2.0 / 3,
      "1/B at 10,000", tolerance: 1e-5)
  }

  @Test("the smallest limit for a loss is the smallest, and the largest load the largest")
  func lossTargets() throws {
    for (offered, target) in [(0.3, 0.01), (10, 1e-6), (5000, 0.001)] {
      let limit = try LossSystem.smallestLimit(offered: offered, blocking: target)
      #expect(try LossSystem(offered: offered, limit: limit).blocking <= target)
      #expect(try LossSystem(offered: offered, limit: limit - 1).blocking > target)
      let load = try LossSystem.largestLoad(limit: limit, blocking: target)
      #expect(load >= offered)
      expectClose(try LossSystem(offered: load, limit: limit).blocking, target, "loss at the largest load")
    }
  }

  @Test("a queue before one server has exponential response times")
  func singleServerQueue() throws {
    let queue = try WaitingQueue(rate: 0.7, service: 1, limit: 1)
    expectClose(queue.waitProbability, 0.7, "P(wait)", tolerance: 1e-12)
    for t in [0.1, 1, 10] { expectClose(queue.response(above: t), exp(-0.3 * t), "tail", tolerance: 1e-12) }
    let server = try SingleServer(rate: 0.7, service: .init(mean: 1, cv: 1))
    expectClose(server.meanWait, queue.meanWait, "Pollaczek-Khinchine", tolerance: 1e-12)
  }

  @Test("response tails are continuous where the formula has a hole, and integrate to the mean")
  func responseTail() throws {
    // x = c - a - 1 is zero at a = 4 of c = 5.
    let hole = try WaitingQueue(rate: 4, service: 1, limit: 5)
    let beside = try WaitingQueue(rate: 4 + 1e-9, service: 1, limit: 5)
    expectClose(hole.response(above: 2), beside.response(above: 2), "near the hole", tolerance: 1e-7)
    for queue in [hole, try WaitingQueue(rate: 9.5, service: 1, limit: 10), try .init(rate: 2, service: 1, limit: 10)] {
      let step = 0.005
      var area = 0.0
      for k in 0..<80_000 { area += step * queue.response(above: (Double(k) + 0.5) * step) }
      expectClose(area, queue.meanResponse, "area under the tail", tolerance: 1e-5)
    }
    let limit = try WaitingQueue.smallestLimit(rate: 100, service: 1, meanWait: 0.01)
    #expect(try WaitingQueue(rate: 100, service: 1, limit: limit).meanWait <= 0.01)
    #expect(try WaitingQueue(rate: 100, service: 1, limit: limit - 1).meanWait > 0.01)
  }

  @Test("setup waits vanish with the setup time and with an endless keep-alive")
  func singleServerLimits() throws {
    let service = SingleServer.Moments(mean: 1, cv: 2)
    let plain = try SingleServer(rate: 0.5, service: service)
    #expect(plain.setupWait == 0 && plain.coldProbability == 0)
    let instant = try SingleServer(rate: 0.5, service: service, keepAlive: 3)
    #expect(instant.meanWait == plain.meanWait && instant.coldProbability > 0)
  }

  @Test("a pool of one place is cold when the gap is longer than the keep-alive")
  func onePlace() throws {
    for (rate, keepAlive) in [(1.0, 2.0), (0.01, 60), (3, 100)] {
      let figures = try KeepAlivePool(rate: rate, service: 0.7, keepAlive: keepAlive, limit: 1).figures()
      expectClose(figures.coldProbability, exp(-rate * keepAlive), "cold", tolerance: 1e-10)
      let blocked = rate * 0.7 / (1 + rate * 0.7)
      expectClose(figures.rejectionProbability, blocked, "rejections", tolerance: 1e-12)
      expectClose(
        figures.meanIdle, (1 - blocked) * -expm1(-rate * keepAlive), "idle", tolerance: 1e-10)
    }
  }

  @Test("at low load cold starts are the gaps longer than the keep-alive")
  func lowLoad() throws {
    for load in [1e-3, 1e-5, 1e-7] {
      let pool = try KeepAlivePool(rate: 1.0 / 600, service: 600 * load, keepAlive: 900)
      expectClose(pool.coldProbability, exp(-1.5), "cold at \(load)", tolerance: 5 * load)
    }
  }

  @Test("a flow of cold starts, times their lifetimes, makes the environments")
  func conservation() throws {
    for (rate, service, keepAlive, limit) in poolCases {
      let figures = try KeepAlivePool(rate: rate, service: service, keepAlive: keepAlive, limit: limit).figures()
      expectClose(figures.meanEnvironments, figures.coldRate * figures.meanLifetime, "Little's law", tolerance: 1e-12)
      #expect(figures.meanLifetime > keepAlive, "an environment outlives its last keep-alive")
      #expect(figures.relativeError < 1e-8)
      guard figures.coldRate > 1e-6 else { continue }
      // Idle time grows with the keep-alive as long as it is not over: dE[idle]/dτ = λ P(cold).
      let step = 1e-3 * keepAlive
      func idle(_ seconds: Double) throws -> Double {
        try KeepAlivePool(rate: rate, service: service, keepAlive: seconds, limit: limit).figures().meanIdle
      }
      let slope = try (idle(keepAlive + step) - idle(keepAlive - step)) / (2 * step)
      expectClose(slope, figures.coldRate, "slope of idle", tolerance: 1e-4)
    }
  }

  @Test("cold starts fall with the keep-alive and, without a limit, with the rate")
  func monotone() throws {
    var before = 1.1
    for keepAlive in [0.01, 1, 30, 600, 3600, 1e5] {
      let cold = try KeepAlivePool(rate: 20, service: 1, keepAlive: keepAlive).coldProbability
      #expect(cold < before)
      before = cold
    }
    before = 1.1
    for rate in [1e-6, 1e-3, 0.01, 0.1, 1, 10, 100, 1000] {
      let cold = try KeepAlivePool(rate: rate, service: 1, keepAlive: 600).coldProbability
      #expect(cold < before)
      before = cold
    }
  }

  @Test("a limit that nobody meets changes nothing")
  func loftyLimit() throws {
    let free = try KeepAlivePool(rate: 5, service: 1, keepAlive: 60).figures()
    let limited = try KeepAlivePool(rate: 5, service: 1, keepAlive: 60, limit: 200).figures()
    expectClose(limited.coldProbability, free.coldProbability, "cold", tolerance: 1e-11)
    expectClose(limited.meanIdle, free.meanIdle, "idle", tolerance: 1e-11)
  }

  @Test("targets are met just so")
  func poolTargets() throws {
    for (rate, target) in [(0.01, 0.05), (1, 0.002), (500, 1e-4)] {
      let pool = try KeepAlivePool(rate: rate, service: 1, keepAlive: 1)
      let keepAlive = try pool.keepAlive(forColdProbability: target)
      expectClose(
        try KeepAlivePool(rate: rate, service: 1, keepAlive: keepAlive).coldProbability, target, "keep-alive")
      let found = try KeepAlivePool.rate(forColdProbability: target, service: 1, keepAlive: keepAlive)
      expectClose(found, rate, "rate", tolerance: 1e-5)
    }
    let endless = try KeepAlivePool(rate: 1, service: 1, keepAlive: 1)
    #expect(throws: ParameterOutOfRange.self) { try endless.keepAlive(forColdProbability: 1e-300) }
  }

  @Test("with exponential keep-alive as many environments expire as start, and a limit rejects Erlang's loss")
  func exponentialKeepAlive() throws {
    let one = try ExponentialKeepAlivePool(rate: 0.4, service: 2, keepAlive: 30, limit: 1).figures()
    // One place: the gap outlasts the keep-alive with probability (1/30) / (1/30 + 0.4).
    expectClose(one.coldProbability, (1.0 / 30) / (1.0 / 30 + 0.4), "one place", tolerance: 1e-12)
    for limit in [1, 3, 20] {
      let figures = try ExponentialKeepAlivePool(rate: 5, service: 1, keepAlive: 30, limit: limit).figures()
      expectClose(
        figures.rejectionProbability, try LossSystem(offered: 5, limit: limit).blocking, "loss", tolerance: 1e-10)
    }
    // Overload and light load, where many levels or phases are never seen.
    for (rate, limit) in [(1000.0, 500), (2000, 1900), (0.01, 50)] {
      let figures = try ExponentialKeepAlivePool(rate: rate, service: 1, keepAlive: 600, limit: limit).figures()
      expectClose(
        figures.rejectionProbability, try LossSystem(offered: rate, limit: limit).blocking, "loss", tolerance: 1e-9)
      #expect(figures.coldProbability > 0 && figures.relativeError < 1e-9)
    }
  }

  @Test("a setup that takes no time, and the balance of setups")
  func setupBound() throws {
    for rate in [0.1, 2, 12] {
      let instant = try ExponentialKeepAlivePool(rate: rate, service: 1, keepAlive: 60).figures()
      let nearly = try SetupBoundPool(rate: rate, service: 1, setup: 1e-7, keepAlive: 60).figures()
      expectClose(nearly.coldProbability, instant.coldProbability, "setup of no length", tolerance: 2e-6)
      let figures = try SetupBoundPool(rate: rate, service: 1, setup: 0.5, keepAlive: 60).figures()
      expectClose(figures.meanInSetup, figures.coldRate * 0.5, "setups in flight", tolerance: 1e-8)
      expectClose(figures.meanBusy, rate, "busy", tolerance: 1e-8)
      expectClose(figures.meanIdle, figures.coldRate * 60, "idle", tolerance: 1e-8)
      #expect(figures.coldProbability > instant.coldProbability)
    }
  }

  @Test("without provisioned concurrency the pool is the plain one", arguments: [0.01, 2.0, 300])
  func noneProvisioned(rate: Double) throws {
    let plain = try KeepAlivePool(rate: rate, service: 1, keepAlive: 60).figures()
    let pool = try ProvisionedPool(rate: rate, service: 1, provisioned: 0, keepAlive: 60).figures()
    expectClose(pool.coldProbability, plain.coldProbability, "cold", tolerance: 1e-10)
    expectClose(pool.meanIdleOnDemand, plain.meanIdle, "idle", tolerance: 1e-10)
  }

  @Test("provisioned concurrency: no keep-alive makes every spill cold, a long one none")
  func provisionedLimits() throws {
    let brief = try ProvisionedPool(rate: 8, service: 1, provisioned: 10, keepAlive: 1e-9).figures()
    expectClose(brief.coldProbability, brief.spillProbability, "every spill", tolerance: 1e-6)
    var before = 1.0
    for provisioned in [0, 5, 8, 10, 12, 16, 25, 60] {
      let figures = try ProvisionedPool(rate: 8, service: 1, provisioned: provisioned, keepAlive: 60).figures()
      #expect(figures.coldProbability < before && figures.coldProbability < figures.spillProbability)
      #expect(figures.coldProbability > 0 && figures.relativeError < 1e-6)
      before = figures.coldProbability
    }
    let smallest = try ProvisionedPool.smallest(rate: 8, service: 1, keepAlive: 60, coldProbability: 1e-4)
    func cold(_ provisioned: Int) throws -> Double {
      try ProvisionedPool(rate: 8, service: 1, provisioned: provisioned, keepAlive: 60).coldProbability
    }
    #expect(try cold(smallest) <= 1e-4)
    #expect(try cold(smallest - 1) > 1e-4)
    #expect(try ProvisionedPool.smallest(rate: 8, service: 1, keepAlive: 60, coldProbability: 0.5) == 0)
  }

  @Test("the limited mean is the area under the survival function, up to the mean")
  func limitedMeans() throws {
    let laws: [Distribution] = [
      .constant(2), .uniform(lower: 1, upper: 4), .exponential(mean: 2), .lognormal(mu: 0.3, sigma: 0.8),
      .gamma(shape: 0.3, scale: 5), .gamma(shape: 6, scale: 0.5), .weibull(shape: 0.7, scale: 2),
      .logLogistic(shape: 3, scale: 1.5), .logLogistic(shape: 0.8, scale: 1), .logLogistic(shape: 30, scale: 2),
      .burr(shape: 2, tail: 3, scale: 1.5),
      .burr(shape: 9, tail: 0.4, scale: 2), .burr(shape: 0.7, tail: 0.9, scale: 1),
      .mixture([
        .init(weight: 2, distribution: .constant(1)), .init(weight: 3, distribution: .exponential(mean: 3)),
      ]),
      .empirical(
        try #require(QuantileFunction(probabilities: [0.1, 0.5, 0.5001, 1], values: [1, 2, 2, 9], bend: 1.7))),
    ]
    for law in laws {
      for end in [0.5, 1.5, 3.3, 8] {
        // Integrated over the cube root, for laws steep at zero.
        let steps = 8000
        var area = 0.0
        for k in 0..<steps {
          let y = cbrt(end) * (Double(k) + 0.5) / Double(steps)
          area += 3 * y * y * law.survival(y * y * y) * cbrt(end) / Double(steps)
        }
        expectClose(law.limitedMean(end), area, "\(law) up to \(end)", tolerance: 4e-4)
      }
      #expect(law.survival(-1) == 1 && law.survival(.infinity) == 0 && law.limitedMean(0) == 0)
      if law.mean.isFinite {
        expectClose(law.limitedMean(.infinity), law.mean, "\(law)", tolerance: 1e-12)
        expectClose(law.limitedMean(1e12), law.mean, "\(law) in the end", tolerance: 1e-6)
      }
    }
  }

  @Test("busy environments from empty and under a swinging rate are λ filtered by the survival of the service time")
  func filteredRate() throws {
    let rate = try SinusoidalRate(mean: 20, amplitude: 15, period: 600)
    let laws: [Distribution] = [
      .constant(30), .uniform(lower: 10, upper: 70), .exponential(mean: 30), .gamma(shape: 2.5, scale: 12),
      .mixture([
        .init(weight: 1, distribution: .constant(5)), .init(weight: 1, distribution: .exponential(mean: 30)),
      ]),
    ]
    for law in laws {
      let step = 0.04
      var sum = 0.0
      for k in 0..<25_000 {
        let age = (Double(k) + 0.5) * step
        sum += step * rate.rate(at: 100 - age) * law.survival(age)
      }
      expectClose(try rate.meanBusy(at: 100, service: law), sum, "\(law)", tolerance: 3e-4)
    }
    #expect(throws: ParameterOutOfRange.self) { try rate.meanBusy(at: 0, service: .weibull(shape: 2, scale: 1)) }
    let system = try InfiniteServer(rate: 3, service: .gamma(shape: 2, scale: 4))
    expectClose(system.meanBusy(secondsFromEmpty: 1e6), 24, "in the end", tolerance: 1e-12)
  }

  @Test("billing: at least the duration, at most one unit more; exponential by the sum too")
  func billing() throws {
    for law in [
      Distribution.lognormal(mu: 4, sigma: 1.5), .uniform(lower: 3, upper: 90), .weibull(shape: 0.5, scale: 9),
    ] {
      let billed = try BilledDuration(of: law, granularity: 1)
      #expect(billed.mean >= law.mean - billed.error && billed.mean <= law.mean + 1 + billed.error)
    }
    #expect(try BilledDuration(of: .constant(100), granularity: 1).mean == 100)
    #expect(try BilledDuration(of: .constant(100.2), granularity: 1).mean == 101)
    let exponential = Distribution.exponential(mean: 7)
    expectClose(
      try BilledDuration(of: .mixture([.init(weight: 1, distribution: exponential)]), granularity: 2).mean,
      try BilledDuration(of: exponential, granularity: 2).mean, "sum against closed form", tolerance: 1e-12)
    // A long-tailed law over 30 billion units: the bound is honest and small.
    let long = try BilledDuration(of: .lognormal(mu: 20, sigma: 1), granularity: 1)
    #expect(long.error < 1e-6 * long.mean)
  }

  @Test("pre-warming for a certain gap, and the keep-alive that a target needs")
  func renewal() throws {
    let timer = try RenewalEnvironment(gap: .constant(600), service: 2, preWarm: 590, keepAlive: 20)
    #expect(timer.coldProbability == 0 && timer.meanWarmIdle == 8)
    let late = try RenewalEnvironment(gap: .constant(600), service: 2, keepAlive: 597)
    #expect(late.coldProbability == 1 && late.meanWarmIdle == 597)
    for gap in [Distribution.constant(600), .exponential(mean: 600), .lognormal(mean: 600, cv: 2)] {
      let keepAlive = try RenewalEnvironment.keepAlive(forLateProbability: 0.05, gap: gap, service: 2)
      #expect(try RenewalEnvironment(gap: gap, service: 2, keepAlive: keepAlive).coldProbability <= 0.05)
      #expect(try RenewalEnvironment(gap: gap, service: 2, keepAlive: keepAlive - 0.001).coldProbability > 0.05)
    }
    // The pool at low load is a renewal of exponential gaps.
    let poisson = try RenewalEnvironment(gap: .exponential(mean: 600), keepAlive: 900)
    expectClose(
      poisson.coldProbability,
      try KeepAlivePool(rate: 1.0 / 600, service: 1e-6, keepAlive: 900).coldProbability, "pool")
  }

  @Test("arrival moments reduce to Poisson, and build up from it")
  func arrivals() throws {
    let same = try ArrivalMoments.switchedPoisson(rates: (3, 3), leaving: (1, 2))
    expectClose(same.meanRate, 3, "rate")
    #expect(same.dispersion == 1 && same.dispersion(seconds: 5) == 1)
    let switched = try ArrivalMoments.switchedPoisson(rates: (10, 0), leaving: (1, 0.2))
    #expect(abs((switched.dispersion(seconds: 1e-9) ?? 0) - 1) < 1e-6)
    expectClose(try #require(switched.dispersion(seconds: 1e9)), switched.dispersion, "in the end")
    let law = try BalancedHyperexponential(mean: 5, cv: 2.5)
    expectClose(law.distribution.mean, 5, "mean", tolerance: 1e-12)
    expectClose(law.probability / law.rates.0, (1 - law.probability) / law.rates.1, "balance", tolerance: 1e-12)
    #expect(try ArrivalMoments.geometricBatches(rate: 2, meanSize: 1).dispersion == 1)
  }

  @Test("equal functions share a room evenly, by King and by Che")
  func sharedRoom() throws {
    let even = try SharedRoom(rates: [Double](repeating: 3, count: 12), capacity: 5)
    for hits in [try #require(even.exactHits()), even.cheHits().hits] {
      expectClose(hits.overall, 5.0 / 12, "even", tolerance: 1e-10)
    }
    let uneven = try SharedRoom(rates: [5, 3, 1, 1, 0.5], capacity: 1)
    // One place: a hit is a repetition.
    for (hit, share) in zip(try #require(uneven.exactHits()).perFunction, uneven.shares) {
      expectClose(hit, share, "repetition", tolerance: 1e-12)
    }
    #expect(try SharedRoom(rates: [Double](repeating: 1, count: 21), capacity: 2).exactHits() == nil)
  }

  @Test("what has no answer is refused with its name")
  func refusals() {
    let nothings: [() throws -> Void] = [
      { _ = try PoissonLaw(mean: .nan) }, { _ = try LossSystem(offered: -1, limit: 3) },
      { _ = try LossSystem(offered: 1, limit: -1) }, { _ = try LossSystem(offered: 1e9, limit: 1) },
      { _ = try WaitingQueue(rate: 2, service: 1, limit: 2) }, { _ = try WaitingQueue(rate: 1, service: 0, limit: 2) },
      { _ = try KeepAlivePool(rate: .infinity, service: 1, keepAlive: 1) },
      { _ = try KeepAlivePool(rate: 1, service: 1, keepAlive: 0) },
      { _ = try KeepAlivePool(rate: 1, service: 1, keepAlive: 1, limit: 0) },
      { _ = try KeepAlivePool(rate: 1, service: 1, keepAlive: 1).keepAlive(forColdProbability: 0) },
      { _ = try ProvisionedPool(rate: 1, service: 1, provisioned: -1, keepAlive: 1) },
      { _ = try ProvisionedPool(rate: 1, service: 1, provisioned: .max, keepAlive: 1) },
      { _ = try SetupBoundPool(rate: 100, service: 100, setup: 1, keepAlive: 1) },
      { _ = try SingleServer(rate: 1, service: .init(mean: 1, cv: 0)) },
      { _ = try SinusoidalRate(mean: 1, amplitude: 2, period: 1) },
      { _ = try SharedRoom(rates: [1, .nan], capacity: 1) }, { _ = try SharedRoom(rates: [1, 1], capacity: 2) },
      { _ = try RenewalEnvironment(gap: .constant(0), keepAlive: 1) },
      { _ = try BilledDuration(of: .logLogistic(shape: 1, scale: 1), granularity: 1) },
      { _ = try ArrivalMoments.selfExciting(base: 1, branching: 1) },
      { _ = try BalancedHyperexponential(mean: 1, cv: 0.5) },
    ]
    for nothing in nothings { #expect(throws: ParameterOutOfRange.self, performing: nothing) }
  }

  @Test("odd corners of the parameters give numbers")
  func corners() throws {
    var stream = Corner(state: 11)
    for _ in 0..<60 {
      let rate = stream.power(-9, 4)
      let service = min(stream.power(-6, 4), 100 / rate)
      let keepAlive = stream.power(-4, 8)
      let limit = Int(stream.power(0, 2.5))
      let note: Comment = "rate \(rate) service \(service) keep-alive \(keepAlive) limit \(limit)"
      for figures in [
        try KeepAlivePool(rate: rate, service: service, keepAlive: keepAlive).figures(),
        try KeepAlivePool(rate: rate, service: service, keepAlive: keepAlive, limit: limit).figures(),
        try ExponentialKeepAlivePool(rate: rate, service: service, keepAlive: keepAlive).figures(),
        try ExponentialKeepAlivePool(rate: rate, service: service, keepAlive: keepAlive, limit: limit).figures(),
      ] {
        #expect(figures.coldProbability >= 0 && figures.coldProbability <= 1 + 1e-9, note)
        #expect(figures.meanIdle >= 0 && figures.meanIdle <= rate * keepAlive * (1 + 1e-9), note)
        #expect(figures.relativeError < 1e-6, note)
      }
      let pool = try ProvisionedPool(rate: rate, service: service, provisioned: limit, keepAlive: keepAlive).figures()
      #expect(pool.coldProbability >= 0 && pool.coldProbability <= pool.spillProbability * (1 + 1e-9), note)
    }
  }

  /// Pseudo-random powers of ten.
  private struct Corner {
    var state: UInt64
    mutating func power(_ low: Double, _ high: Double) -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return pow(10, low + (high - low) * Double(state >> 11) / 9_007_199_254_740_992)
    }
  }
}
