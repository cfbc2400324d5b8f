import Diagnostics
import Statistics
import Testing
import Traces
import Units
import Workloads

@testable import Scenarios

@Suite("Synthetic workloads in scenarios")
struct SyntheticDecodingTests {
  private func synthetic(_ yaml: String) throws -> SyntheticWorkload {
    let scenario = try Scenario(decoding: Array("workload:\n  synthetic: \(yaml)".utf8), file: "s.yaml")
    guard case .synthetic(let workload) = scenario.workload else { throw Unexpected() }
    return workload
  }

  private struct Unexpected: Error {}

  private func arrivals(_ yaml: String) throws -> ArrivalProcess {
    try synthetic("{horizon: 1d, functions: {f: {arrivals: \(yaml), duration: 1s}}}").functions[0].arrivals
  }

  @Test("functions in the order written, with all that can be said of them")
  func functions() throws {
    let workload = try synthetic(
      """
      {horizon: 7d, start: 2026-03-02T06:00:00Z, functions: {
        b: {arrivals: {poisson: 50/m}, duration: {exponential: 1.991s}, memory: 1024, memory-used: 180.5, trigger: http,
            application: shop},
        a: {arrivals: {poisson: 0.9}, duration: 200ms}}}
      """)
    #expect(workload.horizon == .hours(168))
    #expect(workload.start == 1_772_431_200)
    let b = SyntheticFunction(
      name: "b", arrivals: .poisson(rate: 50.0 / 60), duration: .exponential(mean: 1.991),
      memory: MemorySize(megabytes: 1024), memoryUsed: 180.5, trigger: "http", application: "shop")
    let a = SyntheticFunction(name: "a", arrivals: .poisson(rate: 0.9), duration: .constant(0.2))
    #expect(workload.functions == [b, a])
    #expect(
      try synthetic("{horizon: 1d, start: 2026-03-02, population: {like: azure-2019, functions: 5}}").start
        == 1_772_409_600)
  }

  @Test("every arrival process")
  func processes() throws {
    #expect(
      try arrivals("{mmpp: [{rate: 10, stay: 10s}, {rate: 1/m, stay: 50s, next: [1, 0]}]}")
        == .markovModulated([
          MarkovState(rate: 10, stay: .seconds(10)),
          MarkovState(rate: 1.0 / 60, stay: .seconds(50), next: [1, 0]),
        ]))
    #expect(
      try arrivals("{renewal: {gap: {weibull: {scale: 2s, shape: 0.7}}, start: fresh}}")
        == .renewal(gap: .weibull(shape: 0.7, scale: 2), start: .fresh))
    #expect(
      try arrivals("{renewal: {rate: 2, cv: 3, law: gamma}}")
        == .renewal(gap: try .gap(law: .gamma, rate: 2, cv: 3), start: .equilibrium))
    #expect(
      try arrivals("{batch: {rate: 2, size: {geometric: 4}}}")
        == .batch(of: .poisson(rate: 2), size: .geometric(mean: 4)))
    #expect(
      try arrivals("{batch: {arrivals: {timer: 5m}, size: {weights: {1: 0.7, 10: 0.3}}}}")
        == .batch(
          of: .timer(.every(.minutes(5)), offset: .fixed(.zero), jitter: nil),
          size: .weighted([.init(size: 1, weight: 0.7), .init(size: 10, weight: 0.3)])))
    #expect(
      try arrivals("{batch: {rate: 1, size: {uniform: [2, 5]}}}") == .batch(of: .poisson(rate: 1), size: .uniform(2, 5))
    )
    #expect(
      try arrivals("{timer: {schedule: rate(1 hour), offset: random, jitter: {uniform: [0s, 2s]}}}")
        == .timer(.every(.hours(1)), offset: .random, jitter: .uniform(lower: 0, upper: 2)))
    #expect(
      try arrivals("{timer: \"*/15 8-18 * * MON-FRI\"}")
        == .timer(try Schedule(parsing: "*/15 8-18 * * MON-FRI"), offset: .fixed(.zero), jitter: nil))
    #expect(
      try arrivals("{on-off: {on: {exponential: 10m}, off: 1h, arrivals: {poisson: 40}}}")
        == .onOff(on: .exponential(mean: 600), off: .constant(3600), during: .poisson(rate: 40)))
    #expect(
      try arrivals("{sum: [{poisson: 0.2}, {timer: 90s}]}")
        == .sum([.poisson(rate: 0.2), .timer(.every(.seconds(90)), offset: .fixed(.zero), jitter: nil)]))
  }

  @Test("profiles multiply, in the order of their names")
  func profiles() throws {
    let process = try arrivals(
      """
      {poisson: 1, profile: {weekly: [1, 1, 1, 1, 1, 0.5, 0], sinusoid: {amplitude: 0.5, phase: 9h},
        steps: {step: 1h, values: [1, 5], repeat: false}}}
      """)
    #expect(
      process
        == .modulated(
          .poisson(rate: 1),
          by: RateProfile([
            .weekly([1, 1, 1, 1, 1, 0.5, 0]), .sinusoid(amplitude: 0.5, period: .hours(24), phase: .hours(9)),
            .steps(length: .hours(1), values: [1, 5], repeats: false),
          ])))
  }

  @Test("a population")
  func population() throws {
    let workload = try synthetic(
      """
      {horizon: 1d, population: {like: azure-2019, functions: 20000, seed: 1, scale: 0.01,
        triggers: {http: 55, timer: 45}, rate-duration-correlation: -0.3}}
      """)
    #expect(
      workload.population
        == Population(
          like: .azure2019, size: .functions(20000), seed: 1, volume: .scale(0.01), triggers: [.http: 55, .timer: 45],
          rateDurationCorrelation: -0.3))
  }

  @Test("wrong shapes")
  func shapes() {
    let f = "functions.f.arrivals"
    let cases: [(yaml: String, says: String)] = [
      ("{}", ": found no horizon, expected a duration such as 7d"),
      ("{horizon: 0s}", ".horizon: found \"0s\", expected a horizon above zero"),
      ("{horizon: 1d}", ": found neither functions nor a population, expected at least one function"),
      (
        "{horizon: 1d, start: 2026-02-30, population: {like: azure-2019, functions: 5}}",
        ".start: found \"2026-02-30\", expected a date and time in UTC, such as 2026-03-02T00:00:00Z, or a date"
      ),
      (
        "{horizon: 1d, functions: {f: {duration: 1s}}}",
        ".functions.f: found no arrivals, expected arrivals such as {poisson: 0.9}"
      ),
      (
        "{horizon: 1d, population: {like: azure-2019}}",
        ".population: found no size, expected functions: or applications:, a number"
      ),
      (
        "{horizon: 1d, population: {like: azure-2019, functions: 5, triggers: {htp: 1}}}",
        ".population.triggers.htp: found an unknown trigger, expected a known one; did you mean 'http'?"
      ),
    ]
    for (yaml, says) in cases { expect("{\(yaml.dropFirst().dropLast())}", says) }
    let processes = "poisson, mmpp, renewal, batch, timer, on-off, sum"
    let ofArrivals: [(yaml: String, says: String)] = [
      ("5", ": found \"5\", expected arrivals such as {poisson: 0.9}"),
      ("{}", ": found no arrival process, expected exactly one of \(processes)"),
      ("{poisson: 1, timer: 5m}", ": found poisson and timer, expected exactly one of \(processes)"),
      ("{poison: 1}", ".poison: found an unknown key, expected a known one; did you mean 'poisson'?"),
      (
        "{poisson: fast}",
        ".poisson: found \"fast\", expected a rate: a number per second, or one with its unit such as 50/m"
      ),
      (
        "{poisson: nan}",
        ".poisson: found \"nan\", expected a rate: a number per second, or one with its unit such as 50/m"
      ),
      (
        "{poisson: -1/m}",
        ".poisson: found \"-1/m\", expected a rate: a number per second, or one with its unit such as 50/m"
      ),
      ("{poisson: 1, profile: {}}", ".profile: found no factors, expected one of diurnal, weekly, sinusoid, steps"),
      ("{poisson: 1, profile: {weekly: [1]}}", ".profile.weekly: found 1 numbers, expected 7 weights, Monday first"),
      ("{batch: {rate: 1}}", ".batch: found no size, expected a size such as 20 or {geometric: 4}"),
      ("{batch: {rate: 1, size: 0}}", ".batch.size: found \"0\", expected a size, 1 to 2147483647"),
      ("{renewal: {gap: 1s, rate: 2}}", ".renewal: found gap and rate, expected gap, or rate, cv and law"),
    ]
    for (yaml, says) in ofArrivals {
      expect("{horizon: 1d, functions: {f: {duration: 1s, arrivals: \(yaml)}}}", ".\(f)\(says)")
    }
  }

  private func expect(_ yaml: String, _ says: String) {
    let fault = #expect(throws: InputFault.self) { try synthetic(yaml) }
    #expect(fault?.description == "s.yaml:2: workload.synthetic" + says)
  }

  @Test("numbers that make no sense are found when the workload is opened, still with file, line and key")
  func numbers() throws {
    let yaml = """
      workload:
        synthetic:
          horizon: 1d
          functions:
            f:
              duration: 1s
              arrivals:
                batch:
                  rate: 1
                  size: {geometric: 0.5}
      """
    let scenario = try Scenario(decoding: Array(yaml.utf8), file: "s.yaml")
    let fault = #expect(throws: InputFault.self) { try scenario.openWorkload() }
    #expect(fault?.place.description.hasPrefix("s.yaml:10: workload.synthetic.functions.f.arrivals.batch.size") == true)
  }
}
