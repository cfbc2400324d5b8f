import Units

extension MarkovState {
  /// The weights of the states that may follow the one at `index`.
  static func nextWeights(_ states: [MarkovState], _ index: Int) -> [Double] {
    states[index].next ?? states.indices.map { $0 == index ? 0 : 1 }
  }

  /// The long-run share of time in each state; nil unless every state leads, in the end, to every other.
  ///
  /// W. K. Grassmann, M. I. Taksar and D. P. Heyman, "Regenerative analysis and steady state distributions for Markov
  /// chains", Oper. Res. 33(5), 1985: elimination without subtractions. Cubic in the states.
  static func timeShares(_ states: [MarkovState]) -> [Double]? {
    let count = states.count
    guard count > 1, isIrreducible(states) else { return nil }
    var rates = states.indices.map { index in
      let weights = nextWeights(states, index)
      let speed = 1 / (states[index].stay.seconds * weights.reduce(0, +))
      return weights.map { $0 * speed }
    }
    for last in stride(from: count - 1, to: 0, by: -1) {
      let leaving = rates[last][..<last].reduce(0, +)
      guard leaving > 0 else { return nil }
      for from in 0..<last {
        rates[from][last] /= leaving
        for to in 0..<last where to != from { rates[from][to] += rates[from][last] * rates[last][to] }
      }
    }
    var shares = [1.0]
    for state in 1..<count { shares.append((0..<state).reduce(0) { $0 + shares[$1] * rates[$1][state] }) }
    let total = shares.reduce(0, +)
    return shares.map { $0 / total }
  }

  private static func isIrreducible(_ states: [MarkovState]) -> Bool {
    let leads = states.indices.map { nextWeights(states, $0) }
    func reachable(_ edge: (Int, Int) -> Bool) -> Int {
      var seen: Set<Int> = [0]
      var open = [0]
      while let state = open.popLast() {
        for other in states.indices where edge(state, other) && seen.insert(other).inserted { open.append(other) }
      }
      return seen.count
    }
    return reachable { leads[$0][$1] > 0 } == states.count && reachable { leads[$1][$0] > 0 } == states.count
  }
}
