/// A figure of a run that can be studied over replications, compared between scenarios and held to a limit.
public struct Output: Hashable, Sendable, CustomStringConvertible {
  /// What an output's values count or measure.
  public enum Unit: Hashable, Sendable {
    /// Things, or their mean number over time.
    case number
    /// Of so many, 0 to 1.
    case share
    case milliseconds
    case seconds
    /// Money in the bill's currency.
    case money
  }

  /// The name in `summary.json`, with a point before a part of a group: `latencyMs.p99`.
  public let name: String
  public let unit: Unit

  package init(_ name: String, _ unit: Unit) {
    self.name = name
    self.unit = unit
  }

  public var description: String { name }

  public static let invocations = Output("invocations", .number)
  public static let coldStarts = Output("coldStarts", .number)
  public static let throttles = Output("throttles", .number)
  public static let errors = Output("errors", .number)
  public static let timeouts = Output("timeouts", .number)
  /// The throttled requests, by the name that AWS gives them.
  public static let requestsRejected = Output("requestsRejected", .number)
  public static let peakConcurrency = Output("peakConcurrency", .number)
  public static let meanConcurrency = Output("meanConcurrency", .number)
  public static let meanIdleEnvironments = Output("meanIdleEnvironments", .number)
  public static let meanEnvironments = Output("meanEnvironments", .number)
  public static let environmentsCreated = Output("environmentsCreated", .number)
  public static let meanEnvironmentLifetime = Output("meanEnvironmentLifetimeSeconds", .seconds)
  public static let billedMilliseconds = Output("billedMs", .number)
  public static let gigabyteSeconds = Output("gbSeconds", .number)
  public static let coldShare = Output("coldShare", .share)
  public static let throttledShare = Output("throttledShare", .share)
  public static let cost = Output("cost", .money)

  /// From a request's arrival to its answer.
  public static func latency(_ statistic: Statistic) -> Output { Times.latency.output(statistic) }
  /// Of the function's code.
  public static func duration(_ statistic: Statistic) -> Output { Times.duration.output(statistic) }
  /// Of the inits of cold starts.
  public static func initDuration(_ statistic: Statistic) -> Output { Times.initDuration.output(statistic) }

  /// Every output, in the order in which outputs are listed.
  public static let all: [Output] =
    [
      .invocations, .coldStarts, .throttles, .errors, .timeouts, .requestsRejected, .peakConcurrency, .meanConcurrency,
      .meanIdleEnvironments, .meanEnvironments, .environmentsCreated, .meanEnvironmentLifetime,
    ] + Times.allCases.flatMap { times in Statistic.allCases.map { times.output($0) } }
    + [.billedMilliseconds, .gigabyteSeconds, .coldShare, .throttledShare, .cost]

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The output of this name; nil where there is none.
  public init?(named name: String) {
    guard let output = Self.byName[name] else { return nil }
    self = output
  }
}

extension Output {
  /// What is told of many times: their mean, a quantile, the longest.
  public enum Statistic: String, CaseIterable, Hashable, Sendable {
    case mean
    case p50
    case p90
    case p95
    case p99
    case p999 = "p99.9"
    case maximum = "max"

    /// The share of values that a quantile leaves below, 0 to 1; nil for what is no quantile.
    public var probability: Double? {
      switch self {
      case .p50: 0.5
      case .p90: 0.9
      case .p95: 0.95
      case .p99: 0.99
      case .p999: 0.999
      case .mean, .maximum: nil
      }
    }
  }

  /// Groups of times that a run tells.
  package enum Times: String, CaseIterable, Sendable {
    case latency = "latencyMs"
    case duration = "durationMs"
    case initDuration = "initMs"

    package func output(_ statistic: Statistic) -> Output {
      Output("\(rawValue).\(statistic.rawValue)", .milliseconds)
    }
  }
}
