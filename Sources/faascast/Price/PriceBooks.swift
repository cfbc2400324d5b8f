import ArgumentParser
import Diagnostics
import Documents
import Foundation
import Pricing
import Reporting
import Units

/// `faascast price import`: AWS's offer file as a price book.
struct PriceImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a price book of AWS's own price file of Lambda.",
    discussion: """
      Reads the offer's index.json, of one Region or of all, plain or gzip:
        https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AWSLambda/current/us-east-1/index.json
      or what the Query API returns (aws pricing get-products --service-code AWSLambda).

      Example:
        faascast price import index.json --output book.json
        faascast price usage.yaml --price-book book.json
      """)

  @Argument(help: "The offer file.", completion: .file(extensions: ["json", "gz"]))
  var file: String

  @Option(name: .shortAndLong, help: "The price book to write.", completion: .file(extensions: ["json"]))
  var output: String

  @Flag(name: .shortAndLong, help: "No progress, no account.")
  var quiet = false

  func validate() throws {
    if output.isEmpty || output.hasSuffix("/") { throw ValidationError("--output must name a file") }
  }

  func run() throws {
    var progress = ProgressLine(isQuiet: quiet)
    defer { progress.clear() }
    let offer = try PriceOffer(contentsOf: file) { progress.show(share: $0) }
    progress.clear()
    let parent = (output as NSString).deletingLastPathComponent
    try OutputDirectory(parent.isEmpty ? "." : parent).write([
      (name: (output as NSString).lastPathComponent, content: offer.book.json())
    ])
    guard !quiet else { return }
    let account = offer.account
    var text = "\(account.prices.grouped) prices of \(offer.book.places.count.grouped) places to \(output), "
    text += "out of \(account.products.grouped) products\n"
    for (reason, count) in account.passedOver.sorted(by: { $0.key < $1.key }) {
      text += "  \(count.grouped) passed over: \(reason)\n"
    }
    try StandardStream.error.write(text)
  }
}

/// `faascast price diff`: what changed between two books.
struct PriceDiff: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show what changed between two price books.",
    discussion: """
      Without a second book the program's own is compared with the one given.

      Example:
        faascast price diff may.json september.json
      """)

  @Argument(help: "The earlier price book.", completion: .file(extensions: ["json"]))
  var before: String

  @Argument(help: "The later price book.", completion: .file(extensions: ["json"]))
  var after: String?

  @Flag(help: "Print JSON instead of the table.")
  var json = false

  @Flag(help: "Exit with status 1 when a price changed.")
  var failOnChange = false

  func run() throws {
    let first = try PriceBook(contentsOf: before)
    let (old, new) =
      try after.map { path throws(InputFault) in (first, try PriceBook(contentsOf: path)) }
      ?? (PriceBook.shipped.get(), first)
    guard old.currency == new.currency else {
      throw InputFault(
        at: .init(file: after ?? before, key: "currency"), found: new.currency,
        expected: "\(old.currency), the currency of the other book")
    }
    let changes = PriceChanges(from: old, to: new)
    try StandardStream.output.write(
      json ? changes.json() : changes.text(colour: Terminal.output.isColoured, width: Terminal.output.width))
    if failOnChange, !changes.isEmpty { throw ExitCode(ExitStatus.checkFailed.rawValue) }
  }
}
