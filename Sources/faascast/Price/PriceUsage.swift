import ArgumentParser
import Diagnostics
import Platforms
import Pricing
import Reporting
import Scenarios
import Units

/// `faascast price USAGE.yaml`, or the same from flags.
struct PriceUsage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "usage",
    abstract: "Price a month's usage, from a file or from flags.",
    discussion: """
      The file says what each function used; docs/pricing.md tells how, Scenarios/bills/ has examples. Without a file, \
      --requests, --duration and --memory say the same of one function.

      Examples:
        faascast price Scenarios/bills/mobile-backend.yaml
        faascast price --requests 3M --duration 120ms --memory 1536 --free-tier
      """)

  @Argument(help: "The usage, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var usage: String?

  @Option(help: "Requests a month, such as 3M.", transform: PriceReading.count)
  var requests: Int?

  @Option(help: "Billed duration of each request, such as 120ms.", transform: PriceReading.time)
  var duration: TimeSpan?

  @Option(help: "Memory setting, MB.", transform: PriceReading.memory)
  var memory: MemorySize?

  @Option(help: "x86_64 or arm64.", transform: PriceReading.architecture)
  var architecture: Architecture?

  @Option(help: "The Region whose prices hold (default: us-east-1).")
  var region: String?

  @Flag(help: "Deduct the free tier.")
  var freeTier = false

  @OptionGroup var book: PriceBookOption
  @OptionGroup var form: BillForm

  func validate() throws {
    let hasFlags = requests != nil || duration != nil || memory != nil || architecture != nil || region != nil
    guard usage == nil || !hasFlags, usage != nil || requests != nil else {
      throw ValidationError(
        usage == nil
          ? "expected a usage file, or --requests with --duration and --memory"
          : "a usage file says requests, duration, memory, architecture and region itself")
    }
  }

  func run() throws {
    let file = try usage.map { path throws(InputFault) in try UsageFile(contentsOf: path) }
    let book = try self.book.read(file?.priceBook)
    var terms = file?.terms ?? BillingTerms()
    if freeTier { terms.freeTier = .book }
    let usage: Usage
    if let file {
      try file.requireRegions(of: book)
      usage = file.usage
    } else {
      usage = try usageOfFlags(book)
    }
    try form.publish(Bill(for: usage, book: book, terms: terms), title: file?.name ?? "usage")
  }

  private func usageOfFlags(_ book: PriceBook) throws(InputFault) -> Usage {
    var use = FunctionUse(region: region ?? "us-east-1", architecture: architecture ?? .x86)
    try book.requireRegion(use.region, at: .init(file: "", key: "--region"))
    use.requests = Int128(requests ?? 0)
    use.duration = duration ?? .zero
    if let memory { use.memory = memory }
    var usage = Usage()
    use.add(to: &usage, by: "function")
    return usage
  }
}
