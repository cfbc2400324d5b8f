import Engine
import Measuring
import Platforms
import Statistics
import Units
import Workloads

/// What callers and the bill see of one run, real or simulated.
public struct ServiceFigures: Hashable, Sendable {
  public var coldStarts = 0.0
  public var throttles = 0.0
  /// Invocations running.
  public var meanConcurrency = 0.0
  public var peakConcurrency = 0.0
  /// The mean number running in each tenth of the run.
  public var tenths: [Double] = []
  /// Seconds.
  public var latency50 = 0.0
  public var latency95 = 0.0
  public var latency99 = 0.0
  public var billedSeconds = 0.0

  static let slices = 10
}

extension ServiceFigures {
  /// What a run recorded.
  public init(_ run: ServiceRun) {
    let served = run.records.filter { !$0.isThrottled }
    coldStarts = Double(served.count { $0.coldStart != nil })
    throttles = Double(run.records.count - served.count)
    let horizon = run.horizon.seconds
    tenths = (0..<Self.slices).map { slice in
      let from = horizon * Double(slice) / Double(Self.slices)
      let to = horizon * Double(slice + 1) / Double(Self.slices)
      let busy = served.reduce(0) { sum, record in
        sum + max(0, min(to, record.end.seconds) - max(from, record.handedOver.seconds))
      }
      return busy / (to - from)
    }
    meanConcurrency = tenths.reduce(0, +) / Double(Self.slices)
    var changes: [(time: TimeSpan, by: Int)] = []
    for record in served { changes += [(record.handedOver, 1), (record.end, -1)] }
    var running = 0
    for change in changes.sorted(by: { ($0.time, $0.by) < ($1.time, $1.by) }) {
      running += change.by
      peakConcurrency = max(peakConcurrency, Double(running))
    }
    let latencies = served.map(\.latency.seconds).sorted()
    func quantile(_ p: Double) -> Double {
      latencies.isEmpty ? 0 : latencies[max(0, Int((p * Double(latencies.count)).rounded(.up)) - 1)]
    }
    (latency50, latency95, latency99) = (quantile(0.5), quantile(0.95), quantile(0.99))
    billedSeconds = Double(served.reduce(0) { $0 + $1.billedMilliseconds }) / 1000
  }
}

extension ServicePlan {
  /// What a simulation of the same requests says, from timings measured before.
  ///
  /// Durations, inits and overheads are drawn from the measured ones; what the host takes to notice a request is added
  /// to latencies. Machines that run at once do not slow each other down in the simulation.
  ///
  /// - Throws: where a function was not measured, or the account's limits can't hold.
  public func predicted(
    from timings: [FunctionTimings], replication: UInt64
  ) throws -> ServiceFigures {
    var platform = platform
    platform.rules = try zip(functions, timings).map { function, timing in
      guard let initialisation = timing.initialisation, let overhead = timing.overhead else {
        throw MeasuringFault.incomplete(function.name)
      }
      var rule = FunctionRule(pattern: function.name)
      rule.memory = function.settings.memory
      rule.reservedConcurrency = function.settings.reservedConcurrency
      rule.initDuration = initialisation
      rule.platformOverhead = overhead
      return rule
    }
    let laws = try timings.map { timing in
      guard let law = timing.duration else { throw MeasuringFault.incomplete(timing.function) }
      return law
    }
    func outcome(until end: TimeSpan) throws -> Outcome {
      try Simulation(
        workload: workload(laws, until: end), platform: platform, seed: seed, replication: replication
      ).run()
    }
    var figures = ServiceFigures()
    let whole = try outcome(until: horizon)
    let tally = whole.totals
    figures.coldStarts = Double(tally.coldStarts)
    figures.throttles = Double(tally.throttles)
    figures.peakConcurrency = Double(tally.peakConcurrency)
    let lateness = timings.map(\.lateness.seconds).max() ?? 0
    func quantile(_ p: Double) -> Double { tally.latency.quantile(p) / 1e9 + lateness }
    (figures.latency50, figures.latency95, figures.latency99) = (quantile(0.5), quantile(0.95), quantile(0.99))
    figures.billedSeconds = Double(tally.billedMilliseconds) / 1000
    // What ran in a tenth is the difference of what ran up to its ends: the draws are the same.
    var before = 0.0
    let length = horizon.seconds / Double(ServiceFigures.slices)
    for slice in 1...ServiceFigures.slices {
      let end = TimeSpan(nanoseconds: horizon.nanoseconds * Int64(slice) / Int64(ServiceFigures.slices))
      let busy = Double(try outcome(until: end).totals.busyTimeInHorizon) / 1e9
      figures.tenths.append((busy - before) / length)
      before = busy
    }
    figures.meanConcurrency = before / horizon.seconds
    return figures
  }

  /// The plan's requests with durations drawn from `laws`.
  private func workload(_ laws: [Distribution], until end: TimeSpan) -> Workload {
    let arrivals = functions.indices.map { function in
      requests.filter { $0.function == function && $0.arrival < end }.map(\.arrival.nanoseconds)
    }
    let names = functions.map(\.name)
    return Workload(
      title: "requests of a live run",
      feed: .generated(
        GeneratedWorkload(
          functions: names.map { WorkloadFunction(name: $0) }, horizon: Instant(nanoseconds: end.nanoseconds),
          expectedInvocations: requests.count, ledger: ImportLedger()
        ) { function, seed, replication in
          MeasuredDurations(
            arrivals: arrivals[function], law: laws[function],
            stream: RandomStream(
              seed: seed, replication: replication, subject: StableHash.of(names[function]), purpose: .durations))
        }))
  }
}

extension MeasuringFault {
  /// A function without any timing: measuring was stopped before its first.
  fileprivate static func incomplete(_ function: String) -> MeasuringFault {
    .unavailable(what: "'\(function)' was not measured, so nothing can be predicted of it", advice: "measure it first")
  }
}

/// Given arrivals with durations drawn from a law.
private struct MeasuredDurations: InvocationGenerator {
  let arrivals: [Int64]
  let law: Distribution
  var stream: RandomStream
  var given = 0

  mutating func generate(until end: Instant, into block: inout InvocationBlock) {
    while given < arrivals.count, arrivals[given] < end.nanoseconds {
      block.append(arrival: arrivals[given], duration: Int64((law.sample(&stream) * 1e9).rounded()))
      given += 1
    }
  }
}
