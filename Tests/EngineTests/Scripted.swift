import Platforms
import Statistics
import Units
import Workloads

@testable import Engine

/// A workload whose invocations are written down: for each function, moments and durations in ns.
struct ScriptedWorkload {
  var horizon: Int64
  var functions: [String: [(arrival: Int64, duration: Int64)]]

  private struct Generator: InvocationGenerator {
    var left: ArraySlice<(arrival: Int64, duration: Int64)>
    mutating func generate(until end: Instant, into block: inout InvocationBlock) {
      while let next = left.first, next.arrival < end.nanoseconds {
        block.append(arrival: next.arrival, duration: next.duration)
        left.removeFirst()
      }
    }
  }

  var workload: Workload {
    let names = functions.keys.sorted()
    let invocations = names.map { (functions[$0] ?? []).sorted { $0.arrival < $1.arrival } }
    return Workload(
      title: "scripted",
      feed: .generated(
        GeneratedWorkload(
          functions: names.map { WorkloadFunction(name: $0) }, horizon: Instant(nanoseconds: horizon),
          expectedInvocations: invocations.reduce(0) { $0 + $1.count }, ledger: ImportLedger()
        ) { function, _, _ in Generator(left: invocations[function][...]) }))
  }
}

/// Poisson arrivals and a law of durations, drawn once.
func poissonWorkload(rate: Double, duration: Distribution, seconds: Double, seed: UInt64) -> ScriptedWorkload {
  var arrivals = RandomStream(seed: seed, purpose: .arrivals)
  var durations = RandomStream(seed: seed, purpose: .durations)
  var script: [(arrival: Int64, duration: Int64)] = []
  var time = arrivals.exponential() / rate
  while time < seconds {
    script.append((Int64(time * 1e9), Int64(duration.sample(&durations) * 1e9)))
    time += arrivals.exponential() / rate
  }
  return ScriptedWorkload(horizon: Int64(seconds * 1e9), functions: ["f": script])
}

/// A platform of one rule for all functions, without the defaults that the real one has.
func barePlatform(
  keepAlive: KeepAlive, reuse: ReuseOrder = .mostRecentlyUsed, limit: Int? = nil, maximumLifetime: Distribution? = nil,
  initDuration: Distribution = .constant(0), change: (inout FunctionRule) -> Void = { _ in }
) -> Platform {
  var rule = FunctionRule(pattern: "*")
  rule.initDuration = initDuration
  rule.platformOverhead = .constant(0)
  change(&rule)
  return Platform(
    accountConcurrency: limit, reuse: reuse, keepAlive: keepAlive, maximumLifetime: maximumLifetime, rules: [rule])
}
