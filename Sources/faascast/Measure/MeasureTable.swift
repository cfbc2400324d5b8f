import Foundation
import Measuring
import MicroVM
import Reporting
import Units

/// A measured profile as tables for a person.
struct MeasureTable {
  private let profile: MeasuredProfile

  init(_ profile: MeasuredProfile) { self.profile = profile }

  func text(colour: Bool, width: Int) -> String {
    var blocks = TextBlocks(ink: Ink(isOn: colour), width: width)
    let engine = profile.engine
    blocks.heading(
      "\(profile.host.processor), Linux \(profile.host.kernel)",
      note: "\(engine.name), \(engine.accelerator)" + (engine.flavour.map { " in \($0.rawValue)" } ?? ""))
    if !engine.fitForCalibration {
      blocks.warning("Emulated: these times stand for no processor and are unfit for calibration.")
    }
    if let costs = profile.unitCosts {
      blocks.pairs([
        ("leaving a guest", Self.time(costs.exit), "from its `out` to the monitor and back"),
        ("first touch of a page", Self.time(costs.pageFault), "of 4 KiB"),
      ])
    }
    for function in profile.functions {
      for condition in function.conditions where !condition.series.isEmpty {
        blocks.table(Self.table(function, condition))
      }
    }
    if let density = profile.density {
      blocks.pairs([
        ("alive at once", "\(density.alive)", "machines of \(density.function)"),
        ("made", "\(Int(density.machinesPerSecond.rounded()))/s", "from one process, each until it was ready"),
        ("resident", Self.size(density.residentBytesEach), "of this process for each machine"),
        ("all counted", Self.size(density.hostBytesEach), "of the host's available memory for each machine"),
      ])
    }
    return blocks.text
  }

  private static func table(_ function: MeasuredProfile.Function, _ condition: MeasuredProfile.Condition) -> TextTable {
    var table = TextTable(
      "\(function.name), \(condition.memory)",
      columns: ["median", "95 % interval", "p90", "p99", "samples", "noisy", "exits", "faults"])
    table.rows = condition.series.map(row)
    if let quota = condition.quota {
      table.note =
        "\(quota.quota) of a processor in each \(quota.period)"
        + (condition.throttlesInit ? ", during init too" : ", after init")
    }
    return table
  }

  private static func row(_ series: Series) -> [String] {
    let wall = series.wall
    let median = wall.quantile(0.5)
    let noisy = 100 * Double(series.noisyCount) / Double(max(1, series.samples.count))
    let noise = "\(Int(noisy.rounded())) %" + (series.leavesNoiseOut ? "" : "!")
    return [
      series.phase.replacing("_", with: " ") + (series.host == .cold ? ", host cold" : ""),
      time(median?.value), interval(median), time(wall.quantile(0.9)?.value), time(wall.quantile(0.99)?.value),
      "\(series.samples.count)", noise, count(series.median { Double($0.exits) }),
      count(series.median { Double($0.pageFaults) }),
    ]
  }

  private static func interval(_ estimate: QuantileEstimate?) -> String {
    guard let lower = estimate?.lower, let upper = estimate?.upper else { return "-" }
    return "\(time(lower)) … \(time(upper))"
  }

  private static func count(_ value: Double?) -> String { value.map { "\(Int($0.rounded()))" } ?? "-" }

  static func time(_ span: TimeSpan) -> String { time(Double(span.nanoseconds)) }

  /// Three significant digits with the unit that fits.
  static func time(_ nanoseconds: Double?) -> String {
    guard let nanoseconds else { return "-" }
    for (size, unit) in [(1e9, "s"), (1e6, "ms"), (1e3, "us")] where nanoseconds >= size {
      return significant(nanoseconds / size) + " " + unit
    }
    return "\(Int(nanoseconds.rounded())) ns"
  }

  private static func size(_ bytes: Double) -> String {
    bytes >= 1 << 20 ? significant(bytes / 1_048_576) + " MiB" : significant(max(0, bytes) / 1024) + " KiB"
  }

  private static func significant(_ value: Double) -> String {
    String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)
  }
}
