import Foundation
import Statistics
import Testing
import Units

@testable import Pricing

/// What must hold for any usage: hundreds of random ones, over several regions, with and without allowances and plans.
@Suite("Any bill")
struct BillPropertyTests {
  private let book: PriceBook
  private static let places = ["us-east-1", "sa-east-1", "ap-northeast-1", "ap-southeast-7"]
  private static let items: [PriceBook.Item] = [
    .init(.requests), .init(.duration, "x86_64"), .init(.duration, "arm64"), .init(.provisionedDuration, "x86_64"),
    .init(.responseStreaming), .init(.durableStorage),
  ]

  init() throws { book = try PriceBook.shipped.get() }

  private func entry(_ stream: inout RandomStream) -> Usage {
    var usage = Usage()
    let item = Self.items[stream.index(below: Self.items.count)]
    // From a base unit to far beyond the last tier.
    let units = exp(stream.uniform() * 27)
    let quantity = Int128(max(1, units * Double(item.meter.unit.size)))
    usage.add(
      quantity, of: item.meter, item.variant, in: Self.places[stream.index(below: Self.places.count)],
      by: "f\(stream.index(below: 5))")
    return usage
  }

  private func terms(_ stream: inout RandomStream) -> BillingTerms {
    var terms = BillingTerms()
    if stream.uniform() < 0.5 { terms.freeTier = .book }
    if stream.uniform() < 0.5 {
      terms.savingsPlan = .init(name: "no-upfront", coverage: Decimal(stream.index(below: 101)) / 100)
    }
    if stream.uniform() < 0.3 { terms.discounts[nil] = .init(multiplier: Decimal(stream.index(below: 100)) / 100) }
    return terms
  }

  @Test("is the same to the last digit however its usage is split over files and in whatever order they come")
  func splits() {
    for seed in 0..<200 as Range<UInt64> {
      var stream = RandomStream(seed: seed, purpose: .resampling)
      let entries = (0..<12).map { _ in entry(&stream) }
      let terms = terms(&stream)
      var whole = Usage()
      for entry in entries { whole.merge(entry) }
      // Each entry in two or three parts, the last parts first.
      var parts: [Usage] = []
      for entry in entries {
        for (key, quantity) in entry.quantities {
          let cut = quantity / Int128(2 + stream.index(below: 7))
          for part in [cut, quantity - cut] {
            var usage = Usage()
            usage.add(part, of: key.meter, key.variant, in: key.place, by: key.function)
            parts.append(usage)
          }
        }
      }
      let split = parts.reversed().reduce(into: Usage()) { $0.merge($1) }
      #expect(split == whole, "seed \(seed)")
      let (one, other) = (Bill(for: whole, book: book, terms: terms), Bill(for: split, book: book, terms: terms))
      #expect(one.lines == other.lines && one.missing == other.missing, "seed \(seed)")
      #expect(one.total.description == other.total.description, "seed \(seed)")
    }
  }

  @Test("never falls when usage is added")
  func monotone() {
    for seed in 0..<200 as Range<UInt64> {
      var stream = RandomStream(seed: seed, purpose: .resampling)
      let terms = terms(&stream)
      var usage = Usage()
      var before = Decimal(0)
      for _ in 0..<12 {
        usage.merge(entry(&stream))
        let total = Bill(for: usage, book: book, terms: terms).total
        #expect(total >= before, "seed \(seed)")
        before = total
      }
    }
  }

  @Test("has lines that multiply and add up")
  func arithmetic() {
    for seed in 0..<50 as Range<UInt64> {
      var stream = RandomStream(seed: seed, purpose: .resampling)
      var usage = Usage()
      for _ in 0..<12 { usage.merge(entry(&stream)) }
      let bill = Bill(for: usage, book: book, terms: terms(&stream))
      #expect(bill.lines.allSatisfy { $0.amount == $0.quantity * $0.price }, "seed \(seed)")
      #expect(bill.total == bill.lines.map(\.amount).reduce(0, +), "seed \(seed)")
      for meter in Set(usage.quantities.keys.map(\.meter)) {
        let billed = bill.lines.filter { $0.item.meter == meter }.reduce(Decimal(0)) { $0 + $1.quantity }
        let missed = bill.missing.filter { $0.item.meter == meter && $0.item.plan == nil }.reduce(Decimal(0)) {
          $0 + $1.quantity
        }
        let used = Decimal(usage.total(of: meter)) / Decimal(meter.unit.size)
        #expect((billed + missed - used).magnitude < Decimal(sign: .plus, exponent: -9, significand: 1), "seed \(seed)")
      }
    }
  }
}
