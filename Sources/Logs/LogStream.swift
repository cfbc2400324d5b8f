import Units

/// What is kept of one log stream, that is, of one execution environment.
struct LogStream {
  /// Its function; negative until the first line that needs it.
  var function: Int32 = -1
  /// Whether the log said its name, so that it stands for one environment.
  var isEnvironment: Bool
  /// First and last sign of life, ns since 1970.
  var first = Int64.max
  var last = Int64.min
  /// The START that awaits its REPORT, ns since 1970.
  var start: (id: LambdaRequestID, at: Int64)?
  /// When its init began, ns since 1970, until the first report.
  var initStart: Int64?
  /// What its init was for, where the log says.
  var initialisation = Initialisation.untold
  /// The report that came last, to know it when it comes again.
  var lastReport: (report: LambdaReport, at: Int64)?
  /// The request whose timeout was counted last or is to be counted at its report.
  var timedOut: LambdaRequestID?

  enum Initialisation {
    case untold
    /// For a request that waited: on demand, or a restore.
    case forRequest
    /// Ahead of requests: provisioned concurrency, managed instances.
    case ahead

    init(named name: String?) {
      switch name {
      case nil: self = .untold
      case "on-demand", "snap-start": self = .forRequest
      default: self = .ahead
      }
    }
  }

  /// Idle time after init from which on the init can't have been for the request: Lambda sometimes initialises
  /// environments early, and always does for provisioned concurrency.
  static let longestHandover = TimeSpan.seconds(10).nanoseconds

  /// Whether a request that started at `start` and reports `initDuration` had waited for that init.
  func waited(start: Int64, initDuration: TimeSpan) -> Bool {
    if initialisation == .ahead { return false }
    guard initialisation == .untold, let initStart else { return true }
    return start - initStart - initDuration.nanoseconds <= Self.longestHandover
  }
}
