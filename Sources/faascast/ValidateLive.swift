import ArgumentParser
import Diagnostics
import Documents
import Foundation
import LiveHost
import Measuring
import Platforms
import Reporting
import Scenarios
import Statistics
import Units

/// `validate --live`: what real machines on this host do, against what a simulation says.
struct LiveOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("What a function runs: a sample function or the path of a program.", valueName: "name=program"))
  var guest: [String] = []

  @Option(help: "What each invocation is given; @FILE for a file's content.")
  var request = ""

  @Option(help: ArgumentHelp("Real runs; their differences are the noise floor.", valueName: "number"))
  var rounds = 3

  @Option(
    help: ArgumentHelp("How many times as fast requests come and idle environments age.", valueName: "factor"))
  var speed = 1.0

  @Option(help: ArgumentHelp("Environments timed before the runs, for each function.", valueName: "count"))
  var cold = 40

  @Option(help: ArgumentHelp("Further requests timed before the runs, for each function.", valueName: "count"))
  var warm = 200

  @Option(help: ArgumentHelp("Write every invocation to files in a directory.", valueName: "directory"))
  var record: String?

  @Flag(
    help:
      "Exit with status 1 unless cold starts are within 2 %, p50 within 5 %, p95 within 10 %, p99 within 15 %, or within the noise floor."
  )
  var check = false

  @Flag(name: .shortAndLong, help: "No progress.")
  var quiet = false

  func validate() throws {
    if !(1...100).contains(rounds) { throw ValidationError("--rounds must be 1 to 100, found \(rounds)") }
    if !(speed > 0 && speed <= 1e6) { throw ValidationError("--speed must be above 0 and at most 1000000") }
    if !(1...100_000).contains(cold) { throw ValidationError("--cold must be 1 to 100000, found \(cold)") }
    if !(1...1_000_000).contains(warm) { throw ValidationError("--warm must be 1 to 1000000, found \(warm)") }
    for word in guest where !word.contains("=") {
      throw ValidationError("expected --guest name=program, found '\(word)'")
    }
  }

  func run(_ path: String, replications: Int, seed: UInt64) throws {
    var scenario = try Scenario(contentsOf: path)
    if seed != 0 { scenario.seed = seed }
    let workload = try scenario.openWorkload()
    let bytes = try RequestText.bytes(request)
    let directory = try record.map { path throws(InputFault) in try OutputDirectory(path) }
    let samples = SampleFunctions.find()
    let programs = Dictionary(
      guest.map { word -> (String, String) in
        let sides = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(sides[0]), String(sides[1]))
      }, uniquingKeysWith: { $1 })
    Interruption.listen(to: [SIGINT, SIGTERM, SIGHUP])
    var progress = ProgressLine(isQuiet: quiet)
    defer { progress.clear() }
    let plan = try ServicePlan(workload, platform: scenario.platform, speed: speed, seed: scenario.seed) { name in
      try Subject.find(programs[name] ?? name, request: bytes, samples: samples)
    }
    let host = try LiveHost(plan)
    // Before each run its timings, and its prediction from them alone: the clock of a shared host drifts within a minute,
    // and a prediction may know nothing of what it predicts.
    let effort = LiveHost.Effort(cold: cold, warm: warm).part(of: rounds)
    let share = 1 / Double(rounds)
    var timings: [FunctionTimings] = plan.functions.map { FunctionTimings(function: $0.name) }
    var runs: [ServiceRun] = []
    var predicted: [ServiceFigures] = []
    for round in 0..<rounds where !Interruption.isRequested {
      func show(_ from: Double, _ part: Double) { progress.show(share: share * (Double(round) + from + part)) }
      let latest = try host.measure(
        effort, part: round, onProgress: { show(0, 0.2 * $0) }, shouldStop: { Interruption.isRequested })
      let run = host.serve(onProgress: { show(0.2, 0.8 * $0) }, shouldStop: { Interruption.isRequested })
      if case .failed(let fault) = run.ending { throw fault }
      guard run.ending == .complete else { continue }
      runs.append(run)
      predicted += try (0..<replications).map { try plan.predicted(from: latest, replication: UInt64($0)) }
      for (index, timing) in latest.enumerated() { timings[index].add(timing) }
    }
    progress.clear()
    let names = plan.functions.map(\.name)
    if let directory, !runs.isEmpty {
      try directory.write(
        runs.enumerated().map { (name: "run-\($0.offset + 1).csv", content: $0.element.table(of: names)) })
    }
    guard !runs.isEmpty else { throw ExitCode(ExitStatus.interrupted.rawValue) }
    let comparison = LiveComparison(measured: runs.map { ServiceFigures($0) }, predicted: predicted)
    try StandardStream.output.write(text(path, plan, timings, runs, comparison, replications))
    if Interruption.isRequested { throw ExitCode(ExitStatus.interrupted.rawValue) }
    if check, !comparison.isWithin {
      try StandardStream.error.write("faascast: a figure is further off than its limit and than the noise floor\n")
      throw ExitCode(ExitStatus.checkFailed.rawValue)
    }
  }

  // MARK: text

  private func text(
    _ path: String, _ plan: ServicePlan, _ timings: [FunctionTimings], _ runs: [ServiceRun],
    _ comparison: LiveComparison, _ replications: Int
  ) -> String {
    var blocks = TextBlocks(ink: Ink(isOn: Terminal.output.isColoured), width: max(100, Terminal.output.width))
    blocks.heading(
      path,
      note:
        "\(plan.requests.count.grouped) requests in \(Wording.digits(plan.horizon.seconds, 4)) s, served \(runs.count) times by real machines"
    )
    var before = TextTable(
      "Measured before, ms",
      columns: ["overhead", "start", "first more", "request p50", "p95", "processors", "cold", "warm", "noisy"])
    for timing in timings {
      func milliseconds(_ seconds: Double?) -> String { seconds.map { Wording.plain($0 * 1000, 2) } ?? "" }
      before.rows.append([
        timing.function, milliseconds(timing.overhead?.quantile(0.5)),
        milliseconds(timing.start?.quantile(0.5)), milliseconds(timing.firstExcess),
        milliseconds(timing.duration?.quantile(0.5)), milliseconds(timing.duration?.quantile(0.95)),
        Wording.plain(timing.processorShare, 2), "\(timing.records.count { $0.coldStart != nil })",
        "\(timing.records.count { $0.coldStart == nil })", "\(timing.noisyCount)",
      ])
    }
    before.note =
      "medians, one request at a time, before each run; init is the start and what a first request takes more"
    blocks.table(before)

    var table = TextTable(
      "Figure", columns: ["measured", "predicted", "error", "noise floor", "limit", "within"])
    for row in comparison.rows {
      table.rows.append([
        row.name, Wording.digits(row.measuredMean, 5), Wording.digits(row.predictedMean, 5),
        row.error.map { Wording.plainPercent($0) } ?? "", row.floor.map { Wording.plainPercent($0) } ?? "",
        row.limit.map { Wording.plainPercent($0, 0) } ?? "", row.isWithin.map { $0 ? "yes" : "no" } ?? "",
      ])
    }
    table.note =
      "measured: mean of \(runs.count) runs; predicted: of \(replications) simulations for each, from what was measured before it; noise floor: a run against the others, on average"
    blocks.table(table)

    var tenths = TextTable("Running, by tenths", columns: comparison.tenths.map(\.name))
    tenths.rows = [
      ["measured"] + comparison.tenths.map { Wording.plain($0.measuredMean, 2) },
      ["predicted"] + comparison.tenths.map { Wording.plain($0.predictedMean, 2) },
    ]
    blocks.table(tenths)
    blocks.list("To know", notes(timings, runs, comparison))
    blocks.closing(record.map { [("Invocations", $0)] } ?? [])
    return blocks.text
  }

  private func notes(
    _ timings: [FunctionTimings], _ runs: [ServiceRun], _ comparison: LiveComparison
  ) -> [String] {
    var notes: [String] = []
    let all = runs.reduce(0) { $0 + $1.records.count }
    let noisy = runs.reduce(0) { $0 + $1.noisyCount }
    notes.append("\(noisy) of \(all.grouped) invocations waited for a processor for more than 5 % of their time")
    let wanted =
      (timings.map(\.processorShare).max() ?? 0)
      * (comparison.rows.first { $0.name == "peak concurrency" }?.measuredMean ?? 0)
    let processors = HostFacts.read().processors
    if wanted > Double(processors) {
      notes.append(
        "at the peak machines wanted \(Wording.plain(wanted, 1)) processors and there are \(processors): they slowed each other down, which the simulation does not know"
      )
    }
    return notes
  }
}
