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
      for condition in function.conditions {
        blocks.table(
          Self.table(function, condition, "no other machine alive") { $0.host == .cold && $0.restored == nil })
        blocks.table(Self.table(function, condition, nil) { $0.host == .warm && $0.restored == nil })
        for way in Restoration.allCases {
          blocks.table(Self.table(function, condition, "from a snapshot, \(way.rawValue)") { $0.restored == way })
        }
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

  /// Nothing but a title where the condition has no such series: such a table is not printed.
  private static func table(
    _ function: MeasuredProfile.Function, _ condition: MeasuredProfile.Condition, _ circumstance: String?,
    where belongs: (Series) -> Bool
  ) -> TextTable {
    var table = TextTable(
      "\(function.name), \(condition.memory)",
      columns: ["median", "95 %", "p90", "p99", "samples", "noisy", "exits", "faults"])
    table.rows = condition.series.filter(belongs).map(row)
    let quota = condition.quota.map {
      "\($0.quota) of a processor in each \($0.period)"
        + (condition.throttlesInit ? ", during init too" : ", after init")
    }
    let notes = [circumstance, quota].compactMap { $0 }
    table.note = notes.isEmpty ? nil : notes.joined(separator: "; ")
    return table
  }

  private static func row(_ series: Series) -> [String] {
    let wall = series.wall
    let median = wall.quantile(0.5)
    let noisy = 100 * Double(series.noisyCount) / Double(max(1, series.samples.count))
    let noise = "\(Int(noisy.rounded())) %" + (series.leavesNoiseOut ? "" : "!")
    return [
      names[series.phase] ?? series.phase.replacing("_", with: " "), time(median?.value), interval(median),
      time(wall.quantile(0.9)?.value), time(wall.quantile(0.99)?.value), "\(series.samples.count)", noise,
      count(series.median { Double($0.exits) }), count(series.median { Double($0.pageFaults) }),
    ]
  }

  private static let names = [
    "start_to_first_result": "start to result", "restore_to_first_result": "restore to result",
    "exec_to_first_result": "exec to result",
  ]

  /// Both ends in the unit of the median.
  private static func interval(_ estimate: QuantileEstimate?) -> String {
    guard let estimate, let lower = estimate.lower, let upper = estimate.upper else { return "-" }
    let size = unit(of: estimate.value).size
    return significant(lower / size) + "…" + significant(upper / size)
  }

  private static func count(_ value: Double?) -> String { value.map { "\(Int($0.rounded()))" } ?? "-" }

  static func time(_ span: TimeSpan) -> String { time(Double(span.nanoseconds)) }

  /// Three significant digits with the unit that fits.
  static func time(_ nanoseconds: Double?) -> String {
    guard let nanoseconds else { return "-" }
    let unit = unit(of: nanoseconds)
    return significant(nanoseconds / unit.size) + " " + unit.name
  }

  private static func unit(of nanoseconds: Double) -> (size: Double, name: String) {
    if nanoseconds >= 1e9 { return (1e9, "s") }
    if nanoseconds >= 1e6 { return (1e6, "ms") }
    return (1e3, "us")
  }

  private static func size(_ bytes: Double) -> String {
    bytes >= 1_048_576 ? significant(bytes / 1_048_576) + " MiB" : significant(max(0, bytes) / 1024) + " KiB"
  }

  private static func significant(_ value: Double) -> String {
    String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)
  }
}
