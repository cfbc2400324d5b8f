import Calibration
import Diagnostics
import Documents
import Platforms
import Reporting
import Statistics
import Units

extension Calibrate {
  /// Fits durations by memory, one model a function.
  func addMemory(
    _ functions: [DurationTable.Function], _ path: String, _ progress: SharedProgress,
    costs: [Double?] = [], to result: inout CalibratedProfile,
    _ blocks: inout TextBlocks
  ) throws {
    var table = TextTable(
      "Function", columns: ["fixed", "work on 1 vCPU", "cap, MB", "95 % of cap", "error fitted", "error all", "sizes"])
    var advice: [String] = []
    var errors: [Double] = []
    for (number, function) in functions.enumerated() where progress.goesOn(Double(number) / Double(functions.count)) {
      let trained = train.isEmpty ? function : function.at(train)
      guard train.isEmpty || trained.sizes.count == train.count else {
        throw InputFault(
          at: .init(file: path, key: function.name),
          found: "sizes " + function.sizes.map { "\($0.memory.megabytes)" }.joined(separator: ", "),
          expected: "all of --train, which has " + train.map { "\($0.megabytes)" }.joined(separator: ", "))
      }
      guard let fit = MemoryFit(to: trained) else {
        result.warnings.append("\(function.name): one size tells nothing of memory's effect")
        continue
      }
      let error = fit.error(over: function.means)
      errors.append(error)
      table.rows.append([
        function.name, Numbers.time(fit.scaling.fixed), Numbers.time(fit.scaling.work),
        Numbers.fixed(fit.scaling.cap, 1), fit.cap.map { Numbers.range($0, 1) } ?? "one run a size",
        Numbers.percent(fit.error(over: fit.points)), Numbers.percent(error),
        "\(fit.points.count) of \(function.sizes.count)",
      ])
      if let next = fit.advice { advice.append("\(function.name): measure \(next.memory) next, for \(next.reason)") }
      add(fit, of: function.name, to: &result)
    }
    if errors.count > 1 {
      table.rows.append(
        ["mean", "", "", "", "", "", Numbers.percent(errors.reduce(0, +) / Double(errors.count)), ""])
      table.lastIsTotal = true
    }
    table.note = "duration = fixed + work / min(MB / 1769, cap / 1769); errors are means of absolute relative errors"
    blocks.table(table)
    if functions.count == 1, let function = functions.first, let fit = MemoryFit(to: function) {
      blocks.table(Self.sizes(function, fit, costs))
    }
    blocks.list("What to measure next", advice)
  }

  private static func sizes(_ function: DurationTable.Function, _ fit: MemoryFit, _ costs: [Double?]) -> TextTable {
    var table = TextTable(
      "MB", columns: ["measured", "model", "error", "GB-s"] + (costs.isEmpty ? [] : ["USD a million"]))
    for (index, point) in function.means.enumerated() {
      let model = fit.scaling.duration(at: point.memory)
      table.rows.append(
        [
          "\(point.memory.megabytes)", Numbers.time(point.duration), Numbers.time(model),
          Numbers.percent(model / point.duration - 1),
          Numbers.digits(point.duration * Double(point.memory.megabytes) / 1024, 4),
        ] + (costs.indices.contains(index) ? [costs[index].map { Numbers.digits($0 * 1e6, 4) } ?? ""] : []))
    }
    return table
  }

  private func add(_ fit: MemoryFit, of name: String, to result: inout CalibratedProfile) {
    var profiled = ProfiledFunction(function: name)
    profiled.memoryScaling = fit.scaling
    result.profile.functions.append(profiled)
    result.evidence.append(
      (
        "memory: \(name)",
        .object([
          ("sizes", .array(fit.points.map { .integer($0.memory.megabytes) })),
          ("capMegabytes", .number(fit.scaling.cap)), ("capInterval95", .interval(fit.cap)),
          ("workSecondsInterval95", .interval(fit.work)), ("fixedSecondsInterval95", .interval(fit.fixed)),
          ("meanAbsoluteError", .number(fit.error(over: fit.points))),
        ])
      ))
  }
}

extension JSON {
  static func interval(_ range: ClosedRange<Double>?) -> JSON {
    range.map { .array([.number($0.lowerBound), .number($0.upperBound)]) } ?? .null
  }
}

/// Numbers of calibrations and validations, in the form their tables have them.
enum Numbers {
  static func digits(_ value: Double, _ count: Int) -> String { EstimateTable.digits(value, count) }

  static func fixed(_ value: Double, _ places: Int) -> String {
    let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
    guard (value * scale).magnitude < 1e15 else { return EstimateTable.digits(value) }
    let scaled = Int((value * scale).rounded())
    let digits = String(scaled.magnitude)
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let sign = scaled < 0 ? "-" : ""
    return places == 0 ? sign + padded : sign + padded.dropLast(places) + "." + padded.suffix(places)
  }

  static func percent(_ share: Double, _ places: Int = 2) -> String { fixed(share * 100, places) + " %" }
  static func range(_ range: ClosedRange<Double>, _ places: Int) -> String {
    fixed(range.lowerBound, places) + " to " + fixed(range.upperBound, places)
  }
  /// Seconds, in milliseconds below ten of them.
  static func time(_ seconds: Double) -> String {
    seconds < 10 ? fixed(seconds * 1000, seconds < 0.1 ? 2 : 1) + " ms" : fixed(seconds, 2) + " s"
  }
}
