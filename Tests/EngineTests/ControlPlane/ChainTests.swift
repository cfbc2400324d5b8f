import Diagnostics
import Logs
import Platforms
import Statistics
import Testing
import Units

@testable import Engine
@testable import Workloads

@Suite("Functions that invoke functions")
struct ChainTests {
  /// Invokes `f` at the given seconds; rules by function.
  private func run(
    at moments: [Double], duration: Double = 1, for seconds: Int64 = 100,
    _ rules: [String: (inout FunctionRule) -> Void]
  ) throws -> (outcome: Outcome, tallies: [String: Tally]) {
    var platform = ruledPlatform()
    for (name, change) in rules.sorted(by: { $0.key < $1.key }) {
      var rule = FunctionRule(pattern: name)
      change(&rule)
      platform.rules.append(rule)
    }
    let script = moments.map { (arrival: Int64($0 * 1e9), duration: Int64(duration * 1e9)) }
    let workload = ScriptedWorkload(horizon: seconds * 1_000_000_000, functions: ["f": script]).workload
    let outcome = try Simulation(workload: workload, platform: platform, seed: 1).run()
    for source in outcome.sources { #expect(source.tally.isConserved) }
    let tallies = Dictionary(uniqueKeysWithValues: outcome.functions.map { ($0.function.name, $0.tally) })
    return (outcome, tallies)
  }

  @Test("a synchronous step is waited for, and the wait is billed; steps add up, calls of one step overlap")
  func waits() throws {
    let (_, tallies) = try run(
      at: [0],
      [
        "f": {
          $0.behaviour.calls = [
            FunctionCall(function: "g", count: 3, duration: .constant(2)),
            FunctionCall(function: "h", duration: .constant(0.5)),
          ]
        }
      ])
    #expect(tallies["f"]?.latency.maximum == 3_500_000_000)
    #expect(tallies["f"]?.billedMilliseconds == 3500)
    #expect(tallies["g"]?.starts == 3 && tallies["g"]?.peakConcurrency == 3)
    #expect(tallies["h"]?.busyTime == 500_000_000)
  }

  @Test("one slow function holds the environments of those that wait for it")
  func backPressure() throws {
    func peak(_ slow: Double) throws -> Int? {
      try run(
        at: (0..<60).map(Double.init), duration: 0.2,
        [
          "f": { $0.behaviour.calls = [FunctionCall(function: "g", duration: .constant(slow))] }
        ]
      ).tallies["f"]?.peakConcurrency
    }
    #expect(try peak(0.3) == 1)
    #expect(try peak(9.5) == 10)
  }

  @Test("an asynchronous step is an event: nobody waits")
  func events() throws {
    let (outcome, tallies) = try run(
      at: [0, 5],
      [
        "f": {
          $0.behaviour.calls = [FunctionCall(function: "g", isAsynchronous: true, count: 2, duration: .constant(9))]
        }
      ])
    #expect(tallies["f"]?.latency.maximum == 1_000_000_000)
    #expect(tallies["g"]?.starts == 4)
    #expect(outcome.sources.map(\.kind) == [.workload, .functions] && outcome.sources[1].isAsynchronous)
  }

  @Test("the timeout counts while the function waits; the called one runs on")
  func timeout() throws {
    let (_, tallies) = try run(
      at: [0],
      [
        "f": {
          $0.timeout = .seconds(3)
          $0.behaviour.calls = [FunctionCall(function: "g", duration: .constant(20))]
        }
      ])
    #expect(tallies["f"]?.timeouts == 1 && tallies["f"]?.latency.maximum == 3_000_000_000)
    #expect(tallies["g"]?.busyTime == 20_000_000_000)
  }

  @Test("what fails below fails above, and retries multiply on the way down")
  func amplification() throws {
    let (outcome, tallies) = try run(
      at: [0], for: 1000,
      [
        "f": {
          $0.behaviour.caller = CallerPolicy(attempts: 3, backoff: Backoff(jitter: .none))
          $0.behaviour.calls = [FunctionCall(function: "g", duration: .constant(1))]
        },
        "g": {
          $0.behaviour.caller = CallerPolicy(attempts: 3, backoff: Backoff(jitter: .none))
          $0.behaviour.failures = FailureRates(errors: 1)
        },
      ])
    #expect(tallies["f"]?.starts == 3 && tallies["f"]?.errors == 3)
    #expect(tallies["g"]?.starts == 9)
    #expect(outcome.sources[0].tally.failed == 1)
  }

  @Test("calls happen with their probability")
  func probability() throws {
    let (_, tallies) = try run(
      at: (0..<2000).map { Double($0) / 100 }, duration: 0.001,
      [
        "f": { $0.behaviour.calls = [FunctionCall(function: "g", probability: 0.3, duration: .constant(0))] }
      ])
    #expect(abs((tallies["g"]?.starts ?? 0) - 600) < 4 * 21)
  }

  @Test("a call that waits when the trace ends is in flight and held to the horizon")
  func horizon() throws {
    let (outcome, tallies) = try run(
      at: [0], for: 5,
      [
        "f": { $0.behaviour.calls = [FunctionCall(function: "g", duration: .constant(60))] }
      ])
    #expect(outcome.sources.map(\.tally.inFlight) == [1, 1])
    #expect(tallies["f"]?.busyTimeInHorizon == 5_000_000_000 && tallies["g"]?.busyTimeInHorizon == 4_000_000_000)
  }

  @Test("a circle of calls is refused")
  func circles() {
    let fault = #expect(throws: InputFault.self) {
      try run(
        at: [0],
        [
          "f": { $0.behaviour.calls = [FunctionCall(function: "g", duration: .constant(1))] },
          "g": { $0.behaviour.calls = [FunctionCall(function: "f", isAsynchronous: true, duration: .constant(1))] },
        ])
    }
    #expect(fault?.description == "functions: f.calls: found a circle: f → g → f, expected calls that come to an end")
  }
}
