public import Statistics

/// What replications of one scenario say together, output by output.
public struct Study: Sendable {
  public private(set) var replications = 0
  /// In the order in which they are told.
  public private(set) var outputs: [Output] = []
  private var samples: [Output: Sample] = [:]

  public init() {}

  /// Adds the next replication.
  public mutating func add(_ readings: Readings) {
    for output in readings.outputs where samples[output] == nil {
      // A replication may be the first with a value: those before it have none.
      var sample = Sample()
      for _ in 0..<replications { sample.add(nil) }
      samples[output] = sample
      outputs.append(output)
    }
    for output in outputs { samples[output]?.add(readings[output]) }
    replications += 1
  }

  public subscript(output: Output) -> Sample? { samples[output] }

  /// The output's interval, where it has one (see `Sample.interval(confidence:)`).
  public func interval(_ output: Output, confidence: Double = 0.95) -> ConfidenceInterval? {
    samples[output]?.interval(confidence: confidence)
  }

  /// Every output's interval.
  public var intervals: [Output: ConfidenceInterval] {
    var intervals: [Output: ConfidenceInterval] = [:]
    for output in outputs { intervals[output] = interval(output) }
    return intervals
  }
}

/// How precise outputs are to become.
public struct PrecisionTarget: Hashable, Sendable {
  /// Half-width of the 95 % interval relative to the estimate, such as 0.05.
  public var relative: Double
  public var outputs: [Output]
  /// Replications after which to give up.
  public var most: Int

  /// Fewer say too little about their own spread to stop on.
  public static let fewest = 10

  public init(relative: Double, outputs: [Output], most: Int) {
    self.relative = relative
    self.outputs = outputs
    self.most = most
  }

  /// The outputs that are not precise yet.
  ///
  /// The half-width is held against γ/(1+γ) of the estimate, so that the estimate is within γ of the truth, which is not
  /// known (A. M. Law, "Simulation Modeling and Analysis", 5th edition, section 9.4.1).
  public func missed(by study: Study) -> [Output] {
    outputs.filter { (excess($0, in: study) ?? .infinity) > 1 }
  }

  /// About how many replications the least precise output needs, by the law that half-widths fall with their root.
  func replicationsNeeded(after study: Study) -> Int {
    let worst = outputs.map { excess($0, in: study) ?? 2 }.max() ?? 0
    return Int(min(worst * worst * Double(study.replications), Double(most)).rounded(.up))
  }

  /// How many times too wide the interval is; nil without one.
  private func excess(_ output: Output, in study: Study) -> Double? {
    guard let interval = study.interval(output) else { return nil }
    if interval.halfWidth == 0 { return 0 }
    return interval.halfWidth / (relative / (1 + relative) * abs(interval.estimate))
  }
}
