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

extension Decimal {
  /// Reads digits with an optional point, at most 30 of them: no sign, no exponent, nothing else.
  public init?(plain text: String) {
    let digits = text.utf8.filter { $0 != UInt8(ascii: ".") }
    let points = text.utf8.count - digits.count
    guard points <= 1, (1...30).contains(digits.count), digits.allSatisfy({ $0 &- 48 < 10 }),
      text.utf8.first != UInt8(ascii: "."), text.utf8.last != UInt8(ascii: ".")
    else { return nil }
    let point = text.utf8.firstIndex(of: UInt8(ascii: "."))
    let places = point.map { text.utf8.distance(from: $0, to: text.utf8.endIndex) - 1 }
    if let significand = UInt64(String(decoding: digits, as: UTF8.self)) {
      self.init(sign: .plus, exponent: -(places ?? 0), significand: Decimal(significand))
    } else if let value = Decimal(string: text) {
      self = value
    } else {
      return nil
    }
  }
}

extension Decimal {
  /// A whole number, exact up to 38 digits.
  public init(_ value: Int128) {
    if let small = Int64(exactly: value) {
      self = Decimal(small)
    } else {
      self = Decimal(string: value.description) ?? 0
    }
  }
}
