/// A Markov chain on levels m of phases i that climbs from each level through its top phase only, into the top phase of
/// the next, and falls from any phase into the same phase of the level below:
///
///     level m    lo ⇄ lo+1 ⇄ … ⇄ top(m)      right at rate `birth`, left at rate i × `death`
///     level m+1  reached from top(m) at rate `birth`; phase i of level m falls at rate fall(m, i)
///
/// Two pools have this shape: exponential keep-alive (level: all environments, phase: busy ones), and provisioned
/// concurrency (level: busy on-demand environments, phase: busy provisioned ones).
protocol LevelChain {
  var birth: Double { get }
  var death: Double { get }
  /// From the first level that matters to the last; arrivals in the last one's top phase are lost.
  var levels: ClosedRange<Int> { get }
  var lowestPhase: Int { get }
  func topPhase(of level: Int) -> Int
  func fallRate(level: Int, phase: Int) -> Double
}

/// The stationary law, as far as the top phases go.
struct LevelSolution {
  /// P(level, its top phase), for each level of the chain.
  var topProbabilities: [Double] = []
  /// For each level but the first, the law of the phase (counted from the lowest) in which it is left downwards.
  var fallPhases: [[Double]] = []
}

extension LevelChain {
  /// Solves levels from the last one down: each level's excursion begins in its top phase, and the law of its return
  /// feeds the level below. Then the flow is carried up.
  ///
  /// All sums are of positive terms (after W. K. Grassmann, M. I. Taksar and D. P. Heyman, "Regenerative analysis and
  /// steady state distributions for Markov chains", Operations Research 33, 1985), so even tiny probabilities come out
  /// to nearly full precision. Time is proportional to the number of states; memory too with `keepsFallPhases`.
  func solve(keepsFallPhases: Bool) -> LevelSolution {
    var excursions: [(topTime: Double, totalTime: Double)] = []
    var returns: [Double] = []
    var solution = LevelSolution()
    for level in levels.dropFirst().reversed() {
      let excursion = excursion(in: level, returningWith: returns)
      excursions.append((excursion.topTime, excursion.totalTime))
      returns = excursion.falls
      if keepsFallPhases { solution.fallPhases.append(returns) }
    }
    solution.fallPhases.reverse()

    var total = firstLevelTotal(returningWith: returns)
    var top = 1.0
    solution.topProbabilities.append(top)
    for excursion in excursions.reversed() {
      let entries = birth * top
      top = entries * excursion.topTime
      total += entries * excursion.totalTime
      solution.topProbabilities.append(top)
      // Where environments linger, levels far below the usual one weigh e^-1000 and less: they become zero.
      guard max(top, total) > 1e200 else { continue }
      for index in solution.topProbabilities.indices { solution.topProbabilities[index] *= 1e-200 }
      total *= 1e-200
      top *= 1e-200
    }
    for index in solution.topProbabilities.indices { solution.topProbabilities[index] /= total }
    return solution
  }

  /// Expected times in the phases of a level between entering it from below and leaving it downwards, excursions above
  /// it left out; and the law of the phase in which it is left.
  ///
  /// Gaussian elimination from the lowest phase to the top: `leaving` is the rate at which a phase is left for good
  /// without passing to the next, so that no difference is ever taken.
  private func excursion(
    in level: Int, returningWith returns: [Double]
  ) -> (topTime: Double, totalTime: Double, falls: [Double]) {
    let low = lowestPhase
    let top = topPhase(of: level)
    var times = [Double](repeating: 0, count: top - low + 1)
    // Time in phase i = fromBelow[i] × (visits that return from above) + ratios[i] × time in phase i + 1.
    var fromBelow = times
    var ratios = times
    var inflow = 0.0
    var leaving = 0.0
    var lost = 0.0
    for index in 0..<top - low {
      let phase = low + index
      leaving = fallRate(level: level, phase: phase) + leftward(phase, leaving)
      let mass = inflow + (index < returns.count ? returns[index] : 0)
      let rate = birth + leaving
      fromBelow[index] = mass / rate
      ratios[index] = Double(phase + 1) * death / rate
      lost += mass * leaving / rate
      inflow = mass * birth / rate
    }
    leaving = fallRate(level: level, phase: top) + leftward(top, leaving)
    let isLast = level == levels.upperBound
    let topTime = 1 / (leaving + (isLast ? 0 : birth * lost))
    let visits = isLast ? 0 : birth * topTime
    times[top - low] = topTime
    var total = topTime
    for index in (0..<top - low).reversed() {
      times[index] = visits * fromBelow[index] + ratios[index] * times[index + 1]
      total += times[index]
    }
    for index in times.indices { times[index] *= fallRate(level: level, phase: low + index) }
    return (topTime, total, times)
  }

  /// The rate from `phase` to the left that never comes back, given the rate `leaving` of the phase before.
  private func leftward(_ phase: Int, _ leaving: Double) -> Double {
    phase == lowestPhase ? 0 : Double(phase) * death * leaving / (birth + leaving)
  }

  /// All of the first level's probability relative to its top phase: flow to the right over each cut is flow to the left
  /// plus what comes back from above to the left of the cut.
  private func firstLevelTotal(returningWith returns: [Double]) -> Double {
    let top = topPhase(of: levels.lowerBound)
    var beyond = 0.0
    var beyondCut: [Double] = []
    for phase in lowestPhase...top {
      beyondCut.append(beyond)
      let index = phase - lowestPhase
      beyond += index < returns.count ? returns[index] : 0
    }
    var probability = 1.0
    var total = 1.0
    for phase in stride(from: top, to: lowestPhase, by: -1) {
      probability = Double(phase) * death / birth * probability + beyondCut[phase - lowestPhase]
      total += probability
    }
    return total
  }
}
