import Platforms
import Statistics
import Testing
import Units

@testable import Engine
@testable import Workloads

@Suite("The stack of most-recently-used reuse against the literal pool")
struct StackReplayTests {
  /// Both ways through a scenario must agree in all that is counted.
  private func compare(_ scenario: LoadedScenario, _ label: String) throws {
    let simulation = Simulation(workload: scenario.script.workload, platform: scenario.platform, seed: scenario.seed)
    compare(try simulation.run(), try #require(try simulation.runLiterally()), label)
  }

  private func compare(_ fast: Outcome, _ literal: Outcome, _ label: String) {
    #expect(Self.differences(fast.totals, literal.totals).isEmpty, "\(label)")
    let rows = zip(fast.timeline.rows, literal.timeline.rows).enumerated().filter { $0.element.0 != $0.element.1 }
    #expect(rows.isEmpty && fast.timeline == literal.timeline, "\(label): \(rows.prefix(1))")
    for (a, b) in zip(fast.functions, literal.functions) {
      #expect(Self.differences(a.tally, b.tally).isEmpty, "\(label): \(a.function.name)")
    }
  }

  /// The counts that differ, by name: short enough to read.
  private static func differences(_ a: Tally, _ b: Tally) -> [String] {
    guard a != b else { return [] }
    let pairs = zip(Mirror(reflecting: a).children, Mirror(reflecting: b).children)
    return pairs.compactMap { mine, other in
      if let a = mine.value as? LogLinearHistogram, let b = other.value as? LogLinearHistogram {
        return a == b ? nil : "\(mine.label ?? ""): \(a.count), sum \(a.sum) and \(b.count), sum \(b.sum)"
      }
      return "\(mine.value)" == "\(other.value)" ? nil : "\(mine.label ?? ""): \(mine.value) and \(other.value)"
    }
  }

  @Test("small scenarios with ties, zero durations, limits, provisioned environments, timeouts and lifetimes agree")
  func smallScenarios() throws {
    for seed in 0..<2000 as Range<UInt64> { try compare(LoadedScenario(small: seed), "small seed \(seed)") }
  }

  @Test("busy functions, whose blocks are certified as warm, agree")
  func busyFunctions() throws {
    for seed in 0..<60 as Range<UInt64> { try compare(LoadedScenario(busy: seed), "busy seed \(seed)") }
  }

  @Test("functions together under a limit that they share agree, too")
  func together() throws {
    var throttled = 0
    for seed in 0..<1500 as Range<UInt64> {
      let scenario = seed % 30 == 0 ? LoadedScenario(busy: seed) : LoadedScenario(small: seed)
      let settings = scenario.platform.settings(for: "f0")
      let taken = settings.reservedConcurrency ?? settings.provisionedConcurrency
      var platform = scenario.platform
      platform.accountConcurrency = taken == 0 ? [1, 2, 5, 20][Int(seed % 4)] : 2 * taken + 100
      let simulation = Simulation(workload: scenario.script.workload, platform: platform, seed: seed)
      let literal = try simulation.runCoupled(literally: true)
      compare(try simulation.runCoupled(), literal, "seed \(seed)")
      throttled += literal.totals.throttles
    }
    #expect(throttled > 1000)
  }

  @Test("most blocks of a busy function are certified")
  func certifies() throws {
    let script = poissonWorkload(rate: 500, duration: .exponential(mean: 0.1), seconds: 60, seed: 7)
    let invocations = script.functions["f"] ?? []
    let arrivals = invocations.map(\.arrival)
    let durations = invocations.map(\.duration)
    let platform = barePlatform(keepAlive: .init(.constant(600)))
    let model = FunctionModel(settings: platform.settings(for: "f"), platform: platform)
    var line = try #require(
      LineReplay(model: model, meter: BlockCount(), initStream: RandomStream(seed: 1, purpose: .initialisation)))
    defer { line.deallocate() }
    let worker = Worker(tellsShared: false)
    arrivals.withUnsafeBufferPointer { arrivals in
      durations.withUnsafeBufferPointer { durations in
        line.replay(arrivals, durations, until: script.horizon, worker)
      }
    }
    #expect(line.meter.certified > 15_000, "\(line.meter.certified) of \(arrivals.count) invocations")
  }

  /// Counts the invocations of certified blocks.
  private struct BlockCount: BlockMeter {
    private(set) var certified = 0

    mutating func certified(_ count: Int) { certified += count }
    mutating func timedOut(_ count: Int) {}
    mutating func startedCold(
      at time: Int64, overhead: Int64, initDuration: Int64, duration: Int64, running: Int, _ worker: Worker
    ) {}
    mutating func environmentEnded(at time: Int64, _ worker: Worker) {}
    mutating func environmentEnded(at time: Int64, idleSince since: Int64, _ worker: Worker) {}
    mutating func took(_ block: Block, _ scratch: inout ReplayScratch, _ worker: Worker) {}
    mutating func cutOff(at horizon: Int64, beyond: Int64, provisioned: Bool, _ worker: Worker) {}
    mutating func stillWaits(at horizon: Int64, idleSince since: Int64, _ worker: Worker) {}
    mutating func close(at horizon: Int64, provisioned: Int) {}
  }
}

/// A random scenario whose laws make a stack: a pure function of its seed.
struct LoadedScenario {
  let seed: UInt64
  var script: ScriptedWorkload
  var platform: Platform

  /// Few invocations and many odd cases.
  init(small seed: UInt64) {
    var stream = RandomStream(seed: seed, replication: 1, purpose: .resampling)
    func pick<T>(_ choices: [T]) -> T { choices[stream.index(below: choices.count)] }
    let horizon = Int64(pick([0.5, 10, 90, 600])) * 1_000_000_000 + 500_000_000
    let grain: Int64 = pick([1, 1_000_000, 1_000_000_000])
    var functions: [String: [(arrival: Int64, duration: Int64)]] = [:]
    for index in 0..<pick([1, 2]) {
      let meanDuration = pick([0, 0.05, 2, 20])
      functions["f\(index)"] = (0..<pick([0, 1, 5, 40, 200])).map { _ in
        let arrival = Int64(stream.uniform() * Double(horizon)) / grain * grain
        return (arrival, Int64(stream.exponential() * meanDuration * 1e9) / grain * grain)
      }
    }
    self.init(
      seed: seed, script: ScriptedWorkload(horizon: horizon, functions: functions),
      keepAlive: pick([0, 0.5, 3, 60, 600]), lifetime: pick([nil, nil, 0.1, 7, 40]),
      initDuration: pick([.constant(0), .constant(0.5), .exponential(mean: 0.3)]),
      reserved: pick([nil, nil, nil, 0, 2, 30]), provisioned: pick([0, 0, 0, 1, 3]), timeout: pick([nil, nil, 1]))
  }

  /// A few thousand invocations with bursts, pauses and simultaneous arrivals.
  init(busy seed: UInt64) {
    var stream = RandomStream(seed: seed, replication: 2, purpose: .resampling)
    func pick<T>(_ choices: [T]) -> T { choices[stream.index(below: choices.count)] }
    let horizon: Int64 = 120_000_000_000
    let meanDuration = pick([0, 0.002, 0.02, 0.5])
    let grain: Int64 = pick([1, 1, 1_000_000, 50_000_000])
    let rate = pick([20.0, 60, 150])
    var invocations: [(arrival: Int64, duration: Int64)] = []
    var time = 0.0
    var pace = rate
    while time < 119.9 {
      if stream.index(below: 200) == 0 { pace = rate * pick([0.02, 0.3, 1, 1, 2, 20]) }
      time += stream.exponential() / pace
      let arrival = Int64(time * 1e9) / grain * grain
      guard arrival < horizon, invocations.count < 6000 else { break }
      for _ in 0..<pick([1, 1, 1, 1, 1, 1, 1, 7]) {
        invocations.append((arrival, Int64(stream.exponential() * meanDuration * 1e9) / grain * grain))
      }
    }
    self.init(
      seed: seed, script: ScriptedWorkload(horizon: horizon, functions: ["f": invocations]),
      keepAlive: pick([0.5, 3, 20, 600]), lifetime: pick([nil, nil, nil, 11]),
      initDuration: pick([.constant(0), .constant(0.25), .exponential(mean: 0.3)]),
      reserved: pick([nil, nil, nil, 12, 60]), provisioned: pick([0, 0, 0, 0, 2]), timeout: pick([nil, nil, 0.4]))
  }

  private init(
    seed: UInt64, script: ScriptedWorkload, keepAlive: Double, lifetime: Double?, initDuration: Distribution,
    reserved: Int?, provisioned: Int, timeout: Double?
  ) {
    self.seed = seed
    self.script = script
    platform = barePlatform(
      keepAlive: KeepAlive(.constant(keepAlive)), maximumLifetime: lifetime.map { .constant($0) },
      initDuration: initDuration
    ) {
      $0.reservedConcurrency = reserved
      $0.provisionedConcurrency = reserved.map { min($0, provisioned) } ?? provisioned
      $0.timeout = timeout.flatMap { TimeSpan(seconds: $0) }
      $0.platformOverhead = .constant(seed % 2 == 0 ? 0 : 0.125)
    }
  }
}
