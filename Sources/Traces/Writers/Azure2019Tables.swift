import Diagnostics
import Documents
import Logs
import Statistics
import Units
import Workloads

/// One function's day: counts a minute and durations.
struct Azure2019Day {
  private(set) var counts = [UInt32](repeating: 0, count: 1440)
  private(set) var durations = LogLinearHistogram()
  var count: Int { Int(clamping: durations.count) }

  /// - Parameter moment: ns since the day's start, within the day.
  mutating func record(_ moment: Int64, _ duration: Int64) {
    let minute = Int(moment / 60_000_000_000)
    guard counts.indices.contains(minute) else { return }
    counts[minute] &+= 1
    durations.record(duration)
  }
}

/// A day's tables of invocations and durations.
final class Azure2019Tables {
  let invocations: OutputFile
  let durations: OutputFile
  private var text = OutputText()

  private static let percentiles = [0, 1, 25, 50, 75, 99, 100]

  init(invocations: OutputFile, durations: OutputFile) {
    self.invocations = invocations
    self.durations = durations
  }

  func begin() throws(InputFault) {
    text.append("HashOwner,HashApp,HashFunction,Trigger")
    for minute in 1...1440 {
      text.append(",")
      text.append(minute)
    }
    text.append("\n")
    try invocations.write(&text)
    text.append("HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum")
    for percentile in Self.percentiles {
      text.append(",percentile_Average_")
      text.append(percentile)
    }
    text.append("\n")
    try durations.write(&text)
  }

  func add(_ day: Azure2019Day, of function: WorkloadFunction) throws(InputFault) {
    appendIdentity(function)
    text.append(",")
    text.append(field: function.trigger ?? "others")
    for count in day.counts {
      text.append(",")
      text.append(count)
    }
    text.append("\n")
    try invocations.write(&text)

    let durations = day.durations
    appendIdentity(function)
    let average = Int64(clamping: durations.sum / Int128(max(1, durations.count)))
    text.append(",")
    text.append((average / 1000) + (average % 1000 >= 500 ? 1 : 0), decimals: 3)
    text.append(",")
    text.append(day.count)
    for extreme in [durations.minimum, durations.maximum] {
      text.append(",")
      text.append(extreme / 1000, decimals: 3)
    }
    for percentile in Self.percentiles {
      text.append(",")
      text.append(
        percentile == 0
          ? durations.minimum / 1000
          : percentile == 100
            ? durations.maximum / 1000
            : Self.rounded(durations.quantile(Double(percentile) / 100) / 1000, durations), decimals: 3)
    }
    text.append("\n")
    try self.durations.write(&text)
  }

  /// Microseconds cut to four digits, but kept between the extremes, whose digits are all written.
  private static func rounded(_ microseconds: Double, _ durations: LogLinearHistogram) -> Int64 {
    var unit = 1.0
    while microseconds / unit >= 10_000 { unit *= 10 }
    let value = Int64((microseconds / unit).rounded() * unit)
    return min(max(value, durations.minimum / 1000), durations.maximum / 1000)
  }

  private func appendIdentity(_ function: WorkloadFunction) {
    text.append("faascast,")
    text.append(field: function.application ?? function.name)
    text.append(",")
    text.append(field: function.name)
  }

  func finish() throws(InputFault) {
    try invocations.finish()
    try durations.finish()
  }
}

/// A day's table of applications' memory.
struct Azure2019MemoryTable {
  private struct Row {
    var used: Double?
    var setting: Double?
    var samples = 0
  }

  private var order: [String] = []
  private var rows: [String: Row] = [:]

  var isEmpty: Bool { rows.values.allSatisfy { $0.used == nil && $0.setting == nil } }
  var lacksAny: Bool { rows.values.contains { $0.used == nil && $0.setting == nil } }

  mutating func add(_ function: WorkloadFunction, invocations: Int) {
    let name = function.application ?? function.name
    if rows[name] == nil { order.append(name) }
    var row = rows[name] ?? Row()
    if let used = function.memoryUsed, used.isFinite { row.used = max(row.used ?? 0, used) }
    if let memory = function.memory { row.setting = max(row.setting ?? 0, Double(memory.megabytes)) }
    row.samples += invocations
    rows[name] = row
  }

  /// Shares of the mean in a typical application of the published trace.
  private static let spread = [
    (1, 0.90), (5, 0.93), (25, 0.98), (50, 1.0), (75, 1.02), (95, 1.07), (99, 1.10), (100, 1.15),
  ]

  func write(to file: OutputFile) throws(InputFault) {
    var text = OutputText()
    text.append("HashOwner,HashApp,SampleCount,AverageAllocatedMb")
    for (percentile, _) in Self.spread {
      text.append(",AverageAllocatedMb_pct")
      text.append(percentile)
    }
    text.append("\n")
    for name in order {
      guard let row = rows[name], let mean = row.used ?? row.setting else { continue }
      let hundredths = min(max(0, mean), 1e6) * 100
      text.append("faascast,")
      text.append(field: name)
      text.append(",")
      text.append(row.samples)
      text.append(",")
      text.append(Int64(hundredths.rounded()), decimals: 2)
      for (_, share) in Self.spread {
        text.append(",")
        text.append(Int64((hundredths * share).rounded()), decimals: 2)
      }
      text.append("\n")
    }
    try file.write(&text)
    try file.finish()
  }
}
