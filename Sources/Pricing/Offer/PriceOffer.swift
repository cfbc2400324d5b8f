public import Diagnostics
import Documents
import Foundation
import Logs
import Reading
import Workloads

/// AWS's own price file of Lambda: the offer's `index.json`, of one Region or of all, or what the Query API's GetProducts
/// returns (`PriceList`, a list of strings that are JSON), as one document or several behind each other.
///
/// Products stand far from their terms, so both are kept until the end; of a file of 14 MB that is a few MB.
public struct PriceOffer: Sendable {
  /// What was read and what of it has a place in a price book.
  public struct Account: Hashable, Sendable {
    public var products = 0
    public var prices = 0
    /// Products that price books have no meter for, by group, and what else was passed over.
    public var passedOver: [String: Int] = [:]
  }

  public private(set) var book: PriceBook
  public private(set) var account = Account()

  /// Reads an offer, plain or gzip.
  public init(contentsOf path: String, onProgress: (Double) -> Void = { _ in }) throws(InputFault) {
    var reader = OfferReader(file: path)
    try reader.readDocuments(JSONMembers(try JSONScanner(path: path), file: path), onProgress)
    (book, account) = try reader.finish()
  }

  /// Reads an offer from bytes; `name` stands in faults for the file.
  public init(json: [UInt8], name: String) throws(InputFault) {
    var reader = OfferReader(file: name)
    try reader.readDocuments(JSONMembers(JSONScanner(json, name: name), file: name)) { _ in }
    (book, account) = try reader.finish()
  }
}

/// Gathers products and terms.
struct OfferReader {
  let file: String
  var products: [String: OfferProduct] = [:]
  var terms: [String: OfferTerm] = [:]
  var version = ""
  var publicationDate = ""

  init(file: String) { self.file = file }

  /// The on-demand price of a product, since a date.
  struct OfferTerm {
    var effectiveDate = ""
    var currency = ""
    var dimensions: [Dimension] = []
    /// Where it stands, for faults.
    var line = 0
  }

  struct Dimension {
    var begin: Decimal = 0
    /// Nil for `Inf`.
    var end: Decimal?
    var price: Decimal?
  }

  /// Products come by the ten thousand and more; a list of names in them doesn't.
  private static let mostNesting = 3

  mutating func readDocuments(
    _ members: consuming JSONMembers, nesting: Int = 0, _ onProgress: (Double) -> Void
  ) throws(InputFault) {
    while true {
      switch try members.next() {
      case .end: return
      case .beginObject: try readRoot(&members, nesting, onProgress)
      case .beginArray: try readList(&members, nesting, onProgress)
      default: throw members.fault("AWS's offer file or a PriceList", found: "another value", advice: Self.advice)
      }
    }
  }

  static let advice =
    "get one from https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AWSLambda/current/us-east-1/index.json"

  /// An offer file, a page of the Query API, or one of its items.
  private mutating func readRoot(
    _ members: inout JSONMembers, _ nesting: Int, _ onProgress: (Double) -> Void
  ) throws(InputFault) {
    var single: (sku: String, product: OfferProduct)?
    members.beginObject()
    while let key = try members.nextKey() {
      switch key {
      case "offerCode", "serviceCode":
        let code = try members.string()
        guard code == "AWSLambda" else {
          throw members.fault("AWSLambda", found: excerpt(code), advice: "this is the offer of another service")
        }
      case "version": version = max(version, try members.string())
      case "publicationDate": publicationDate = max(publicationDate, try members.string())
      case "products":
        try members.enterObject()
        while let sku = try members.nextKey() {
          products[sku] = try readProduct(&members).product
          onProgress(members.progress)
        }
      case "product":
        single = try readProduct(&members)
      case "terms": try readTerms(&members, onProgress)
      case "PriceList":
        try members.enterArray()
        try readList(&members, nesting, onProgress)
      default: try members.skip()
      }
    }
    if let single {
      guard !single.sku.isEmpty else { throw members.fault("a product with its sku", found: "one without") }
      products[single.sku] = single.product
    }
  }

  /// Items of the Query API: each a string that holds JSON; some tools have parsed them already.
  private mutating func readList(
    _ members: inout JSONMembers, _ nesting: Int, _ onProgress: (Double) -> Void
  ) throws(InputFault) {
    guard nesting < Self.mostNesting else { throw members.fault("at most a list in a list", found: "deeper ones") }
    var index = 0
    while try members.nextElement() {
      switch try members.next() {
      case .string:
        let item = JSONScanner(members.scanner.text, name: file)
        let inside = JSONMembers(item, file: file, path: members.key + "[\(index)]")
        try readDocuments(inside, nesting: nesting + 1) { _ in }
      case .beginObject: try readRoot(&members, nesting + 1, onProgress)
      default: throw members.fault("a product, as JSON in a string", found: "another value", advice: Self.advice)
      }
      index += 1
      onProgress(members.progress)
    }
  }

  private mutating func readProduct(_ members: inout JSONMembers) throws(InputFault) -> (
    sku: String, product: OfferProduct
  ) {
    var product = OfferProduct()
    var sku = ""
    try members.enterObject()
    while let key = try members.nextKey() {
      switch key {
      case "sku": sku = try members.string()
      case "attributes":
        try members.enterObject()
        while let attribute = try members.nextKey() {
          if OfferProduct.attributes.contains(attribute) {
            product.take(attribute, try members.string())
          } else {
            try members.skip()
          }
        }
      default: try members.skip()
      }
    }
    return (sku, product)
  }

  // MARK: - Terms

  private mutating func readTerms(_ members: inout JSONMembers, _ onProgress: (Double) -> Void) throws(InputFault) {
    try members.enterObject()
    while let kind = try members.nextKey() {
      guard kind == "OnDemand" else {
        try members.skip()
        continue
      }
      try members.enterObject()
      while let key = try members.nextKey() {
        try members.enterObject()
        while let inner = try members.nextKey() {
          // The file has terms by product; an item of the Query API has those of its one product.
          if inner.contains(".") || inner == key {
            try readTerm(&members, of: String(inner.prefix { $0 != "." }))
          } else {
            try readTermMember(inner, &members, of: String(key.prefix { $0 != "." }))
          }
        }
        closeTerm()
        onProgress(members.progress)
      }
    }
  }

  /// The term at hand, until its object ends.
  private var open: (sku: String, term: OfferTerm)?

  private mutating func readTerm(_ members: inout JSONMembers, of sku: String) throws(InputFault) {
    try members.enterObject()
    while let key = try members.nextKey() { try readTermMember(key, &members, of: sku) }
    closeTerm()
  }

  private mutating func readTermMember(
    _ key: String, _ members: inout JSONMembers, of sku: String
  ) throws(InputFault) {
    var term = open?.term ?? OfferTerm()
    switch key {
    case "effectiveDate": term.effectiveDate = try members.string()
    case "priceDimensions":
      term.line = members.scanner.line
      try members.enterObject()
      while try members.nextKey() != nil { term.dimensions.append(try readDimension(&members, &term.currency)) }
    default: try members.skip()
    }
    open = (sku, term)
  }

  /// Keeps the term at hand, unless a later one of its product is there.
  private mutating func closeTerm() {
    defer { open = nil }
    guard let (sku, term) = open, !term.dimensions.isEmpty else { return }
    if let other = terms[sku], other.effectiveDate >= term.effectiveDate { return }
    terms[sku] = term
  }

  private func readDimension(
    _ members: inout JSONMembers, _ currency: inout String
  ) throws(InputFault) -> Dimension {
    var dimension = Dimension()
    try members.enterObject()
    while let key = try members.nextKey() {
      switch key {
      case "beginRange": dimension.begin = try members.decimal()
      case "endRange":
        let text = try members.string()
        dimension.end = text == "Inf" ? nil : try members.decimalAtHand()
      case "pricePerUnit":
        try members.enterObject()
        while let code = try members.nextKey() {
          guard code == "USD" || code == "CNY" else {
            throw members.fault("a price in USD or CNY", found: excerpt(code))
          }
          guard currency.isEmpty || currency == code else {
            throw members.fault("one currency in a file", found: "\(currency) and \(code)")
          }
          currency = code
          dimension.price = try members.decimal()
        }
      default: try members.skip()
      }
    }
    guard dimension.price != nil else { throw members.fault("pricePerUnit with USD or CNY", found: "none") }
    return dimension
  }
}
