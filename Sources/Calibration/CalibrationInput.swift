public import Diagnostics
public import Logs
import Reading
import Traces

/// A file, or a link, that a model can be calibrated from, told by its content.
public enum CalibrationInput: Sendable {
  case durations(DurationTable)
  case powerTuning(PowerTuning)
  case inits(InitTable)
  case environments(EnvironmentTrace)
  case logs(LambdaLogListing)
  case machines(MachineTimings)
  /// Of use for validation only: they have results, but nothing to fit.
  case experiments(RateExperiments)

  /// - Throws: when the file can't be read or is of no kind that is known.
  public init(path: String) throws(InputFault) {
    if PowerTuning.isLink(path) {
      self = .powerTuning(try PowerTuning(link: path))
      return
    }
    let lines = try LineReader(path: path)
    guard let first = try lines.next() else {
      throw InputFault(at: .init(file: path), found: "an empty file", expected: Self.expected)
    }
    let head = String(decoding: first.prefix(64 << 10), as: UTF8.self)
    switch head.first(where: { !$0.isWhitespace }) {
    case "{", "[":
      if try Self.isMeasured(path) {
        self = .machines(try MachineTimings(path: path))
      } else if try Self.isPowerTuning(path) {
        self = .powerTuning(try PowerTuning(path: path))
      } else {
        self = .logs(try Self.logs(path))
      }
    default:
      let names = Set(head.split(separator: ",").map { $0.lowercased().filter { $0 != "\"" && !$0.isWhitespace } })
      func has(_ wanted: [String]) -> Bool { !names.isDisjoint(with: wanted) }
      if has(["arrivalrate"]), has(["coldstartprobability"]) {
        self = .experiments(try RateExperiments(path: path))
      } else if has(EnvironmentTrace.environmentNames), has(["start_s", "start"]) {
        self = .environments(try EnvironmentTrace(path: path))
      } else if has(InitTable.durationNames) {
        self = .inits(try InitTable(path: path))
      } else if has(DurationTable.memoryNames), has(DurationTable.durationNames) {
        self = .durations(try DurationTable(path: path))
      } else {
        self = .logs(try Self.logs(path))
      }
    }
  }

  static let expected =
    "Lambda logs, a measured profile, Power Tuning's result, durations by memory, cold starts, or invocations with "
    + "environments"

  private static func logs(_ path: String) throws(InputFault) -> LambdaLogListing {
    switch try TraceKind(ofTraceAt: path) {
    case .lambdaLogs, .logsInsights: return try LambdaLogListing(files: [path])
    case let kind:
      throw InputFault(
        at: .init(file: path), found: "a trace of the kind \(kind.rawValue)", expected: expected,
        advice: "a table of cold starts has a column init_ms; of durations by memory, memory_mb and duration_ms")
    }
  }

  /// Looks for a measured profile's schema, which stands first.
  private static func isMeasured(_ path: String) throws(InputFault) -> Bool {
    let lines = try LineReader(path: path)
    for _ in 0..<5 {
      guard let line = try lines.next() else { return false }
      if MachineTimings.isMeasured(String(decoding: line.prefix(4096), as: UTF8.self)) { return true }
    }
    return false
  }

  /// Looks for the marks of a Power Tuning result in the first lines.
  private static func isPowerTuning(_ path: String) throws(InputFault) -> Bool {
    let lines = try LineReader(path: path)
    for _ in 0..<200 {
      guard let line = try lines.next() else { return false }
      let text = String(decoding: line.prefix(64 << 10), as: UTF8.self)
      if PowerTuning.isLink(text) || text.contains("\"averageDuration\"") { return true }
    }
    return false
  }

  /// In the words of reports.
  public var kind: String {
    switch self {
    case .durations: "durations by memory"
    case .powerTuning: "power tuning"
    case .inits: "cold starts"
    case .environments: "invocations with environments"
    case .logs: "Lambda logs"
    case .machines: "measured profile"
    case .experiments: "experiments at constant rates"
    }
  }

  public var rows: Int {
    switch self {
    case .durations(let table): table.rows
    case .powerTuning(let result): result.points.count
    case .inits(let table): table.rows
    case .environments(let trace): trace.rows
    case .logs(let listing): listing.invocations.count
    case .machines(let timings): timings.sampleCount
    case .experiments(let table): table.experiments.count
    }
  }
}
