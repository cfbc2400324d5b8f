import ArgumentParser
import Diagnostics
import Traces

struct TraceInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Say what a trace is like: size, rate, burstiness, durations, oddities.",
    discussion: """
      Takes a trace (the kind is told by what is there) or a scenario, whose workload and window are used.

      Examples:
        faascast trace info Traces/requests.csv
        faascast trace info Scenarios/quickstart.yaml
        aws logs tail /aws/lambda/checkout --since 1d > checkout.log; faascast trace info checkout.log
      """)

  @Argument(help: "A file, a directory, or a scenario (.yaml).", completion: .file())
  var trace: String

  @Option(help: ArgumentHelp("How many of the busiest functions to name.", valueName: "number"))
  var busiest = 10

  @Flag(name: .shortAndLong, help: "No progress.")
  var quiet = false

  func validate() throws {
    if busiest < 0 { throw ValidationError("--busiest must not be negative, found \(busiest)") }
  }

  func run() throws {
    let (workload, seed) = try Trace.open(trace)
    var progress = ProgressLine(isQuiet: quiet)
    defer { progress.clear() }
    let summary = try TraceSummary.of(workload, seed: seed, busiest: busiest) { progress.show(share: $0) }
    progress.clear()
    let lines = summary.lines
    let width = lines.map(\.label.count).max() ?? 0
    let text = lines.map { label, text in
      label + String(repeating: " ", count: width - label.count) + "  " + text + "\n"
    }
    try StandardStream.output.write(text.joined())
  }
}
