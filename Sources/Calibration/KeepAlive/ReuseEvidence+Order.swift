public import Platforms

extension ReuseEvidence {
  /// Choices that each order explains, the best first.
  public var explained: [(order: ReuseOrder, choices: Int)] {
    [
      (.mostRecentlyUsed, mostRecentlyUsed), (.leastRecentlyUsed, leastRecentlyUsed),
      (.newestCreated, newestCreated), (.oldestCreated, oldestCreated),
    ].sorted { $0.1 > $1.1 }
  }

  /// The order that the choices show: the one that explains at least nine in ten of at least twenty; `random` where none
  /// explains more than chance would, within three standard errors. Nil where the choices decide nothing.
  public var order: ReuseOrder? {
    guard choices >= 20, let best = explained.first else { return nil }
    if best.choices * 10 >= choices * 9 { return best.order }
    let error = 3 * (byChance * (1 - byChance / Double(choices))).squareRoot()
    return explained.allSatisfy { (Double($0.choices) - byChance).magnitude < error } ? .random : nil
  }
}
