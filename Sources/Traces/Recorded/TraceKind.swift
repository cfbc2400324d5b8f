public import Diagnostics
import Glibc
import Logs
import Units
public import Workloads

/// A kind of trace that can be told by its content.
public enum TraceKind: String, CaseIterable, Sendable {
  case azure2019 = "azure-2019"
  case azure2021 = "azure-2021"
  /// A table, or JSON objects one a line, with an invocation in each row.
  case invocations
  case lambdaLogs = "lambda-logs"
  case logsInsights = "logs-insights"
  /// CloudWatch metrics in JSON.
  case cloudWatch = "cloudwatch"
  /// A table of counts per minute.
  case minuteCounts = "minute-counts"

  /// The kind of the trace at a path, by its first 64 KB; a directory is an Azure trace of 2019.
  /// - Throws: when it can't be read, is empty, or is none that is known.
  public init(ofTraceAt path: String) throws(InputFault) {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      self = .azure2019
      return
    }
    let head = try TraceHead(path: path)
    guard head.firstVisible != nil else {
      throw InputFault(at: .init(file: path), found: "an empty file", expected: "a trace")
    }
    if head.header.contains(where: { $0.lowercased() == "hashfunction" }) {
      throw InputFault(
        at: .init(file: path), found: "one table of an Azure trace of 2019",
        expected: "the directory of all its tables",
        advice: "name the directory that it lies in")
    }
    guard let kind = head.isJSON ? Self.json(head) : Self.table(head) ?? Self.logs(head) else {
      throw InputFault(
        at: .init(file: path, line: 1), found: excerpt(head.firstLine),
        expected: "a trace of a known kind: " + Self.allCases.map(\.rawValue).joined(separator: ", "),
        advice: "say in a scenario what the columns are: invocations: {file: …, columns: {function: …, arrival: …}}")
    }
    self = kind
  }

  private static func json(_ head: TraceHead) -> TraceKind? {
    if head.isObject, lists(head.members) { return .invocations }
    if head.contains("\"MetricDataResults\"") || head.contains("\"Datapoints\"") { return .cloudWatch }
    if head.contains("\"results\""), head.contains("\"field\"") { return .logsInsights }
    return logs(head)
  }

  private static func table(_ head: TraceHead) -> TraceKind? {
    let header = head.header
    guard header.count > 1 else { return nil }
    let names = header.map { $0.lowercased() }
    if ["app", "func", "end_timestamp", "duration"].allSatisfy(names.contains) { return .azure2021 }
    if names.contains(where: { $0.hasPrefix("@") }) { return .logsInsights }
    if lists(header) { return .invocations }
    if header.count(where: { MinuteTable.minute(named: $0) != nil }) > 1 { return .minuteCounts }
    let isLogTable = Array(head.firstLine).withUnsafeBytes { TableLogSource.isHeader($0) }
    return isLogTable ? .logsInsights : nil
  }

  private static func logs(_ head: TraceHead) -> TraceKind? {
    let marks = [
      "REPORT RequestId:", "START RequestId:", "INIT_START ", "platform.", "\"message\"", "\"events\"", "\"logEvents\"",
    ]
    return marks.contains(where: head.contains) ? .lambdaLogs : nil
  }

  /// Whether names are those of a list of invocations.
  private static func lists(_ names: [String]) -> Bool {
    (try? InvocationLayout(names, .detect, unit: .seconds, at: .init(file: ""))) != nil
  }
}

extension Workload {
  /// The trace at a path, whatever kind it is of, with that kind's usual settings.
  /// - Throws: when the kind can't be told, when it needs more than a path (counts don't say how long invocations run),
  ///   and what reading that kind throws.
  public static func open(path: String) throws(InputFault) -> Workload {
    switch try TraceKind(ofTraceAt: path) {
    case .azure2019: return try azure2019(directory: path)
    case .azure2021: return try azure2021(file: path)
    case .invocations: return try invocations(file: path)
    case .lambdaLogs: return try lambdaLogs(files: [path])
    case .logsInsights: return try logsInsights(file: path)
    case .cloudWatch: return try cloudWatch(file: path)
    case .minuteCounts:
      throw InputFault(
        at: .init(file: path), found: "counts per minute, which don't say how long invocations run",
        expected: "a law of durations with it",
        advice: "write a scenario with workload: {minute-counts: {file: …, function: …, duration: {lognormal: …}}}")
    }
  }
}
