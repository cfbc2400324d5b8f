public import Statistics

/// What one replication says of one output.
public enum Reading: Sendable {
  /// A number: a count, a mean, an amount of money.
  case figure(Double)
  /// So many of so many: cold starts of starts.
  case share(Int, of: Int)
  /// A quantile of many values, in units of `unit` of the histogram's.
  case quantile(Double, of: LogLinearHistogram, unit: Double)

  /// The replication's own value; nil where there is none (a share or a quantile of nothing).
  public var value: Double? {
    switch self {
    case .figure(let value): value
    case .share(let hits, let trials): trials > 0 ? Double(hits) / Double(trials) : nil
    case .quantile(let p, let values, let unit): values.isEmpty ? nil : values.quantile(p) / unit
    }
  }
}

/// What one replication says, by the outputs' names, in the order in which they are told.
public struct Readings: Sendable {
  public private(set) var names: [String] = []
  private var byName: [String: Reading] = [:]

  public init(_ readings: [(name: String, reading: Reading)]) {
    for (name, reading) in readings {
      if byName.updateValue(reading, forKey: name) == nil { names.append(name) }
    }
  }

  public subscript(name: String) -> Reading? { byName[name] }
}
