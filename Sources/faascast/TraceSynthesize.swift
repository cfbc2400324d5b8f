import ArgumentParser
import Diagnostics
import Scenarios

struct TraceSynthesize: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synthesize",
    abstract: "Write the invocations of a synthetic workload as a trace.",
    discussion: """
      The traces in Traces/ are made so, from the scenarios beside them.

      Examples:
        faascast trace synthesize Traces/checkout-requests.yaml --output sale.csv
        faascast trace synthesize Traces/lambda-logs.yaml \\
            --format lambda-logs-text --output logs
      """)

  @Argument(help: "A scenario with a synthetic workload.", completion: .file(extensions: ["yaml", "yml"]))
  var scenario: String

  @OptionGroup var destination: TraceDestination

  func run() throws {
    let scenario = try Scenario(contentsOf: scenario)
    guard case .synthetic = scenario.workload else {
      throw InputFault(
        at: scenario.place(of: "workload"), found: "a recorded workload", expected: "a synthetic one",
        advice: "faascast trace convert writes recorded ones")
    }
    try destination.write(scenario.openWorkload(), seed: scenario.seed)
  }
}
