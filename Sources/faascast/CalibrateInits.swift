import Calibration
import Documents
import Platforms
import Reporting
import Statistics
import Units

extension Calibrate {
  /// Fits the init times of every group.
  func addInits(
    _ table: InitTable, _ progress: SharedProgress, to result: inout CalibratedProfile, _ blocks: inout TextBlocks
  ) {
    let fits = table.fits(
      split: split, families: families, replicates: bootstrap, jobs: threads, goesOn: { progress.goesOn($0) })
    var rows = TextTable(
      "Group",
      columns: ["n", "family", "p50", "p90", "p99", "KS", "later", "drift"]
        + (bootstrap > 0 ? ["p KS", "p AD"] : []))
    for fit in fits {
      if let law = fit.law { add(law, fit, to: &result) }
      guard let best = fit.candidates.first else {
        result.warnings.append("\(fit.group.name): \(fit.count) cold starts are too few to fit")
        continue
      }
      rows.rows.append(
        [
          fit.group.name, fit.count.grouped, best.family.rawValue, Wording.plainTime(best.law.quantile(0.5)),
          Wording.plainTime(best.law.quantile(0.9)), Wording.plainTime(best.law.quantile(0.99)),
          Wording.plain(best.distance, 4),
          fit.outOfWindow.map { Wording.plain($0.fit, 4) } ?? "",
          fit.outOfWindow.map { Wording.plain($0.drift.distance, 4) } ?? "",
        ] + (bootstrap > 0 ? Self.pValues(fit.bootstrap) : []))
    }
    rows.note =
      "KS: Kolmogorov distance of the law to its sample; later: of the first half's latest law to the second half; drift: of the halves"
    let shown = rows.rows.count
    if shown > 40 {
      rows.rows.removeLast(shown - 40)
      rows.note = "\(shown - 40) more groups; --json has all"
    }
    blocks.table(rows)
    blocks.pairs(Self.summary(fits, table))
    let drifting = fits.filter { $0.outOfWindow.map { $0.drift.distance > 0.1 } ?? false }.count
    if drifting > 0 {
      result.warnings.append(
        "\(drifting) of \(fits.count) groups changed by a Kolmogorov distance above 0.1 between the halves of the window: "
          + "what comes next may lie as far from any law")
    }
    if table.dropped > 0 {
      result.warnings.append("\(table.dropped.grouped) rows without a time above zero were left out")
    }
  }

  static func pValues(_ bootstrap: FitBootstrap?) -> [String] {
    [bootstrap?.distancePValue, bootstrap?.andersonDarlingPValue].map { $0.map { Wording.plain($0, 3) } ?? "" }
  }

  private static func summary(_ fits: [InitFit], _ table: InitTable) -> [(String, String, String)] {
    func median(_ values: [Double]) -> String {
      values.isEmpty ? "none" : Wording.plain(values.sorted()[values.count / 2], 4)
    }
    let winners = Dictionary(grouping: fits.compactMap { $0.candidates.first?.family }, by: { $0 })
      .sorted { $0.value.count > $1.value.count }.map { "\($0.key.rawValue) \($0.value.count)" }
    var lines = [
      ("groups", fits.count.grouped, "best by BIC: " + winners.joined(separator: ", ")),
      (
        "median KS", median(fits.compactMap { $0.candidates.first?.distance }),
        "laws against the samples they are fitted to"
      ),
    ]
    let bootstraps = fits.compactMap(\.bootstrap)
    if !bootstraps.isEmpty {
      let kept = bootstraps.count { $0.distancePValue > 0.05 }
      let keptByAD = bootstraps.count { ($0.andersonDarlingPValue ?? 0) > 0.05 }
      lines.append(
        (
          "not rejected", "\(kept) of \(bootstraps.count)",
          "by bootstrap of the Kolmogorov distance at 5 %; \(keptByAD) by Anderson and Darling's"
        ))
    }
    if let drift = WindowDrift(fits) {
      func line(_ name: String, _ median: WindowDrift.Median, _ meaning: String) -> (String, String, String) {
        (name, Wording.plain(median.value, 4), "95 % \(Wording.plainRange(median.interval, 4)); " + meaning)
      }
      lines.append(line("drift floor", drift.floor, "the first half itself against the second half"))
      lines.append(line("whole half's laws", drift.wholeLaw, "fitted to all of the first half, against the second"))
      lines.append(
        line("latest part", drift.latest, "itself against the second half; how much it is, the first half tells"))
      lines.append(line("latest laws", drift.law, "fitted to the latest part, against the second half"))
      lines.append(
        line(
          "less the floor", drift.difference,
          "latest laws, group by group: \(drift.isNoWorse ? "no worse than the floor" : "worse than the floor")"))
    }
    if let effect = MemoryEffect(table) { lines += Self.lines(effect) }
    return lines
  }

  private static func lines(_ effect: MemoryEffect) -> [(String, String, String)] {
    var lines = [
      (
        "effect of memory", Wording.plain(effect.ratio, 4),
        "init at \(effect.smallest) MB over \(effect.largest) MB, 95 % \(Wording.plainRange(effect.interval, 4)); "
          + "p of no effect \(Wording.plain(effect.pValue, 3)) over \(effect.units) runtimes on an architecture"
      ),
      (
        "2 % or more", "p \(Wording.plain(effect.equivalencePValue, 4))",
        effect.equivalencePValue < 0.05 ? "ruled out: memory makes no difference that matters" : "not ruled out"
      ),
    ]
    if let trend = effect.trend {
      lines.append(
        (
          "twice the memory", Wording.plainPercent(trend.perDoubling),
          "95 % \(Wording.plainRange(trend.interval.lowerBound * 100...trend.interval.upperBound * 100, 2)) %; "
            + "p \(Wording.plain(trend.pValue, 2)) among all orders of the sizes"
        ))
    }
    return lines
  }

  private func add(_ law: Distribution, _ fit: InitFit, to result: inout CalibratedProfile) {
    var profiled = ProfiledFunction(
      function: fit.group.function, runtime: fit.group.runtime,
      architecture: fit.group.architecture.flatMap { Architecture(rawValue: $0) }, package: fit.group.package)
    profiled.initDuration = law
    result.profile.functions.append(profiled)
    guard let best = fit.candidates.first else { return }
    var members: [(String, JSON)] = [
      ("count", .integer(fit.count)), ("family", .text(best.family.rawValue)), ("distance", .number(best.distance)),
      ("andersonDarling", .number(best.andersonDarling)),
      ("bic", .object(fit.candidates.map { ($0.family.rawValue, .number($0.bic)) })),
    ]
    if let later = fit.outOfWindow {
      members.append(("laterDistance", .number(later.fit)))
      members.append(("laterDistanceOfWholeHalf", .number(later.whole)))
      members.append(("driftDistance", .number(later.drift.distance)))
      members.append(("driftPValue", .number(later.drift.pValue)))
    }
    if let bootstrap = fit.bootstrap {
      members.append(("distancePValue", .number(bootstrap.distancePValue)))
      members.append(("andersonDarlingPValue", .number(bootstrap.andersonDarlingPValue)))
      members.append(("medianInterval95", .interval(bootstrap.median)))
      members.append(("p90Interval95", .interval(bootstrap.p90)))
      members.append(("p99Interval95", .interval(bootstrap.p99)))
    }
    result.evidence.append(("init: \(fit.group.name)", .object(members)))
  }
}
