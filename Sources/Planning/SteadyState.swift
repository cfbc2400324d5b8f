public import Diagnostics
public import Engine
public import Statistics
public import Units

extension Replications {
  /// How long the pool takes to settle from empty, by MSER-5 on the mean number of environments over a few replications.
  /// Nil when the trace is too short to tell.
  ///
  /// Means something only where arrivals follow the same laws throughout (`SyntheticWorkload.isStationary`).
  public func settlingTime(
    pilots: Int, shouldStop: @escaping () -> Bool = { false }
  ) throws(InputFault) -> TimeSpan? {
    let timelines = try run(
      0..<pilots, digest: { (_, outcome) throws(InputFault) in outcome.timeline }, shouldStop: shouldStop)
    guard let first = timelines.first else { return nil }
    // The last row may be cut short by the trace's end.
    let series = first.rows.indices.dropLast().map { row in
      timelines.reduce(0) { $0 + $1.meanConcurrency(at: row) + $1.meanIdleEnvironments(at: row) }
    }
    return WarmUp.length(of: series).map { TimeSpan(nanoseconds: Int64($0) * first.interval.nanoseconds) }
  }
}

/// How sure the figures of one long run are whose arrivals follow the same laws throughout: intervals from the means of
/// 30 batches of its timeline.
public enum SteadyState {
  /// Counts over the whole run, and means over time. An output whose batches still depend on each
  /// other (`BatchMeans.isIndependent`) has none, and neither has any in a run of fewer than 300 rows (five hours).
  public static func intervals(of outcome: Outcome) -> [Output: ConfidenceInterval] {
    let timeline = outcome.timeline
    // The last row may be cut short by the trace's end.
    let rows = timeline.rows.dropLast()
    var intervals: [Output: ConfidenceInterval] = [:]
    func take(_ output: Output, _ total: Double, _ series: [Double]) {
      guard let batches = BatchMeans(of: series), batches.isIndependent, batches.interval.estimate > 0 else { return }
      // The batches' spread about what was counted over the whole run.
      let halfWidth = batches.interval.halfWidth / batches.interval.estimate * total
      intervals[output] = ConfidenceInterval(estimate: total, lower: total - halfWidth, upper: total + halfWidth)
    }
    let totals = outcome.totals
    let horizon = Double(outcome.horizon.nanoseconds)
    take(.invocations, Double(totals.arrivals), rows.map { Double($0.arrivals) })
    take(.coldStarts, Double(totals.coldStarts), rows.map { Double($0.coldStarts) })
    take(.throttles, Double(totals.throttles), rows.map { Double($0.throttles) })
    take(.meanConcurrency, Double(totals.busyTimeInHorizon) / horizon, rows.map { Double($0.busyTime) })
    take(.meanIdleEnvironments, Double(totals.idleTimeInHorizon) / horizon, rows.map { Double($0.idleTime) })
    return intervals
  }
}
