import ArgumentParser
import Diagnostics
import Engine
import Forecasting
import Foundation
import Planning
import Reporting
import Scenarios

struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Replay a scenario and report what happens.",
    discussion: """
      Writes a report to Reports/NAME (page, tables and summary.json) and prints a summary.

      Examples:
        faascast simulate Scenarios/quickstart.yaml
        faascast simulate checkout.yaml --seed 7 --window 8h..16h
        faascast simulate checkout.yaml --json | jq .totals.coldStarts
        faascast simulate checkout.yaml --replications 20
        faascast simulate year.yaml --checkpoint year.state
        faascast simulate year.yaml --checkpoint year.state --resume year.state
        faascast simulate checkout.yaml --precision 5% --of coldStarts,latencyMs.p99

      Ctrl-C ends the run and reports what was simulated until then (exit status 130); a second one ends the program.
      """)

  @Argument(help: "The scenario, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var scenario: String

  @Option(
    help: ArgumentHelp("Where the report goes (default: Reports/NAME).", valueName: "dir"), completion: .directory)
  var output: String?

  @Flag(help: "Replay once more for the cold starts and idle environments under every keep-alive.")
  var keepAliveCurve = false

  @Flag(help: "Print summary.json instead of the text.")
  var json = false

  @Option(help: "Random numbers to draw, instead of the scenario's seed.")
  var seed: UInt64?

  @Option(help: "Threads (default: as many as processors). The answer does not depend on it.")
  var jobs: Int?

  @Option(
    help: ArgumentHelp("Replay only this part of the trace, such as 8h..16h.", valueName: "from..to"),
    transform: Self.window)
  var window: Window?

  @OptionGroup var repetition: ReplicationOptions
  @OptionGroup var checkpoints: CheckpointOptions

  @Flag(name: .shortAndLong, help: "No progress.")
  var quiet = false

  @Flag(help: "Tell the bill of thirty days at the same pace too.")
  var perMonth = false

  @Flag(help: "Show what the same workload would cost elsewhere, and look for the best provisioned concurrency.")
  var alternatives = false

  @OptionGroup var book: PriceBookOption
  @OptionGroup var budget: Budget

  /// Far more than any machine has use for, and few enough to start.
  private static let mostJobs = 1024

  private static func window(_ text: String) throws -> Window {
    guard let window = Window(parsing: text) else {
      throw ValidationError("expected two times since the trace's start, the earlier one first, such as 8h..16h")
    }
    return window
  }

  func validate() throws {
    if let jobs, !(1...Self.mostJobs).contains(jobs) {
      throw ValidationError("--jobs must be 1 to \(Self.mostJobs), found \(jobs)")
    }
    if output?.isEmpty == true { throw ValidationError("--output must name a directory") }
  }

  func run() throws {
    var scenario = try Scenario(contentsOf: scenario)
    if let seed { scenario.seed = seed }
    if let window { scenario.window = window }
    // Report bad input before the long run starts.
    let charts = try ChartLibrary.find()
    let goal = repetition.goal(standard: scenario.replications)
    if checkpoints.isAsked, goal != .count(1) {
      throw ValidationError("--checkpoint and --resume are for one run, not for several replications")
    }
    var options = Forecast.Options(jobs: threads)
    options.goal = goal
    options.warmUp = repetition.warmUp
    options.keepAliveCurve = keepAliveCurve
    options.perMonth = perMonth
    options.searchesProvisioned = alternatives
    let checkpointing = try checkpoints.checkpointing()
    let forecast = try Forecast(of: scenario, book: book.chosen(), options: options)

    Interruption.listen()
    var progress = ProgressLine(isQuiet: quiet)
    defer { progress.clear() }
    let result = try forecast.run(
      .init(
        onProgress: { progress.show(share: $0.share, invocations: $0.invocations) },
        shouldStop: { Interruption.isRequested }, checkpointing: checkpointing),
      as: .init(command: CommandText.of(CommandLine.arguments), producer: "Faascast \(Faascast.version)"))
    progress.clear()
    try publish(result.report, to: output ?? "Reports/\(scenario.name)", charts)
    try checkpoints.finish(isComplete: result.report.outcome.isComplete)
    guard result.isComplete else { throw ExitCode(ExitStatus.interrupted.rawValue) }
    if let costs = result.report.costs {
      if let month = costs.month {
        try budget.check(month.bill, over: " of 30 days")
      } else {
        try budget.check(costs.bill)
      }
    }
    if !result.missed.isEmpty { throw ExitCode(ExitStatus.checkFailed.rawValue) }
  }

  private var threads: Int { jobs ?? ProcessInfo.processInfo.activeProcessorCount }

  /// Writes the report and prints its summary. One that fails does not take the other with it: the run may have been
  /// long.
  private func publish(_ report: Report, to directory: String, _ charts: ChartLibrary?) throws {
    let files = report.files(charts: charts, threads: threads)
    let writing = Result { () throws(InputFault) in try files.write(to: directory) }
    let location: String? = if case .success = writing { directory } else { nil }
    try StandardStream.output.write(
      json
        ? files.summary
        : report.text(colour: Terminal.output.isColoured, width: Terminal.output.width, location: location))
    try writing.get()
  }
}
