public import Engine
public import Foundation
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

/// What one replication says of each output, in the order in which outputs are told.
public struct Readings: Sendable {
  public private(set) var outputs: [Output] = []
  private var byOutput: [Output: Reading] = [:]

  public init(_ readings: [(output: Output, reading: Reading)]) {
    for (output, reading) in readings {
      if byOutput.updateValue(reading, forKey: output) == nil { outputs.append(output) }
    }
  }

  /// All that a run says: the totals of `summary.json`, shares, and the cost where there is a bill. What has no value in
  /// this run, such as quantiles of nothing, is left out.
  public init(of outcome: Outcome, cost: Decimal?) {
    let totals = outcome.totals
    let figures = Figures(totals, horizon: outcome.horizon)
    var readings: [(Output, Reading)] = []
    func add(_ output: Output, _ value: Double?) {
      if let value { readings.append((output, .figure(value))) }
    }
    add(.invocations, Double(totals.arrivals))
    add(.coldStarts, Double(totals.coldStarts))
    add(.throttles, Double(totals.throttles))
    add(.errors, Double(totals.errors))
    add(.timeouts, Double(totals.timeouts))
    add(.requestsRejected, Double(totals.throttles))
    add(.peakConcurrency, Double(totals.peakConcurrency))
    add(.meanConcurrency, figures.meanConcurrency)
    add(.meanIdleEnvironments, figures.meanIdleEnvironments)
    add(.meanEnvironments, figures.meanEnvironments)
    add(.environmentsCreated, Double(totals.environmentsCreated))
    add(.meanEnvironmentLifetime, figures.meanEnvironmentLifetime)
    for (times, histogram, percentiles) in [
      (Output.Times.latency, totals.latency, figures.latency),
      (.duration, totals.duration, figures.duration), (.initDuration, totals.initDuration, figures.initDuration),
    ] {
      for (statistic, value) in zip(Output.Statistic.allCases, percentiles.values) {
        guard let value else { continue }
        let reading = statistic.probability.map { Reading.quantile($0, of: histogram, unit: 1e6) } ?? .figure(value)
        readings.append((times.output(statistic), reading))
      }
    }
    add(.billedMilliseconds, Double(figures.billedMilliseconds))
    add(.gigabyteSeconds, figures.gigabyteSeconds)
    readings.append((.coldShare, .share(totals.coldStarts, of: totals.starts)))
    readings.append((.throttledShare, .share(totals.throttles, of: totals.arrivals)))
    if let cost { readings.append((.cost, .figure(NSDecimalNumber(decimal: cost).doubleValue))) }
    self.init(readings)
  }

  public subscript(output: Output) -> Reading? { byOutput[output] }
}
