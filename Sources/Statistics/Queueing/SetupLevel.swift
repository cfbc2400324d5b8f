/// What happens between entering a level of `SetupLevel` from below, with one more in setup, and leaving it downwards.
struct SetupExcursion {
  /// Expected times in the level, excursions above it left out, weighted by what is present.
  struct Sums {
    var total = 0.0
    /// Where an arrival would start an environment.
    var cold = 0.0
    /// Where an arrival would be lost, as the chain is cut there: too many environments, or too many in setup.
    var lostAtTop = 0.0
    var lostInSetup = 0.0
    var inSetup = 0.0
    var busy = 0.0
    var idle = 0.0

    mutating func add(_ weight: Double, _ other: Sums) {
      total += weight * other.total
      cold += weight * other.cold
      lostAtTop += weight * other.lostAtTop
      lostInSetup += weight * other.lostInSetup
      inSetup += weight * other.inSetup
      busy += weight * other.busy
      idle += weight * other.idle
    }
  }

  var sums = Sums()
  /// Expected climbs to the next level, by the number in setup before.
  var climbs: [Double]
  /// The law of the state in which the level is left, after an environment expired.
  var falls: [Double]
}

/// The states of a pool with a given number of environments: (busy i, in setup k), the rest idle.
///
///     (i, k) → (i+1, k)     an arrival takes an idle environment
///            → (i-1, k)     a request ends
///            → (i+1, k-1)   a setup ends and its request runs
///            → level below  an idle environment expires
///            → level above  an arrival when none is idle: (i, k+1) there
///
/// States are numbered i (K + 1) + k with K the most in setup, so transitions reach K + 1 numbers far at most.
struct SetupLevel {
  var rate: Double
  var completion: Double
  var readiness: Double
  var expiry: Double
  var environments: Int
  var mostInSetup: Int
  var isLast: Bool

  private var width: Int { mostInSetup + 1 }
  private var count: Int { (environments + 1) * width }

  /// One excursion for each entry: nothing idle, and from one to min(K, environments) in setup.
  ///
  /// `returns` gives, for each number in setup before a climb, the law of the state in which the excursion above returns.
  func excursions(returningWith returns: [[Double]]) -> [SetupExcursion] {
    let boundaries = isLast ? 0 : min(mostInSetup, environments + 1)
    // Times until the level is left in either direction, from each return and from each entry.
    let entries = (1...min(mostInSetup, environments)).map { inSetup in
      var start = [Double](repeating: 0, count: count)
      start[boundaryState(inSetup)] = 1
      return start
    }
    let times = bandedSystem().solutions(of: returns[..<boundaries].map { Array($0.prefix(count)) } + entries)
    let fromReturns = times[..<boundaries]
    let fromEntries = times[boundaries...]
    let visits = ClimbCounts(
      climbs: fromReturns.map { times in (0..<boundaries).map { rate * times[boundaryState($0)] } },
      falls: fromReturns.map { times in fallRates(times).reduce(0, +) })
    return fromEntries.map { direct in
      let climbs = visits.counts(from: (0..<boundaries).map { rate * direct[boundaryState($0)] })
      var times = direct
      for (count, more) in zip(climbs, fromReturns) {
        for state in times.indices { times[state] += count * more[state] }
      }
      return SetupExcursion(sums: sums(over: times), climbs: climbs, falls: fallRates(times))
    }
  }

  private func boundaryState(_ inSetup: Int) -> Int { (environments - inSetup) * width + inSetup }

  private func idle(_ state: Int) -> Int { environments - state / width - state % width }

  private func fallRates(_ times: [Double]) -> [Double] {
    times.indices.map { Double(max(0, idle($0))) * expiry * times[$0] }
  }

  private func sums(over times: [Double]) -> SetupExcursion.Sums {
    var sums = SetupExcursion.Sums()
    for (state, time) in times.enumerated() where idle(state) >= 0 {
      let inSetup = state % width
      sums.total += time
      if idle(state) == 0 {
        if isLast {
          sums.lostAtTop += time
        } else if inSetup == mostInSetup {
          sums.lostInSetup += time
        } else {
          sums.cold += time
        }
      }
      sums.inSetup += time * Double(inSetup)
      sums.busy += time * Double(state / width)
      sums.idle += time * Double(idle(state))
    }
    return sums
  }

  /// Balance of the expected times: rate out × time = start + flow in.
  private func bandedSystem() -> BandedSystem {
    var system = BandedSystem(size: count, band: width)
    for state in 0..<count {
      let busy = state / width
      let inSetup = state % width
      let idle = idle(state)
      guard idle >= 0 else {
        system.add(1, row: state, column: state)
        continue
      }
      var out = Double(idle) * expiry
      func flow(_ rate: Double, to target: Int) {
        out += rate
        system.add(-rate, row: target, column: state)
      }
      if idle > 0 {
        flow(rate, to: state + width)
      } else if !isLast, inSetup < mostInSetup {
        out += rate
      }
      if busy > 0 { flow(Double(busy) * completion, to: state - width) }
      if inSetup > 0 { flow(Double(inSetup) * readiness, to: state + width - 1) }
      system.add(out, row: state, column: state)
    }
    return system
  }
}

/// How often each boundary is climbed in all, when each climb returns and may lead to more, until the level is left.
/// The chain of climbs is eliminated as in `LevelChain`, without taking a difference.
private struct ClimbCounts {
  private var climbs: [[Double]]
  /// What remains to leave each boundary for lower ones, or for good.
  private var leaving: [Double]

  init(climbs: [[Double]], falls: [Double]) {
    self.climbs = climbs
    leaving = falls
    var falls = falls
    for boundary in climbs.indices.reversed() {
      leaving[boundary] = self.climbs[boundary][..<boundary].reduce(falls[boundary], +)
      for other in 0..<boundary {
        let share = self.climbs[other][boundary] / leaving[boundary]
        for target in 0..<boundary { self.climbs[other][target] += share * self.climbs[boundary][target] }
        falls[other] += share * falls[boundary]
      }
    }
  }

  func counts(from first: [Double]) -> [Double] {
    var counts = first
    for boundary in counts.indices.reversed() {
      for target in 0..<boundary { counts[target] += counts[boundary] / leaving[boundary] * climbs[boundary][target] }
    }
    for boundary in counts.indices {
      for other in 0..<boundary { counts[boundary] += counts[other] * climbs[other][boundary] }
      counts[boundary] /= leaving[boundary]
    }
    return counts
  }
}
