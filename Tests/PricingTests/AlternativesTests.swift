import Engine
import Foundation
import Logs
import Platforms
import Statistics
import TestSupport
import Testing
import Traces
import Units
import Workloads

@testable import Pricing

@Suite("Break-even")
struct BreakEvenTests {
  private let book: PriceBook

  init() throws { book = try PriceBook.shipped.get() }

  private func share(_ region: String, _ architecture: Architecture = .x86) throws -> Double {
    let utilisation = try #require(ProvisionedUtilisation(in: region, architecture: architecture, book: book))
    return NSDecimalNumber(decimal: try #require(utilisation.share)).doubleValue
  }

  @Test("provisioned concurrency pays from 60 % in us-east-1, for both architectures")
  func virginia() throws {
    // 0.0000041667 / (0.0000166667 - 0.0000097222)
    #expect(abs(try share("us-east-1") - 0.6) < 1e-5)
    #expect(abs(try share("us-east-1", .arm) - 0.6) < 1e-4)
  }

  @Test(
    "in other regions from another share, and in some never",
    arguments: [
      ("us-west-2", 0.60), ("af-south-1", 0.60), ("me-central-1", 0.585), ("eu-north-1", 0.70), ("ap-south-1", 0.73),
      ("eu-west-1", 0.80), ("eu-west-2", 0.90), ("us-west-1", 0.94), ("eu-central-1", 1.01), ("sa-east-1", 5.6),
    ] as [(String, Double)])
  func regions(_ region: String, _ expected: Double) throws {
    let found = try share(region)
    #expect(abs(found - expected) < (expected > 2 ? 0.05 : 0.0051), "\(found)")
    #expect(ProvisionedUtilisation(in: region, architecture: .x86, book: book)?.canPay == (expected < 1))
  }

  @Test("without a price there is no answer")
  func missing() {
    #expect(ProvisionedUtilisation(in: "ap-northeast-1", architecture: .arm, book: book) == nil)
  }

  @Test(
    "agrees with the oracle",
    .enabled(if: RealData.has("../reference/oracles.json"), "no oracles: set FAASCAST_DATA"))
  func oracle() throws {
    struct Oracles: Decodable {
      struct Utilisation: Decodable { var utilisation: Double }
      var lambdaProvisionedBreakevenUtilisation: Utilisation
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let oracles = try decoder.decode(
      Oracles.self, from: Data(contentsOf: URL(filePath: RealData.path("../reference/oracles.json"))))
    #expect(abs(try share("us-east-1") - oracles.lambdaProvisionedBreakevenUtilisation.utilisation) < 1e-5)
  }

  @Test(
    "the rate from which on machines are cheaper lies between a rate at which they are not and one at which they are")
  func rates() throws {
    for target in [RateCurve.Target.fargate, .instances] {
      let curve = RateCurve(
        region: "us-east-1", architecture: .x86, memory: MemorySize(megabytes: 1024), duration: .milliseconds(200))
      let rate = try #require(curve.breakEven(of: target, book: book))
      func difference(_ rate: Double) throws -> Decimal {
        let lambda = try #require(curve.cost(of: .lambda, rate: rate, book: book))
        return try #require(curve.cost(of: target, rate: rate, book: book)) - lambda
      }
      #expect(try difference(rate * 1.001) < 0, "\(target)")
      #expect(try difference(rate / 1.01) > 0, "\(target)")
    }
  }

  @Test("what is billed to the millisecond tends to the oracle's mean")
  func billedDuration() throws {
    // Exponential durations rounded up to g: g / (1 - e^(-g/mean)); the bill's rounding over a fine grid of quantiles.
    for (mean, expected) in [
      (5.0, 5.516655566126993), (50, 50.50166665555553), (3, 3.5277264731571294), (0.8, 1.401551118493013),
    ] {
      let count = 200_000
      var sum: Int128 = 0
      for index in 0..<count {
        let probability = (Double(index) + 0.5) / Double(count)
        let duration = TimeSpan(nanoseconds: Int64(-mean * log1p(-probability) * 1e6))
        sum += Int128(billedMilliseconds(duration: duration, era: .millisecondWithInit))
      }
      let found = Double(sum) / Double(count)
      #expect(abs(found / expected - 1) < 1e-4, "\(mean)")
    }
  }
}

@Suite("The same workload elsewhere")
struct AlternativesTests {
  /// One function whose concurrency is as given, minute by minute.
  private func outcome(
    peaks: [Int], memory: Int = 1769, requests: Int = 60_000, milliseconds: Int64 = 100,
    architecture: Architecture = .x86
  ) -> Outcome {
    var tally = Tally()
    tally.arrivals = requests
    for _ in 0..<requests { tally.duration.record(milliseconds * 1_000_000) }
    tally.billedMilliseconds = Int128(requests) * Int128(milliseconds)
    tally.billedMegabyteMilliseconds = tally.billedMilliseconds * Int128(memory)
    tally.peakConcurrency = peaks.max() ?? 0
    var rows: [Timeline.Row] = []
    for peak in peaks {
      var row = Timeline.Row()
      row.peakConcurrency = peak
      row.arrivals = requests / peaks.count
      rows.append(row)
    }
    let settings = FunctionSettings(
      memory: MemorySize(megabytes: memory), architecture: architecture, runtime: nil, timeout: nil,
      initDuration: .constant(0), platformOverhead: .constant(0))
    return Outcome(
      horizon: .zero + .minutes(Int64(peaks.count)),
      functions: [FunctionOutcome(function: WorkloadFunction(name: "f"), settings: settings, tally: tally)],
      totals: tally,
      timeline: Timeline(interval: .minutes(1), rows: rows), execution: .independent, isComplete: true,
      ledger: ImportLedger())
  }

  private let need = Fleet.Need(processors: 1000, memory: 1769)

  @Test("a steady load needs the machines of its peak and head-room, all the time")
  func steady() {
    let fleet = Fleet(processors: 1000, memory: 2048, minimum: 1, headroom: 0.2, lag: .minutes(2))
    let outcome = outcome(peaks: Array(repeating: 10, count: 60))
    let run = fleet.run(outcome.timeline, horizon: outcome.horizon, need: need)
    #expect(run.peak == 12 && run.machineMilliseconds == 12 * 3_600_000 && run.shortStretches == 0)
  }

  @Test("a step up is served only after the lag, and machines stay for the cool-down after it")
  func step() {
    let fleet = Fleet(
      processors: 1000, memory: 2048, minimum: 1, headroom: 0, lag: .minutes(2), cooldown: .minutes(3))
    let peaks = Array(repeating: 1, count: 10) + Array(repeating: 9, count: 5) + Array(repeating: 1, count: 20)
    let outcome = outcome(peaks: peaks)
    let run = fleet.run(outcome.timeline, horizon: outcome.horizon, need: need)
    #expect(run.shortStretches == 2)
    // Nine from minute 12 to minute 19, two of lag and three of cool-down after the last busy minute.
    let minutes: Int128 = 8 * 9 + 27
    #expect(run.machineMilliseconds == minutes * 60_000)
  }

  @Test("one machine serves as many requests at once as its processors and its memory bear")
  func density() {
    let fleet = Fleet(processors: 2000, memory: 4096, minimum: 1, lag: .zero)
    #expect(fleet.requestsAtOnce(.init(processors: 72.4, memory: 128)) == 2000 / 72.4)
    #expect(fleet.requestsAtOnce(.init(processors: 100, memory: 1024)) == 4)
    #expect(fleet.requestsAtOnce(.init(processors: 5000, memory: 8192)) == 1)
  }

  @Test("every alternative has lines with sources, a size, and says what it ignores")
  func all() throws {
    let book = try PriceBook.shipped.get()
    let alternatives = Alternative.all(
      for: outcome(peaks: [10, 20, 30, 5]), region: "us-east-1", book: book, terms: BillingTerms())
    #expect(
      alternatives.map(\.name) == [
        "Lambda on arm64", "Lambda Managed Instances", "Fargate", "EC2", "App Runner", "Cloud Run",
        "Azure Functions, consumption", "Azure Functions, flex", "Azure Functions, premium", "OCI Functions",
        "Cloudflare Workers",
      ])
    for alternative in alternatives {
      #expect(
        alternative.bill.total > 0 && !alternative.ignores.isEmpty && !alternative.size.isEmpty, "\(alternative.name)")
      #expect(alternative.bill.lines.allSatisfy { !$0.source.isEmpty }, "\(alternative.name)")
    }
    // 60,000 × 0.1 s × 1,769 MB on arm64, and requests.
    let arm = try #require(alternatives.first)
    let price = Decimal(sign: .plus, exponent: -10, significand: 133_334)
    let requests = Decimal(sign: .plus, exponent: -3, significand: 12)
    let gigabyteSeconds = Decimal(60_000 * 100 * 1769) / 1_024_000
    let expected = gigabyteSeconds * price + requests
    #expect(arm.bill.total == expected)
    // In a Region without prices of machines they are left out, not guessed.
    let elsewhere = Alternative.all(
      for: outcome(peaks: [10]), region: "ap-south-2", book: book, terms: BillingTerms())
    #expect(!elsewhere.contains { $0.name == "Fargate" || $0.name == "EC2" })
  }

  @Test("time is rounded up by each provider's steps")
  func rounding() {
    var durations = LogLinearHistogram()
    for microseconds in [0, 100, 25_500, 47_500, 150_000] as [Int64] { durations.record(microseconds * 1000) }
    let rounded = Demand.RoundedTime(durations)
    #expect(rounded.toHundred == 4 * 100 + 200)
    // The histogram knows 150 ms to within 0.8 %.
    #expect(abs(rounded.atLeastHundred - (4 * 100 + 150)) <= 1)
    #expect(abs(rounded.toOne - (1 + 1 + 26 + 48 + 150)) <= 1)
  }

  @Test(
    "the best provisioned concurrency of a steadily busy function is found, and no bill at levels beside it is lower")
  func search() throws {
    let book = try PriceBook.shipped.get()
    let arrivals = (0..<4000).map { Int64($0) * 250_000_000 }
    let functions = [WorkloadFunction(name: "f", memory: MemorySize(megabytes: 1024))]
    // A second each, four at once on the dot: three or four levels are busy all the time.
    let workload = Workload(
      title: "steady",
      feed: .generated(
        GeneratedWorkload(
          functions: functions, horizon: .zero + .seconds(1000), expectedInvocations: 4000, ledger: ImportLedger()
        ) { _, _, _ in Steady(arrivals: arrivals) }))
    let simulation = Simulation(workload: workload, platform: Platform(rules: [FunctionRule(pattern: "*")]))
    let outcome = try simulation.run()
    let search = ProvisionedSearch(simulation, book: book, terms: BillingTerms())
    let found = try #require(try search.alternative(to: outcome))
    func bill(_ level: Int) throws -> Decimal {
      var other = simulation
      other.platform.rules[0].provisionedConcurrency = level
      return Bill(for: Usage(try other.run(), region: "us-east-1"), book: book).total
    }
    let bills = try (0...6).map(bill)
    #expect(found.bill.total == bills.min())
    #expect(found.bill.total < bills[0])
    // Where it can't pay, nothing is tried.
    var elsewhere = simulation
    elsewhere.platform.region = "sa-east-1"
    #expect(try ProvisionedSearch(elsewhere, book: book, terms: BillingTerms()).alternative(to: outcome) == nil)
  }

  private struct Steady: InvocationGenerator {
    var arrivals: [Int64]

    mutating func generate(until end: Instant, into block: inout InvocationBlock) {
      let due = arrivals.prefix { $0 < end.nanoseconds }
      for arrival in due { block.append(arrival: arrival, duration: 950_000_000) }
      arrivals.removeFirst(due.count)
    }
  }
}

@Suite("Where the money goes")
struct CostPartsTests {
  @Test("init, idle capacity, timeouts, errors and unused memory have their parts")
  func parts() throws {
    var tally = Tally()
    tally.arrivals = 100
    tally.errors = 10
    tally.timeouts = 5
    tally.coldStarts = 2
    for _ in 0..<2 { tally.initDuration.record(500_000_000) }
    for index in 0..<100 { tally.duration.record(index == 0 ? 10_000_000_000 : 10_000_000) }
    tally.billedMilliseconds = 20_000
    tally.billedMegabyteMilliseconds = 20_000 * 1024
    tally.provisionedTimeInHorizon = 1000
    tally.provisionedBusyTimeInHorizon = 250
    var settings = FunctionSettings(
      memory: MemorySize(megabytes: 1024), architecture: .x86, runtime: nil, timeout: .seconds(1),
      initDuration: .constant(0), platformOverhead: .constant(0))
    settings.provisionedConcurrency = 1
    var outcome = Outcome(
      horizon: .zero + .minutes(10),
      functions: [
        FunctionOutcome(function: WorkloadFunction(name: "f", memoryUsed: 256), settings: settings, tally: tally)
      ], totals: tally, timeline: Timeline(interval: .minutes(1), rows: []), execution: .independent, isComplete: true,
      ledger: ImportLedger())
    var callers = SourceOutcome(kind: .workload, function: 0, isAsynchronous: false)
    callers.tally.retries = 20
    outcome.sources = [callers]
    let bill = Bill(for: Usage(outcome, region: "us-east-1"), book: try PriceBook.shipped.get())
    let costs = CostParts(of: outcome, bill: bill)
    let running = bill.amount(of: .duration)
    func share(_ name: String, of whole: Decimal) throws -> Double {
      let part = try #require(costs.parts.first { $0.name == name }, "\(name)")
      return NSDecimalNumber(decimal: part.amount / whole).doubleValue
    }
    // A second of init, five seconds of timeouts, of twenty seconds billed.
    #expect(abs(try share("cold starts", of: running) - 0.05) < 1e-12)
    #expect(abs(try share("timeouts", of: running) - 0.25) < 1e-12)
    #expect(abs(try share("errors", of: running) - 0.1) < 1e-12)
    #expect(abs(try share("retries", of: running) - 0.2) < 1e-12)
    #expect(abs(try share("memory never used", of: running) - 0.75) < 1e-12)
    let idle = try share("idle provisioned capacity", of: bill.amount(of: .provisionedConcurrency))
    #expect(abs(idle - 0.75) < 1e-12)
    // One invocation of 10 s beside 99 of 10 ms.
    let dearest = try #require(costs.dearestHundredth)
    #expect(abs(dearest - 10 / 10.99) < 0.01)
  }
}
