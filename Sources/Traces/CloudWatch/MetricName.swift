import Logs

/// What a series of metric data is about: a metric, and a function or the whole account.
struct MetricName: Hashable {
  enum Metric: String, CaseIterable {
    case invocations = "Invocations"
    case duration = "Duration"
    case errors = "Errors"
    case throttles = "Throttles"
    case concurrency = "ConcurrentExecutions"

    /// The statistics that tell what is wanted of the metric.
    fileprivate var statistics: [String] {
      switch self {
      case .invocations: ["sum", "samplecount"]
      case .errors, .throttles: ["sum"]
      case .duration: ["average", "avg"]
      case .concurrency: ["maximum", "max"]
      }
    }
  }

  var metric: Metric
  /// Nil where the series names no function.
  var function: String?

  /// Nil for a metric that says nothing here, and for a statistic that is not the one wanted.
  ///
  /// The label holds the metric, the function and perhaps the namespace and a statistic, parted by blanks in any order:
  /// `checkout Invocations`, `AWS/Lambda checkout Duration Average`, `Invocations`. A label without a metric is the
  /// function's name, and the Id begins with the metric: `invocations`, `invocations_checkout`, `duration7`. A label
  /// without a function leaves it to what follows the metric in the Id.
  init?(label: String, id: String) {
    var words = label.split(whereSeparator: \.isWhitespace).map(String.init)
    if let place = words.lastIndex(where: { Metric(named: $0) != nil }), let found = Metric(named: words[place]) {
      metric = found
      words.remove(at: place)
      words.removeAll { $0 == "AWS/Lambda" }
      if let last = words.last, Self.isStatistic(last) {
        guard found.statistics.contains(last.lowercased()) else { return nil }
        words.removeLast()
      }
      function = words.isEmpty ? Self.suffix(of: id, after: found) : words.joined(separator: " ")
    } else if let found = Metric.allCases.first(where: { Self.begins(id, with: $0) }) {
      metric = found
      function = words.isEmpty ? Self.suffix(of: id, after: found) : words.joined(separator: " ")
    } else {
      return nil
    }
  }

  private static func isStatistic(_ word: String) -> Bool {
    let word = word.lowercased()
    if ["sum", "samplecount", "average", "avg", "minimum", "min", "maximum", "max", "iqm"].contains(word) {
      return true
    }
    // p99, p99.9, tm90…
    let digits = word.drop { $0.isLetter }
    let kind = word.prefix { $0.isLetter }
    return ["p", "tm", "wm", "tc", "ts", "pr"].contains(kind) && !digits.isEmpty
      && digits.allSatisfy { $0.isASCII && $0.isNumber || $0 == "." }
  }

  private static func begins(_ id: String, with metric: Metric) -> Bool {
    guard id.lowercased().hasPrefix(metric.rawValue.lowercased()) else { return false }
    guard let next = id.dropFirst(metric.rawValue.count).first else { return true }
    return next == "_" || next.isNumber
  }

  private static func suffix(of id: String, after metric: Metric) -> String? {
    guard id.lowercased().hasPrefix(metric.rawValue.lowercased() + "_") else { return nil }
    let suffix = id.dropFirst(metric.rawValue.count + 1)
    return suffix.isEmpty ? nil : String(suffix)
  }
}

extension MetricName.Metric {
  /// A metric by its name in any case.
  fileprivate init?(named word: String) {
    guard let found = Self.allCases.first(where: { $0.rawValue.lowercased() == word.lowercased() }) else { return nil }
    self = found
  }
}
