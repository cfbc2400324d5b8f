/// Predicted against measured, figure by figure.
public struct LiveComparison: Sendable {
  /// One figure.
  public struct Row: Sendable {
    public var name: String
    /// One value a real run.
    public var measured: [Double]
    /// One value a simulation.
    public var predicted: [Double]
    /// The largest error allowed, relative; nil where none is set.
    public var limit: Double?

    public init(_ name: String, measured: [Double], predicted: [Double], limit: Double? = nil) {
      self.name = name
      self.measured = measured
      self.predicted = predicted
      self.limit = limit
    }

    public var measuredMean: Double { Self.mean(measured) }
    public var predictedMean: Double { Self.mean(predicted) }
    /// Relative to what was measured; nil where nothing was.
    public var error: Double? { measuredMean == 0 ? nil : predictedMean / measuredMean - 1 }

    /// The noise floor: how far a real run is from the mean of the others, on average and relative. Nobody predicts a
    /// run better than the host repeats it. Nil for a single run, or where nothing was measured.
    public var floor: Double? {
      guard measured.count > 1, measuredMean != 0 else { return nil }
      let sum = measured.reduce(0, +)
      let distances = measured.map { ($0 - (sum - $0) / Double(measured.count - 1)).magnitude }
      return Self.mean(distances) / measuredMean.magnitude
    }

    /// Whether the error is within the limit, or within the noise floor where that is wider; nil without a limit.
    public var isWithin: Bool? {
      guard let limit else { return nil }
      guard let error else { return predictedMean.magnitude < 0.5 }
      return error.magnitude <= max(limit, floor ?? 0)
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
  }

  public var rows: [Row]
  /// The mean number running in each tenth of the run.
  public var tenths: [Row]

  public init(measured: [ServiceFigures], predicted: [ServiceFigures]) {
    func row(_ name: String, _ limit: Double? = nil, _ figure: (ServiceFigures) -> Double) -> Row {
      Row(name, measured: measured.map(figure), predicted: predicted.map(figure), limit: limit)
    }
    rows = [
      row("cold starts", 0.02) { $0.coldStarts }, row("throttles") { $0.throttles },
      row("mean concurrency") { $0.meanConcurrency }, row("peak concurrency") { $0.peakConcurrency },
      row("latency p50, ms", 0.05) { $0.latency50 * 1e3 }, row("latency p95, ms", 0.10) { $0.latency95 * 1e3 },
      row("latency p99, ms", 0.15) { $0.latency99 * 1e3 }, row("billed seconds") { $0.billedSeconds },
    ]
    tenths = (measured.first?.tenths ?? []).indices.map { slice in row("\(slice + 1)") { $0.tenths[slice] } }
  }

  public var isWithin: Bool { rows.allSatisfy { $0.isWithin ?? true } }
}
