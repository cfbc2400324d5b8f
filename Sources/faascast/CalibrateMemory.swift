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
        function.name, Wording.plainTime(fit.scaling.fixed), Wording.plainTime(fit.scaling.work),
        Wording.plain(fit.scaling.cap, 1), fit.cap.map { Wording.plainRange($0, 1) } ?? "one run a size",
        Wording.plainPercent(fit.error(over: fit.points)), Wording.plainPercent(error),
        "\(fit.points.count) of \(function.sizes.count)",
      ])
      if let next = fit.advice { advice.append("\(function.name): measure \(next.memory) next, for \(next.reason)") }
      add(fit, of: function.name, to: &result)
    }
    if errors.count > 1 {
      table.rows.append(
        ["mean", "", "", "", "", "", Wording.plainPercent(errors.reduce(0, +) / Double(errors.count)), ""])
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
          "\(point.memory.megabytes)", Wording.plainTime(point.duration), Wording.plainTime(model),
          Wording.plainPercent(model / point.duration - 1),
          Wording.digits(point.duration * Double(point.memory.megabytes) / 1024, 4),
        ] + (costs.indices.contains(index) ? [costs[index].map { Wording.digits($0 * 1e6, 4) } ?? ""] : []))
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
