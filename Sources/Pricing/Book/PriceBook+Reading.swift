public import Diagnostics
import Foundation
import Reading
import Workloads

extension PriceBook {
  /// The name of the form that is read and written; described by `Schemas/price-book.schema.json`.
  public static let schema = "faascast.price-book/2"

  /// Reads a book from a file, plain or gzip.
  public init(contentsOf path: String) throws(InputFault) {
    var reader = BookReader(try JSONScanner(path: path), file: path)
    self = try reader.book()
  }

  /// Reads a book from bytes; `name` stands in faults for the file.
  public init(json: [UInt8], name: String) throws(InputFault) {
    var reader = BookReader(JSONScanner(json, name: name), file: name)
    self = try reader.book()
  }
}

/// Reads a price book, strictly: unknown keys, meters and malformed numbers are faults.
private struct BookReader {
  private var json: JSONMembers
  private var sources: [String: String] = [:]

  init(_ scanner: JSONScanner, file: String) { json = JSONMembers(scanner, file: file) }

  /// A figure before its source's name is explained.
  private struct Cited {
    var source: String?
    var date: String?
  }

  mutating func book() throws(InputFault) -> PriceBook {
    var version: String?
    var currency: String?
    var schema: String?
    var free: [Meter: (quantity: Decimal, cited: Cited)] = [:]
    var places: [String: (name: String, cited: Cited, prices: [PriceBook.Item: (PriceBook.Price, Cited)])] = [:]
    try json.enterObject()
    while let key = try json.nextKey() {
      switch key {
      case "schema": schema = try json.string()
      case "version": version = try json.string()
      case "currency": currency = try json.string()
      case "sources":
        try json.enterObject()
        while let name = try json.nextKey() { sources[name] = try json.string() }
      case "free":
        try json.enterObject()
        while let name = try json.nextKey() {
          guard let meter = Meter(rawValue: name) else { throw unknown(name, among: Meter.allCases.map(\.rawValue)) }
          free[meter] = try allowance()
        }
      case "places":
        try json.enterObject()
        while let name = try json.nextKey() { places[name] = try place() }
      default: throw unknown(key, among: ["schema", "version", "currency", "sources", "free", "places"])
      }
    }
    guard schema == PriceBook.schema else {
      throw InputFault(
        at: .init(file: json.file, key: "schema"), found: schema.map { "'\($0)'" } ?? "nothing",
        expected: PriceBook.schema, advice: "make a book of AWS's offer file with: faascast price import FILE")
    }
    guard let version, let currency, !places.isEmpty else {
      let missing = version == nil ? "version" : currency == nil ? "currency" : "places"
      throw InputFault(at: .init(file: json.file, key: missing), found: "nothing", expected: "a value")
    }
    guard currency.wholeMatch(of: #/[A-Z]{3}/#) != nil else {
      throw InputFault(
        at: .init(file: json.file, key: "currency"), found: excerpt(currency), expected: "a currency such as USD")
    }
    var book = PriceBook(version: version, currency: currency)
    for (meter, entry) in free {
      let source = try source(entry.cited, Cited(), "free.\(meter.rawValue)")
      book.free[meter] = .init(quantity: entry.quantity, source: source)
    }
    for (name, entry) in places {
      var prices: [PriceBook.Item: PriceBook.Price] = [:]
      for (item, (price, cited)) in entry.prices {
        var price = price
        price.source = try source(cited, entry.cited, "places.\(name).prices.\(item)")
        prices[item] = price
      }
      book.places[name] = .init(name: entry.name, prices: prices)
    }
    return book
  }

  private mutating func allowance() throws(InputFault) -> (quantity: Decimal, cited: Cited) {
    var quantity: Decimal?
    var cited = Cited()
    try json.enterObject()
    while let key = try json.nextKey() {
      switch key {
      case "quantity": quantity = try json.decimal()
      case "source": cited.source = try json.string()
      case "date": cited.date = try json.string()
      default: throw unknown(key, among: ["quantity", "source", "date"])
      }
    }
    guard let quantity else { throw json.fault("a quantity", found: "none") }
    return (quantity, cited)
  }

  private mutating func place() throws(InputFault) -> (
    name: String, cited: Cited, prices: [PriceBook.Item: (PriceBook.Price, Cited)]
  ) {
    var name = ""
    var cited = Cited()
    var prices: [PriceBook.Item: (PriceBook.Price, Cited)] = [:]
    try json.enterObject()
    while let key = try json.nextKey() {
      switch key {
      case "name": name = try json.string()
      case "source": cited.source = try json.string()
      case "date": cited.date = try json.string()
      case "prices":
        try json.enterObject()
        while let text = try json.nextKey() {
          guard let item = PriceBook.Item(text) else {
            let meter = String(text.prefix { $0 != "/" && $0 != "@" })
            throw unknown(meter, among: Meter.allCases.map(\.rawValue))
          }
          prices[item] = try price()
        }
      default: throw unknown(key, among: ["name", "source", "date", "prices"])
      }
    }
    return (name, cited, prices)
  }

  private mutating func price() throws(InputFault) -> (PriceBook.Price, Cited) {
    var tiers: [PriceBook.Tier] = []
    var end: Decimal?
    var cited = Cited()
    try json.enterObject()
    while let key = try json.nextKey() {
      switch key {
      case "price": tiers = [.init(from: 0, price: try json.decimal())]
      case "tiers":
        tiers = []
        try json.enterArray()
        while try json.nextElement() {
          try json.enterArray()
          let from = try json.decimal()
          let price = try json.decimal()
          try json.endArray()
          guard tiers.last.map({ $0.from < from }) ?? (from == 0) else {
            throw json.fault("tiers that ascend from zero", found: "one from \(from)")
          }
          tiers.append(.init(from: from, price: price))
        }
      case "end": end = try json.decimal()
      case "source": cited.source = try json.string()
      case "date": cited.date = try json.string()
      default: throw unknown(key, among: ["price", "tiers", "end", "source", "date"])
      }
    }
    guard let last = tiers.last, end.map({ $0 > last.from }) ?? true else {
      throw json.fault("a price or tiers", found: tiers.isEmpty ? "neither" : "an end before the last tier")
    }
    return (PriceBook.Price(tiers: tiers, end: end, source: .init(title: "", date: "")), cited)
  }

  /// The source of a figure: its own, or that of its place.
  private func source(_ own: Cited, _ place: Cited, _ key: String) throws(InputFault) -> PriceBook.Source {
    guard let name = own.source ?? place.source, let date = own.date ?? place.date else {
      throw InputFault(
        at: .init(file: json.file, key: key), found: "a figure without source and date", expected: "both",
        advice: "write them beside the figure or once for the place")
    }
    return .init(title: sources[name] ?? name, date: date)
  }

  private func unknown(_ key: String, among known: [String]) -> InputFault {
    json.fault("a known key", found: "'\(excerpt(key))'", advice: didYouMean(key, among: known))
  }
}
