public import Foundation

/// What an account has agreed with its provider, and what of it a bill should count.
public struct BillingTerms: Hashable, Sendable {
  public var freeTier = FreeTier.none
  public var savingsPlan: SavingsPlan?
  /// By meter; nil for all meters without one of their own.
  public var discounts: [Meter?: Discount] = [:]
  /// Prices agreed on, in place of the book's, for the same item in every place.
  public var prices: [PriceBook.Item: Decimal] = [:]
  /// Whether each line is rounded to cents before lines are added, as invoices do, AWS's examples among them.
  public var roundsLines = false

  public init() {}

  /// Quantities that cost nothing each month, over all places and variants.
  public enum FreeTier: Hashable, Sendable {
    /// None is deducted: an account's other functions use it up, say.
    case none
    /// As the price book has it.
    case book
    /// What is left of it, in units of each meter.
    case left([Meter: Decimal])
  }

  /// A Compute Savings Plan, as the share of eligible use that it covers.
  public struct SavingsPlan: Hashable, Sendable {
    /// The name of the plan's rates in the book: `no-upfront`, `all-upfront`.
    public var name: String
    /// 0 to 1, of duration and provisioned concurrency.
    public var coverage: Decimal

    public init(name: String, coverage: Decimal) {
      self.name = name
      self.coverage = coverage
    }
  }

  /// A negotiated discount: what of a price is left.
  public struct Discount: Hashable, Sendable {
    /// 0.9 for ten percent off.
    public var multiplier: Decimal
    /// Decimals to which the price is then rounded, half up; nil for none. AWS's example of Managed Instances rounds the
    /// hourly price after a Savings Plan to four.
    public var decimals: Int?

    public init(multiplier: Decimal, decimals: Int? = nil) {
      self.multiplier = multiplier
      self.decimals = decimals
    }

    func applied(to price: Decimal) -> Decimal {
      var product = price * multiplier
      guard let decimals else { return product }
      var rounded = Decimal()
      NSDecimalRound(&rounded, &product, decimals, .plain)
      return rounded
    }
  }

  /// What is free of each meter under a book.
  func free(_ book: PriceBook) -> [Meter: Decimal] {
    switch freeTier {
    case .none: [:]
    case .book: book.free.mapValues(\.quantity)
    case .left(let quantities): quantities
    }
  }

  /// A line's amount as it is added.
  func amount(_ exact: Decimal) -> Decimal {
    guard roundsLines else { return exact }
    return Discount(multiplier: 1, decimals: 2).applied(to: exact)
  }

  /// What is paid for an item instead of its list price.
  func price(_ item: PriceBook.Item, list: Decimal) -> Decimal {
    if let agreed = prices[item] { return agreed }
    return (discounts[item.meter] ?? discounts[nil])?.applied(to: list) ?? list
  }
}
