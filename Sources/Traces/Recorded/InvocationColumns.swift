import Units

/// Which columns of a table of invocations mean what, by name; those left nil are found by well-known names.
public struct InvocationColumns: Hashable, Sendable {
  /// The function's name.
  public var function: String?
  /// The application; functions of the same name in two applications are two functions.
  public var application: String?
  /// When the invocation arrived, or began.
  public var arrival: String?
  /// When it ended.
  public var end: String?
  /// How long it ran.
  public var duration: String?

  /// Finds all columns by well-known names.
  public static let detect = InvocationColumns()

  /// Two of `arrival`, `end` and `duration` are enough.
  public init(
    function: String? = nil, application: String? = nil, arrival: String? = nil, end: String? = nil,
    duration: String? = nil
  ) {
    self.function = function
    self.application = application
    self.arrival = arrival
    self.end = end
    self.duration = duration
  }

  /// Names in use for each column, unit suffixes aside, the likeliest first.
  enum WellKnown {
    static let function = ["func", "function", "function_name", "function_id", "functionname", "fn", "lambda", "name"]
    static let application = ["app", "application", "app_name", "application_name", "app_id"]
    static let arrival = [
      "time", "arrival", "arrival_time", "start", "start_time", "start_timestamp", "timestamp", "invocation_time",
      "invoked_at", "started_at", "date",
    ]
    static let end = ["end", "end_time", "end_timestamp", "finish", "finish_time", "ended_at", "completed_at"]
    static let duration = ["duration", "execution_time", "exec_time", "run_time", "runtime", "elapsed", "service_time"]
  }
}

/// A column's name taken apart: `Duration (ms)`, `durationMs` and `duration_ms` are `duration` in milliseconds.
struct ColumnName {
  /// Lower case, words joined by underscores, without a unit.
  let stem: String
  /// The unit that the name ends with.
  let unit: TimeUnit?

  private static let units: [String: TimeUnit] = [
    "ns": .nanoseconds, "nanos": .nanoseconds, "nanoseconds": .nanoseconds,
    "us": .microseconds, "micros": .microseconds, "microseconds": .microseconds,
    "ms": .milliseconds, "millis": .milliseconds, "milliseconds": .milliseconds,
    "s": .seconds, "sec": .seconds, "secs": .seconds, "seconds": .seconds,
  ]

  init(_ name: String) {
    var words: [String] = [""]
    var afterSmall = false
    for scalar in name.unicodeScalars {
      let isLetterOrDigit = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      let isCapital = scalar.properties.isUppercase
      if !isLetterOrDigit || (isCapital && afterSmall) {
        if words[words.count - 1] != "" { words.append("") }
      }
      if isLetterOrDigit { words[words.count - 1] += String(scalar).lowercased() }
      afterSmall = isLetterOrDigit && !isCapital
    }
    if words.count > 1, words[words.count - 1] == "" { words.removeLast() }
    let unit = words.count > 1 ? Self.units[words[words.count - 1]] : nil
    self.unit = unit
    stem = (unit == nil ? words : words.dropLast()).joined(separator: "_")
  }
}
