import Engine
public import Platforms
import Statistics
import Traces
import Units
import Workloads

/// A trace of environments, replayed under other laws than those that made it.
public struct EnvironmentReplay: Sendable {
  private let trace: EnvironmentTrace
  private let workload: Workload
  private let rules: [FunctionRule]

  /// Warm invocations take as long as they took; those that were cold in the trace, and are not told apart from their
  /// start, take the mean of the warm ones. A cold start adds what cold ones took longer on average.
  public init(_ trace: EnvironmentTrace) {
    self.trace = trace
    let listed = trace.functions.map { function -> ListedInvocations in
      let warm = function.warmDuration
      let first = function.uses.first?.start ?? 0
      return ListedInvocations(
        arrivals: function.uses.map { Self.nanoseconds($0.start - first) },
        durations: function.uses.map { Self.nanoseconds($0.isCold ? warm : $0.end - $0.start) })
    }
    let longest = trace.functions.map(\.span).max() ?? 0
    workload = Workload(
      title: "a trace of environments",
      feed: .generated(
        GeneratedWorkload(
          functions: trace.functions.map { WorkloadFunction(name: $0.name) },
          horizon: Instant(nanoseconds: Self.nanoseconds(longest) + 1),
          expectedInvocations: trace.functions.reduce(0) { $0 + $1.uses.count }, ledger: ImportLedger(),
          generator: { function, _, _ in listed[function] })))
    rules = trace.functions.map { function in
      var rule = FunctionRule(pattern: function.name)
      rule.memory = MemorySize(megabytes: 128)
      rule.initDuration = .constant(function.coldExtra)
      rule.platformOverhead = .constant(0)
      return rule
    }
  }

  private static func nanoseconds(_ seconds: Double) -> Int64 { Int64((seconds * 1e9).rounded()) }

  /// Cold starts by function, on average over replications. Where the trace's first invocation was warm, the one that a
  /// simulation must begin with is not counted.
  public func coldStarts(under platform: Platform, replications: Int, seed: UInt64 = 0) -> [Spread] {
    var platform = platform
    platform.rules = rules
    var counts: [[Double]] = trace.functions.map { _ in [] }
    for replication in 0..<replications {
      let simulation = Simulation(
        workload: workload, platform: platform, seed: seed, replication: UInt64(replication))
      // A list in memory can't fail, and nothing is reserved that an account could not hold.
      guard let outcome = try? simulation.run() else { continue }
      for (index, function) in outcome.functions.enumerated() {
        counts[index].append(Double(function.tally.coldStarts - (trace.functions[index].beginsWarm ? 1 : 0)))
      }
    }
    return counts.map { Spread($0) }
  }
}

/// Invocations that lie in memory, given slice by slice.
struct ListedInvocations: InvocationGenerator {
  /// ns, ascending.
  let arrivals: [Int64]
  /// ns.
  let durations: [Int64]
  private var next = 0

  init(arrivals: [Int64], durations: [Int64]) {
    self.arrivals = arrivals
    self.durations = durations
  }

  mutating func generate(until end: Instant, into block: inout InvocationBlock) {
    while next < arrivals.count, arrivals[next] < end.nanoseconds {
      block.append(arrival: arrivals[next], duration: durations[next])
      next += 1
    }
  }
}
