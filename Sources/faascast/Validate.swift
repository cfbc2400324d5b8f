import ArgumentParser
import Calibration
import Diagnostics
import Foundation
import Platforms
import Reporting
import Scenarios
import Statistics
import Units

struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Hold the simulation against what really happened.",
    discussion: """
      --against simulates from a log's arrivals and durations and compares cold starts, environments, lifetimes,
      concurrency and billed time, by hour and by function. Invocations with environments but no --profile are predicted
      function by function from laws fitted to the others. Repeated simulations give the noise floor: a difference within
      it says nothing against the model.

      --live serves a scenario with real microVMs on this host. Each function is a sample function of its name (faascast
      measure --list) or what --guest says. Its starts and requests are timed first; then the scenario's arrivals are
      served several times over and held against a simulation from those timings. Real runs held against each other give
      the noise floor. Ctrl-C ends machines, threads and quotas, and then the program (status 130).

      Examples:
        faascast validate --against checkout.log
        faascast validate --against checkout.log --profile Profiles/checkout.json --at-most 10
        faascast validate --live Scenarios/live/bursty.yaml --request 40 --check
      """)

  @Option(
    parsing: .upToNextOption,
    help: "Lambda logs, one or several files; or invocations with environments, or experiments at constant rates.",
    completion: .file())
  var against: [String] = []

  @Option(
    help: ArgumentHelp("Serve a scenario with real machines here.", valueName: "scenario"),
    completion: .file(extensions: ["yaml", "yml"]))
  var live: String?

  @OptionGroup(title: "With --live") var liveOptions: LiveOptions

  @Option(help: "The laws of the platform (default: Faascast's own).", completion: .file(extensions: ["json"]))
  var profile: String?

  @Option(help: ArgumentHelp("Simulations whose spread is the noise floor.", valueName: "number"))
  var replications = 20

  @Option(help: ArgumentHelp("Invocations simulated for each experiment.", valueName: "number"))
  var invocations = 1_000_000

  @Option(
    name: .customLong("round-trip"),
    help: ArgumentHelp(
      "Of experiments' times, what is on the way and holds no environment (default: 0ms).", valueName: "time"),
    transform: TargetOptions.time)
  var roundTrip = TimeSpan.zero

  @Option(
    name: .customLong("at-most"),
    help: ArgumentHelp("Exit with status 1 when cold starts are further off, in percent.", valueName: "percent"))
  var atMost: Double?

  @Option(help: "Random numbers to draw.")
  var seed: UInt64 = 0

  @Option(help: "Threads (default: as many as processors). The answer does not depend on it.")
  var jobs: Int?

  func validate() throws {
    if against.isEmpty == (live == nil) {
      throw ValidationError("give --against with files, or --live with a scenario")
    }
    if live != nil, profile != nil { throw ValidationError("--profile goes with --against; --live measures by itself") }
    if !(1...10_000).contains(replications) { throw ValidationError("--replications must be 1 to 10000") }
    if !(1000...1_000_000_000).contains(invocations) { throw ValidationError("--invocations must be 1000 or more") }
    if let atMost, !(atMost > 0) { throw ValidationError("--at-most must be above zero") }
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs must be 1 to 1024, found \(jobs)") }
  }

  func run() throws {
    if let live { return try liveOptions.run(live, replications: replications, seed: seed) }
    let file = against[0]
    let input = try CalibrationInput(path: file)
    if case .logs = input {
    } else if against.count > 1 {
      throw ValidationError("--against takes several files of Lambda logs only; \(file) has \(input.kind)")
    }
    let progress = SharedProgress(isQuiet: liveOptions.quiet)
    let laws = try profile.map { path throws(InputFault) in try Profile(contentsOf: path) }
    var platform = laws?.applied(to: Platform(accountConcurrency: nil)) ?? Platform(accountConcurrency: nil)
    var blocks = TextBlocks(ink: Ink(isOn: Terminal.output.isColoured), width: max(100, Terminal.output.width))
    var isHeldOut = false
    if case .environments = input { isHeldOut = laws == nil }
    let basis = isHeldOut ? "laws fitted to the other functions" : "laws: \(laws?.name ?? "Faascast's own")"
    blocks.heading(against.joined(separator: " "), note: "\(input.kind), \(basis)")
    let error: Double?
    switch input {
    case .environments(let trace):
      let rows = HeldOutTrace(
        trace, under: laws == nil ? nil : platform, replications: replications, goesOn: progress.goesOn)
      try progress.finish()
      error = rows.error
      Self.show(rows, isHeldOut: isHeldOut, &blocks)
    case .experiments(let table):
      let predictions = try table.predictions(
        under: platform, roundTrip: roundTrip.seconds, invocations: invocations, seed: seed, jobs: threads,
        goesOn: progress.goesOn)
      try progress.finish()
      error = Self.mean(predictions.map(\.coldError.magnitude))
      Self.show(predictions, &blocks)
    case .logs:
      platform.rules = laws?.functions.compactMap(Self.rule) ?? []
      let comparison = try LogValidation(
        files: against, platform: platform, replications: replications, seed: seed, jobs: threads,
        goesOn: progress.goesOn)
      try progress.finish()
      error = comparison.coldStartError
      Self.show(comparison, &blocks)
    case .durations, .powerTuning, .inits, .machines:
      throw InputFault(
        at: .init(file: file), found: input.kind, expected: "something that happened over time: logs or traces",
        advice: "faascast calibrate shows how well fits describe tables")
    }
    try StandardStream.output.write(blocks.text)
    if let atMost, let error, error * 100 > atMost {
      try StandardStream.error.write(
        "faascast: cold starts are \(Wording.plainPercent(error)) off on average, more than \(Wording.plain(atMost, 2)) %\n"
      )
      throw ExitCode(ExitStatus.checkFailed.rawValue)
    }
  }

  private var threads: Int { jobs ?? ProcessInfo.processInfo.activeProcessorCount }

  static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }

  private static func rule(_ function: ProfiledFunction) -> FunctionRule? {
    guard let name = function.function else { return nil }
    var rule = FunctionRule(pattern: name)
    rule.initDuration = function.initDuration
    return rule
  }
}
