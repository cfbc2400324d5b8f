import Foundation
import Reporting
import Statistics

/// The answer to an estimate: what was asked, and figures that each say how exact they are.
struct EstimateTable {
  /// How far a figure may be from the exact one.
  enum Standing {
    case exact
    /// Relative to the figure.
    case within(Double)
    /// Too small for a number of the computer.
    case vanishing
    /// Exact but for a share of requests that the model leaves out.
    case overlapping(Double)
    case approximation(String)

    /// Figures are exact up to the rounding of some hundred or thousand operations.
    private static let rounding = 1e-12

    /// For the table.
    var text: String {
      switch self {
      case .exact: "exact"
      case .within(let error): error < Self.rounding ? "exact" : "± \(Wording.digits(error, 2)) of it"
      case .vanishing: "below 1e-300"
      case .overlapping(let share): "exact but for \(Wording.digits(share * 100, 2)) % overlaps"
      case .approximation(let note): "approximation, \(note)"
      }
    }

    /// For JSON; nil where no bound is known.
    var bound: Double? {
      switch self {
      case .exact: 0
      case .within(let error): error < Self.rounding ? 0 : error.isFinite ? error : nil
      case .vanishing, .overlapping, .approximation: nil
      }
    }
  }

  struct Parameter {
    var name: String
    var value: Double
    var unit: String

    init(_ name: String, _ value: Double, _ unit: String) {
      self.name = name
      self.value = value
      self.unit = unit
    }
  }

  struct Figure {
    var quantity: Parameter
    var standing: Standing
  }

  let subject: String
  var assumes: String
  var parameters: [Parameter] = []
  private(set) var figures: [Figure] = []

  init(_ subject: String, assumes: String) {
    self.subject = subject
    self.assumes = assumes
  }

  /// A unit of `share` is printed in percent.
  mutating func add(_ name: String, _ value: Double, _ unit: String, _ standing: Standing) {
    figures.append(Figure(quantity: Parameter(name, value, unit), standing: standing))
  }

  mutating func add(_ pool: PoolFigures, isLimited: Bool, hasSetup: Bool) {
    let standing = Standing.within(pool.relativeError)
    let cold: Standing = pool.coldProbability > 0 ? standing : .vanishing
    add("cold starts", pool.coldProbability, "share", cold)
    if isLimited { add("rejections", pool.rejectionProbability, "share", .exact) }
    add("busy", pool.meanBusy, "environments", hasSetup ? standing : .exact)
    if hasSetup { add("in setup", pool.meanInSetup, "environments", standing) }
    add("idle", pool.meanIdle, "environments", standing)
    add("environments", pool.meanEnvironments, "", standing)
    add("utilisation", pool.utilisation, "share", standing)
    add("environments started", pool.coldRate * 3600, "/h", cold)
    add("mean lifetime", pool.meanLifetime, "s", pool.coldRate > 0 ? standing : .approximation("beyond all bounds"))
  }
}

// MARK: - Text

extension EstimateTable {
  func text() -> String {
    var lines = ["assumes \(assumes)"]
    let given = parameters.map { "\($0.name) \($0.shown.value)\($0.shown.unit.spaced)" }
    lines.append("given   " + given.joined(separator: ", "))
    lines.append("")
    let rows = figures.map { figure in
      let shown = figure.quantity.shown
      return [figure.quantity.name, shown.value, shown.unit, figure.standing.text]
    }
    let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let name = row[0].padding(toLength: widths[0], withPad: " ", startingAt: 0)
      let value = String(repeating: " ", count: widths[1] - row[1].count) + row[1]
      let unit = row[2].padding(toLength: widths[2], withPad: " ", startingAt: 0)
      lines.append("\(name)  \(value) \(unit)  \(row[3])")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension EstimateTable.Parameter {
  fileprivate var shown: (value: String, unit: String) {
    switch unit {
    case "share": (Wording.digits(value * 100), "%")
    case "share of time": (Wording.digits(value * 100), "% of the time")
    default: (Wording.digits(value, value == value.rounded() && abs(value) < 1e7 ? 10 : 6), unit)
    }
  }
}

extension String {
  fileprivate var spaced: String { isEmpty || hasPrefix("/") ? self : " " + self }
}

// MARK: - JSON

extension EstimateTable {
  /// One object; shares are numbers from 0 to 1. `relativeError` is zero for exact figures, and absent where no bound is
  /// known; what is not finite is null.
  func json() throws -> String {
    struct Value: Encodable {
      var value: Double?
      var unit: String
      var relativeError: Double?
      var standing: String?

      private enum CodingKeys: CodingKey {
        case value
        case unit
        case relativeError
        case standing
      }

      func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(value, forKey: .value)
        try container.encode(unit, forKey: .unit)
        try container.encodeIfPresent(relativeError, forKey: .relativeError)
        try container.encodeIfPresent(standing, forKey: .standing)
      }
    }
    struct Document: Encodable {
      var schema = "faascast.estimate/1"
      var estimate: String
      var assumes: String
      var given: [String: Value]
      var figures: [String: Value]
    }
    func value(_ quantity: Parameter, _ standing: Standing? = nil) -> Value {
      Value(
        value: quantity.value.isFinite ? quantity.value : nil, unit: quantity.unit, relativeError: standing?.bound,
        standing: standing?.text)
    }
    let document = Document(
      estimate: subject, assumes: assumes,
      given: Dictionary(parameters.map { ($0.name.camelCased, value($0)) }) { first, _ in first },
      figures: Dictionary(figures.map { ($0.quantity.name.camelCased, value($0.quantity, $0.standing)) }) { first, _ in
        first
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
  }
}

extension String {
  /// `mean response` as `meanResponse`, `keep-alive` as `keepAlive`, `response p99.9` as `responseP99.9`.
  fileprivate var camelCased: String {
    let words = split { $0 == " " || $0 == "-" }
    return words.enumerated().map { $0 == 0 ? $1.lowercased() : $1.prefix(1).uppercased() + $1.dropFirst() }.joined()
  }
}
