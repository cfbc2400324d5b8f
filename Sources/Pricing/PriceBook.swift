public import Diagnostics
public import Foundation
public import Platform

/// Prices by region, each with its source and date. What is absent is absent, not free.
public struct PriceBook: Sendable {
  /// One step of a price that falls with use: `price` holds from `from` units a month on.
  public struct Tier: Hashable, Sendable {
    public var from: Decimal
    public var price: Decimal
  }

  /// Provisioned concurrency, per GB-second.
  public struct Provisioned: Hashable, Sendable {
    /// While it stands allocated, used or not.
    public var capacity: Decimal
    /// While it runs, in place of the on-demand price.
    public var duration: Decimal
  }

  /// One region's prices.
  public struct Region: Hashable, Sendable {
    public var location: String
    /// Per request.
    public var request: Decimal?
    /// Per GB-second, marginal tiers from zero; by architecture.
    public var duration: [Architecture: [Tier]]
    public var provisioned: [Architecture: Provisioned]
    /// Where the prices come from, with their date.
    public var source: String
    /// The same for the price of requests.
    public var requestSource: String
  }

  /// The day on which the book was compiled, `2026-11-21`.
  public var version: String
  /// ISO 4217 code.
  public var currency: String
  public var regions: [String: Region]

  /// The prices of a region. - Throws: for a region that the book does not have.
  public func region(_ name: String) throws(InputFault) -> Region {
    if let region = regions[name] { return region }
    throw InputFault(
      at: .init(file: "price book \(version)", key: "platform.region"), found: "'\(name)'",
      expected: "a region with prices", advice: didYouMean(name, among: regions.keys))
  }
}

extension PriceBook {
  /// The book that comes with the program: `Resources/price-book.json`.
  public static let shipped: Result<PriceBook, InputFault> = Result { () throws(InputFault) -> PriceBook in
    try PriceBook(json: Data(PackageResources.price_book_json), name: "the price book that comes with the program")
  }

  /// Reads a book in the schema `faascast.price-book/1`; prices are decimal numbers written as strings.
  public init(json: Data, name: String) throws(InputFault) {
    let file: File
    do {
      file = try JSONDecoder().decode(File.self, from: json)
    } catch {
      throw InputFault(
        at: .init(file: name), found: "\(error)", expected: "a price book in the schema \(File.schemaName)")
    }
    guard file.schema == File.schemaName else {
      throw InputFault(at: .init(file: name, key: "schema"), found: file.schema, expected: File.schemaName)
    }
    version = file.version
    currency = file.currency
    regions = [:]
    for (key, entry) in file.regions { regions[key] = try entry.region(file, key, name) }
  }

  /// The book as written.
  fileprivate struct File: Decodable {
    static let schemaName = "faascast.price-book/1"
    var schema: String
    var version: String
    var currency: String
    var sources: [String: String]
    var regions: [String: Entry]

    struct Entry: Decodable {
      var location: String
      var source: String
      var asOf: String
      var request: String?
      /// Where the price of requests comes from, if elsewhere than the others.
      var requestSource: String?
      var duration: [String: [Step]]
      var provisioned: [String: Rates]?
    }
    struct Step: Decodable {
      var from: String
      var price: String
    }
    struct Rates: Decodable {
      var capacity: String
      var duration: String
    }
  }
}

extension PriceBook.File.Entry {
  fileprivate func region(_ file: PriceBook.File, _ key: String, _ book: String) throws(InputFault) -> PriceBook.Region
  {
    func number(_ text: String, _ field: String) throws(InputFault) -> Decimal {
      guard let value = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")), value >= 0 else {
        throw InputFault(
          at: .init(file: book, key: "regions.\(key).\(field)"), found: excerpt(text), expected: "a decimal number")
      }
      return value
    }
    func architecture(_ text: String) throws(InputFault) -> Architecture {
      guard let value = Architecture(rawValue: text) else {
        throw InputFault(
          at: .init(file: book, key: "regions.\(key)"), found: excerpt(text), expected: "x86_64 or arm64")
      }
      return value
    }
    var tiers: [Architecture: [PriceBook.Tier]] = [:]
    for (name, steps) in duration {
      var ascending: [PriceBook.Tier] = []
      for step in steps {
        ascending.append(.init(from: try number(step.from, "duration.from"), price: try number(step.price, "duration")))
      }
      tiers[try architecture(name)] = ascending.sorted { $0.from < $1.from }
    }
    var rates: [Architecture: PriceBook.Provisioned] = [:]
    for (name, rate) in provisioned ?? [:] {
      rates[try architecture(name)] = .init(
        capacity: try number(rate.capacity, "provisioned.capacity"),
        duration: try number(rate.duration, "provisioned.duration"))
    }
    let cited = "\(file.sources[source] ?? source), \(asOf)"
    return PriceBook.Region(
      location: location, request: try request.map { (text) throws(InputFault) in try number(text, "request") },
      duration: tiers, provisioned: rates, source: cited,
      requestSource: requestSource.map { file.sources[$0] ?? $0 } ?? cited)
  }
}
