public import Diagnostics
public import Foundation
import Platform
public import Simulation
import Units

/// What a platform would charge, line by line, each traceable to a meter and a price with a date.
public struct Bill: Hashable, Sendable {
  public struct Line: Hashable, Sendable {
    /// `requests`, `duration`…, with architecture: `duration (arm64)`.
    public var meter: String
    public var quantity: Decimal
    /// The unit of `quantity`: `requests`, `GB-s`.
    public var unit: String
    /// Currency per unit; of the last tier reached where a price has tiers.
    public var price: Decimal
    public var amount: Decimal
    /// Where the price comes from, with its date.
    public var source: String

    public init(meter: String, quantity: Decimal, unit: String, price: Decimal, amount: Decimal, source: String) {
      self.meter = meter
      self.quantity = quantity
      self.unit = unit
      self.price = price
      self.amount = amount
      self.source = source
    }
  }

  public var region: String
  /// ISO 4217 code.
  public var currency: String
  public var lines: [Line]
  /// What the bill leaves out or assumes.
  public var notes: [String]

  public init(region: String, currency: String, lines: [Line], notes: [String]) {
    self.region = region
    self.currency = currency
    self.lines = lines
    self.notes = notes
  }

  /// The exact sum of the lines.
  public var total: Decimal { lines.reduce(0) { $0 + $1.amount } }
}

extension Bill {
  /// The bill for what was simulated, for the span that was simulated.
  ///
  /// Requests are those that started: a throttled one is not billed. Duration is billed by ⌈init + duration⌉ in ms (init
  /// since 2025-08-01: aws.amazon.com/blogs/compute, "AWS Lambda standardizes billing for INIT phase", 2025-04-29)
  /// times memory, GB = MB / 1024, with the marginal tiers of one month. Provisioned capacity is rounded up to five
  /// minutes (aws.amazon.com/lambda/pricing, 2026-06).
  ///
  /// - Throws: for a region without prices.
  public init(for outcome: Outcome, region name: String, book: PriceBook) throws(InputFault) {
    let region = try book.region(name)
    self.init(region: name, currency: book.currency, lines: [], notes: [])

    if let price = region.request {
      let requests = Decimal(outcome.totals.starts)
      lines.append(
        Line(
          meter: "requests", quantity: requests, unit: "requests", price: price, amount: requests * price,
          source: region.requestSource))
    } else {
      notes.append("no price for requests in \(name): left out")
    }
    for architecture in Architecture.allCases {
      let functions = outcome.functions.filter { $0.settings.architecture == architecture }
      addDuration(functions, architecture, region)
      addProvisioned(functions, architecture, region, enabledMilliseconds: Self.enabledMilliseconds(outcome))
    }
    notes.append("covers the simulated span only; tiers as if it were one month's whole use of the account")
    notes.append("the free tier (1 million requests and 400,000 GB-s a month) is not deducted")
    notes.append("taxes, data transfer, logs and the services that invoke the functions are not included")
  }

  /// What each function adds to the bill, in the outcome's order: its own use of each meter at the meter's average price,
  /// so that the parts make the whole although tiers belong to all functions together.
  public func costs(of outcome: Outcome) -> [Decimal] {
    let averages = Dictionary(
      lines.map { ($0.meter, $0.quantity > 0 ? $0.amount / $0.quantity : 0) }, uniquingKeysWith: { first, _ in first })
    return outcome.functions.map { function in
      let architecture = function.settings.architecture.rawValue
      let memory = Int128(function.settings.memory.megabytes)
      let enabled = Int128(function.settings.provisionedConcurrency) * Self.enabledMilliseconds(outcome)
      let use: [(meter: String, quantity: Decimal)] = [
        ("requests", Decimal(function.tally.starts)),
        ("duration (\(architecture))", Self.gigabyteSeconds(function.tally.billedMegabyteMilliseconds)),
        ("provisioned concurrency (\(architecture))", Self.gigabyteSeconds(enabled * memory)),
        (
          "provisioned duration (\(architecture))",
          Self.gigabyteSeconds(function.tally.provisionedBilledMegabyteMilliseconds)
        ),
      ]
      return use.reduce(0) { $0 + $1.quantity * (averages[$1.meter] ?? 0) }
    }
  }

  /// How long provisioned concurrency stands enabled: the simulated span, rounded up to five minutes.
  private static func enabledMilliseconds(_ outcome: Outcome) -> Int128 {
    let fiveMinutes = TimeSpan.minutes(5).nanoseconds
    return Int128((outcome.horizon.nanoseconds + fiveMinutes - 1) / fiveMinutes) * 300_000
  }

  private mutating func addDuration(
    _ functions: [FunctionOutcome], _ architecture: Architecture, _ region: PriceBook.Region
  ) {
    let megabyteMilliseconds = functions.reduce(Int128(0)) { $0 + $1.tally.billedMegabyteMilliseconds }
    guard megabyteMilliseconds > 0 else { return }
    let meter = "duration (\(architecture.rawValue))"
    guard let tiers = region.duration[architecture], !tiers.isEmpty else {
      notes.append("no price for \(meter) in \(self.region): left out")
      return
    }
    let quantity = Self.gigabyteSeconds(megabyteMilliseconds)
    let (amount, price) = Self.tiered(quantity, tiers)
    lines.append(
      Line(meter: meter, quantity: quantity, unit: "GB-s", price: price, amount: amount, source: region.source))
  }

  private mutating func addProvisioned(
    _ functions: [FunctionOutcome], _ architecture: Architecture, _ region: PriceBook.Region,
    enabledMilliseconds: Int128
  ) {
    let allocated = functions.reduce(Int128(0)) {
      $0 + Int128($1.settings.provisionedConcurrency) * Int128($1.settings.memory.megabytes)
    }
    guard allocated > 0 else { return }
    guard let prices = region.provisioned[architecture] else {
      notes.append("no price for provisioned concurrency (\(architecture.rawValue)) in \(self.region): left out")
      return
    }
    let capacity = Self.gigabyteSeconds(allocated * enabledMilliseconds)
    lines.append(
      Line(
        meter: "provisioned concurrency (\(architecture.rawValue))", quantity: capacity, unit: "GB-s",
        price: prices.capacity, amount: capacity * prices.capacity, source: region.source))
    let run = Self.gigabyteSeconds(
      functions.reduce(Int128(0)) { $0 + $1.tally.provisionedBilledMegabyteMilliseconds })
    lines.append(
      Line(
        meter: "provisioned duration (\(architecture.rawValue))", quantity: run, unit: "GB-s", price: prices.duration,
        amount: run * prices.duration, source: region.source))
  }

  /// MB·ms in GB-s, exactly: 1024 and 1000 divide every decimal in 13 places.
  static func gigabyteSeconds(_ megabyteMilliseconds: Int128) -> Decimal {
    (Decimal(string: megabyteMilliseconds.description) ?? 0) / 1_024_000
  }

  /// The amount for a quantity under marginal tiers, and the price of the last tier it reaches.
  static func tiered(_ quantity: Decimal, _ tiers: [PriceBook.Tier]) -> (amount: Decimal, price: Decimal) {
    var amount: Decimal = 0
    var price = tiers.first?.price ?? 0
    for (index, tier) in tiers.enumerated() where quantity > tier.from {
      let end = index + 1 < tiers.count ? min(quantity, tiers[index + 1].from) : quantity
      amount += (end - tier.from) * tier.price
      price = tier.price
    }
    return (amount, price)
  }
}
