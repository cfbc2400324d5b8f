import Platforms
import Statistics
import Testing
import Units

@testable import Engine

@Suite("Provisioned environments before a line and a stack, against the literal pool")
struct ProvisionedReplayTests {
  /// A level of provisioned environments from a moment on.
  private typealias Change = (time: Int64, level: Int)

  /// What a replay of the scenario's first function counts, its levels changing on the way and its invocations handed
  /// over in slices.
  private func count<Replay: LevelledReplay>(
    _ replay: consuming Replay, _ scenario: LoadedScenario, _ changes: [Change], slices: Int
  ) -> (tally: Tally, timeline: Timeline, moments: EventList) {
    var replay = replay
    defer { replay.deallocate() }
    let worker = Worker(tellsShared: true)
    let invocations = (scenario.script.functions.min { $0.key < $1.key }?.value ?? []).sorted { $0.0 < $1.0 }
    let horizon = scenario.script.horizon
    let ends = (1...slices).map { horizon / Int64(slices) * Int64($0) } + [horizon]
    let stops = (ends.map { (time: $0, level: -1) } + changes).sorted { $0.time < $1.time }
    var first = 0
    for stop in stops where stop.time <= horizon {
      var last = first
      while last < invocations.count, invocations[last].arrival < stop.time { last += 1 }
      let rows = invocations[first..<last]
      rows.map(\.arrival).withUnsafeBufferPointer { arrivals in
        rows.map(\.duration).withUnsafeBufferPointer { replay.replay(arrivals, $0, until: stop.time, worker) }
      }
      if stop.level >= 0 { replay.provision(stop.level) }
      first = last
    }
    replay.finish(at: horizon, worker)
    var moments = worker.moments.all
    moments.begins.sort()
    moments.ends.sort()
    return (replay.tally, worker.meter.timeline(horizon: horizon, peaks: PeakSeries()), moments)
  }

  private func compare(_ scenario: LoadedScenario, _ changes: [Change], slices: Int, _ label: String) throws -> Tally {
    let settings = scenario.platform.settings(for: "f0")
    let model = FunctionModel(settings: settings, platform: scenario.platform)
    let onDemand = model.onDemand
    let literal = count(
      FunctionReplay<MostRecentlyUsedPool>(model: model, seed: scenario.seed, replication: 0, subject: 0), scenario,
      changes, slices: slices)
    let stream = RandomStream(seed: scenario.seed, replication: 0, subject: 0, purpose: .initialisation)
    let stack = try #require(StackReplay(model: onDemand, meter: FunctionMeter(model), initStream: stream))
    expectEqual(
      count(ProvisionedReplay(model, before: stack), scenario, changes, slices: slices), literal, "stack, \(label)")
    if let line = LineReplay(model: onDemand, meter: FunctionMeter(model), initStream: stream) {
      expectEqual(
        count(ProvisionedReplay(model, before: line), scenario, changes, slices: slices), literal, "line, \(label)")
    }
    return literal.tally
  }

  private func expectEqual(
    _ a: (tally: Tally, timeline: Timeline, moments: EventList),
    _ b: (tally: Tally, timeline: Timeline, moments: EventList), _ label: String
  ) {
    let counts = zip(Mirror(reflecting: a.tally).children, Mirror(reflecting: b.tally).children)
    let differences = counts.compactMap { mine, other in
      "\(mine.value)" == "\(other.value)" ? nil : "\(mine.label ?? ""): \(mine.value) and \(other.value)"
    }
    #expect(a.tally == b.tally, "\(label): \(differences.map { $0.prefix(200) })")
    #expect(a.timeline == b.timeline, "\(label)")
    #expect(a.moments.begins == b.moments.begins && a.moments.ends == b.moments.ends, "\(label)")
  }

  @Test("small scenarios with ties, limits, timeouts, lifetimes and changing levels agree")
  func smallScenarios() throws {
    var totals = Tally()
    for seed in 0..<1500 as Range<UInt64> {
      var stream = RandomStream(seed: seed, replication: 3, purpose: .resampling)
      func pick<T>(_ choices: [T]) -> T { choices[stream.index(below: choices.count)] }
      let scenario = LoadedScenario(small: seed)
      let second: Int64 = 1_000_000_000
      let changes = (0..<pick([0, 0, 1, 2, 5])).map { _ in
        (
          time: Int64(stream.index(below: Int(scenario.script.horizon / second) + 1)) * second,
          level: pick([0, 1, 2, 6])
        )
      }
      totals.merge(try compare(scenario, changes, slices: pick([1, 3, 20]), "small seed \(seed)"))
    }
    #expect(totals.provisionedStarts > 5000 && totals.coldStarts > 5000 && totals.throttles > 5000)
  }

  @Test("busy functions agree, whether their provisioned environments overflow or not")
  func busyFunctions() throws {
    var totals = Tally()
    for seed in 0..<120 as Range<UInt64> {
      var stream = RandomStream(seed: seed, replication: 4, purpose: .resampling)
      func pick<T>(_ choices: [T]) -> T { choices[stream.index(below: choices.count)] }
      var scenario = LoadedScenario(busy: seed)
      scenario.platform.rules[0].provisionedConcurrency = pick([1, 5, 20, 60])
      let changes = (0..<pick([0, 0, 1, 4])).map { _ in
        (time: Int64(stream.index(below: 120)) * 1_000_000_000, level: pick([0, 3, 15, 40, 100]))
      }
      totals.merge(try compare(scenario, changes, slices: pick([1, 5]), "busy seed \(seed)"))
    }
    #expect(totals.provisionedStarts > 100_000 && totals.arrivals - totals.provisionedStarts > 50_000)
  }
}
