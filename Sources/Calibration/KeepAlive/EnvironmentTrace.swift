public import Diagnostics
public import Logs
import Reading
import Traces
import Workloads

/// Invocations with the execution environment that served each: what shows how a platform keeps, ends and reuses them.
public struct EnvironmentTrace: Hashable, Sendable {
  /// One invocation.
  public struct Use: Hashable, Sendable {
    /// Seconds since the trace's start.
    public var start: Double
    /// Seconds since the trace's start, not before `start`.
    public var end: Double
    public var environment: Int
    /// Whether it waited for the environment to be made.
    public var isCold: Bool

    public init(start: Double, end: Double, environment: Int, isCold: Bool) {
      self.start = start
      self.end = end
      self.environment = environment
      self.isCold = isCold
    }
  }

  /// One function, which shares environments with no other.
  public struct Function: Hashable, Sendable {
    public var name: String
    /// In order of start.
    public var uses: [Use]
    /// Seconds that a caller waited on average beyond the function's own duration, and that the uses' ends are earlier for:
    /// meanwhile the environment is free. Zero where the trace doesn't say.
    public var roundTrip = 0.0

    public init(name: String, uses: [Use]) {
      self.name = name
      self.uses = uses.sorted { $0.start < $1.start }
    }
  }

  public var functions: [Function]
  public var rows: Int

  public init(functions: [Function], rows: Int) {
    self.functions = functions
    self.rows = rows
  }

  static let functionNames = ["function", "function_name", "name", "trace"]
  static let environmentNames = [
    "environment", "environment_id", "instance", "instance_id", "container", "container_id",
  ]
  static let coldNames = ["cold", "is_cold", "cold_start"]

  /// Reads comma-separated values with columns for start and end in seconds (`start_s`, `end_s`), an environment, and
  /// where they are there, a function and whether the start was cold; else the first use of an environment counts as
  /// cold. Where start and end are a caller's, a column with the platform's own duration (`duration_ms`,
  /// `aws_duration_ms`) tells how much of a warm call is on the way.
  public init(path: String) throws(InputFault) {
    let csv = try CSVReader(path: path)
    let start = try csv.required(["start_s", "start"])
    let end = try csv.required(["end_s", "end"])
    let environment = try csv.required(Self.environmentNames)
    let function = csv.column("function", "function_name", "name", "trace")
    let cold = csv.column("cold", "is_cold", "cold_start")
    let duration = csv.column("duration_ms", "aws_duration_ms")
    var onTheWay: [String: (sum: Double, count: Int)] = [:]
    var names: [String] = []
    var uses: [String: [Use]] = [:]
    var environments: [String: [String: Int]] = [:]
    rows = 0
    while try csv.next() {
      rows += 1
      let name = function.map { csv.text($0) } ?? "function"
      let started = try csv.number(start, "a time in seconds")
      let ended = try csv.number(end, "a time in seconds")
      guard started.magnitude < 1e9, ended >= started, ended < 1e9 else {
        throw csv.fault(end, expected: "an end at or after the start, in seconds since the trace's start")
      }
      let id = csv.text(environment)
      let known = environments[name]?[id]
      let index = known ?? environments[name]?.count ?? 0
      environments[name, default: [:]][id] = index
      var isCold = known == nil
      if let cold {
        switch csv.text(cold).lowercased() {
        case "1", "true", "yes": isCold = true
        case "0", "false", "no", "": isCold = false
        default: throw csv.fault(cold, expected: "0 or 1")
        }
      }
      if let duration, !isCold, !csv.text(duration).isEmpty {
        let own = try csv.number(duration, "a duration in milliseconds") / 1000
        onTheWay[name, default: (0, 0)].sum += max(0, ended - started - own)
        onTheWay[name, default: (0, 0)].count += 1
      }
      if uses[name] == nil { names.append(name) }
      uses[name, default: []].append(Use(start: started, end: ended, environment: index, isCold: isCold))
    }
    guard rows > 0 else { throw InputFault(at: .init(file: path), found: "no rows", expected: "invocations") }
    functions = names.map { name in
      let way = onTheWay[name].map { $0.sum / Double(max(1, $0.count)) } ?? 0
      var function = Function(
        name: name,
        uses: (uses[name] ?? []).map {
          Use(start: $0.start, end: max($0.start, $0.end - way), environment: $0.environment, isCold: $0.isCold)
        })
      function.roundTrip = way
      return function
    }
  }

  /// Seconds on the way, on average over invocations.
  public var roundTrip: Double {
    let count = functions.reduce(0) { $0 + $1.uses.count }
    return functions.reduce(0) { $0 + $1.roundTrip * Double($1.uses.count) } / Double(max(1, count))
  }
}

extension EnvironmentTrace.Function {
  public var coldStarts: Int { uses.count(where: \.isCold) }
  public var environments: Int { Set(uses.map(\.environment)).count }

  /// Seconds from the first start to the last.
  public var span: Double { (uses.last?.start ?? 0) - (uses.first?.start ?? 0) }

  /// Whether the environment of the first use was there before the trace.
  var beginsWarm: Bool { uses.first.map { !$0.isCold } ?? false }

  /// Mean duration of warm invocations, seconds; of all where none was warm.
  var warmDuration: Double { Self.mean(uses.filter { !$0.isCold }) ?? Self.mean(uses) ?? 0 }

  /// How much longer cold invocations take on average, seconds.
  var coldExtra: Double { max(0, (Self.mean(uses.filter(\.isCold)) ?? warmDuration) - warmDuration) }

  private static func mean(_ uses: [EnvironmentTrace.Use]) -> Double? {
    uses.isEmpty ? nil : uses.reduce(0) { $0 + $1.end - $1.start } / Double(uses.count)
  }
}

extension EnvironmentTrace {
  /// The invocations of logs that say their streams, which are environments; nil where one does not.
  public init?(_ listing: LambdaLogListing) {
    var uses: [[Use]] = listing.functions.map { _ in [] }
    for invocation in listing.invocations {
      guard let environment = invocation.environment else { return nil }
      let start = Double(invocation.arrival) / 1e9
      let held = Double(invocation.duration + (invocation.wait ?? 0)) / 1e9
      uses[invocation.function].append(
        Use(start: start, end: start + held, environment: environment, isCold: invocation.wait != nil))
    }
    self.init(
      functions: zip(listing.functions, uses).map { Function(name: $0.name, uses: $1) },
      rows: listing.invocations.count)
  }
}
