import ArgumentParser
import Diagnostics
import Forecasting
import Planning
import Units

/// How often to run a scenario, and what is left out at the beginning of each run.
struct ReplicationOptions: ParsableArguments {
  @Option(help: "Runs, each with other random numbers (default: the scenario's, else 1).")
  var replications: Int?

  @Option(
    help: ArgumentHelp(
      "Add replications until outputs are known to within this share, such as 5%.", valueName: "share"),
    transform: EstimateReading.share)
  var precision: Double?

  @Option(
    name: .customLong("of"),
    help: ArgumentHelp(
      "The outputs to be so precise (default: coldStarts,latencyMs.p99).", valueName: "outputs"),
    transform: Self.outputs)
  var outputs: [Output]?

  @Option(help: "Replications after which to give up on the precision (default: 1000).")
  var mostReplications: Int?

  @Option(help: WarmUpChoice.help, transform: WarmUpChoice.init(parsing:))
  var warmUp: WarmUpChoice?

  private static let mostEver = 100_000

  static func outputs(_ text: String) throws -> [Output] {
    let outputs = try text.split(separator: ",").map { part in
      let name = String(part.filter { $0 != " " })
      guard let output = Output(named: name) else {
        throw ValidationError("no output is called '\(name)': \(didYouMean(name, among: Output.all.map(\.name)))")
      }
      return output
    }
    guard !outputs.isEmpty else { throw ValidationError("expected outputs such as coldStarts,latencyMs.p99") }
    return outputs
  }

  func validate() throws {
    for (name, value, least) in [
      ("--replications", replications, 1), ("--most-replications", mostReplications, 2),
    ] {
      if let value, !(least...Self.mostEver).contains(value) {
        throw ValidationError("\(name) must be \(least) to \(Self.mostEver), found \(value)")
      }
    }
    if precision != nil, replications != nil {
      throw ValidationError("--precision finds the number of replications itself; --replications does not go with it")
    }
    if precision == nil, outputs != nil || mostReplications != nil {
      throw ValidationError("--of and --most-replications go with --precision")
    }
  }

  /// What was asked for; `standard` replications where nothing was.
  func goal(standard: Int) -> Replications.Goal {
    guard let precision else { return .count(replications ?? standard) }
    return .precision(
      PrecisionTarget(
        relative: precision, outputs: outputs ?? [.coldStarts, .latency(.p99)], most: mostReplications ?? 1000))
  }
}

extension WarmUpChoice {
  static let help = ArgumentHelp(
    "What to leave out at the beginning of runs: none, a time, or auto.",
    discussion: """
      By itself, several runs of a synthetic workload whose laws do not change with time leave out what MSER-5 finds \
      to be unsettled, and all others nothing.
      """, valueName: "time")

  init(parsing text: String) throws {
    switch text {
    case "none": self = .none
    case "auto": self = .automatic
    default:
      guard let span = TimeSpan(parsing: text), span > .zero else {
        throw ValidationError("expected none, auto or a time such as 30m, found '\(text)'")
      }
      self = .time(span)
    }
  }
}
