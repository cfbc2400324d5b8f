import Documents
import Foundation

extension PriceBook {
  /// The book as it is read: one price a line, in the order of places and meters, so that a change shows as the lines
  /// that it touches.
  public func json() -> String {
    let free = self.free.sorted { $0.key.rawValue < $1.key.rawValue }.map { meter, allowance in
      (
        meter.rawValue,
        JSON.object([
          ("quantity", .text(allowance.quantity.description)), ("source", .text(allowance.source.title)),
          ("date", .text(allowance.source.date)),
        ])
      )
    }
    let places = self.places.sorted { $0.key < $1.key }.map { key, place -> (String, JSON) in
      let common = place.commonSource
      let prices = place.prices.sorted { "\($0.key)" < "\($1.key)" }.map { item, price in
        ("\(item)", Self.json(price, beside: common))
      }
      var members: [(String, JSON)] = [("name", .text(place.name))]
      if let common { members += [("source", .text(common.title)), ("date", .text(common.date))] }
      return (key, .object(members + [("prices", .object(prices))]))
    }
    return JSON.object([
      ("schema", .text(Self.schema)), ("version", .text(version)), ("currency", .text(currency)),
      ("free", .object(free)), ("places", .object(places)),
    ]).written(depth: 4) + "\n"
  }

  private static func json(_ price: Price, beside common: Source?) -> JSON {
    var members: [(String, JSON)]
    if price.tiers.count == 1, price.end == nil {
      members = [("price", .text(price.first.description))]
    } else {
      let tiers = price.tiers.map { JSON.array([.text($0.from.description), .text($0.price.description)]) }
      members = [("tiers", .array(tiers))]
      if let end = price.end { members.append(("end", .text(end.description))) }
    }
    if price.source != common {
      members += [("source", .text(price.source.title)), ("date", .text(price.source.date))]
    }
    return .object(members)
  }
}

extension PriceBook.Place {
  /// The source of most of its prices.
  fileprivate var commonSource: PriceBook.Source? {
    var counts: [PriceBook.Source: Int] = [:]
    for price in prices.values { counts[price.source, default: 0] += 1 }
    return counts.max { ($0.value, "\($0.key)") < ($1.value, "\($1.key)") }?.key
  }
}
