public import Engine
public import Foundation
import Units
import Workloads

/// What a provider would charge, line by line, each traceable to a meter and a price with a date.
public struct Bill: Hashable, Sendable {
  /// Why a line's price is what it is.
  public enum Rate: Hashable, Sendable {
    /// The only price of the item.
    case flat
    /// A step of a price that changes with use: from so many units a month to so many, or without end.
    case tier(from: Decimal, to: Decimal?)
    /// The month's free allowance.
    case free
    /// The rate of a savings plan.
    case plan(String)
  }

  public struct Line: Hashable, Sendable {
    public var place: String
    public var item: PriceBook.Item
    public var rate: Rate
    public var quantity: Decimal
    /// The unit of `quantity`: `requests`, `GB-s`.
    public var unit: String
    /// The book's price of a unit.
    public var listPrice: Decimal
    /// What is paid for a unit: the list price less discounts.
    public var price: Decimal
    public var amount: Decimal
    /// Where the list price comes from, with its date.
    public var source: String

    public init(
      place: String, item: PriceBook.Item, rate: Rate, quantity: Decimal, unit: String, listPrice: Decimal,
      price: Decimal, amount: Decimal, source: String
    ) {
      self.place = place
      self.item = item
      self.rate = rate
      self.quantity = quantity
      self.unit = unit
      self.listPrice = listPrice
      self.price = price
      self.amount = amount
      self.source = source
    }

    /// `duration (arm64)`
    public var meter: String { item.title }
  }

  /// A price that the bill needs and the book does not have.
  public struct Missing: Hashable, Sendable, CustomStringConvertible {
    public var place: String
    public var item: PriceBook.Item
    public var quantity: Decimal
    /// Units a month up to which the book has the price; nil where it has none.
    public var knownUpTo: Decimal?

    public var description: String {
      let beyond = knownUpTo.map { " beyond \($0) \(item.meter.unit.name) a month" } ?? ""
      return "no price for \(item.title) in \(place)\(beyond): left out"
    }
  }

  /// ISO 4217 code.
  public var currency: String
  public var lines: [Line]
  public var missing: [Missing]
  /// What the bill leaves out or assumes.
  public var notes: [String]
  /// What of each item functions used, of which their costs are made when somebody asks.
  var uses: [Use] = []

  /// What functions used of an item in one place, and what that costs together.
  struct Use: Hashable, Sendable {
    var place: String
    var item: PriceBook.Item
    var total: Int128 = 0
    var functions: [FunctionUse] = []
    var amount: Decimal = 0
  }

  struct FunctionUse: Hashable, Sendable {
    var name: String
    var quantity: Int128
  }

  /// A function's part of an item.
  public struct Share: Hashable, Sendable {
    public var function: String
    public var place: String
    public var item: PriceBook.Item
  }

  public init(
    currency: String, lines: [Line] = [], missing: [Missing] = [], notes: [String] = []
  ) {
    self.currency = currency
    self.lines = lines
    self.missing = missing
    self.notes = notes
  }

  /// The exact sum of the lines.
  public var total: Decimal { lines.reduce(0) { $0 + $1.amount } }

  /// The amount of a meter, all its variants, places and tiers together.
  public func amount(of meter: Meter) -> Decimal {
    lines.reduce(0) { $0 + ($1.item.meter == meter ? $1.amount : 0) }
  }

  /// The places billed, in order.
  public var places: [String] { Set(lines.map(\.place) + missing.map(\.place)).sorted() }

  /// What each function adds, by name: its own use of each item at the item's average price, so that the parts make the
  /// whole although tiers belong to all functions together.
  public var costs: [Share: Decimal] {
    var costs: [Share: Decimal] = [:]
    costs.reserveCapacity(uses.reduce(0) { $0 + $1.functions.count })
    for use in uses {
      // One division for all: of 22 digits, so that products with quantities are exact.
      let rate = (use.total > 0 ? use.amount / Decimal(use.total) : 0).rounded(toDigits: 22)
      for function in use.functions {
        costs[Share(function: function.name, place: use.place, item: use.item)] =
          function.quantity == use.total ? use.amount : rate * Decimal(function.quantity)
      }
    }
    return costs
  }

  /// What each of an outcome's functions costs, in its order.
  public func costs(of outcome: Outcome) -> [Decimal] {
    let costs = costsByFunction
    return outcome.functions.map { costs[$0.function.name] ?? 0 }
  }

  /// What each function costs.
  public var costsByFunction: [String: Decimal] {
    costs.reduce(into: [:]) { $0[$1.key.function, default: 0] += $1.value }
  }
}

extension Decimal {
  /// The nearest number of so many significant digits.
  fileprivate func rounded(toDigits digits: Int) -> Decimal {
    guard self != 0, isFinite else { return self }
    // The significand is a whole number of as many digits as this less one, at least.
    let magnitude = Int(log10(NSDecimalNumber(decimal: significand).doubleValue.magnitude).rounded(.down)) + exponent
    var (value, result) = (self, Decimal())
    NSDecimalRound(&result, &value, digits - 1 - magnitude, .plain)
    return result
  }
}
