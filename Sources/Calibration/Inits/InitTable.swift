public import Diagnostics
import Logs
import Reading
import Statistics

/// Init times of cold starts, by what they depend on.
public struct InitTable: Sendable {
  /// What decides on an init time; nil where the table does not say.
  public struct Group: Hashable, Sendable {
    public var function: String?
    public var runtime: String?
    public var architecture: String?
    public var package: String?

    public init(function: String? = nil, runtime: String? = nil, architecture: String? = nil, package: String? = nil) {
      self.function = function
      self.runtime = runtime
      self.architecture = architecture
      self.package = package
    }

    /// `python3.12, arm64, zip`.
    public var name: String {
      let parts = [function, runtime, architecture, package].compactMap { $0 }
      return parts.isEmpty ? "all" : parts.joined(separator: ", ")
    }
  }

  /// One cold start.
  public struct Row: Hashable, Sendable {
    /// Days or other moments that sort as text; empty where the table has none.
    public var moment: String
    public var memory: Int?
    /// Seconds.
    public var duration: Double

    public init(moment: String, memory: Int?, duration: Double) {
      self.moment = moment
      self.memory = memory
      self.duration = duration
    }
  }

  /// Rows in the order of their moments.
  public var groups: [(group: Group, rows: [Row])]
  public var rows: Int
  /// Rows without a duration above zero.
  public var dropped = 0

  public init(groups: [(group: Group, rows: [Row])]) {
    self.groups = groups
    rows = groups.reduce(0) { $0 + $1.rows.count }
  }

  static let durationNames = ["init", "init_ms", "init_duration_ms", "init_duration"]

  /// Reads comma-separated values, one cold start a row: the init in milliseconds, and where they are there, day or time,
  /// runtime, memory, architecture, package and function.
  public init(path: String) throws(InputFault) {
    let csv = try CSVReader(path: path)
    let duration = try csv.required(Self.durationNames)
    let moment = csv.column("day", "date", "time", "timestamp")
    let memory = csv.column("mem", "memory", "memory_mb")
    let function = csv.column("function", "function_name")
    let runtime = csv.column("runtime")
    let architecture = csv.column("arch", "architecture")
    let package = csv.column("pkg", "package", "package_type")
    var found: [Group: [Row]] = [:]
    rows = 0
    func text(_ column: Int?) -> String? { column.map { csv.text($0) }.flatMap { $0.isEmpty ? nil : $0 } }
    while try csv.next() {
      rows += 1
      let milliseconds = try csv.number(duration, "an init time in milliseconds")
      guard milliseconds > 0 else {
        dropped += 1
        continue
      }
      let group = Group(
        function: text(function), runtime: text(runtime), architecture: text(architecture), package: text(package))
      found[group, default: []].append(
        Row(
          moment: text(moment) ?? "", memory: text(memory).flatMap { Int($0) }, duration: milliseconds / 1000))
    }
    guard !found.isEmpty else {
      throw InputFault(at: .init(file: path), found: "no rows with an init time", expected: "cold starts")
    }
    groups = found.map { group, rows in (group, Self.inOrder(rows)) }.sorted { $0.group.name < $1.group.name }
  }

  /// A stable sort: rows of the same moment keep their order.
  private static func inOrder(_ rows: [Row]) -> [Row] {
    rows.enumerated().sorted { ($0.element.moment, $0.offset) < ($1.element.moment, $1.offset) }.map(\.element)
  }

  /// The first and the last moment; nil where the table has none.
  public var window: ClosedRange<String>? {
    let moments = groups.flatMap { [$0.rows.first?.moment, $0.rows.last?.moment] }.compactMap { $0 }.filter {
      !$0.isEmpty
    }
    guard let first = moments.min(), let last = moments.max() else { return nil }
    return first...last
  }
}
