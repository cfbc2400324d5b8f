import ArgumentParser
import Diagnostics
import Foundation
import Platform
import Pricing
import Scenario
import Simulation

struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Replay a scenario and report what happens.",
    discussion: """
      Writes a report to Reports/NAME (page, tables and summary.json) and prints a summary.

      Examples:
        faascast simulate Scenarios/quickstart.yaml
        faascast simulate checkout.yaml --seed 7 --window 8h..16h
        faascast simulate checkout.yaml --json | jq .totals.coldStarts

      Ctrl-C ends the run and reports what was simulated until then (exit status 130); a second one ends the program.
      """)

  @Argument(help: "The scenario, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var scenario: String

  @Option(
    help: ArgumentHelp("Where the report goes (default: Reports/NAME).", valueName: "dir"), completion: .directory)
  var output: String?

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

  @Flag(name: .shortAndLong, help: "No progress.")
  var quiet = false

  private static func window(_ text: String) throws -> Window {
    guard let window = Window(parsing: text) else {
      throw ValidationError("expected two times since the trace's start, the earlier one first, such as 8h..16h")
    }
    return window
  }

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs must be at least 1, found \(jobs)") }
  }

  func run() throws {
    var scenario = try Scenario(contentsOf: scenario)
    if let seed { scenario.seed = seed }
    if let window { scenario.window = window }
    let book = try PriceBook.shipped.get()
    try scenario.checkRegion(in: book)

    Interruption.listen()
    let start = ContinuousClock.now
    let simulation = Simulation(
      workload: try scenario.openWorkload(), platform: scenario.platform, seed: scenario.seed,
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
    var progress = ProgressLine(isQuiet: quiet)
    defer { progress.clear() }
    let outcome = try simulation.run(
      onProgress: { progress.show(share: $0.share, invocations: $0.invocations) },
      shouldStop: { Interruption.isRequested })
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    progress.clear()
    let bill = try Bill(for: outcome, region: scenario.platform.region, book: book)
    print(outcome.totals.arrivals, seconds, bill.total)
    if !outcome.isComplete { throw ExitCode(ExitStatus.interrupted.rawValue) }
  }
}

extension Scenario {
  /// Faults on a Region without prices, at its line in the scenario, before anything is simulated.
  fileprivate func checkRegion(in book: PriceBook) throws(InputFault) {
    do {
      _ = try book.region(platform.region)
    } catch {
      throw InputFault(
        at: place(of: "platform.region"), found: error.found, expected: error.expected, advice: error.advice)
    }
  }
}
