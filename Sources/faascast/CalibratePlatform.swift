import Calibration
import Documents
import Logs
import Platforms
import Reporting
import Statistics
import Traces
import Units

extension Calibrate {
  /// Fits keep-alive, lifetime and reuse to invocations with environments.
  func addPlatform(_ trace: EnvironmentTrace, to result: inout CalibratedProfile, _ blocks: inout TextBlocks) {
    let fit = PlatformFit(trace)
    var lines = Self.lines(fit)
    if trace.roundTrip > 0 {
      lines.append(
        (
          "round trip", Wording.plainTime(trace.roundTrip),
          "what callers waited beyond the function's duration, on average"
        ))
    }
    blocks.pairs(lines)
    var looks = TextTable("Wait, alone", columns: ["alive", "looks"])
    looks.rows = Self.rows(fit.soleLooks)
    blocks.table(looks)
    var deeper = TextTable("Wait, beside others", columns: ["alive", "looks"])
    deeper.rows = Self.rows(fit.deeperLooks)
    deeper.note = "share alive by isotonic regression: what single looks say without assuming a law"
    blocks.table(deeper)
    result.profile.reuse = fit.reuse.order
    result.profile.keepAlive = fit.keepAlive
    result.profile.maximumLifetime = fit.maximumLifetime
    result.warnings += fit.warnings
    result.evidence.append(("platform", Self.evidence(fit, roundTrip: trace.roundTrip)))
  }

  private static func lines(_ fit: PlatformFit) -> [(String, String, String)] {
    func law(_ law: Distribution?) -> String {
      guard case .uniform(let lower, let upper) = law else { return "unknown" }
      return "\(Wording.plain(lower, 0)) to \(Wording.plain(upper, 0)) s"
    }
    let reuse = fit.reuse
    let others = reuse.explained.dropFirst().map {
      "\($0.order.rawValue) \(Wording.plainPercent(Double($0.choices) / Double(max(1, reuse.choices)), 1))"
    }
    let best = reuse.explained.first.map { Double($0.choices) / Double(max(1, reuse.choices)) } ?? 0
    return [
      (
        "reuse", reuse.order?.rawValue ?? "unknown",
        "explains \(Wording.plainPercent(best)) of \(reuse.choices.grouped) choices; " + others.joined(separator: ", ")
      ),
      ("keep-alive, alone", law(fit.keepAlive.sole), "uniform, from single looks"),
      (
        "beside others", law(fit.keepAlive.deeper),
        "from the lower end of those alone; longest wait survived "
          + "\(Wording.plain(fit.deeperLooks.oldestAlive ?? 0, 0)) s, none beyond "
          + "\(Wording.plain(fit.deeperLooks.dead ?? 0, 0)) s"
      ),
      (
        "maximum lifetime", law(fit.maximumLifetime),
        "oldest that still served: \(Wording.plain(fit.oldestServing, 0)) s"
      ),
    ]
  }

  private static func rows(_ status: CurrentStatus) -> [[String]] {
    status.steps.map {
      [
        "\(Wording.plain($0.ages.lowerBound, 0)) to \(Wording.plain($0.ages.upperBound, 0)) s",
        Wording.plainPercent($0.alive, 1), $0.looks.grouped,
      ]
    }
  }

  private static func evidence(_ fit: PlatformFit, roundTrip: Double) -> JSON {
    func steps(_ status: CurrentStatus) -> JSON {
      .array(
        status.steps.map {
          .object([
            ("fromSeconds", .number($0.ages.lowerBound)), ("toSeconds", .number($0.ages.upperBound)),
            ("alive", .number($0.alive)), ("looks", .integer($0.looks)),
          ])
        })
    }
    return .object([
      (
        "reuse",
        .object(
          [("choices", .integer(fit.reuse.choices)), ("byChance", .number(fit.reuse.byChance))]
            + fit.reuse.explained.map { ($0.order.rawValue, .integer($0.choices)) })
      ),
      ("aliveAlone", steps(fit.soleLooks)), ("aliveBesideOthers", steps(fit.deeperLooks)),
      ("oldestServingSeconds", .number(fit.oldestServing)), ("roundTripSeconds", .number(roundTrip)),
    ])
  }

  /// Fits durations and init times of logs, and the platform's laws where the logs say their streams.
  func addLogs(
    _ listing: LambdaLogListing, _ progress: SharedProgress, to result: inout CalibratedProfile,
    _ blocks: inout TextBlocks
  ) {
    var table = TextTable(
      "Function",
      columns: ["invocations", "duration law", "KS", "p50", "p99", "drift KS", "cold", "init law", "init p50"]
        + (bootstrap > 0 ? ["p KS", "p AD"] : []))
    for fit in LogFit.all(in: listing, among: families, replicates: bootstrap, goesOn: { progress.goesOn($0) }) {
      result.profile.functions.append(fit.profiled)
      let durations = fit.durations.first
      let inits = fit.inits.first
      var cells = [fit.function, fit.invocations.grouped, durations?.family.rawValue ?? "as measured"]
      cells.append(durations.map { Wording.plain($0.distance, 3) } ?? "")
      for p in [0.5, 0.99] { cells.append(fit.profiled.duration.map { Wording.plainTime($0.quantile(p)) } ?? "") }
      cells.append(fit.drift.map { Wording.plain($0.distance, 3) } ?? "")
      cells.append(fit.coldStarts.grouped)
      cells.append(fit.coldStarts == 0 ? "none seen" : inits?.family.rawValue ?? "as measured")
      cells.append(fit.profiled.initDuration.map { Wording.plainTime($0.quantile(0.5)) } ?? "")
      if bootstrap > 0 { cells += Self.pValues(fit.durationBootstrap) }
      table.rows.append(cells)
      if let drift = fit.drift, drift.distance > 0.1, drift.pValue < 0.01 {
        result.warnings.append(
          "\(fit.function): durations changed between the halves of the logs (median \(Wording.plainPercent(drift.median, 1)))"
        )
      }
      if fit.timeouts > 0 {
        result.warnings.append("\(fit.function): \(fit.timeouts) timeouts count as longer than they lasted")
      }
      let members: [(String, JSON)] = [
        ("invocations", .integer(fit.invocations)), ("coldStarts", .integer(fit.coldStarts)),
        ("durationBic", .object(fit.durations.map { ($0.family.rawValue, JSON.number($0.bic)) })),
        ("durationDistance", .number(durations?.distance)), ("initDistance", .number(inits?.distance)),
        ("driftDistance", .number(fit.drift?.distance)), ("timeouts", .integer(fit.timeouts)),
        ("durationPValue", .number(fit.durationBootstrap?.distancePValue)),
        ("durationAndersonDarlingPValue", .number(fit.durationBootstrap?.andersonDarlingPValue)),
        ("durationP99Interval95", .interval(fit.durationBootstrap?.p99)),
        ("initPValue", .number(fit.initBootstrap?.distancePValue)),
      ]
      result.evidence.append(("logs: \(fit.function)", .object(members)))
    }
    blocks.table(table)
    if let trace = EnvironmentTrace(listing) {
      addPlatform(trace, to: &result, &blocks)
    } else {
      result.warnings.append("the logs don't say their streams: keep-alive, lifetime and reuse can't be told")
    }
  }
}
