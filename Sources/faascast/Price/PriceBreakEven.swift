import ArgumentParser
import Diagnostics
import Platforms
import Pricing
import Reporting
import Units

/// `faascast price break-even`: from where on does something else cost less?
struct PriceBreakEven: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "break-even",
    abstract: "Tell when provisioned concurrency, Fargate or EC2 cost less than Lambda on demand.",
    discussion: """
      Without flags: the utilisation at which provisioned concurrency pays, by Region. With --duration and --memory: a \
      function's month at steady rates on Lambda, Fargate and EC2, and the rate from which on each is cheaper.

      Examples:
        faascast price break-even
        faascast price break-even --duration 120ms --memory 1024 --architecture arm64
      """)

  @Option(help: "Duration of each request, such as 120ms.", transform: PriceReading.time)
  var duration: TimeSpan?

  @Option(help: "Memory setting, MB.", transform: PriceReading.memory)
  var memory: MemorySize?

  @Option(help: "x86_64 or arm64 (default: x86_64).", transform: PriceReading.architecture)
  var architecture: Architecture?

  @Option(help: "The Region whose prices hold (default: us-east-1).")
  var region: String?

  @Flag(help: "Print JSON instead of the table.")
  var json = false

  @OptionGroup var book: PriceBookOption

  func validate() throws {
    guard (duration == nil) == (memory == nil) else {
      throw ValidationError("--duration and --memory go together")
    }
    if let duration, duration <= .zero { throw ValidationError("--duration must be above zero") }
  }

  func run() throws {
    let book = try self.book.read()
    if let region { try book.requireRegion(region, at: .init(file: "", key: "--region")) }
    let report: BreakEvenReport
    if let duration, let memory {
      let region = self.region ?? "us-east-1"
      try book.requireRegion(region, at: .init(file: "", key: "--region"))
      report = .init(
        curve: RateCurve(region: region, architecture: architecture ?? .x86, memory: memory, duration: duration), book)
    } else {
      report = .init(regions: region.map { [$0] } ?? book.regions, book)
    }
    try StandardStream.output.write(
      json ? report.json() : report.text(colour: Terminal.output.isColoured, width: Terminal.output.width))
  }
}
