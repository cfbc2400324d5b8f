import Foundation
import Platform
import Simulation
import Statistics
import Testing
import Units
import Workload

@testable import Pricing

@Suite("Bills")
struct BillTests {
  /// An outcome of one function with the given meters.
  private func outcome(
    requests: Int, billedMilliseconds: Int128, memory: Int, architecture: Architecture = .x86, provisioned: Int = 0,
    provisionedMilliseconds: Int128 = 0, hours: Int64 = 24
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
      horizon: .zero + .hours(hours),
      functions: [FunctionOutcome(function: WorkloadFunction(name: "f"), settings: settings, tally: tally)],
      totals: tally, timeline: Timeline(interval: .minutes(1), rows: []), execution: .independent, isComplete: true,
      ledger: ImportLedger())
  }

  private func amount(_ bill: Bill, _ meter: String) -> String? {
    bill.lines.first { $0.meter.hasPrefix(meter) }?.amount.fixed(places: 2)
  }

  @Test("AWS's telemetry example: 7.44 million requests of 2 s at 1,024 MB cost 1.49 + 248.00 USD")
  func telemetryExample() throws {
    let bill = try Bill(
      for: outcome(requests: 7_440_000, billedMilliseconds: 7_440_000 * 2000, memory: 1024), region: "us-east-1",
      book: try PriceBook.shipped.get())
    #expect(amount(bill, "requests") == "1.49")
    #expect(amount(bill, "duration") == "248.00")
    #expect(bill.total.fixed(places: 2) == "249.49")
  }

  @Test("AWS's provisioned example: 7 environments of 4 GB for a day, 2 million requests of 280 ms")
  func provisionedExample() throws {
    let bill = try Bill(
      for: outcome(
        requests: 2_000_000, billedMilliseconds: 0, memory: 4096, provisioned: 7,
        provisionedMilliseconds: 2_000_000 * 280),
      region: "us-east-1", book: try PriceBook.shipped.get())
    #expect(amount(bill, "provisioned concurrency") == "10.08")
    #expect(amount(bill, "provisioned duration") == "21.78")
    #expect(amount(bill, "requests") == "0.40")
  }

  @Test("functions' costs make up the bill")
  func functionCosts() throws {
    var outcome = outcome(
      requests: 2_000_000, billedMilliseconds: 7_000_000_000_000, memory: 4096, provisioned: 7,
      provisionedMilliseconds: 2_000_000 * 280)
    let other = self.outcome(requests: 5, billedMilliseconds: 1234, memory: 128, architecture: .arm)
    outcome.functions += other.functions
    outcome.totals.merge(other.totals)
    let bill = try Bill(for: outcome, region: "us-east-1", book: try PriceBook.shipped.get())
    let costs = bill.costs(of: outcome)
    #expect(costs.count == 2)
    #expect(costs.reduce(0, +).fixed(places: 12) == bill.total.fixed(places: 12))
  }

  @Test("tiers are marginal and continuous at their cut-offs")
  func tiers() throws {
    let region = try PriceBook.shipped.get().region("us-east-1")
    let tiers = try #require(region.duration[.x86])
    #expect(tiers.map(\.from) == [0, 6_000_000_000, 15_000_000_000])
    for tier in tiers.dropFirst() {
      let below = Bill.tiered(tier.from - 1, tiers).amount
      let at = Bill.tiered(tier.from, tiers).amount
      let above = Bill.tiered(tier.from + 1, tiers).amount
      #expect(at > below && above > at)
      #expect(above - at == tier.price)
      #expect(at - below > tier.price)
    }
  }

  @Test("GB-seconds are exact however the use is split")
  func exactSplit() {
    let whole = Bill.gigabyteSeconds(Int128(3_333_333_333_333_333_337) * 128)
    let parts =
      Bill.gigabyteSeconds(Int128(1_111_111_111_111_111_112) * 128)
      + Bill.gigabyteSeconds(Int128(2_222_222_222_222_222_225) * 128)
    #expect(whole == parts)
  }

  @Test("every shipped region prices requests and both architectures, falling with use")
  func shippedBook() throws {
    let book = try PriceBook.shipped.get()
    #expect(book.regions.count == 36)
    for (name, region) in book.regions {
      #expect(region.request != nil, "\(name)")
      for architecture in Architecture.allCases {
        let tiers = try #require(region.duration[architecture], "\(name)")
        #expect(tiers.first?.from == 0, "\(name)")
        #expect(zip(tiers, tiers.dropFirst()).allSatisfy { $0.price > $1.price && $0.from < $1.from }, "\(name)")
      }
    }
  }

  @Test("an unknown region is a fault that suggests the one meant")
  func unknownRegion() throws {
    let book = try PriceBook.shipped.get()
    #expect {
      try Bill(for: outcome(requests: 1, billedMilliseconds: 1, memory: 128), region: "us-eest-1", book: book)
    } throws: {
      "\($0)".contains("did you mean 'us-east-1'?")
    }
  }

  @Test("a price that the book lacks is named and left out, never guessed")
  func missingPrice() throws {
    let bill = try Bill(
      for: outcome(requests: 1, billedMilliseconds: 1, memory: 128, architecture: .arm, provisioned: 1),
      region: "ap-northeast-1", book: try PriceBook.shipped.get())
    #expect(bill.lines.allSatisfy { !$0.meter.hasPrefix("provisioned") })
    #expect(bill.notes.contains { $0.contains("no price for provisioned concurrency (arm64) in ap-northeast-1") })
  }

  @Test("a malformed book is refused with the key at fault")
  func malformedBook() {
    let text = """
      {"schema": "faascast.price-book/1", "version": "1", "currency": "USD", "sources": {}, "regions": {
        "r": {"location": "", "source": "", "asOf": "", "request": "zero", "duration": {}}}}
      """
    #expect {
      try PriceBook(json: Data(text.utf8), name: "book.json")
    } throws: {
      "\($0)".contains("book.json: regions.r.request: found \"zero\"")
    }
  }
}
