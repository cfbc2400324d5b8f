public import Foundation

/// A difference between two price books.
public struct PriceChange: Hashable, Sendable {
  /// Nil for free allowances, which span places.
  public var place: String?
  public var item: PriceBook.Item
  /// Nil where the earlier book has no such price.
  public var before: PriceBook.Price?
  /// Nil where the later book has no such price.
  public var after: PriceBook.Price?

  /// By how much the price of the first unit changed; nil where there is no price, or none but zero, before or after.
  public var relative: Decimal? {
    guard let before, let after, before.first != 0 else { return nil }
    return (after.first - before.first) / before.first
  }
}

extension PriceBook {
  /// What is different in a later book: prices, not their sources, by place and meter. Places that only one of the books
  /// has count with all their prices.
  public func changes(to later: PriceBook) -> [PriceChange] {
    var changes: [PriceChange] = []
    for place in Set(places.keys).union(later.places.keys).sorted() {
      let (old, new) = (places[place]?.prices ?? [:], later.places[place]?.prices ?? [:])
      for item in Set(old.keys).union(new.keys).sorted(by: { "\($0)" < "\($1)" }) {
        let (before, after) = (old[item], new[item])
        if before?.tiers != after?.tiers || before?.end != after?.end {
          changes.append(PriceChange(place: place, item: item, before: before, after: after))
        }
      }
    }
    for meter in Meter.allCases where free[meter]?.quantity != later.free[meter]?.quantity {
      func allowance(_ entry: Allowance?) -> Price? {
        entry.map { Price(tiers: [.init(from: 0, price: 0)], end: $0.quantity, source: $0.source) }
      }
      changes.append(
        PriceChange(item: .init(meter), before: allowance(free[meter]), after: allowance(later.free[meter])))
    }
    return changes
  }
}
