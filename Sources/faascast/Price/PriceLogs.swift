import ArgumentParser
import Diagnostics
import Documents
import Logs
import Platforms
import Pricing
import Reporting

/// `faascast price logs`: what did it really cost?
struct PriceLogs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs",
    abstract: "Price what Lambda's logs say was billed: by function, log stream or hour.",
    discussion: """
      Reads logs in every form that AWS exports (docs/readers.md), and bills the milliseconds that their REPORT lines say. \
      Shows billed against used time and memory, and what cold starts, failures and retries cost. Logs tell neither \
      Region nor architecture: say them.

      Examples:
        faascast price logs Traces/lambda-logs/thumbnails.json.gz
        faascast price logs checkout.log --by hour --region eu-west-1 --architecture arm64
        faascast price logs *.log --by stream --csv > streams.csv
      """)

  @Argument(help: "Files of logs.", completion: .file())
  var files: [String]

  @Option(help: "The Region whose prices hold (default: us-east-1).")
  var region: String?

  @Option(
    help: "x86_64 or arm64, of all functions (default: x86_64).", transform: PriceReading.architecture)
  var architecture: Architecture?

  @Option(help: "What the rows stand for: function, stream or hour.", transform: Self.grouping)
  var by: LogCostReport.Grouping = .function

  @Flag(help: "Deduct the free tier.")
  var freeTier = false

  @Flag(help: "Print JSON with every group instead of the text.")
  var json = false

  @Flag(help: "Print the table that --by names as CSV instead of the text.")
  var csv = false

  @Flag(name: .shortAndLong, help: "No progress.")
  var quiet = false

  @OptionGroup var book: PriceBookOption
  @OptionGroup var budget: Budget

  private static func grouping(_ text: String) throws -> LogCostReport.Grouping {
    guard let grouping = LogCostReport.Grouping(rawValue: text) else {
      throw ValidationError("expected function, stream or hour, found '\(text)'")
    }
    return grouping
  }

  func validate() throws {
    if json, csv { throw ValidationError("expected one of --json and --csv") }
  }

  func run() throws {
    let book = try self.book.read()
    let region = self.region ?? "us-east-1"
    try book.requireRegion(region, at: .init(file: "", key: "--region"))
    var progress = ProgressLine(isQuiet: quiet)
    defer { progress.clear() }
    let gathered = Gathered()
    let reports = try LoggedReports(
      of: files, onProgress: { progress.show(share: $0) }, take: { gathered.costs.take($0) })
    progress.clear()
    let costs = gathered.costs
    let architecture = self.architecture ?? .x86
    var terms = BillingTerms()
    if freeTier { terms.freeTier = .book }
    let usage = costs.usage(names: reports.functions, region: region, architecture: architecture)
    let assumptions =
      (self.region == nil ? ["Region: us-east-1; logs don't tell it (--region)"] : [])
      + (self.architecture == nil ? ["architecture: x86_64; logs don't tell it (--architecture)"] : [])
      + ["what is not in these logs was not used: provisioned concurrency, SnapStart's cache, /tmp, streaming"]
    let report = LogCostReport(
      costs, reports, bill: Bill(for: usage, book: book, terms: terms), assumptions: assumptions)
    let title = files.count == 1 ? files[0] : "\(files[0]) and \(files.count - 1) more"
    try StandardStream.output.write(
      json
        ? report.json(title: title)
        : csv
          ? report.csv(by: by)
          : report.text(
            title: title, by: by, colour: Terminal.output.isColoured, width: Terminal.output.width))
    try budget.check(report.bill)
  }

  /// What the reader's reports add up to.
  private final class Gathered {
    var costs = LogCosts()
  }
}
