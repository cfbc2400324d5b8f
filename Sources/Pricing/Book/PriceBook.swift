public import Diagnostics
public import Foundation

/// Prices by place, each with its source and date. What is absent is absent, not free.
public struct PriceBook: Equatable, Sendable {
  /// What a price is for. Written `duration/arm64`, or `duration/arm64@no-upfront` for the rate of a savings plan.
  public struct Item: Hashable, Sendable {
    public var meter: Meter
    /// The architecture, or the type of instance, where prices differ by it.
    public var variant: String?
    /// The savings plan whose rate it is.
    public var plan: String?

    public init(_ meter: Meter, _ variant: String? = nil, plan: String? = nil) {
      self.meter = meter
      self.variant = variant
      self.plan = plan
    }
  }

  /// Where a figure comes from: a name that the book explains, and a date.
  public struct Source: Hashable, Sendable {
    public var title: String
    /// `2026-09-19`, or `2026-08` where only the month is known.
    public var date: String

    public init(title: String, date: String) {
      self.title = title
      self.date = date
    }
  }

  /// One step of a price that changes with use.
  public struct Tier: Hashable, Sendable {
    /// Units a month from which on the price holds.
    public var from: Decimal
    /// Per unit.
    public var price: Decimal

    public init(from: Decimal, price: Decimal) {
      self.from = from
      self.price = price
    }
  }

  public struct Price: Hashable, Sendable {
    /// Marginal tiers, from zero on, ascending; never empty.
    public var tiers: [Tier]
    /// Units a month up to which the price is known; nil for all.
    public var end: Decimal?
    public var source: Source

    public init(tiers: [Tier], end: Decimal? = nil, source: Source) {
      self.tiers = tiers
      self.end = end
      self.source = source
    }

    /// The price of the first unit.
    public var first: Decimal { tiers[0].price }
  }

  /// A quantity that costs nothing each month, over all places and variants together.
  public struct Allowance: Hashable, Sendable {
    public var quantity: Decimal
    public var source: Source

    public init(quantity: Decimal, source: Source) {
      self.quantity = quantity
      self.source = source
    }
  }

  /// An AWS Region, or a place of another provider such as `google-tier-1`.
  public struct Place: Equatable, Sendable {
    public var name: String
    public var prices: [Item: Price]

    public init(name: String, prices: [Item: Price] = [:]) {
      self.name = name
      self.prices = prices
    }
  }

  /// The day on which the book was compiled, `2026-11-21`, or the version of the offer it was made from.
  public var version: String
  /// ISO 4217 code.
  public var currency: String
  public var places: [String: Place]
  public var free: [Meter: Allowance]

  public init(version: String, currency: String, places: [String: Place] = [:], free: [Meter: Allowance] = [:]) {
    self.version = version
    self.currency = currency
    self.places = places
    self.free = free
  }

  /// Where Lambda's global prices stand: Lambda@Edge.
  public static let global = "global"

  /// The price of an item in a place; nil where the book has none.
  public func price(of item: Item, in place: String) -> Price? { places[place]?.prices[item] }

  /// Checks that a Region has prices. - Throws: for one that the book does not have.
  public func requireRegion(_ name: String, at place: InputFault.Place? = nil) throws(InputFault) {
    guard places[name] == nil else { return }
    throw InputFault(
      at: place ?? .init(file: "price book \(version)", key: "platform.region"), found: "'\(name)'",
      expected: "a region with prices", advice: didYouMean(name, among: regions))
  }

  /// The places that price Lambda functions, in order of their names.
  public var regions: [String] {
    places.filter { place in place.value.prices.keys.contains { $0.meter == .duration } }.keys.sorted()
  }
}

extension PriceBook.Item: CustomStringConvertible {
  public var description: String {
    meter.rawValue + (variant.map { "/\($0)" } ?? "") + (plan.map { "@\($0)" } ?? "")
  }

  /// Reads `duration/arm64@no-upfront`; nil for an unknown meter and for empty parts.
  public init?(_ text: String) {
    let plans = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = plans[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let meter = Meter(rawValue: String(parts[0])), !parts.contains(""), !plans.contains("") else { return nil }
    self.init(
      meter, parts.count == 2 ? String(parts[1]) : nil, plan: plans.count == 2 ? String(plans[1]) : nil)
  }

  /// `duration (arm64)`: for people.
  public var title: String {
    let name = meter.rawValue.replacing("-", with: " ")
    return name + (variant.map { " (\($0))" } ?? "") + (plan.map { ", \($0) plan" } ?? "")
  }
}

extension PriceBook.Source: CustomStringConvertible {
  public var description: String { date.isEmpty ? title : "\(title), \(date)" }
}

extension PriceBook {
  /// The book that comes with the program: `Resources/price-book.json`.
  public static let shipped: Result<PriceBook, InputFault> = Result { () throws(InputFault) -> PriceBook in
    try PriceBook(json: PackageResources.price_book_json, name: "the price book that comes with the program")
  }

  /// The book in the file at `path`; nil: the program's own.
  public static func named(_ path: String?) throws(InputFault) -> PriceBook {
    if let path { return try PriceBook(contentsOf: path) }
    return try shipped.get()
  }
}
