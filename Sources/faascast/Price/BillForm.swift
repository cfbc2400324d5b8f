import ArgumentParser
import Diagnostics
import Foundation
import Platforms
import Pricing
import Reporting
import Units

/// The prices to go by.
struct PriceBookOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Prices to use instead of the program's own: a book that 'faascast price import' made.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var priceBook: String?

  /// The book that the option names, if it names one.
  func chosen() throws(InputFault) -> PriceBook? {
    guard let priceBook else { return nil }
    return try PriceBook(contentsOf: priceBook)
  }

  /// The book that the option names, else the one at `path`, else the program's own.
  func read(_ path: String? = nil) throws(InputFault) -> PriceBook { try PriceBook.named(priceBook ?? path) }
}

/// In which form a bill is printed, and what it must not exceed.
struct BillForm: ParsableArguments {
  @Flag(help: "Print bill.json instead of the text.")
  var json = false

  @Flag(help: "Print bill.csv, with FOCUS's columns, instead of the text.")
  var csv = false

  @Flag(help: "Print a Markdown table, short enough for a pull request.")
  var markdown = false

  @OptionGroup var budget: Budget

  func validate() throws {
    guard [json, csv, markdown].filter({ $0 }).count <= 1 else {
      throw ValidationError("expected one of --json, --csv and --markdown")
    }
  }

  /// Prints the bill; ends with status 1 when it exceeds the budget.
  func publish(_ bill: Bill, title: String) throws {
    let text =
      if json {
        bill.json(title: title)
      } else if csv {
        bill.csv()
      } else if markdown {
        bill.markdown(title: title)
      } else {
        bill.text(title: title, colour: Terminal.output.isColoured, width: Terminal.output.width)
      }
    try StandardStream.output.write(text)
    try budget.check(bill)
  }
}

/// What a bill must not exceed.
struct Budget: ParsableArguments {
  @Option(
    help: ArgumentHelp("Exit with status 1 when the bill is above this, such as 500USD.", valueName: "amount"),
    transform: Self.money)
  var failOver: Money?

  private static func money(_ text: String) throws -> Money {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let currency = text.dropFirst(digits.count).filter { $0 != " " }
    guard let amount = Decimal(plain: String(digits)), currency.wholeMatch(of: #/[A-Z]{3}/#) != nil else {
      throw ValidationError("expected an amount with its currency, such as 500USD, found '\(text)'")
    }
    return Money(amount, currency: String(currency))
  }

  /// Ends with status 1 when the bill exceeds the budget, and names by how much and what it is made of most.
  func check(_ bill: Bill, over span: String = "") throws {
    guard let failOver else { return }
    guard failOver.currency == bill.currency else {
      throw InputFault(
        at: .init(file: "", key: "--fail-over"), found: failOver.currency,
        expected: "the currency of the price book, \(bill.currency)")
    }
    guard bill.total > failOver.amount else { return }
    let dearest = bill.lines.max { $0.amount < $1.amount }
    let costs = bill.costsByFunction.max { ($0.value, $1.key) < ($1.value, $0.key) }
    var message = "faascast: the bill\(span) of \(bill.total.fixed(places: 2)) \(bill.currency) exceeds "
    message += "\(failOver.amount) \(failOver.currency) by \((bill.total - failOver.amount).fixed(places: 2))"
    if let dearest { message += "; most of it is \(dearest.meter), \(dearest.amount.fixed(places: 2))" }
    if let costs, bill.costsByFunction.count > 1 {
      message += ", and \(costs.key) costs most, \(costs.value.fixed(places: 2))"
    }
    try StandardStream.error.write(message + "\n")
    throw ExitCode(ExitStatus.checkFailed.rawValue)
  }
}

/// Quantities as people write them on the command line.
enum PriceReading {
  /// `3M`, `250k`, `1_000_000`.
  static func count(_ text: String) throws -> Int {
    let scales: [Character: Int64] = ["k": 1000, "K": 1000, "M": 1_000_000, "G": 1_000_000_000, "B": 1_000_000_000]
    let scale = text.last.flatMap { scales[$0] }
    let digits = (scale == nil ? text[...] : text.dropLast()).filter { $0 != "_" && $0 != "," }
    // Thousandths show whether the number is whole.
    guard let thousandths = Decimal64.scaled(Array(digits.utf8), by: (scale ?? 1) * 1000), thousandths >= 0,
      thousandths % 1000 == 0
    else { throw ValidationError("expected a whole number such as 3M, found '\(text)'") }
    return Int(thousandths / 1000)
  }

  static func time(_ text: String) throws -> TimeSpan {
    guard let span = TimeSpan(parsing: text), span >= .zero, span <= .hours(24 * 366) else {
      throw ValidationError("expected a time with its unit, such as 120ms or 1.5s, found '\(text)'")
    }
    return span
  }

  static func architecture(_ text: String) throws -> Architecture {
    guard let architecture = Architecture(rawValue: text) else {
      throw ValidationError("expected x86_64 or arm64, found '\(text)'")
    }
    return architecture
  }

  static func memory(_ text: String) throws -> MemorySize {
    guard let size = MemorySize(parsing: text), MemorySize.lambdaRange.contains(size.megabytes) else {
      throw ValidationError("expected memory of 128 to 10240 MB, found '\(text)'")
    }
    return size
  }
}
