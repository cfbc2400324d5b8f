import Foundation
import Platforms
import Units

extension Bill {
  /// The bill for a month's usage.
  ///
  /// Tiers are marginal, by place and variant, over all functions, as AWS aggregates them over an organisation
  /// (aws.amazon.com/lambda/pricing, 2026-06). Free allowances span places and variants; AWS does not say whose use they
  /// meet first, so they go to the dearest first. A savings plan then covers its share of what is left, at one flat rate,
  /// and the rest runs through the tiers. What the book has no price for is listed in `missing`, never guessed.
  public init(for usage: Usage, book: PriceBook, terms: BillingTerms = BillingTerms()) {
    self.init(currency: book.currency)
    let pools = Pool.all(of: usage, book)
    var free = terms.free(book)
    for pool in pools { add(pool, book, terms, &free) }
    lines.sort { ($0.place, $0.item.order, $0.rate.order) < ($1.place, $1.item.order, $1.rate.order) }
    missing.sort { ($0.place, $0.item.order) < ($1.place, $1.item.order) }
    notes = Self.notes(terms, lines)
  }

  /// The use of one item in one place, by all functions, and its price.
  private struct Pool {
    var use: Use
    var price: PriceBook.Price?

    init(_ place: String, _ item: PriceBook.Item, _ book: PriceBook) {
      use = Use(place: place, item: item)
      price = book.price(of: item, in: place)
    }

    mutating func add(_ function: String, _ quantity: Int128) {
      use.total += quantity
      use.functions.append(FunctionUse(name: function, quantity: quantity))
    }

    /// Pools of the same meter stand together, the dearest first.
    static func all(of usage: Usage, _ book: PriceBook) -> [Pool] {
      struct Name: Hashable {
        var place: String
        var item: PriceBook.Item
      }
      var pools: [Name: Pool] = [:]
      for (key, quantity) in usage.quantities {
        let item = PriceBook.Item(key.meter, key.variant)
        // In place: a copy of the functions so far, for each function, would be their number squared.
        pools[Name(place: key.place, item: item), default: Pool(key.place, item, book)].add(key.function, quantity)
      }
      return pools.values.sorted { a, b in
        let (first, second) = (a.price?.first ?? 0, b.price?.first ?? 0)
        if first != second { return first > second }
        return (a.use.place, a.use.item.order) < (b.use.place, b.use.item.order)
      }
    }
  }

  private mutating func add(
    _ pool: Pool, _ book: PriceBook, _ terms: BillingTerms, _ free: inout [Meter: Decimal]
  ) {
    let meter = pool.use.item.meter
    let quantity = Decimal(pool.use.total) / Decimal(meter.unit.size)
    guard let list = pool.price ?? agreed(pool.use.item, terms) else {
      missing.append(.init(place: pool.use.place, item: pool.use.item, quantity: quantity))
      return
    }
    let before = lines.count
    func line(
      _ rate: Rate, _ quantity: Decimal, list: Decimal, price: Decimal, _ item: PriceBook.Item, _ source: String
    )
      -> Line
    {
      Line(
        place: pool.use.place, item: item, rate: rate, quantity: quantity, unit: meter.unit.name, listPrice: list,
        price: price, amount: terms.amount(quantity * price), source: source)
    }
    var rest = quantity
    if let allowance = free[meter], allowance > 0 {
      let given = min(allowance, rest)
      free[meter] = allowance - given
      rest -= given
      let source = book.free[meter]?.source.description ?? "free allowance as stated"
      lines.append(line(.free, given, list: 0, price: 0, pool.use.item, source))
    }
    if let plan = terms.savingsPlan, meter.takesSavingsPlan, plan.coverage > 0, rest > 0 {
      let item = PriceBook.Item(meter, pool.use.item.variant, plan: plan.name)
      if let rate = book.price(of: item, in: pool.use.place) {
        let covered = rest * plan.coverage
        rest -= covered
        lines.append(
          line(
            .plan(plan.name), covered, list: rate.first, price: terms.price(item, list: rate.first), item,
            rate.source.description))
      } else {
        missing.append(.init(place: pool.use.place, item: item, quantity: rest * plan.coverage))
      }
    }
    for (index, tier) in list.tiers.enumerated() where rest > tier.from {
      let end = index + 1 < list.tiers.count ? list.tiers[index + 1].from : list.end
      let part = min(rest, end ?? rest) - tier.from
      let rate: Rate = list.tiers.count == 1 && list.end == nil ? .flat : .tier(from: tier.from, to: end)
      lines.append(
        line(
          rate, part, list: tier.price, price: terms.price(pool.use.item, list: tier.price), pool.use.item,
          list.source.description))
    }
    if let end = list.end, rest > end {
      missing.append(.init(place: pool.use.place, item: pool.use.item, quantity: rest - end, knownUpTo: end))
    }
    var use = pool.use
    use.amount = lines[before...].reduce(0) { $0 + $1.amount }
    uses.append(use)
  }

  /// A price agreed on for what the book does not have.
  private func agreed(_ item: PriceBook.Item, _ terms: BillingTerms) -> PriceBook.Price? {
    terms.prices[item].map {
      .init(tiers: [.init(from: 0, price: $0)], source: .init(title: "price agreed on", date: ""))
    }
  }

  private static func notes(_ terms: BillingTerms, _ lines: [Line]) -> [String] {
    var notes: [String] = []
    if terms.freeTier == .none, lines.contains(where: { $0.item.meter == .requests || $0.item.meter == .duration }) {
      notes.append("the free tier (1 million requests and 400,000 GB-s a month) is not deducted")
    }
    if lines.contains(where: { $0.rate == .free }) {
      notes.append("free allowances are deducted once for all regions and architectures, from the dearest first")
    }
    if let plan = terms.savingsPlan {
      notes.append(
        "a \(plan.name) savings plan covers \(plan.coverage * 100) % of duration and provisioned concurrency")
    }
    if !terms.discounts.isEmpty || !terms.prices.isEmpty {
      notes.append("prices are as negotiated, list prices beside")
    }
    let transfer = lines.contains { $0.item.meter == .dataOut } ? "" : " data transfer,"
    notes.append("taxes,\(transfer) logs and the services that invoke the functions are not included")
    return notes
  }
}

extension PriceBook.Item {
  /// Lines stand in the order of the meters.
  fileprivate var order: String { "\(100 + (Meter.place[meter] ?? 0)) \(self)" }
}

extension Meter {
  fileprivate static let place = Dictionary(uniqueKeysWithValues: zip(allCases, 0...))
}

extension Bill.Rate {
  fileprivate var order: Decimal {
    switch self {
    case .free: -2
    case .plan: -1
    case .flat: 0
    case .tier(let from, _): from
    }
  }
}
