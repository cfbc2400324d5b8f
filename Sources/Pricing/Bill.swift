public import Foundation

/// What a platform would charge, line by line, each traceable to a meter and a price with a date.
public struct Bill: Hashable, Sendable {
  public struct Line: Hashable, Sendable {
    /// `requests`, `duration`…, with architecture: `duration (arm64)`.
    public var meter: String
    public var quantity: Decimal
    /// The unit of `quantity`: `requests`, `GB-s`.
    public var unit: String
    /// Currency per unit.
    public var price: Decimal
    public var amount: Decimal
    /// Where the price comes from, with its date.
    public var source: String
  }

  public var region: String
  /// ISO 4217 code.
  public var currency: String
  public var lines: [Line]
  /// What the bill leaves out or assumes.
  public var notes: [String]

  /// The exact sum of the lines.
  public var total: Decimal { lines.reduce(0) { $0 + $1.amount } }
}
