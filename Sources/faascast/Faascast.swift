import ArgumentParser
import Glibc

@main
struct Faascast: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "faascast",
    abstract: "Forecast what a serverless workload will do and cost, before anyone deploys it.",
    discussion: """
      Replays invocations, from production traces or from laws, through a model of AWS Lambda: cold starts, \
      concurrency, throttles, latency and the bill.

      First steps:
        faascast simulate Scenarios/quickstart.yaml
        faascast help simulate

      Exit status: 0 success, 1 a check that was asked for failed, 64 bad usage, 65 bad input, 69 something needed is not there, 74 input or output failed, \
      130 stopped by Ctrl-C.
      """,
    version: version,
    subcommands: [
      Simulate.self, Compare.self, Estimate.self, Price.self, Trace.self, Measure.self, Calibrate.self, Validate.self,
      DoctorCommand.self,
    ])

  static func main() {
    // A reader that left (`faascast … | head`) is told from a full disk by what `write` returns.
    signal(SIGPIPE, SIG_IGN)
    Machine.shareHeaps()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      Failure(error).end()
    }
  }
}
