import Engine
import Foundation
import Logs
import Platforms
import Statistics
import Testing
import Traces
import Units
import Workloads

@testable import Pricing

@Suite("Bills")
struct BillTests {
  private let book: PriceBook

  init() throws { book = try PriceBook.shipped.get() }

  /// An outcome of one function with the given meters.
  private func outcome(
    requests: Int, billedMilliseconds: Int128, memory: Int, architecture: Architecture = .x86, provisioned: Int = 0,
    provisionedMilliseconds: Int128 = 0, span: TimeSpan = .hours(24)
  ) -> Outcome {
    var tally = Tally()
    tally.arrivals = requests
    tally.billedMilliseconds = billedMilliseconds
    tally.billedMegabyteMilliseconds = billedMilliseconds * Int128(memory)
    tally.provisionedBilledMilliseconds = provisionedMilliseconds
    tally.provisionedBilledMegabyteMilliseconds = provisionedMilliseconds * Int128(memory)
    let settings = FunctionSettings(
      memory: MemorySize(megabytes: memory), architecture: architecture, runtime: nil, timeout: nil,
      initDuration: .constant(0), platformOverhead: .constant(0), provisionedConcurrency: provisioned)
    return Outcome(
      horizon: .zero + span,
      functions: [FunctionOutcome(function: WorkloadFunction(name: "f"), settings: settings, tally: tally)],
      totals: tally, timeline: Timeline(interval: .minutes(1), rows: []), execution: .independent, isComplete: true,
      ledger: ImportLedger())
  }

  private func usage(_ quantity: Int128, _ meter: Meter = .duration, _ variant: String? = "x86_64", in place: String)
    -> Usage
  {
    var usage = Usage()
    usage.add(quantity, of: meter, variant, in: place, by: "f")
    return usage
  }

  @Test("an outcome is priced by what it was billed, and provisioned concurrency by five minutes begun")
  func outcomes() throws {
    let telemetry = Usage(
      outcome(requests: 7_440_000, billedMilliseconds: 7_440_000 * 2000, memory: 1024), region: "us-east-1")
    #expect(Bill(for: telemetry, book: book).total.fixed(places: 2) == "249.49")
    for (span, steps) in [(TimeSpan.minutes(5), 1), (.seconds(301), 2), (.hours(24), 288)] as [(TimeSpan, Int128)] {
      let usage = Usage(
        outcome(requests: 0, billedMilliseconds: 0, memory: 4096, provisioned: 7, span: span), region: "us-east-1")
      #expect(usage.total(of: .provisionedConcurrency) == steps * 300_000 * 7 * 4096)
    }
  }

  @Test("SnapStart: every new environment is a restore, the snapshot is kept three hours at least; Java has both free")
  func restores() throws {
    var outcome = outcome(requests: 10, billedMilliseconds: 10, memory: 1024, span: .hours(1))
    outcome.functions[0].settings.restoreDuration = .constant(0.5)
    outcome.functions[0].settings.runtime = "python3.13"
    outcome.functions[0].tally.environmentsCreated = 7
    let usage = Usage(outcome, region: "us-east-1")
    #expect(usage.total(of: .snapStartRestore) == 7 * 1024)
    #expect(usage.total(of: .snapStartCache) == 1024 * 3 * 3_600_000)
    outcome.functions[0].settings.runtime = "java21"
    let java = Usage(outcome, region: "us-east-1")
    #expect(java.total(of: .snapStartRestore) == 0 && java.total(of: .snapStartCache) == 0)
  }

  @Test("provisioned concurrency that changes is billed for each level's time")
  func changingLevels() {
    var outcome = outcome(requests: 0, billedMilliseconds: 0, memory: 2048, provisioned: 3, span: .hours(2))
    outcome.functions[0].settings.behaviour.provisioning = Provisioning()
    // Three environments for an hour and ten for another.
    outcome.functions[0].tally.provisionedTimeInHorizon = 13 * 3_600_000_000_000
    #expect(Usage(outcome, region: "us-east-1").total(of: .provisionedConcurrency) == 13 * 3_600_000 * 2048)
  }

  @Test("provisioned pollers are billed by the unit and second, durable executions by steps and waits")
  func pollers() {
    var outcome = outcome(requests: 0, billedMilliseconds: 0, memory: 128)
    var mapping = MappingTally()
    mapping.pollerUnitTime = 2 * 90_500_000_000
    var source = SourceOutcome(kind: .eventSource, function: 0, isAsynchronous: false)
    source.mapping = mapping
    outcome.sources = [source]
    outcome.functions[0].settings.behaviour.eventSource = EventSource(
      .queue(MessageQueue()), batching: Batching(size: 10))
    #expect(Usage(outcome, region: "us-east-1").total(of: .sqsPollers) == 181)
    outcome.functions[0].settings.behaviour.eventSource?.feed = .stream(RecordStream(shards: 1, pollers: .onDemand))
    #expect(Usage(outcome, region: "us-east-1").total(of: .kafkaPollers) == 181)
    var durable = SourceOutcome(kind: .durable, function: 0, isAsynchronous: false)
    durable.tally.states = 5
    outcome.sources = [durable]
    #expect(Usage(outcome, region: "us-east-1").total(of: .durableOperations) == 5)
  }

  @Test("each environment made for a tenant is billed by its memory")
  func tenants() {
    var outcome = outcome(requests: 10, billedMilliseconds: 1000, memory: 512)
    outcome.functions[0].tally.environmentsCreated = 7
    #expect(Usage(outcome, region: "us-east-1").total(of: .tenantEnvironments) == 0)
    outcome.functions[0].settings.behaviour.tenants = TenantIsolation(tenants: 3)
    let usage = Usage(outcome, region: "us-east-1")
    #expect(usage.total(of: .tenantEnvironments) == 7 * 512)
    // 3.5 GB at the price of us-east-1 for each GB of an environment made.
    let line = Bill(for: usage, book: book).lines.first { $0.item.meter == .tenantEnvironments }
    #expect(line?.amount == Decimal(string: "3.5")! * Decimal(string: "0.000166667")!)
    #expect(usage.total(of: .duration) == 1000 * 512)
  }

  @Test("on managed instances requests are billed, and no duration: the instances are")
  func managedInstances() {
    var outcome = outcome(requests: 10, billedMilliseconds: 1000, memory: 2048)
    #expect(Usage(outcome, region: "us-east-1").total(of: .duration) == 1000 * 2048)
    outcome.functions[0].settings.behaviour.managed = ManagedInstances()
    let usage = Usage(outcome, region: "us-east-1")
    #expect(usage.total(of: .duration) == 0 && usage.total(of: .provisionedDuration) == 0)
    #expect(usage.total(of: .requests) + usage.total(of: .managedRequests) == 10)
  }

  @Test("tiers are marginal and continuous at their cut-offs, for every price with tiers")
  func tiers() throws {
    for (place, entry) in book.places {
      for (item, price) in entry.prices where price.tiers.count > 1 {
        for (before, tier) in zip(price.tiers, price.tiers.dropFirst()) {
          let amounts = [-1, 0, 1].map { step in
            let quantity = Int128((tier.from + Decimal(step)).description).map { $0 * item.meter.unit.size } ?? 0
            return Bill(for: usage(quantity, item.meter, item.variant, in: place), book: book).total
          }
          #expect(amounts[2] - amounts[1] == tier.price, "\(item) in \(place)")
          #expect(amounts[1] - amounts[0] == before.price, "\(item) in \(place)")
        }
      }
    }
  }

  @Test("functions' costs make up the bill")
  func shares() throws {
    var usage = usage(1_000_000_007, in: "us-east-1")
    usage.add(3_000_000_019, of: .duration, "x86_64", in: "us-east-1", by: "g")
    usage.add(12_345, of: .requests, in: "us-east-1", by: "g")
    let bill = Bill(for: usage, book: book)
    let sum = bill.costsByFunction.values.reduce(0, +)
    #expect((sum - bill.total).magnitude < Decimal(sign: .plus, exponent: -25, significand: 1))
    #expect(bill.costsByFunction.count == 2)
  }

  @Test("a price that the book lacks is named with its region and left out, never guessed")
  func missing() throws {
    let bill = Bill(for: usage(1024, .provisionedConcurrency, "arm64", in: "ap-northeast-1"), book: book)
    #expect(bill.lines.isEmpty)
    #expect(
      bill.missing.map(\.description) == ["no price for provisioned concurrency (arm64) in ap-northeast-1: left out"])
    // Tokyo's duration is known up to the end of its first tier only.
    let beyond = Bill(for: usage(7_000_000_000 * 1_024_000, in: "ap-northeast-1"), book: book)
    #expect(beyond.lines.map(\.quantity) == [6_000_000_000])
    #expect(beyond.missing.map(\.quantity) == [1_000_000_000])
    #expect(beyond.missing[0].description.contains("beyond 6000000000 GB-s a month"))
  }

  @Test("the free tier spans regions and architectures, and meets the dearest first")
  func freeTier() throws {
    var usage = usage(400_000 * 1_024_000, in: "us-east-1")
    usage.add(300_000 * 1_024_000, of: .duration, "arm64", in: "us-east-1", by: "f")
    var terms = BillingTerms()
    terms.freeTier = .book
    let bill = Bill(for: usage, book: book, terms: terms)
    #expect(bill.lines.filter { $0.rate == .free }.map(\.quantity) == [400_000])
    #expect(bill.total == 300_000 * Decimal(sign: .plus, exponent: -10, significand: 133_334))
    terms.freeTier = .left([.duration: 650_000])
    #expect(
      Bill(for: usage, book: book, terms: terms).total
        == 50_000 * Decimal(sign: .plus, exponent: -10, significand: 133_334))
  }

  @Test("a savings plan covers its share at one rate, and never requests")
  func savingsPlan() throws {
    var usage = usage(1_000_000 * 1_024_000, in: "us-east-1")
    usage.add(1_000_000, of: .requests, in: "us-east-1", by: "f")
    var terms = BillingTerms()
    terms.savingsPlan = .init(name: "no-upfront", coverage: Decimal(sign: .plus, exponent: -2, significand: 70))
    let bill = Bill(for: usage, book: book, terms: terms)
    // 700,000 × 0.0000147 + 300,000 × 0.0000166667 + 0.2
    #expect(bill.total == Decimal(string: "15.49001"))
    terms.savingsPlan = .init(name: "three-years", coverage: 1)
    #expect(Bill(for: usage, book: book, terms: terms).missing.map { "\($0.item)" } == ["duration/x86_64@three-years"])
  }

  @Test("discounts multiply list prices, agreed prices replace them, and the list price stays beside")
  func discounts() throws {
    var terms = BillingTerms()
    terms.discounts = [
      nil: .init(multiplier: Decimal(sign: .plus, exponent: -1, significand: 9)),
      .requests: .init(multiplier: Decimal(sign: .plus, exponent: -1, significand: 5)),
    ]
    terms.prices = [PriceBook.Item(.tenantEnvironments, "x86_64"): Decimal(sign: .plus, exponent: -6, significand: 167)]
    var usage = usage(1_024_000, in: "us-east-1")
    usage.add(1_000_000, of: .requests, in: "us-east-1", by: "f")
    usage.add(1024 * 1000, of: .tenantEnvironments, "x86_64", in: "us-east-1", by: "f")
    let bill = Bill(for: usage, book: book, terms: terms)
    #expect(bill.amount(of: .duration) == Decimal(string: "0.00001500003"))
    #expect(bill.amount(of: .requests) == Decimal(string: "0.1"))
    #expect(bill.amount(of: .tenantEnvironments) == Decimal(string: "0.167"))
    #expect(bill.lines.first { $0.item.meter == .requests }?.listPrice == Decimal(string: "0.0000002"))
  }

  @Test("asynchronous events count once for 256 KB and once more for each 64 KB begun")
  func payloads() {
    let kilobyte: Int64 = 1024
    for (bytes, units) in [
      (0, 1), (256 * kilobyte, 1), (256 * kilobyte + 1, 2), (320 * kilobyte, 2), (320 * kilobyte + 1, 3),
      (1024 * kilobyte, 13),
    ] as [(Int64, Int128)] {
      #expect(FunctionUse.requestUnits(payload: bytes) == units)
    }
  }

  @Test("SnapStart's cache is billed for three hours at least, pollers for a minute")
  func minima() {
    var use = FunctionUse(region: "us-east-1", memory: MemorySize(megabytes: 1024))
    use.snapStart = .init(active: .minutes(1), restores: 2)
    use.pollers = [.init(meter: .sqsPollers, units: 3, span: .seconds(5))]
    var usage = Usage()
    use.add(to: &usage, by: "f")
    #expect(usage.total(of: .snapStartCache) == 10_800_000 * 1024)
    #expect(usage.total(of: .snapStartRestore) == 2048)
    #expect(usage.total(of: .sqsPollers) == 180)
  }

  @Test("a month is stretched or shrunk by one factor for every meter, rounded up to whole base units")
  func scaling() {
    let week = usage(7_000_000_001, in: "us-east-1")
    #expect(week.scaled(by: (multiply: 30, divide: 7)).total(of: .duration) == 30_000_000_005)
    #expect(week.scaled(by: (multiply: 7, divide: 7)) == week)
  }
}
