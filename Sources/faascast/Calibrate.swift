import ArgumentParser
import Calibration
import Diagnostics
import Documents
import Foundation
import Logs
import Platforms
import Reporting
import Statistics
import Traces
import Units
import Workloads

struct Calibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn measurements into a profile: laws of init, durations, memory, keep-alive.",
    discussion: """
      Takes files of any of these kinds, told by their content: Lambda logs; the result of AWS Lambda Power Tuning or its
      link; durations by memory (columns memory_mb, duration_ms); cold starts (init_ms, and day, runtime, memory,
      architecture, package where known); invocations with environments (start_s, end_s, environment); profiles that
      faascast measure wrote, whose work and counts are priced anew for the platform. All other values are measured on
      the same platform. A scenario takes the result by `profile: Profiles/checkout.json`, under
      `platform:`, under a function, or both.

      Examples:
        faascast calibrate checkout.log --output Profiles/checkout.json
        faascast calibrate sizes.csv --train 128,256,512,1024,1536,3008
        faascast calibrate cold-starts.csv --families lognormal,burr --bootstrap 99
        faascast calibrate profile.json --clock 1.1 --output Profiles/checkout.json
      """)

  @Argument(help: "Files, or a link of Power Tuning in quotes.", completion: .file())
  var inputs: [String]

  @Option(name: .shortAndLong, help: "The profile to write, such as Profiles/checkout.json.", completion: .file())
  var output: String?

  @Option(help: "The profile's name (default: the output's, without its ending).")
  var name: String?

  @Option(
    help: ArgumentHelp("Fit only to these memory sizes and show the error on the others.", valueName: "MB,MB,…"),
    transform: Self.sizes)
  var train: [MemorySize] = []

  @Option(
    help: ArgumentHelp("Families of laws to choose from (default: all).", valueName: "a,b,…"), transform: Self.laws)
  var families: [LawFamily] = LawFamily.allCases

  @Option(
    help: ArgumentHelp(
      "Where the second half of a table of cold starts begins (default: its middle).", valueName: "day"))
  var split: String?

  @Option(help: ArgumentHelp("Samples drawn for p-values and intervals; 0 for none.", valueName: "number"))
  var bootstrap = 0

  @OptionGroup(title: "With measured profiles") var target: TargetOptions

  @Flag(help: "Print the profile in JSON instead of the text.")
  var json = false

  @Option(help: "Threads (default: as many as processors). The answer does not depend on it.")
  var jobs: Int?

  @Flag(name: .shortAndLong, help: "No progress.")
  var quiet = false

  private static func sizes(_ text: String) throws -> [MemorySize] {
    try text.split(separator: ",").map { part in
      guard let size = MemorySize(parsing: String(part)), MemorySize.lambdaRange.contains(size.megabytes) else {
        throw ValidationError("expected memory sizes in MB such as 128,512,3008, found '\(part)'")
      }
      return size
    }
  }

  private static func laws(_ text: String) throws -> [LawFamily] {
    try text.split(separator: ",").map { part in
      let name = part.trimmingCharacters(in: .whitespaces)
      guard let family = LawFamily(rawValue: name) else {
        throw ValidationError(
          "'\(name)' is no family of laws; \(didYouMean(name, among: LawFamily.allCases.map(\.rawValue)))")
      }
      return family
    }
  }

  func validate() throws {
    if inputs.isEmpty { throw ValidationError("name at least one file") }
    if train.count == 1 { throw ValidationError("--train needs at least two sizes") }
    if bootstrap != 0, !(19...100_000).contains(bootstrap) {
      throw ValidationError("--bootstrap must be 0, or 19 to 100000")
    }
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs must be 1 to 1024, found \(jobs)") }
    if families.isEmpty { throw ValidationError("--families must name at least one") }
  }

  func run() throws {
    var result = CalibratedProfile(name: profileName)
    var blocks = TextBlocks(
      ink: Ink(isOn: Terminal.output.isColoured), width: max(bootstrap > 0 ? 112 : 100, Terminal.output.width))
    let progress = SharedProgress(isQuiet: quiet)
    for path in inputs {
      let input = try CalibrationInput(path: path)
      var source = CalibratedProfile.Source(file: path, kind: input.kind, rows: input.rows)
      if blocks.text != "" { blocks.space() }
      blocks.heading(path, note: "\(input.kind), \(input.rows.grouped) rows")
      switch input {
      case .durations(let table):
        try addMemory(table.functions, path, progress, to: &result, &blocks)
      case .powerTuning(let tuning):
        try addMemory([tuning.function], path, progress, costs: tuning.points.map(\.cost), to: &result, &blocks)
      case .inits(let table):
        source.window = table.window.map { .init(from: $0.lowerBound, to: $0.upperBound) }
        addInits(table, progress, to: &result, &blocks)
      case .environments(let trace):
        source.window = Self.window(trace)
        addPlatform(trace, to: &result, &blocks)
      case .logs(let listing):
        source.window = Self.window(listing)
        addLogs(listing, progress, to: &result, &blocks)
      case .machines(let timings):
        source.window = .init(from: timings.created, to: timings.created)
        addMachines(timings, to: &result, &blocks)
      case .experiments:
        throw InputFault(
          at: .init(file: path), found: "results of experiments", expected: "measurements to fit",
          advice: "faascast validate --against \(path) --profile PROFILE holds laws against them")
      }
      try progress.finish()
      result.sources.append(source)
    }
    blocks.list("Warnings", result.warnings)
    if let output {
      let file = URL(filePath: output)
      try OutputDirectory(file.deletingLastPathComponent().relativePath).write([
        (file.lastPathComponent, result.json.written(depth: 3) + "\n")
      ])
      blocks.closing([("Profile", output)])
    }
    try StandardStream.output.write(json ? result.json.written(depth: 3) + "\n" : blocks.text)
  }

  /// From the first arrival to the last, in UTC; nil where the logs have no dates.
  private static func window(_ listing: LambdaLogListing) -> CalibratedProfile.Source.Window? {
    guard let epoch = listing.epoch, let first = listing.invocations.map(\.arrival).min(),
      let last = listing.invocations.map(\.arrival).max()
    else { return nil }
    func date(_ arrival: Int64) -> String {
      Date(timeIntervalSince1970: epoch + Double(arrival) / 1e9).formatted(.iso8601)
    }
    return .init(from: date(first), to: date(last))
  }

  /// From the first start to the last end, since the trace's own beginning.
  private static func window(_ trace: EnvironmentTrace) -> CalibratedProfile.Source.Window? {
    let uses = trace.functions.flatMap(\.uses)
    guard let first = uses.map(\.start).min(), let last = uses.map(\.end).max() else { return nil }
    return .init(from: "\(Wording.plain(first, 0)) s", to: "\(Wording.plain(last, 0)) s")
  }

  private var profileName: String {
    if let name { return name }
    guard let output else { return "profile" }
    return URL(filePath: output).deletingPathExtension().lastPathComponent
  }

  var threads: Int { jobs ?? ProcessInfo.processInfo.activeProcessorCount }
}
