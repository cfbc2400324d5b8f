import ArgumentParser
import Diagnostics
import Scenarios
import Traces
import Units
import Workloads

struct Trace: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at traces, write them in other forms, make them up.",
    subcommands: [TraceInfo.self, TraceConvert.self, TraceSynthesize.self])

  /// The workload at a path, a trace or a scenario, and the seed to draw it by.
  static func open(_ path: String) throws(InputFault) -> (workload: Workload, seed: UInt64) {
    guard path.hasSuffix(".yaml") || path.hasSuffix(".yml") else { return (try .open(path: path), 0) }
    let scenario = try Scenario(contentsOf: path)
    return (try scenario.openWorkload(), scenario.seed)
  }
}
