public import Statistics

/// Scenarios side by side: the first is the one that the others are held against.
///
/// Differences are taken replication by replication. With one seed for all, the n-th replications share their arrivals and
/// durations (common random numbers), so that what is chance in both cancels out.
public struct Comparison: Sendable {
  public let names: [String]
  public let studies: [Study]
  /// Of each difference's interval: 95 %, or more when there are several alternatives, so that all differences of an
  /// output hold together with 95 % (Bonferroni).
  public let confidence: Double

  /// As many names as studies, two at least, all of equally many replications.
  public init(_ scenarios: [(name: String, study: Study)]) {
    names = scenarios.map(\.name)
    studies = scenarios.map(\.study)
    confidence = 1 - 0.05 / Double(max(1, scenarios.count - 1))
  }

  public var replications: Int { studies.map(\.replications).min() ?? 0 }
  /// Outputs that every scenario has.
  public var outputs: [Output] {
    guard let first = studies.first else { return [] }
    return first.outputs.filter { output in studies.allSatisfy { $0[output] != nil } }
  }

  /// How an alternative differs from the first scenario in one output.
  public struct Difference: Hashable, Sendable {
    /// Alternative minus first.
    public var interval: ConfidenceInterval
    /// How many times larger the difference's variance would be, had each scenario drawn random numbers of its own; nil
    /// where nothing varies.
    public var varianceCut: Double?

    /// Whether chance alone explains it: the interval holds zero.
    public var isNoise: Bool { interval.contains(0) }
  }

  /// Nil where fewer than two replications have the output in both.
  public func difference(of alternative: Int, in output: Output) -> Difference? {
    guard let first = studies.first?[output], let other = studies[alternative][output] else { return nil }
    let pairs = zip(first.values, other.values).compactMap { a, b in a.flatMap { a in b.map { (a, $0) } } }
    let differences = pairs.map { $1 - $0 }
    guard let interval = ConfidenceInterval.mean(of: differences, confidence: confidence) else { return nil }
    let paired = Self.variance(differences)
    let apart = Self.variance(pairs.map(\.0)) + Self.variance(pairs.map(\.1))
    return Difference(interval: interval, varianceCut: paired > 0 ? apart / paired : nil)
  }

  private static func variance(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
  }
}
