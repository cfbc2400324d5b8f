import Foundation
import Platforms
import Statistics
import TestSupport
import Testing

@testable import Calibration

private let poisson = "aws/poisson_traces_2020.csv.gz"

@Suite("Keep-alive, lifetime and reuse of a real function", .enabled(if: RealData.has(poisson)))
struct KeepAliveTests {
  private static let trace = Result { try EnvironmentTrace(path: RealData.path(poisson)) }

  @Test("the order of reuse is recognised as most-recently-used")
  func reuse() throws {
    let trace = try Self.trace.get()
    #expect(trace.functions.count == 6 && trace.rows == 13_245)
    let evidence = ReuseEvidence(trace)
    #expect(evidence.order == .mostRecentlyUsed)
    #expect(evidence.choices > 9_000)
    #expect(Double(evidence.mostRecentlyUsed) / Double(evidence.choices) > 0.99)
    #expect(Double(evidence.newestCreated) / Double(evidence.choices) < 0.6)
  }

  @Test("two numbers for the sole environment, a later end beside others, and a lifetime near two hours")
  func laws() throws {
    let fit = PlatformFit(try Self.trace.get())
    guard case .uniform(let lower, let upper) = fit.keepAlive.sole else { return #expect(Bool(false)) }
    #expect((600...640).contains(lower) && (635...665).contains(upper), "\(lower) \(upper)")
    guard case .uniform(let begin, let end) = fit.keepAlive.deeper else { return #expect(Bool(false)) }
    #expect(begin == lower && (1450...1550).contains(end), "\(end)")
    guard case .uniform(let youngest, let oldest) = fit.maximumLifetime else { return #expect(Bool(false)) }
    #expect((5000...7400).contains(youngest) && (7200...7600).contains(oldest), "\(youngest) \(oldest)")
    #expect((7200...7450).contains(fit.oldestServing))
  }
}

@Suite("Laws against traces and experiments they were not fitted to", .enabled(if: RealData.has(poisson)))
struct FidelityTests {
  @Test("cold starts of a trace are within 5 % by laws fitted to the others")
  func heldOut() throws {
    let trace = try EnvironmentTrace(path: RealData.path(poisson))
    #expect((trace.roundTrip - 0.098).magnitude < 0.002, "\(trace.roundTrip)")
    // Without optimisation two hundred simulations would take long; their mean moves by 0.002 at fifty.
    let prediction = HeldOutTrace(trace, replications: runsLong ? 400 : 50)
    #expect(prediction.rows.count == 6)
    #expect(prediction.error <= 0.05, "\(prediction.rows.map(\.error))")
    #expect(prediction.tenMinutesError > 0.10, "or the test says nothing")
  }

  /// Fitted to the six traces of the same study.
  private static let laws = Result { PlatformFit(try EnvironmentTrace(path: RealData.path(poisson))).platform }

  @Test(
    "twenty experiments: cold starts within 7 %, environments within 2.5 %, as near as the measurement's noise",
    .enabled(if: RealData.has("aws/aws_lambda_2020_20_experiments.csv")))
  func experiments() throws {
    var table = try RateExperiments(path: RealData.path("aws/aws_lambda_2020_20_experiments.csv"))
    #expect(table.experiments.count == 20 && table.experiments.allSatisfy { $0.countedIdle == 600 })
    // At high rates cold starts are too rare for a short simulation to count.
    if !runsLong { table.experiments.removeAll { $0.rate > 0.06 } }
    let predictions = try table.predictions(
      under: try Self.laws.get(), roundTrip: 0.098, invocations: runsLong ? 1_000_000 : 30_000)
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let cold = mean(predictions.map(\.coldError.magnitude))
    let environments = mean(predictions.map(\.environmentsError.magnitude))
    let z = mean(predictions.map { $0.z * $0.z }).squareRoot()
    #expect(cold <= (runsLong ? 0.07 : 0.10), "\(cold)")
    #expect(environments <= (runsLong ? 0.025 : 0.035), "\(environments)")
    #expect(z <= 1.1, "\(z)")
  }

  @Test("the experiments' environments, counted in a trace as its authors did, are those of their table")
  func countedEnvironments() throws {
    let trace = try EnvironmentTrace(path: RealData.path(poisson))
    let table = try RateExperiments(path: RealData.path("aws/aws_lambda_2020_20_experiments.csv"))
    for function in trace.functions {
      let first = try #require(function.uses.first).start
      let last = try #require(function.uses.last).start
      let lives = Dictionary(grouping: function.uses, by: \.environment).values.compactMap { uses in
        uses.map(\.start).min().flatMap { start in
          uses.map { $0.end + function.roundTrip }.max().map { (start: start, end: $0 + 600) }
        }
      }
      // Once a minute after the first quarter, the last minute aside.
      let begin = try #require(function.uses.first { $0.start > first + (last - first) / 4 }).start
      let moments = stride(from: begin, through: last, by: 60).dropLast()
      let counts = moments.map { moment in Double(lives.count { $0.start < moment && $0.end > moment }) }
      let counted = counts.reduce(0, +) / Double(counts.count)
      let rate = Double(function.uses.count) / (last - first)
      let row = try #require(table.experiments.min { ($0.rate - rate).magnitude < ($1.rate - rate).magnitude })
      #expect((counted / row.environments - 1).magnitude < 0.002, "\(function.name) \(counted) \(row.environments)")
    }
  }

  @Test("a pool that knows its environments has the engine's cold starts and environments", arguments: [0.02, 0.6])
  func pool(_ rate: Double) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "rates-\(UUID().uuidString).csv").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try """
    ,ArrivalRate,ServiceTimeWarm,ServiceTimeCold,AverageInstanceCount,ColdStartProbability,ColdStartProbabilitySE
    a,\(rate),2000,2400,1,0.01,0.001
    """.write(toFile: path, atomically: true, encoding: .utf8)
    let count = 60_000
    let platform = Platform(
      accountConcurrency: nil,
      keepAlive: KeepAlive(.uniform(lower: 20, upper: 60), deeper: .uniform(lower: 20, upper: 150)),
      maximumLifetime: .uniform(lower: 500, upper: 700))
    let engine = try #require(try RateExperiments(path: path).predictions(under: platform, invocations: count).first)
    #expect(engine.environments == engine.alive, "the table does not say how it counted")
    let pool = try #require(
      ConstantRatePool(rate: rate, warm: 2, cold: 2.4, under: platform, invocations: count, seed: 5, subject: 1))
    let share = Double(pool.coldStarts) / Double(pool.arrivals)
    // Two counts of rare events, and twice their chance.
    let noise = 4 * (2 / (engine.coldProbability * Double(count))).squareRoot()
    #expect((share / engine.coldProbability - 1).magnitude < noise, "\(share) \(engine.coldProbability)")
    #expect(
      (pool.lived / pool.elapsed / engine.alive - 1).magnitude < 0.03, "\(pool.lived / pool.elapsed) \(engine.alive)")
    #expect(try #require(pool.lastWait) <= 150)
    #expect(
      ConstantRatePool(
        rate: 1, warm: 1, cold: 1, under: Platform(reuse: .random), invocations: 1, seed: 1, subject: 1) == nil)
  }
}

@Suite("Inference from environments")
struct EnvironmentInferenceTests {
  /// A trace that a known platform made: busy with `pool` at once now and then.
  private func trace(_ reuse: ReuseOrder, seed: UInt64 = 1) -> EnvironmentTrace {
    var stream = RandomStream(seed: seed, purpose: .arrivals)
    var uses: [EnvironmentTrace.Use] = []
    var idle: [(environment: Int, since: Double)] = []
    var busy: [(end: Double, environment: Int)] = []
    var count = 0
    var time = 0.0
    for _ in 0..<3_000 {
      time += 2 * stream.exponential()
      for done in busy where done.end <= time { idle.append((done.environment, done.end)) }
      busy.removeAll { $0.end <= time }
      idle.sort { $0.since < $1.since }
      var chosen = count
      let isCold = idle.isEmpty
      if isCold {
        count += 1
      } else {
        let index =
          switch reuse {
          case .mostRecentlyUsed: idle.count - 1
          case .leastRecentlyUsed: 0
          case .newestCreated: idle.indices.max { idle[$0].environment < idle[$1].environment } ?? 0
          case .oldestCreated: idle.indices.min { idle[$0].environment < idle[$1].environment } ?? 0
          case .random: stream.index(below: idle.count)
          }
        chosen = idle.remove(at: index).environment
      }
      let end = time + 3 * stream.exponential()
      busy.append((end, chosen))
      uses.append(.init(start: time, end: end, environment: chosen, isCold: isCold))
    }
    return EnvironmentTrace(functions: [.init(name: "f", uses: uses)], rows: uses.count)
  }

  @Test("every order of reuse is recognised", arguments: ReuseOrder.allCases)
  func reuse(_ order: ReuseOrder) {
    let evidence = ReuseEvidence(trace(order))
    #expect(evidence.choices > 500)
    #expect(evidence.order == order, "\(evidence)")
  }

  @Test("two numbers are found again from single looks, a few lapses aside")
  func uniformLaw() throws {
    var stream = RandomStream(seed: 6, purpose: .keepAlive)
    let bounds = (0..<2_000).map { index -> UniformLaw.Bounds in
      let age = 800 * stream.uniform()
      let end = index % 50 == 0 ? 100 * stream.uniform() : 300 + 200 * stream.uniform()
      return end > age ? .init(after: age) : .init(after: 0, before: age)
    }
    let law = try #require(UniformLaw(bounds))
    #expect((law.lower - 300).magnitude < 25 && (law.upper - 500).magnitude < 25, "\(law)")
    #expect(law.lapses > 0)
    #expect(UniformLaw([.init(after: 5)]) == nil)
  }

  @Test("times known closely from both sides give the two numbers too, though a fifth of them obey no law")
  func lapses() throws {
    var stream = RandomStream(seed: 7, purpose: .keepAlive)
    let bounds = (0..<150).map { index -> UniformLaw.Bounds in
      let end = index % 5 == 0 ? 5000 * stream.uniform() : 6000 + 1500 * stream.uniform()
      let after = end - 20 * stream.uniform()
      // Every third is lost from sight before its end.
      return index % 3 == 0 ? .init(after: after * stream.uniform()) : .init(after: after, before: after + 20)
    }
    let law = try #require(UniformLaw(bounds, lapse: .anyTime))
    #expect((law.lower - 6000).magnitude < 150 && (law.upper - 7500).magnitude < 100, "\(law)")
    #expect((0.1...0.3).contains(law.lapses))
  }
}
