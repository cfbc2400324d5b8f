public import Foundation

/// An exact decimal amount of a currency.
public struct Money: Hashable, Sendable {
  public var amount: Decimal
  /// ISO 4217 code.
  public var currency: String

  public init(_ amount: Decimal, currency: String = "USD") {
    self.amount = amount
    self.currency = currency
  }

  /// The amount rounded half up to `places` decimals, with all of them written: `12.30`.
  public func rounded(places: Int = 2) -> String { amount.fixed(places: places) }
}

extension Decimal {
  /// The number rounded half up to `places` decimals, with all of them written and no grouping.
  public func fixed(places: Int) -> String {
    var value = self
    var result = Decimal()
    NSDecimalRound(&result, &value, places, .plain)
    var text = result.description
    guard places > 0 else { return text }
    let point = text.firstIndex(of: ".")
    let written = point.map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0
    if point == nil { text += "." }
    return text + String(repeating: "0", count: places - written)
  }
}
