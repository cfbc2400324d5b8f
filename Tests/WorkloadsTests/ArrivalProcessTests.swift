import Diagnostics
import Foundation
import Statistics
import TestSupport
import Testing
import Units

@testable import Logs
@testable import Workloads

@Suite("Arrival processes against closed forms")
struct ArrivalProcessTests {
  @Test("Poisson: counts in windows have mean and variance λt, gaps are exponential")
  func poisson() throws {
    let times = try arrivalTimes(.poisson(rate: 5), before: .seconds(20_000))
    #expect(near(Double(times.count), 100_000, 1265))
    #expect(near(dispersion(times, window: 10, horizon: 20_000), 1, 0.13))
    #expect(kolmogorov(gaps(times)) { 1 - exp(-5 * $0) } < 1.95)
  }

  @Test("a rate of zero gives no arrivals")
  func silent() throws {
    #expect(try arrivalTimes(.poisson(rate: 0), before: .hours(1000)).isEmpty)
    #expect(
      try arrivalTimes(.nonhomogeneousPoisson(rate: 0, .weekly([1, 1, 1, 1, 1, 0, 0])), before: .hours(400)).isEmpty)
  }

  @Test("MMPP with two states: mean rate and index of dispersion at finite t")
  func markovModulated() throws {
    // λ 10 and 1, left at 0.1 and 0.02 per s; 1 + (IDC∞ − 1)(1 − (1 − e^−rt)/(rt)) with r = 0.12.
    let process = ArrivalProcess.markovModulated([
      .init(rate: 10, stay: .seconds(10)), .init(rate: 1, stay: .seconds(50)),
    ])
    let horizon = 600_000.0
    let times = try arrivalTimes(process, before: .seconds(600_000), seed: 3)
    #expect(near(Double(times.count) / horizon, 2.5, 0.045))
    let oracle = [(1.0, 5.325_272_948_223_428), (10, 32.324_638_244_512_62), (600, 74.958_333_333_333_31)]
    for (window, expected) in oracle {
      // Correlation time 1/r: about horizon · r/2 independent pieces for short windows.
      let pieces = min(horizon / window, horizon * 0.06)
      let found = dispersion(times, window: window, horizon: horizon)
      #expect(near(found, expected, 5 * expected * (2 / pieces).squareRoot()), "IDC(\(window) s) = \(found)")
    }
  }

  @Test("an interrupted Poisson process: IDC 166.3 in the long run; the on-off process is the same")
  func interrupted() throws {
    let chain = ArrivalProcess.markovModulated([
      .init(rate: 100, stay: .seconds(1)), .init(rate: 0, stay: .seconds(10)),
    ])
    let switched = ArrivalProcess.onOff(
      on: .exponential(mean: 1), off: .exponential(mean: 10), during: .poisson(rate: 100))
    for process in [chain, switched] {
      let times = try arrivalTimes(process, before: .seconds(60_000), seed: 5)
      #expect(near(Double(times.count) / 60_000, 9.0909, 0.64))
      // At t = 100 s: 1 + 165.29 (1 − (1 − e^−110)/110) = 164.8
      let found = dispersion(times, window: 100, horizon: 60_000)
      #expect(near(found, 164.8, 48), "IDC(100 s) = \(found)")
    }
  }

  @Test("a Markov chain of three states spends its time as the balance equations say")
  func threeStates() throws {
    // 0 → 1 or 2 (1:3), 1 → 0, 2 → 0 or 1 alike.
    let states = [
      MarkovState(rate: 9, stay: .seconds(60), next: [0, 1, 3]),
      MarkovState(rate: 1, stay: .seconds(300), next: [1, 0, 0]),
      MarkovState(rate: 0, stay: .seconds(10), next: [1, 1, 0]),
    ]
    let shares = try #require(MarkovState.timeShares(states))
    // Balance: visits v0 = v1 + v2/2, v1 = v0/4 + v2/2, v2 = 3 v0/4 → v = (1, 5/8, 3/4).
    let times = [60.0, 300 * 0.625, 10 * 0.75]
    let total = times.reduce(0, +)
    for (share, time) in zip(shares, times) { #expect(near(share, time / total, 1e-12)) }
    let rate = shares[0] * 9 + shares[1]
    let found = try arrivalTimes(.markovModulated(states), before: .seconds(400_000), seed: 9)
    #expect(near(Double(found.count) / 400_000, rate, 0.05 * rate))
  }

  @Test(
    "renewal processes: rate, coefficient of variation, and long-run dispersion CV²",
    arguments: GapLaw.allCases, [0.5, 1, 2])
  func renewal(law: GapLaw, cv: Double) throws {
    if law == .hyperexponential && cv < 1 { return }
    let gap = try Distribution.gap(law: law, rate: 4, cv: cv)
    #expect(near(gap.mean, 0.25, 1e-9))
    #expect(near(gap.coefficientOfVariation, cv, 1e-6))
    let times = try arrivalTimes(.renewal(gap: gap, start: .equilibrium), before: .seconds(5000), seed: 11)
    #expect(near(Double(times.count), 20_000, 707 * cv))
    let (mean, deviation) = moments(gaps(times))
    #expect(near(deviation / mean, cv, 0.1 * cv), "\(law) CV \(deviation / mean)")
    let found = dispersion(times, window: 10, horizon: 5000)
    #expect(near(found, cv * cv, 0.3 * cv * cv), "\(law) IDC \(found)")
  }

  @Test("hyperexponential gaps with CV 3 have balanced means")
  func balancedMeans() throws {
    guard case .mixture(let parts) = try Distribution.gap(law: .hyperexponential, rate: 1, cv: 3) else {
      Issue.record("not a mixture")
      return
    }
    #expect(near(parts[0].weight, 0.947_213_595_499_957_9, 1e-12))
    #expect(near(1 / parts[0].distribution.mean, 1.894_427_190_999_915_7, 1e-12))
    #expect(near(1 / parts[1].distribution.mean, 0.105_572_809_000_008_43, 1e-12))
  }

  @Test("in equilibrium the first gap has density (1 − F)/mean; fresh it is a whole gap")
  func residual() throws {
    let laws: [(Distribution, (Double) -> Double)] = [
      (.constant(2), { min(1, $0 / 2) }),
      (.uniform(lower: 0, upper: 2), { $0 - $0 * $0 / 4 }),
      (.exponential(mean: 2), { 1 - exp(-$0 / 2) }),
      (.gamma(shape: 2, scale: 1), { 1 - exp(-$0) * (1 + $0 / 2) }),
      (.weibull(shape: 0.5, scale: 1), { 1 - exp(-$0.squareRoot()) * (1 + $0.squareRoot()) }),
      (
        .mixture([
          .init(weight: 1, distribution: .exponential(mean: 1)), .init(weight: 3, distribution: .exponential(mean: 5)),
        ]), { 1 - (exp(-$0) + 15 * exp(-$0 / 5)) / 16 }
      ),
    ]
    for (law, cdf) in laws {
      var stream = RandomStream(seed: 17, purpose: .arrivals)
      let sample = (0..<4000).map { _ in law.sampleResidual(&stream) }
      #expect(kolmogorov(sample, cdf) < 1.95, "\(law)")
    }
    let fresh = try arrivalTimes(.renewal(gap: .constant(2), start: .fresh), before: .seconds(10))
    #expect(fresh == [2, 4, 6, 8])
  }

  @Test("residuals of bent quantile steps, lognormal and log-logistic gaps have the mean E[X²]/(2 E[X])")
  func residualMeans() throws {
    let bent = try #require(QuantileFunction(probabilities: [0, 0.5, 1], values: [1, 2, 9], bend: 2.5))
    let laws: [Distribution] = [.empirical(bent), .lognormal(mu: 0, sigma: 0.8), .logLogistic(shape: 5, scale: 2)]
    for law in laws {
      var stream = RandomStream(seed: 18, purpose: .arrivals)
      let (mean, deviation) = moments((0..<20_000).map { _ in law.sampleResidual(&stream) })
      #expect(near(mean, law.secondMoment / (2 * law.mean), deviation / 35), "\(law)")
    }
  }

  @Test("batches at Poisson moments: dispersion E[B²]/E[B], 7 for geometric batches of mean 4")
  func batches() throws {
    let process = ArrivalProcess.batch(of: .poisson(rate: 2), size: .geometric(mean: 4))
    let times = try arrivalTimes(process, before: .seconds(20_000), seed: 21)
    #expect(near(Double(times.count), 160_000, 4233))
    let found = dispersion(times, window: 10, horizon: 20_000)
    #expect(near(found, 7, 1.1), "IDC \(found)")
    #expect(BatchSize.weighted([.init(size: 1, weight: 0.7), .init(size: 10, weight: 0.3)]).mean == 3.7)
    let weighted = try arrivalTimes(
      .batch(
        of: .timer(.every(.seconds(1)), offset: .fixed(.zero), jitter: nil),
        size: .weighted([
          .init(size: 1, weight: 0.7), .init(size: 10, weight: 0.3),
        ])), before: .seconds(10_000))
    #expect(near(Double(weighted.count), 37_000, 1650))
  }

  @Test("nonhomogeneous Poisson: rescaled by its integrated rate it is a unit Poisson process")
  func timeRescaling() throws {
    let turn = 2 * Double.pi / 600
    let sinusoid = try arrivalTimes(
      .nonhomogeneousPoisson(
        rate: 20, .sinusoid(amplitude: 0.75, period: .seconds(600), phase: .zero)), before: .seconds(3000), seed: 2)
    let integrated = sinusoid.map { 20 * $0 + 15 * (1 - cos(turn * $0)) / turn }
    #expect(kolmogorov(gaps(integrated)) { 1 - exp(-$0) } < 1.95)

    let hours = (0..<24).map { Double(1 + ($0 * 7) % 11) }
    let days = [1, 2, 0.5, 1, 0, 3, 1]
    let rate = { (t: Double) -> Double in
      let hour = Int(t / 3600) % 24
      let share = t / 3600 - (t / 3600).rounded(.down)
      let hourly = (hours[hour] * (1 - share) + hours[(hour + 1) % 24] * share) * 24 / hours.reduce(0, +)
      return 0.05 * hourly * days[Int(t / 86_400) % 7] * 7 / days.reduce(0, +)
    }
    let weekly = try arrivalTimes(
      .nonhomogeneousPoisson(rate: 0.05, .diurnal(hours), .weekly(days)), before: .hours(24 * 7), seed: 4)
    #expect(near(Double(weekly.count), 30_240, 696), "the base rate is the mean rate")
    // The trapezoid rule with a minute's step is exact for straight lines between full hours.
    var area = [0.0]
    for minute in 0..<10_080 {
      let t = Double(minute) * 60
      area.append(area[minute] + 30 * (rate(t) + rate(t + 59.999_999)))
    }
    let rescaled = weekly.map { t in
      let minute = Int(t / 60)
      let within = t - Double(minute) * 60
      return area[minute] + within * (rate(Double(minute) * 60) + rate(t)) / 2
    }
    #expect(kolmogorov(gaps(rescaled)) { 1 - exp(-$0) } < 1.95)
    #expect(!weekly.contains { Int($0 / 86_400) == 4 }, "a day of weight zero")
  }

  @Test("products of lines and sines are inverted to the nanosecond")
  func products() throws {
    // A timer on the profile's clock arrives where the integrated profile is a whole number.
    let profile = RateProfile([
      .sinusoid(amplitude: 1, period: .hours(24), phase: .hours(3)),
      .sinusoid(amplitude: 0.3, period: .minutes(7), phase: .zero),
      .steps(length: .minutes(50), values: [0.5, 2, 0, 1], repeats: true),
    ])
    let times = try arrivalTimes(
      .modulated(.timer(.every(.seconds(60)), offset: .fixed(.zero), jitter: nil), by: profile), before: .hours(30))
    // ∫ (1 + a sin(ωt − φ))(1 + b sin(νt)) dt in closed form, between the steps.
    func antiderivative(_ t: Double) -> Double {
      let w = 2 * Double.pi / 86_400
      let v = 2 * Double.pi / 420
      let p = w * 10_800
      let product = (sin((w - v) * t - p) / (w - v) - sin((w + v) * t - p) / (w + v)) / 2
      return t - cos(w * t - p) / w - 0.3 * cos(v * t) / v + 0.3 * product
    }
    var integral = 0.0
    var last = 0.0
    var worst = 0.0
    for (index, time) in times.enumerated() {
      var from = last
      while from < time {
        let step = Int((from + 1e-9) / 3000)
        let to = min(time, Double(step + 1) * 3000)
        integral += [0.5, 2, 0, 1][step % 4] * (antiderivative(to) - antiderivative(from))
        from = to
      }
      last = time
      if index > 0 { worst = max(worst, abs(integral - 60 * Double(index))) }
    }
    #expect(times.count > 1000)
    #expect(worst < 1e-6, "worst error \(worst) s after 30 h")
  }

  @Test("Mt/M/∞ with a sinusoidal rate: mean busy as in closed form")
  func infiniteServers() throws {
    let block = try invocations(
      .nonhomogeneousPoisson(rate: 20, .sinusoid(amplitude: 0.75, period: .seconds(600), phase: .zero)),
      before: .seconds(12_600), seed: 8, duration: .exponential(mean: 30))
    let oracle = [(0.0, 471.327_770_603_915_1), (225, 980.599_274_860_375_8), (300, 728.672_229_396_085_2)]
    for (moment, expected) in oracle {
      // Invocations running at 600 k + moment, for 20 periods after the first.
      var busy = [Double](repeating: 0, count: 21)
      for index in 0..<block.count {
        let arrival = Double(block.arrivals[index]) / 1e9
        var period = max(1, Int(((arrival - moment) / 600).rounded(.up)))
        while period <= 20, Double(period) * 600 + moment < arrival + Double(block.durations[index]) / 1e9 {
          busy[period] += 1
          period += 1
        }
      }
      let mean = busy.reduce(0, +) / 20
      #expect(near(mean, expected, 4 * (expected / 20).squareRoot()), "\(mean) at \(moment) s")
    }
  }

  @Test("a superposition is the merge of its parts in order")
  func sums() throws {
    let every = { (span: Int64) in
      ArrivalProcess.timer(.every(.seconds(span)), offset: .fixed(.zero), jitter: nil)
    }
    let times = try arrivalTimes(.sum([every(2), every(3), .poisson(rate: 0)]), before: .seconds(7))
    #expect(times == [0, 0, 2, 3, 4, 6, 6])
  }

  @Test("expected numbers of arrivals match what comes")
  func expectations() throws {
    let processes: [ArrivalProcess] = [
      .poisson(rate: 0.5), .batch(of: .poisson(rate: 0.1), size: .uniform(1, 9)),
      .timer(try Schedule(parsing: "*/5 8-17 * * *"), offset: .fixed(.zero), jitter: nil),
      .nonhomogeneousPoisson(rate: 0.5, .steps(length: .hours(1), values: [1, 3], repeats: false)),
      .onOff(on: .constant(60), off: .constant(540), during: .poisson(rate: 5)),
    ]
    for process in processes {
      let expected = process.expectedArrivals(before: .hours(48), start: SyntheticWorkload.assumedStart)
      let found = Double(try arrivalTimes(process, before: .hours(48)).count)
      #expect(near(found, expected, 0.05 * expected), "\(process): \(found) against \(expected)")
    }
  }

  @Test(
    "rates as people write them",
    arguments: [
      ("0.9", 0.9), ("60/m", 1.0), ("36 / h", 0.01), ("0.5/ms", 500), ("86_400/d", 1), ("1e2", 100), ("5/", nil),
      ("/s", nil), ("5/fortnight", nil), ("1/2/s", nil), ("", nil), ("nan", nil), ("inf/s", nil),
    ] as [(String, Double?)])
  func rates(text: String, expected: Double?) {
    let found = ArrivalRate.perSecond(parsing: text)
    #expect((found == nil) == (expected == nil))
    if let found, let expected { #expect(near(found, expected, 1e-12 * expected)) }
  }
}

@Suite("Angles in plain arithmetic")
struct AngleTests {
  @Test("sines agree with the C library's, at any angle and a little ahead")
  func sines() {
    for step in -400...400 {
      let angle = Double(step) * 0.03137
      let found = Angle(angle)
      #expect(near(found.sine, sin(angle), 1e-15) && near(found.cosine, cos(angle), 1e-15), "\(angle)")
      for ahead in [0, 0.001, 0.05, 0.0982] { #expect(near(found.sine(ahead: ahead), sin(angle + ahead), 1e-14)) }
    }
  }

  @Test("a settled number is close and swallows the last bits")
  func settled() {
    for value in [1.0, 0.1, 12_345.678_9, 3e-7, 1e9 / 7] {
      #expect(near(value.settled, value, value * 1e-11))
      #expect(value.settled.settled == value.settled)
    }
    #expect((0.1.nextUp).settled == 0.1.settled && (0.1.nextDown).settled == 0.1.settled)
    #expect(0.0.settled == 0 && Double.infinity.settled == .infinity)
  }
}
