import Documents
import Foundation
public import Pricing
import Units

/// What changed between two price books, for people and programs.
public struct PriceChanges {
  private let before: PriceBook
  private let after: PriceBook
  private let changes: [PriceChange]

  public init(from before: PriceBook, to after: PriceBook) {
    self.before = before
    self.after = after
    changes = before.changes(to: after)
  }

  public var isEmpty: Bool { changes.isEmpty }

  /// A table of changed prices in lines of at most `width` columns as far as names allow; new and vanished prices are
  /// counted by place.
  public func text(colour: Bool, width: Int = 80) -> String {
    var text = TextBlocks(ink: Ink(isOn: colour), width: max(40, width))
    text.heading("Price book \(before.version) to \(after.version)", note: after.currency)
    guard !changes.isEmpty else { return text.text + "\nNothing changed.\n" }
    var table = TextTable("Changed", columns: ["place", "before", "after", "change"])
    table.flexible = true
    for change in changes where change.before != nil && change.after != nil {
      table.rows.append([
        Wording.name(change.item.title), Wording.name(change.place ?? "free"), Self.said(change.before),
        Self.said(change.after), change.relative.map(Self.percent) ?? "",
      ])
    }
    text.table(table)
    text.list("New", Self.counts(changes.filter { $0.before == nil }))
    text.list("Gone", Self.counts(changes.filter { $0.after == nil }))
    return text.text
  }

  /// `us-east-1: requests, duration (arm64)`, or how many there are.
  private static func counts(_ changes: [PriceChange]) -> [String] {
    var items: [String: [String]] = [:]
    for change in changes { items[change.place ?? "free allowances", default: []].append(change.item.title) }
    return items.sorted { $0.key < $1.key }.map { place, items in
      "\(place): " + (items.count <= 6 ? items.joined(separator: ", ") : "\(items.count) prices")
    }
  }

  private static func said(_ price: PriceBook.Price?) -> String {
    guard let price else { return Wording.none }
    let tiers = price.tiers.map { Wording.exact($0.price) }.joined(separator: ", ")
    return price.end.map { "\(tiers) up to \(Wording.quantity($0))" } ?? tiers
  }

  private static func percent(_ share: Decimal) -> String {
    (share > 0 ? "+" : "") + Wording.percent(NSDecimalNumber(decimal: share).doubleValue)
  }

  /// `{"schema":"faascast.price-diff/1",…}`: every change with both prices.
  public func json() -> String {
    func price(_ price: PriceBook.Price?) -> JSON {
      guard let price else { return .null }
      let tiers = price.tiers.map {
        JSON.object([("from", .text($0.from.description)), ("price", .text($0.price.description))])
      }
      return .object([
        ("tiers", .array(tiers)), ("end", price.end.map { .text($0.description) } ?? .null),
        ("source", .text(price.source.description)),
      ])
    }
    return JSON.object([
      ("schema", .text("faascast.price-diff/1")), ("before", .text(before.version)), ("after", .text(after.version)),
      ("currency", .text(after.currency)),
      (
        "changes",
        .array(
          changes.map { change in
            .object([
              ("place", .text(change.place)), ("item", .text("\(change.item)")), ("before", price(change.before)),
              ("after", price(change.after)),
            ])
          })
      ),
    ]).written(depth: 2) + "\n"
  }
}
