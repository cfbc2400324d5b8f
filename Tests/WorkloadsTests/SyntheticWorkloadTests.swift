import Diagnostics
import Statistics
import TestSupport
import Testing
import Units

@testable import Logs
@testable import Workloads

@Suite("Synthetic workloads")
struct SyntheticWorkloadTests {
  /// One of each kind, some within others.
  static let processes: [ArrivalProcess] = [
    .poisson(rate: 0.7),
    .markovModulated([.init(rate: 5, stay: .seconds(20)), .init(rate: 0.1, stay: .minutes(2))]),
    .renewal(gap: .gamma(shape: 0.3, scale: 4), start: .equilibrium),
    .renewal(gap: .weibull(shape: 0.6, scale: 1), start: .fresh),
    .batch(of: .poisson(rate: 0.2), size: .geometric(mean: 6)),
    .timer(.every(.seconds(7)), offset: .random, jitter: .exponential(mean: 2)),
    .onOff(on: .exponential(mean: 60), off: .lognormal(mu: 4, sigma: 1), during: .poisson(rate: 3)),
    .nonhomogeneousPoisson(rate: 1, .sinusoid(amplitude: 0.9, period: .minutes(10), phase: .minutes(2))),
    .modulated(
      .batch(of: .renewal(gap: .lognormal(mu: 0, sigma: 1), start: .equilibrium), size: .uniform(1, 3)),
      by: RateProfile([.steps(length: .minutes(3), values: [1, 0, 2], repeats: true)])),
  ]

  private static var everything: SyntheticWorkload {
    var functions = processes.enumerated().map {
      SyntheticFunction(name: "f\($0)", arrivals: $1, duration: .lognormal(mu: -1, sigma: 1))
    }
    let cron = (try? Schedule(parsing: "*/2 * * * *")) ?? .every(.seconds(1))
    functions.append(
      SyntheticFunction(
        name: "sum", arrivals: .sum(processes + [.timer(cron, offset: .random, jitter: .uniform(lower: 0, upper: 3))]),
        duration: .uniform(lower: 0, upper: 3)))
    return SyntheticWorkload(horizon: .hours(1), functions: functions)
  }

  @Test("the invocations do not depend on how time is sliced")
  func slicing() throws {
    guard case .generated(let generated) = try Workload.synthetic(Self.everything, title: "all").feed else { return }
    for function in generated.functions.indices {
      var whole = InvocationBlock()
      var generator = generated.generator(function, 42, 3)
      generator.generate(until: generated.horizon, into: &whole)
      #expect(whole.count > 100)
      #expect(zip(whole.arrivals, whole.arrivals.dropFirst()).allSatisfy { $0 <= $1 }, "order of \(function)")
      #expect(whole.arrivals.allSatisfy { $0 >= 0 && $0 < generated.horizon.nanoseconds })
      for step: Int64 in [1_000_000_007, 59_999_999_999, 900_000_000_000] {
        var sliced = InvocationBlock()
        var generator = generated.generator(function, 42, 3)
        var end: Int64 = 0
        while end < generated.horizon.nanoseconds {
          end += step
          let before = sliced.count
          generator.generate(until: Instant(nanoseconds: end), into: &sliced)
          #expect(sliced.arrivals[before...].allSatisfy { $0 >= end - step && $0 < end })
        }
        #expect(sliced.arrivals == whole.arrivals && sliced.durations == whole.durations, "\(function) by \(step)")
      }
    }
  }

  @Test("seed, replication and name choose the random numbers; durations leave arrivals alone")
  func streams() throws {
    func draw(_ name: String, seed: UInt64, replication: UInt64, mean: Double = 1) throws -> InvocationBlock {
      let workload = try Workload.synthetic(
        .init(
          horizon: .seconds(100),
          functions: [.init(name: name, arrivals: .poisson(rate: 1), duration: .exponential(mean: mean))]),
        title: "")
      var block = InvocationBlock()
      guard case .generated(let generated) = workload.feed else { return block }
      var generator = generated.generator(0, seed, replication)
      generator.generate(until: generated.horizon, into: &block)
      return block
    }
    let base = try draw("a", seed: 1, replication: 0)
    #expect(try draw("a", seed: 1, replication: 0).arrivals == base.arrivals)
    #expect(try draw("a", seed: 2, replication: 0).arrivals != base.arrivals)
    #expect(try draw("a", seed: 1, replication: 1).arrivals != base.arrivals)
    #expect(try draw("b", seed: 1, replication: 0).arrivals != base.arrivals)
    let slower = try draw("a", seed: 1, replication: 0, mean: 2)
    #expect(slower.arrivals == base.arrivals)
    #expect(zip(slower.durations, base.durations).allSatisfy { abs($0 - 2 * $1) <= 1 })
  }

  @Test("the account says that all is made up, and which calendar was assumed")
  func ledger() throws {
    let cron = SyntheticFunction(
      name: "nightly", arrivals: .timer(try Schedule(parsing: "0 3 * * *"), offset: .fixed(.zero), jitter: nil),
      duration: .constant(1), memory: MemorySize(megabytes: 512), memoryUsed: 100, trigger: "timer", application: "ops")
    let assumed = try Workload.synthetic(.init(horizon: .hours(48), functions: [cron]), title: "x")
    let dated = try Workload.synthetic(.init(horizon: .hours(48), start: 0, functions: [cron]), title: "x")
    guard case .generated(let first) = assumed.feed, case .generated(let second) = dated.feed else { return }
    #expect(first.ledger.synthesised.contains { $0.contains("Monday 2026-01-05") })
    #expect(!second.ledger.synthesised.contains { $0.contains("Monday") })
    #expect(assumed.epoch == nil && dated.epoch == 0)
    #expect(first.expectedInvocations == 2)
    #expect(
      first.functions == [
        WorkloadFunction(
          name: "nightly", application: "ops", trigger: "timer", memory: MemorySize(megabytes: 512), memoryUsed: 100)
      ])
  }

  @Test("absurd durations are cut, not overflowed")
  func absurdDurations() throws {
    let block = try invocations(.poisson(rate: 1), before: .seconds(100), duration: .lognormal(mu: 90, sigma: 1))
    #expect(block.durations.allSatisfy { $0 == InvocationBlock.longestDuration })
  }

  private static func one(_ process: ArrivalProcess, _ law: Distribution = .constant(1)) -> SyntheticWorkload {
    .init(horizon: .hours(1), functions: [.init(name: "f", arrivals: process, duration: law)])
  }

  static let faulty: [(SyntheticWorkload, String)] = [
    (.init(horizon: .zero, functions: []), "horizon"),
    (.init(horizon: .hours(100_000), functions: []), "horizon"),
    (.init(horizon: .hours(1), functions: []), "functions"),
    (.init(horizon: .hours(1), start: .max, functions: []), "start"),
    (one(.poisson(rate: -1)), "functions.f.arrivals.poisson"),
    (one(.poisson(rate: .nan)), "functions.f.arrivals.poisson"),
    (one(.poisson(rate: .infinity)), "functions.f.arrivals.poisson"),
    (one(.poisson(rate: 1), .exponential(mean: -1)), "functions.f.duration"),
    (one(.poisson(rate: 1), .lognormal(mu: .nan, sigma: 1)), "functions.f.duration"),
    (one(.poisson(rate: 1), .gamma(shape: 0, scale: 1)), "functions.f.duration"),
    (one(.poisson(rate: 1), .mixture([])), "functions.f.duration"),
    (one(.markovModulated([.init(rate: 1, stay: .seconds(1))])), "functions.f.arrivals.mmpp"),
    (
      one(.markovModulated([.init(rate: 1, stay: .seconds(1)), .init(rate: -1, stay: .seconds(1))])),
      "functions.f.arrivals.mmpp[1].rate"
    ),
    (
      one(.markovModulated([.init(rate: 1, stay: .zero), .init(rate: 1, stay: .seconds(1))])),
      "functions.f.arrivals.mmpp[0].stay"
    ),
    (
      one(.markovModulated([.init(rate: 0, stay: .seconds(1)), .init(rate: 0, stay: .seconds(1))])),
      "functions.f.arrivals.mmpp"
    ),
    (
      one(
        .markovModulated([
          .init(rate: 1, stay: .seconds(1), next: [0, 1, 0]), .init(rate: 1, stay: .seconds(1), next: [1, 0, 0]),
          .init(rate: 1, stay: .seconds(1), next: [1, 0, 0]),
        ])), "functions.f.arrivals.mmpp"
    ),
    (
      one(.markovModulated([.init(rate: 1, stay: .seconds(1), next: [1, 1]), .init(rate: 1, stay: .seconds(1))])),
      "functions.f.arrivals.mmpp[0].next"
    ),
    (one(.renewal(gap: .constant(0), start: .fresh)), "functions.f.arrivals.renewal.gap"),
    (one(.renewal(gap: .exponential(mean: 1e-9), start: .fresh)), "functions.f.arrivals.renewal.gap"),
    (one(.renewal(gap: .weibull(shape: 0.05, scale: 1), start: .fresh)), "functions.f.arrivals.renewal.gap"),
    (one(.renewal(gap: .logLogistic(shape: 0.9, scale: 1), start: .fresh)), "functions.f.arrivals.renewal.gap"),
    (one(.batch(of: .poisson(rate: 1), size: .constant(0))), "functions.f.arrivals.batch.size"),
    (one(.batch(of: .poisson(rate: 1), size: .geometric(mean: 0.5))), "functions.f.arrivals.batch.size"),
    (one(.batch(of: .poisson(rate: 1), size: .uniform(5, 1))), "functions.f.arrivals.batch.size"),
    (one(.batch(of: .poisson(rate: -1), size: .constant(1))), "functions.f.arrivals.batch.arrivals.poisson"),
    (
      one(.timer(.every(TimeSpan(nanoseconds: 1)), offset: .random, jitter: nil)), "functions.f.arrivals.timer.schedule"
    ),
    (
      one(.timer(.every(.seconds(1)), offset: .fixed(.seconds(-1)), jitter: nil)), "functions.f.arrivals.timer.offset"
    ),
    (
      one(.onOff(on: .constant(0), off: .constant(1), during: .poisson(rate: 1))), "functions.f.arrivals.on-off.on"
    ),
    (
      one(.onOff(on: .constant(1e-6), off: .constant(1e-6), during: .poisson(rate: 1))), "functions.f.arrivals.on-off"
    ),
    (one(.nonhomogeneousPoisson(rate: 1, .diurnal([1, 2]))), "functions.f.arrivals.profile.diurnal"),
    (one(.nonhomogeneousPoisson(rate: 1, .weekly([0, 0, 0, 0, 0, 0, 0]))), "functions.f.arrivals.profile.weekly"),
    (
      one(.nonhomogeneousPoisson(rate: 1, .sinusoid(amplitude: 2, period: .hours(1), phase: .zero))),
      "functions.f.arrivals.profile.sinusoid.amplitude"
    ),
    (
      one(.nonhomogeneousPoisson(rate: 1, .steps(length: .hours(1), values: [], repeats: true))),
      "functions.f.arrivals.profile.steps.values"
    ),
    (one(.sum([])), "functions.f.arrivals.sum"),
    (one(.sum([.poisson(rate: 1), .poisson(rate: -1)])), "functions.f.arrivals.sum[1].poisson"),
    (
      .init(
        horizon: .hours(1),
        functions: [
          .init(name: "f", arrivals: .poisson(rate: 1), duration: .constant(1)),
          .init(name: "f", arrivals: .poisson(rate: 1), duration: .constant(1)),
        ]), "functions.f"
    ),
    (.init(horizon: .hours(1), population: Population(size: .functions(0))), "population.functions"),
    (.init(horizon: .hours(1), population: Population(size: .applications(.max))), "population.applications"),
    (.init(horizon: .hours(1), population: Population(size: .functions(5), volume: .scale(0))), "population.scale"),
    (
      .init(horizon: .hours(1), population: Population(size: .functions(5), triggers: [.http: -1])),
      "population.triggers"
    ),
    (
      .init(horizon: .hours(1), population: Population(size: .functions(5), rateDurationCorrelation: 2)),
      "population.rate-duration-correlation"
    ),
  ]

  @Test("each value out of range is a fault at its key", arguments: faulty.indices)
  func faults(index: Int) {
    let (description, key) = Self.faulty[index]
    do throws(InputFault) {
      _ = try Workload.synthetic(description, title: "x")
      Issue.record("\(key) was taken")
    } catch {
      #expect(error.place.key == key, "\(error)")
      #expect(!error.found.isEmpty && !error.expected.isEmpty)
    }
  }

  @Test("cron under a profile is refused, and nesting has an end")
  func nesting() throws {
    let cron = ArrivalProcess.timer(try Schedule(parsing: "0 0 * * *"), offset: .fixed(.zero), jitter: nil)
    #expect(throws: InputFault.self) {
      try Workload.synthetic(Self.one(.onOff(on: .constant(1), off: .constant(1), during: cron)), title: "x")
    }
    var deep = ArrivalProcess.poisson(rate: 1)
    for _ in 0..<40 { deep = .sum([deep]) }
    #expect(throws: InputFault.self) { try Workload.synthetic(Self.one(deep), title: "x") }
  }
}
