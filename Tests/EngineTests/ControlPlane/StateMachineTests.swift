import Logs
import Platforms
import Statistics
import Testing
import Units
import Workloads

@testable import Engine

@Suite("State machines and durable functions")
struct StateMachineTests {
  /// Executions of `flow` at the given seconds.
  private func run(
    at moments: [Double], for seconds: Int64 = 1000, duration: Double = 1,
    _ rules: [String: (inout FunctionRule) -> Void]
  ) throws -> (source: SourceTally, tallies: [String: Tally], outcome: Outcome) {
    var platform = ruledPlatform()
    for (name, change) in rules.sorted(by: { $0.key < $1.key }) {
      var rule = FunctionRule(pattern: name)
      change(&rule)
      platform.rules.append(rule)
    }
    let script = moments.map { (arrival: Int64($0 * 1e9), duration: Int64(duration * 1e9)) }
    let workload = ScriptedWorkload(horizon: seconds * 1_000_000_000, functions: ["flow": script]).workload
    let outcome = try Simulation(workload: workload, platform: platform, seed: 1).run()
    for source in outcome.sources { #expect(source.tally.isConserved) }
    let tallies = Dictionary(uniqueKeysWithValues: outcome.functions.map { ($0.function.name, $0.tally) })
    return (try #require(outcome.sources.first).tally, tallies, outcome)
  }

  private func machine(_ states: StateMachine.State...) -> (inout FunctionRule) -> Void {
    { $0.behaviour.stateMachine = StateMachine(states) }
  }

  private func task(
    _ name: String, _ seconds: Double, retry: CallerPolicy = CallerPolicy(), isCaught: Bool = false
  ) -> StateMachine.State {
    .task(StateMachine.Task(function: name, duration: .constant(seconds), retry: retry, isCaught: isCaught))
  }

  @Test("states come one after the other; waits hold no environment, and the machine itself is no function")
  func sequence() throws {
    let (source, tallies, outcome) = try run(
      at: [0, 5], ["flow": machine(task("a", 2), .wait(.constant(60)), task("b", 3))])
    #expect(source.completed == 2 && source.responseTime.maximum == 65_000_000_000 && source.states == 6)
    #expect(outcome.sources[0].kind == .stateMachine)
    #expect(tallies["flow"]?.arrivals == 0 && tallies["a"]?.starts == 2 && tallies["b"]?.busyTime == 6_000_000_000)
    #expect(outcome.totals.peakConcurrency == 1)
  }

  @Test("branches run at the same time; a map so many times, so many at once")
  func branches() throws {
    let parallel = try run(
      at: [0], ["flow": machine(.parallel([[task("a", 2), task("a", 2)], [task("b", 7)]]), task("c", 1))])
    #expect(parallel.source.responseTime.maximum == 8_000_000_000)
    let map = try run(
      at: [0], ["flow": machine(.map(StateMachine.Map([task("a", 2)], count: 10, atOnce: 4)))])
    // Three rounds of 2 s.
    #expect(map.source.responseTime.maximum == 6_000_000_000)
    #expect(map.tallies["a"]?.starts == 10 && map.tallies["a"]?.peakConcurrency == 4)
  }

  @Test("a choice takes each way with its probability")
  func choices() throws {
    let (source, tallies, _) = try run(
      at: (0..<2000).map { Double($0) / 10 },
      ["flow": machine(.choice([.init(probability: 0.3, [task("a", 0.01)])]), task("b", 0.01))])
    #expect(abs((tallies["a"]?.starts ?? 0) - 600) < 4 * 21)
    #expect(tallies["b"]?.starts == 2000 && source.completed == 2000)
  }

  @Test("a task that fails is tried again as its retry says; then the execution fails, unless it is caught")
  func failures() throws {
    let failing: (inout FunctionRule) -> Void = { $0.behaviour.failures = FailureRates(errors: 1) }
    let retry = CallerPolicy(attempts: 3, backoff: Backoff(jitter: .none))
    let plain = try run(at: [0], ["flow": machine(task("a", 1, retry: retry), task("b", 1)), "a": failing])
    // 1 s, 1 s of wait, 1 s, 2 s of wait, 1 s.
    #expect(plain.source.failed == 1 && plain.source.responseTime.maximum == 6_000_000_000)
    #expect(plain.tallies["a"]?.starts == 3 && plain.tallies["b"]?.starts == 0)
    let caught = try run(at: [0], ["flow": machine(task("a", 1, isCaught: true), task("b", 1)), "a": failing])
    #expect(caught.source.completed == 1 && caught.tallies["b"]?.starts == 1)
  }

  @Test("a branch that fails ends its state at once; the others run out, and nobody waits for them")
  func failingBranch() throws {
    let (source, tallies, _) = try run(
      at: [0],
      [
        "flow": machine(.parallel([[task("a", 1)], [task("b", 10), task("c", 1)]]), task("c", 1)),
        "a": { $0.behaviour.failures = FailureRates(errors: 1) },
      ])
    #expect(source.failed == 1 && source.responseTime.maximum == 1_000_000_000)
    #expect(tallies["b"]?.busyTime == 10_000_000_000 && tallies["c"]?.starts == 0)
  }

  @Test("one slow function shows upstream: executions pile up while its concurrency is reserved")
  func backPressure() throws {
    let retry = CallerPolicy(attempts: 1000, backoff: Backoff(base: .seconds(1), longest: .seconds(1), jitter: .none))
    func flight(_ seconds: Double) throws -> Double {
      let run = try run(
        at: (0..<100).map(Double.init), for: 2000,
        ["flow": machine(task("a", 0.1), task("slow", seconds, retry: retry)), "slow": { $0.reservedConcurrency = 2 }])
      #expect(run.source.completed == 100)
      return run.source.responseTime.mean / 1e9
    }
    #expect(try flight(1.5) < 3)
    #expect(try flight(6) > 60)
  }

  @Test("a durable function holds nothing while it waits, and goes on in another invocation, cold if that is late")
  func durable() throws {
    let plan = DurablePlan([
      .init(wait: .constant(60), work: .constant(2)), .init(wait: .constant(7200), work: .constant(3)),
    ])
    let (source, tallies, outcome) = try run(at: [0], for: 10_000, ["flow": { $0.behaviour.durable = plan }])
    #expect(outcome.sources[0].kind == .durable && source.completed == 1 && source.states == 5)
    // 1 + 60 + 2 + 7,200 + 3 s, of which six are billed; the keep-alive is an hour.
    #expect(source.responseTime.maximum == 7_266_000_000_000)
    #expect(tallies["flow"]?.billedMilliseconds == 6000 && tallies["flow"]?.coldStarts == 2)
    // Thousands that wait need no concurrency.
    let many = try run(at: (0..<500).map { Double($0) * 2 }, for: 10_000, ["flow": { $0.behaviour.durable = plan }])
    #expect(many.source.completed == 500 && many.outcome.totals.peakConcurrency <= 4)
  }
}
