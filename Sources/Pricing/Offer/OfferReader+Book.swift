import Diagnostics
import Foundation

extension OfferReader {
  /// Brings products and terms together.
  func finish() throws(InputFault) -> (book: PriceBook, account: PriceOffer.Account) {
    guard !products.isEmpty else {
      throw InputFault(
        at: .init(file: file, key: "products"), found: "none", expected: "the products of AWS's Lambda offer",
        advice: Self.advice)
    }
    var account = PriceOffer.Account()
    account.products = products.count
    let date = String(publicationDate.prefix(10))
    let source = PriceBook.Source(title: "AWS Price List, AWSLambda offer, version \(version)", date: date)
    var book = PriceBook(version: version.isEmpty ? date : version, currency: "")
    for (sku, product) in products.sorted(by: { $0.key < $1.key }) {
      guard let item = product.item else {
        account.passedOver["no meter for \(product.group.isEmpty ? product.usageType : product.group)", default: 0] += 1
        continue
      }
      guard let term = terms[sku] else {
        throw InputFault(
          at: .init(file: file, key: "terms.OnDemand.\(sku)"), found: "nothing",
          expected: "the price of \(item) in \(product.regionCode)", advice: "the file was cut short: fetch it again")
      }
      guard book.currency.isEmpty || book.currency == term.currency else {
        throw fault(sku, term, found: "\(term.currency) beside \(book.currency)", expected: "one currency in a file")
      }
      book.currency = term.currency
      if product.isAllowance {
        let end = term.dimensions.compactMap { $0.price == 0 ? $0.end : nil }.max()
        book.free[item.meter] = end.map { .init(quantity: $0, source: source) }
        account.prices += 1
        continue
      }
      guard let place = product.place(of: item.meter) else {
        account.passedOver["no regionCode", default: 0] += 1
        continue
      }
      let price = try self.price(of: sku, term, source)
      if let other = book.places[place]?.prices[item], other != price {
        // Meters without an architecture have one price for both; where AWS's differ, that of x86_64 stands.
        guard product.usageType.hasSuffix("-ARM") || product.group.hasSuffix("-ARM") || item.meter == .requests else {
          throw fault(sku, term, found: "a second price of \(item) in \(place)", expected: "one")
        }
        account.passedOver["another price of \(item) for arm64 in \(place)", default: 0] += 1
        continue
      }
      book.places[place, default: .init(name: product.location)].prices[item] = price
      account.prices += 1
    }
    guard !book.places.isEmpty else {
      throw InputFault(
        at: .init(file: file, key: "products"), found: "no product with a known group and a regionCode",
        expected: "the products of AWS's Lambda offer", advice: Self.advice)
    }
    return (book, account)
  }

  /// The tiers of a term, by where they begin; each must begin where the one before ends.
  private func price(of sku: String, _ term: OfferTerm, _ source: PriceBook.Source) throws(InputFault)
    -> PriceBook.Price
  {
    let steps = term.dimensions.sorted { $0.begin < $1.begin }
    var expected: Decimal? = 0
    var tiers: [PriceBook.Tier] = []
    for step in steps {
      guard let start = expected, step.begin == start, step.end.map({ $0 > start }) ?? true else {
        throw fault(
          sku, term, found: "a step from \(step.begin) to \(step.end?.description ?? "Inf")",
          expected: "one from \(expected?.description ?? "nowhere, as the one before has no end")")
      }
      tiers.append(.init(from: step.begin, price: step.price ?? 0))
      expected = step.end
    }
    return .init(tiers: tiers, end: expected, source: source)
  }

  private func fault(_ sku: String, _ term: OfferTerm, found: String, expected: String) -> InputFault {
    InputFault(
      at: .init(file: file, line: term.line > 0 ? term.line : nil, key: "terms.OnDemand.\(sku).priceDimensions"),
      found: found, expected: expected)
  }
}
