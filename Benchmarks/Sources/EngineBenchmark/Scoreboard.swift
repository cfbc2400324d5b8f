import Foundation

/// The table of results, held against the thresholds in `engine-thresholds.json`.
struct Scoreboard {
  /// What a race's figure is held against: at least so much, or at most.
  private enum Limit {
    case least(Double)
    case most(Double)
  }

  private var limits: [String: Limit] = [:]
  private var lines: [(race: String, own: String, rival: String, figure: String, limit: String, isGood: Bool)] = []

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../engine-thresholds.json")
    let table = try JSONDecoder().decode([String: [String: Double]].self, from: Data(contentsOf: file))
    for (race, limit) in table {
      if let least = limit["least"] { limits[race] = .least(least) }
      if let most = limit["most"] { limits[race] = .most(most) }
    }
  }

  var isGood: Bool { lines.allSatisfy(\.isGood) }

  /// A race's figure, most often a ratio, and the two it was made of, as people read them.
  mutating func add(_ race: String, own: String, rival: String, figure: Double, places: Int = 2) {
    var isGood = true
    var limit = ""
    switch limits[race] {
    case .least(let least):
      limit = "≥ \(least)"
      isGood = figure >= least
    case .most(let most):
      limit = "≤ \(most)"
      isGood = figure <= most
    case nil: break
    }
    lines.append((race, own, rival, String(format: "%.\(places)f", figure), limit, isGood))
    FileHandle.standardError.write(Data("\(race): \(own) against \(rival)\n".utf8))
  }

  /// A race that could not be run.
  mutating func skip(_ race: String, because reason: String) {
    lines.append((race, "skipped", reason, "", "", true))
  }

  var text: String {
    let heads = ("race", "faascast", "rival", "figure", "wanted")
    let widths = (
      lines.reduce(heads.0.count) { max($0, $1.race.count) }, lines.reduce(heads.1.count) { max($0, $1.own.count) },
      lines.reduce(heads.2.count) { max($0, $1.rival.count) }, lines.reduce(heads.3.count) { max($0, $1.figure.count) }
    )
    func pad(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    func line(_ a: String, _ b: String, _ c: String, _ d: String, _ e: String) -> String {
      [pad(a, widths.0), pad(b, widths.1), pad(c, widths.2), pad(d, widths.3), e].joined(separator: "  ")
    }
    return
      ([line(heads.0, heads.1, heads.2, heads.3, heads.4)]
      + lines.map { line($0.race, $0.own, $0.rival, $0.figure, $0.limit + ($0.isGood ? "" : "  MISSED")) })
      .joined(separator: "\n")
  }
}

/// The shortest of several runs, each taken in turn with the others so that all meet the same machine: seconds of
/// processor time of this thread.
func shortest(of runs: Int, _ bodies: (() -> Void)...) -> [Double] {
  var best = Array(repeating: Double.infinity, count: bodies.count)
  for _ in 0..<runs {
    for (index, body) in bodies.enumerated() {
      let start = threadSeconds()
      body()
      best[index] = min(best[index], threadSeconds() - start)
    }
  }
  return best
}

private func threadSeconds() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
}

/// `103 M/s`, for so many things in so many seconds.
func pace(_ count: Int, _ seconds: Double) -> String { String(format: "%.1f M/s", Double(count) / seconds / 1e6) }
