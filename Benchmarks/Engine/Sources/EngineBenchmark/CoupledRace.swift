import Engine
import EngineRivals
import Foundation
import Logs
import Platforms
import Statistics
import Traces
import Units
import Workloads

/// All functions in global order of time, because the account's limit binds now and then: Poisson arrivals, the same
/// rate in each function, lognormal durations (median 100 ms, sigma 1), a mean concurrency of 500 in all. The rival does
/// the same work: a 4-ary heap of ends, pools by function, histograms of latency and duration, a timeline by minute.
enum CoupledRace {
  static let invocations = 3_000_000
  static let concurrency = 500.0
  static let limit = 520

  static func run(_ scoreboard: inout Scoreboard) throws {
    for functions in [100, 10_000, 100_000] {
      let trace = draw(functions: functions)
      let simulation = Simulation(
        workload: trace.workload(functions: functions), platform: platform, seed: 1, jobs: 1)
      var outcome: Outcome?
      var fault: (any Error)?
      var rival = coupled_count()
      let times = shortest(
        of: 5,
        {
          do { outcome = try simulation.run(alwaysCoupled: true) } catch { fault = error }
        },
        {
          rival = coupled_count()
          coupled_heap(
            trace.functions, trace.arrivals, trace.durations, Int64(invocations), Int32(functions),
            MemoryRace.keepAlive.nanoseconds, MemoryRace.coldStart.nanoseconds, Int64(limit), &rival)
        })
      if let fault { throw fault }
      scoreboard.add(
        "coupled, \(functions) functions", own: pace(invocations, times[0]), rival: pace(invocations, times[1]),
        figure: times[1] / times[0])
      let totals = outcome?.totals ?? Tally()
      precondition(
        Int64(totals.coldStarts) == rival.cold_starts && Int64(totals.throttles) == rival.throttles
          && totals.billedMilliseconds == Int128(rival.billed_ms) && Int64(totals.peakConcurrency) == rival.peak,
        "Faascast and C count differently: \(totals.coldStarts) and \(rival.cold_starts) cold starts, "
          + "\(totals.throttles) and \(rival.throttles) throttles")
    }
  }

  private static var platform: Platform {
    var rule = FunctionRule(pattern: "*")
    // Init is billed, so that both bill the same.
    rule.initDuration = .constant(0.25)
    rule.platformOverhead = .constant(0)
    return Platform(
      accountConcurrency: limit, keepAlive: KeepAlive(.constant(60)), maximumLifetime: nil, rules: [rule])
  }

  private struct Trace {
    var functions: [Int32] = []
    var arrivals: [Int64] = []
    var durations: [Int64] = []

    /// The same invocations as a record that stands in memory.
    func workload(functions count: Int) -> Workload {
      let trace = self
      let functions = (0..<count).map { WorkloadFunction(name: "f\($0)") }
      return Workload(
        title: "benchmark", feed: .recorded(RecordedWorkload { Reader(trace: trace, functions: functions) }))
    }
  }

  private final class Reader: InvocationReader {
    let functions: [WorkloadFunction]
    let ledger = ImportLedger()
    private let trace: Trace
    private var next = 0

    init(trace: Trace, functions: [WorkloadFunction]) {
      self.trace = trace
      self.functions = functions
    }

    func read(into batch: inout InvocationBatch, limit: Int) {
      let rows = next..<min(trace.arrivals.count, next + limit)
      batch.functions.append(contentsOf: trace.functions[rows])
      batch.arrivals.append(contentsOf: trace.arrivals[rows])
      batch.durations.append(contentsOf: trace.durations[rows])
      next = rows.upperBound
    }
  }

  private static func draw(functions: Int) -> Trace {
    var gaps = RandomStream(seed: 2, purpose: .arrivals)
    var services = RandomStream(seed: 2, purpose: .durations)
    let law = Distribution.lognormal(mu: log(MemoryRace.median), sigma: MemoryRace.sigma)
    let gap = MemoryRace.median * exp(0.5) / concurrency
    var trace = Trace()
    var time = 0.0
    for _ in 0..<invocations {
      time += gap * gaps.exponential()
      trace.functions.append(Int32(gaps.index(below: functions)))
      trace.arrivals.append(Int64(time * 1e9))
      trace.durations.append(Int64((law.sample(&services) * 1e9).rounded()))
    }
    return trace
  }
}
