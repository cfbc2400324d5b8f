import Foundation

/// Prints each result as it comes and holds it against `microvm-thresholds.json`.
struct Scoreboard {
  /// What a figure is held against: at least so much, or at most.
  private enum Limit {
    case least(Double)
    case most(Double)
    /// A time of the study's host, to which comes what this host is slower.
    case mostThere(Double)
  }

  private var limits: [String: Limit] = [:]
  private var missed = 0

  var isGood: Bool { missed == 0 }

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../microvm-thresholds.json")
    let table = try JSONDecoder().decode([String: [String: Double]].self, from: Data(contentsOf: file))
    for (name, limit) in table {
      if let least = limit["least"] { limits[name] = .least(least) }
      if let most = limit["most"] { limits[name] = .most(most) }
      if let most = limit["mostOnStudyHost"] { limits[name] = .mostThere(most) }
    }
    Self.line("what", "measured", "figure", "wanted")
  }

  /// A figure, and what it was made of as people read it. `about` tells cases apart that share a threshold.
  ///
  /// - Parameter excess: what this host adds to a time that the study has (`HostSpeed`).
  mutating func add(
    _ name: String, about: String = "", _ measured: String = "", figure: Double, places: Int = 3, excess: Double = 0
  ) {
    var isGood = true
    var limit = ""
    switch limits[name] {
    case .least(let least):
      limit = "≥ \(least.shown(least < 10 ? 2 : 0))"
      isGood = figure >= least
    case .most(let most):
      limit = "≤ \(most.shown(most < 100 ? 2 : 0))"
      isGood = figure <= most
    case .mostThere(let most):
      let sign = excess < 0 ? "−" : "+"
      limit = "≤ \((most + excess).shown(2)), \(most.shown(2)) \(sign) \(excess.magnitude.shown(2)) for this host"
      isGood = figure <= most + excess
    case nil: break
    }
    if !isGood { missed += 1 }
    Self.line(about + name, measured, figure.shown(places), limit + (isGood ? "" : "  MISSED"))
  }

  private static func line(_ name: String, _ measured: String, _ figure: String, _ limit: String) {
    func pad(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.count))
    }
    print(pad(name, 60) + pad(measured, 36) + pad(figure, 9) + limit)
    fflush(nil)
  }
}
