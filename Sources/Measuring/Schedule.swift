import Units

/// Which series are still to come and how long they will take: the share of the work that is done.
struct Schedule {
  enum Kind: Hashable, CaseIterable {
    case hostCold
    case cold
    case warm
    case restore
    case alive
  }

  private struct Entry {
    var kind: Kind
    var left: Int
    var perSample: Double?
  }

  private var entries: [Entry] = []
  private var spent = 0.0
  private var known: [Kind: Double] = [:]
  private var current: Int?

  /// Before anything is known, seconds for a sample: machines of small guests (MICROVM.md's order of size).
  private static let guess: [Kind: Double] = [
    .hostCold: 0.02, .cold: 0.02, .warm: 0.001, .restore: 0.005, .alive: 0.003,
  ]

  mutating func expect(_ kind: Kind, _ count: Int) {
    if count > 0 { entries.append(Entry(kind: kind, left: count)) }
  }

  /// The next expected series begins.
  mutating func begin(_ kind: Kind) { current = entries.firstIndex { $0.kind == kind && $0.left > 0 } }

  /// One sample of the current series took `seconds`.
  mutating func advance(_ seconds: Double) {
    guard let current else { return }
    spent += seconds
    entries[current].left = max(0, entries[current].left - 1)
    let mean = entries[current].perSample.map { $0 * 0.9 + seconds * 0.1 } ?? seconds
    entries[current].perSample = mean
    known[entries[current].kind] = mean
  }

  /// The current series is over, whether all of its samples came or not.
  mutating func end() {
    if let current { entries[current].left = 0 }
    current = nil
  }

  var share: Double {
    let rest = entries.reduce(0) { sum, entry in
      sum + Double(entry.left) * (entry.perSample ?? known[entry.kind] ?? Self.guess[entry.kind] ?? 0.01)
    }
    return spent + rest > 0 ? spent / (spent + rest) : 0
  }
}
