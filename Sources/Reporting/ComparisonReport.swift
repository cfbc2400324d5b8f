import Documents
public import Planning
import Statistics

/// A comparison of scenarios as text, Markdown and JSON.
public struct ComparisonReport: Sendable {
  public var comparison: Comparison
  /// The outputs that text and Markdown show; JSON has all.
  public var outputs: [Output]
  /// What was left out, what differs besides the platform.
  public var remarks: [String]

  /// What is shown where nobody says what they want to see.
  public static let usualOutputs: [Output] = [
    .invocations, .coldStarts, .throttles, .peakConcurrency, .meanEnvironments, .latency(.mean), .latency(.p50),
    .latency(.p99), .gigabyteSeconds, .cost,
  ]

  public init(_ comparison: Comparison, outputs: [Output] = usualOutputs, remarks: [String] = []) {
    self.comparison = comparison
    self.outputs = outputs
    self.remarks = remarks
  }

  /// The name of the form that `json()` writes.
  public static let schema = "faascast.compare/1"

  // MARK: -

  /// An output of an alternative beside the first scenario's.
  private struct Row {
    var output: Output
    var first: String
    var other: String
    var difference: String
    var share: String
    var verdict: String

    var cells: [String] { [output.name, first, other, difference, share, verdict] }
  }

  private func columns(_ alternative: Int) -> [String] {
    [Wording.name(comparison.names[0], limit: 16), Wording.name(comparison.names[alternative], limit: 16)]
      + ["difference", "%", "verdict"]
  }

  private func rows(_ alternative: Int) -> [Row] {
    outputs.compactMap { output in
      guard let difference = comparison.difference(of: alternative, in: output) else { return nil }
      func estimate(_ study: Study) -> String { study.interval(output).map { Report.said($0, output) } ?? Wording.none }
      let first = comparison.studies[0].interval(output)?.estimate ?? 0
      let change = difference.interval.estimate
      return Row(
        output: output, first: estimate(comparison.studies[0]), other: estimate(comparison.studies[alternative]),
        difference: (change > 0 ? "+" : "") + Report.said(difference.interval, output),
        share: first == 0 ? Wording.none : (change > 0 ? "+" : "") + Wording.percentNumber(change / abs(first)),
        verdict: Self.verdict(difference))
    }
  }

  private static func verdict(_ difference: Comparison.Difference) -> String {
    if difference.interval.estimate == 0, difference.interval.halfWidth == 0 { return "same" }
    if difference.isNoise { return "noise" }
    return difference.interval.estimate > 0 ? "more" : "less"
  }

  private var method: [String] {
    var lines = [
      "± is half of a 95 % confidence interval over \(Wording.count(comparison.replications, "replication")); "
        + "differences are taken replication by replication",
      "noise: the difference's interval holds zero",
    ]
    let cuts = outputs.compactMap { output in
      comparison.difference(of: 1, in: output)?.varianceCut.map { "\(output) \(Wording.number($0))-fold" }
    }
    if !cuts.isEmpty {
      lines.append("common random numbers cut the differences' variance: " + cuts.joined(separator: ", "))
    }
    if comparison.names.count > 2 {
      lines[0] +=
        ", each interval at \(Wording.percent(comparison.confidence)) so that all of an output hold together (Bonferroni)"
    }
    return lines + remarks
  }

  /// For a terminal, in lines of about `width` columns.
  public func text(colour: Bool, width: Int = 80) -> String {
    var text = TextBlocks(ink: Ink(isOn: colour), width: max(40, width))
    for alternative in comparison.names.indices.dropFirst() {
      var table = TextTable(Wording.name(comparison.names[alternative], limit: 16), columns: columns(alternative))
      table.rows = rows(alternative).map(\.cells)
      text.table(table)
    }
    text.list("How sure", method)
    return text.text
  }

  /// Tables for a pull request or a page of notes.
  public func markdown() -> String {
    var text = ""
    for alternative in comparison.names.indices.dropFirst() {
      func line(_ cells: [String]) -> String {
        "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
      }
      let columns = columns(alternative)
      text += line(["output"] + columns) + line([":--"] + columns.map { _ in "--:" })
      for row in rows(alternative) { text += line(row.cells) }
      text += "\n"
    }
    return text + method.map { "- \($0)\n" }.joined()
  }

  /// Every output of every scenario, and its difference to the first one's.
  public func json() -> String {
    let outputs = comparison.outputs.map { output -> JSON in
      let scenarios = comparison.studies.map { study -> JSON in
        study.interval(output).map { .object(Report.json($0)) } ?? .null
      }
      let differences = comparison.names.indices.dropFirst().map { alternative -> JSON in
        guard let difference = comparison.difference(of: alternative, in: output) else { return .null }
        let interval = difference.interval
        return .object([
          ("mean", .number(interval.estimate)), ("halfWidth", .number(interval.halfWidth)),
          ("lower", .number(interval.lower)), ("upper", .number(interval.upper)),
          ("verdict", .text(Self.verdict(difference))), ("varianceCut", .number(difference.varianceCut)),
        ])
      }
      return .object([
        ("name", .text(output.name)), ("scenarios", .array(scenarios)), ("differences", .array(differences)),
      ])
    }
    return JSON.object([
      ("schema", .text(Self.schema)), ("scenarios", .texts(comparison.names)),
      ("replications", .integer(comparison.replications)), ("confidence", .number(comparison.confidence)),
      ("remarks", .texts(remarks)), ("outputs", .array(outputs)),
    ]).written(depth: 2) + "\n"
  }
}
