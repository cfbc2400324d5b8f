import ArgumentParser
import Diagnostics
import Forecasting
import Foundation
import Planning
import Reporting
import Scenarios

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Hold scenarios against the first one, and tell differences from noise.",
    discussion: """
      Each scenario is run several times. The n-th runs of all share their random numbers, so that functions of the same \
      name see the same arrivals and durations, and what differs is the platform's doing.

      Examples:
        faascast compare Scenarios/provisioned-6.yaml Scenarios/provisioned-7.yaml
        faascast compare now.yaml arm64.yaml more-memory.yaml --replications 50 --markdown

      All scenarios are run with the first one's seed, or --seed.
      """)

  @Argument(help: "The scenarios, two or more; the first is what the others are held against.")
  var scenarios: [String]

  @Option(help: "Runs of each scenario.")
  var replications = 20

  @Option(
    name: .customLong("of"), help: ArgumentHelp("The outputs to show, such as coldStarts,cost.", valueName: "outputs"),
    transform: ReplicationOptions.outputs)
  var outputs: [Output]?

  @Option(help: "Random numbers to draw, instead of the first scenario's seed.")
  var seed: UInt64?

  @Option(help: "Threads (default: as many as processors). The answer does not depend on it.")
  var jobs: Int?

  @Option(help: WarmUpChoice.help, transform: WarmUpChoice.init(parsing:))
  var warmUp: WarmUpChoice?

  @OptionGroup var book: PriceBookOption

  @Flag(help: "Print JSON, with all outputs.")
  var json = false

  @Flag(help: "Print Markdown tables.")
  var markdown = false

  @Flag(name: .shortAndLong, help: "No progress.")
  var quiet = false

  func validate() throws {
    guard scenarios.count > 1 else { throw ValidationError("expected two scenarios or more to compare") }
    guard (2...100_000).contains(replications) else {
      throw ValidationError("--replications must be 2 to 100000, found \(replications)")
    }
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs must be 1 to 1024, found \(jobs)") }
    if json, markdown { throw ValidationError("--json and --markdown do not go together") }
  }

  func run() throws {
    var comparison = try ForecastComparison(
      of: scenarios.map { try Scenario(contentsOf: $0) }, book: book.chosen(), seed: seed,
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
    comparison.replications = replications
    comparison.warmUp = warmUp

    Interruption.listen()
    var progress = ProgressLine(isQuiet: quiet)
    defer { progress.clear() }
    let report = try comparison.run(
      showing: outputs ?? ComparisonReport.usualOutputs,
      .init(
        onProgress: { progress.show(share: $0.share, invocations: $0.invocations) },
        shouldStop: { Interruption.isRequested }))
    progress.clear()
    guard let report else {
      try StandardStream.error.write("faascast: stopped before all scenarios were run; there is nothing to compare\n")
      throw ExitCode(ExitStatus.interrupted.rawValue)
    }
    try StandardStream.output.write(
      json
        ? report.json()
        : markdown
          ? report.markdown()
          : report.text(colour: Terminal.output.isColoured, width: Terminal.output.width))
  }
}
