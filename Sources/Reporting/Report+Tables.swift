import Engine
import Foundation
import Logs
import Planning
import Platforms
import Pricing
import Units
import Workloads

extension Report {
  /// `functions.csv`: a row for each function in the workload's order; RFC 4180, units in the columns' names.
  public func functionsCSV() -> String {
    let percentiles = ["mean", "p50", "p90", "p95", "p99", "p99_9", "max"]
    var columns = [
      "function", "application", "trigger", "memory_mb", "architecture", "runtime", "timeout_s",
      "reserved_concurrency", "provisioned_concurrency", "invocations", "cold_starts", "throttles", "errors",
      "timeouts", "provisioned_starts", "peak_concurrency", "mean_concurrency", "mean_idle_environments",
      "mean_environments", "environments_created", "mean_environment_lifetime_s",
    ]
    for group in ["latency", "duration", "init"] { columns += percentiles.map { "\(group)_\($0)_ms" } }
    columns += ["billed_ms", "billed_gb_s"]
    if hasFunctionCosts { columns.append("cost_\((bill?.currency ?? "USD").lowercased())") }
    columns += ["made_up", "assumed"]

    var table = CSVText(columns)
    for (index, item) in outcome.functions.enumerated() {
      let (settings, tally) = (item.settings, item.tally)
      let figures = figures(ofFunction: index)
      var row: [String] = [
        item.function.name, item.function.application ?? "", item.function.trigger ?? "",
        "\(settings.memory.megabytes)", settings.architecture.rawValue, settings.runtime ?? "",
        CSVText.field(settings.timeout?.seconds), settings.reservedConcurrency.map { "\($0)" } ?? "",
        "\(settings.provisionedConcurrency)", "\(tally.arrivals)", "\(tally.coldStarts)", "\(tally.throttles)",
        "\(tally.errors)", "\(tally.timeouts)", "\(tally.provisionedStarts)", "\(tally.peakConcurrency)",
        CSVText.field(figures.meanConcurrency), CSVText.field(figures.meanIdleEnvironments),
        CSVText.field(figures.meanEnvironments), "\(tally.environmentsCreated)",
        CSVText.field(figures.meanEnvironmentLifetime),
      ]
      for group in [figures.latency, figures.duration, figures.initDuration] { row += group.values.map(CSVText.field) }
      row += ["\(figures.billedMilliseconds)", CSVText.field(figures.gigabyteSeconds)]
      if hasFunctionCosts { row.append(functionCosts[index].description) }
      row += [madeUp, settings.assumptions.joined(separator: "; ")]
      table.append(row)
    }
    return table.text
  }

  /// `timeline.csv`: a row for each stretch of the timeline; RFC 4180, units in the columns' names.
  ///
  /// `start_utc` is empty where the trace does not tell its date; `made_up` stands in the first row and holds for all.
  public func timelineCSV() -> String {
    var table = CSVText([
      "start_s", "start_utc", "invocations", "cold_starts", "throttles", "peak_concurrency", "mean_concurrency",
      "mean_idle_environments", "made_up",
    ])
    let timeline = outcome.timeline
    let naming = TimeNaming(epoch: outcome.epoch, horizon: outcome.horizon)
    for (index, row) in timeline.rows.enumerated() {
      let start = Instant(nanoseconds: timeline.interval.nanoseconds &* Int64(index))
      let clock = naming.epoch.flatMap { WallClock(epoch: $0, plus: start) }
      table.append([
        start.nanoseconds % 1_000_000_000 == 0
          ? "\(start.nanoseconds / 1_000_000_000)" : CSVText.field(Double(start.nanoseconds) / 1e9),
        clock?.iso ?? "", "\(row.arrivals)", "\(row.coldStarts)", "\(row.throttles)", "\(row.peakConcurrency)",
        CSVText.field(timeline.meanConcurrency(at: index)), CSVText.field(timeline.meanIdleEnvironments(at: index)),
        index == 0 ? madeUp : "",
      ])
    }
    return table.text
  }

  /// What no record has, for tables that are read without the rest of the report.
  private var madeUp: String { outcome.ledger.synthesised.joined(separator: "; ") }
}

/// A table as comma-separated values after RFC 4180.
struct CSVText {
  private(set) var text = ""

  init(_ columns: [String]) { append(columns) }

  mutating func append(_ row: [String]) {
    for (index, field) in row.enumerated() {
      if index > 0 { text += "," }
      text += Self.quoted(field)
    }
    text += "\r\n"
  }

  /// The shortest digits that read back as the same number; empty for nothing.
  static func field(_ value: Double?) -> String { value.map { $0.isFinite ? $0.description : "" } ?? "" }

  private static func quoted(_ field: String) -> String {
    let needsQuotes = field.utf8.contains { $0 == 44 || $0 == 34 || $0 == 10 || $0 == 13 }
    // Readers trim fields, so that spaces at the ends need quotes too.
    guard needsQuotes || field.first == " " || field.last == " " else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
