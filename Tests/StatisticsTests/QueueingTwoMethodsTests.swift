import CGSL
import Foundation
import Testing

@testable import Statistics

/// Each numerical method against one that has nothing in common with it.
@Suite("Closed forms by two methods")
struct QueueingTwoMethodsTests {
  @Test(
    "inverted transforms against the eigenvalues of the chain",
    arguments: [
      (0.001, 1.0, 600.0, Int?.none), (0.9, 1.991, 600, nil), (1, 1, 5, nil), (10, 0.5, 60, nil), (2, 1, 3, 4),
      (5, 0.5, 40, 5), (1, 1, 600, 2), (20, 1, 1000, 12), (30, 1, 0.01, nil),
    ])
  func eigenvalues(rate: Double, service: Double, keepAlive: Double, limit: Int?) throws {
    let figures = try KeepAlivePool(rate: rate, service: service, keepAlive: keepAlive, limit: limit).figures()
    let law = try PoissonLaw(mean: rate * service)
    let top = limit.map { $0 - 1 } ?? law.peak(ofProbability: 1e-20)
    var cold = 0.0
    var idle = 0.0
    for level in 0...top {
      let passage = Passage(from: level, rate: rate, death: 1 / service)
      cold += law.probability(of: level) * passage.survival(keepAlive)
      idle += rate * law.probability(of: level) * passage.limitedMean(keepAlive)
    }
    if let limit {
      cold /= law.probability(upTo: limit) * (1 - figures.rejectionProbability)
      idle /= law.probability(upTo: limit)
    }
    expectClose(figures.coldProbability, cold, "cold", tolerance: 1e-9)
    expectClose(figures.meanIdle, idle, "idle", tolerance: 1e-9)
  }

  @Test("inverted transforms against uniformisation")
  func uniformisation() throws {
    for (rate, keepAlive, limit) in [(40.0, 20.0, Int?.none), (100, 8, nil), (100, 5, 105)] {
      let pool = try KeepAlivePool(rate: rate, service: 1, keepAlive: keepAlive, limit: limit)
      let law = try PoissonLaw(mean: rate)
      let top = limit.map { $0 - 1 } ?? law.peak(ofProbability: 1e-16)
      let range = law.trough(ofProbability: 1e-16)...top
      var cold = 0.0
      for level in range { cold += law.probability(of: level) * Self.passageSurvival(level, rate, keepAlive) }
      if let limit { cold /= law.probability(upTo: limit - 1) }
      expectClose(pool.coldProbability, cold, "cold", tolerance: 1e-8)
    }
  }

  /// P(no climb above `level` within `time`) from `level`, services of mean one: Poisson-weighted steps of the chain.
  private static func passageSurvival(_ level: Int, _ rate: Double, _ time: Double) -> Double {
    let clock = rate + Double(level)
    var state = [Double](repeating: 0, count: level + 1)
    state[level] = 1
    var sum = 0.0
    var mass = 1.0
    guard let weights = try? PoissonLaw(mean: clock * time) else { return .nan }
    var step = 0
    let last = weights.peak(ofProbability: 1e-18)
    while step <= last, mass > 1e-18 {
      sum += weights.probability(of: step) * mass
      var next = [Double](repeating: 0, count: level + 1)
      for n in 0...level where state[n] > 0 {
        next[n] += state[n] * Double(level - n) / clock
        if n < level { next[n + 1] += state[n] * rate / clock }
        if n > 0 { next[n - 1] += state[n] * Double(n) / clock }
      }
      state = next
      mass = state.reduce(0, +)
      step += 1
    }
    return sum
  }

  @Test("more points on the contour change nothing, at 10,000 Erlang too")
  func contours() throws {
    for rate in [1.0, 100, 10_000] {
      let figures = try KeepAlivePool(rate: rate, service: 1, keepAlive: 600).figures()
      #expect(figures.relativeError < 1e-10)
    }
    // The stretched exponential has a branch cut all along the negative axis.
    let (value, integral) = LaplaceInversion.standard.values(at: 3) { s in
      let root = Complex.exp(0.5 * Complex.log(s))
      return (Complex.exp(-1 * root), (1 - Complex.exp(-1 * root)) / s)
    }
    expectClose(value, exp(-1 / 12.0) / (2 * (Double.pi * 27).squareRoot()), "density", tolerance: 1e-11)
    expectClose(integral, 1 - erfc(1 / (2 * 3.0.squareRoot())), "distribution", tolerance: 1e-11)
  }

  @Test("the level chain against plain elimination of its states")
  func levelChain() throws {
    // Exponential keep-alive.
    for (rate, keepAlive, limit) in [(0.9, 30.0, 6), (5, 60, 9), (2, 0.1, 12)] {
      var states: [[Int]: [([Int], Double)]] = [:]
      for busy in 0...limit {
        for idle in 0...limit - busy {
          var moves: [([Int], Double)] = []
          if idle > 0 { moves += [([busy + 1, idle - 1], rate), ([busy, idle - 1], Double(idle) / keepAlive)] }
          if idle == 0, busy < limit { moves.append(([busy + 1, 0], rate)) }
          if busy > 0 { moves.append(([busy - 1, idle + 1], Double(busy))) }
          states[[busy, idle]] = moves
        }
      }
      let law = stationary(states)
      let cold = law.filter { $0.key[1] == 0 && $0.key[0] < limit }.values.reduce(0, +)
      let figures = try ExponentialKeepAlivePool(rate: rate, service: 1, keepAlive: keepAlive, limit: limit).figures()
      let accepted = 1 - figures.rejectionProbability
      expectClose(figures.coldProbability, cold / accepted, "cold", tolerance: 1e-11)
      let idle = law.reduce(0) { $0 + Double($1.key[1]) * $1.value }
      expectClose(figures.meanIdle, idle, "idle", tolerance: 1e-11)
    }
  }

  @Test("the pool with setups against plain elimination of its states")
  func setupBound() throws {
    let (rate, setup, keepAlive, most) = (0.6, 1.5, 8.0, 11)
    var states: [[Int]: [([Int], Double)]] = [:]
    for settingUp in 0...most {
      for busy in 0...most - settingUp {
        for idle in 0...most - settingUp - busy {
          var moves: [([Int], Double)] = []
          if idle > 0 {
            moves += [
              ([settingUp, busy + 1, idle - 1], rate), ([settingUp, busy, idle - 1], Double(idle) / keepAlive),
            ]
          } else if settingUp + busy < most {
            moves.append(([settingUp + 1, busy, 0], rate))
          }
          if busy > 0 { moves.append(([settingUp, busy - 1, idle + 1], Double(busy))) }
          if settingUp > 0 { moves.append(([settingUp - 1, busy + 1, idle], Double(settingUp) / setup)) }
          states[[settingUp, busy, idle]] = moves
        }
      }
    }
    let law = stationary(states)
    let cold = law.filter { $0.key[2] == 0 && $0.key[0] + $0.key[1] < most }.values.reduce(0, +)
    let figures = try SetupBoundPool(rate: rate, service: 1, setup: setup, keepAlive: keepAlive).figures()
    expectClose(figures.coldProbability, cold, "cold", tolerance: 1e-6)
    let inSetup = law.reduce(0) { $0 + Double($1.key[0]) * $1.value }
    expectClose(figures.meanInSetup, inSetup, "in setup", tolerance: 1e-6)
  }

  /// Provisioned pools by the chain itself: the spilled arrival's gap is followed state by state, by uniformisation.
  @Test("provisioned concurrency against uniformisation of its chain")
  func provisioned() throws {
    let (rate, provisioned, keepAlive, most) = (3.0, 3, 6.0, 16)
    var states: [[Int]: [([Int], Double)]] = [:]
    for busy in 0...provisioned {
      for spilled in 0...most {
        var moves: [([Int], Double)] = []
        if busy < provisioned {
          moves.append(([busy + 1, spilled], rate))
        } else if spilled < most {
          moves.append(([busy, spilled + 1], rate))
        }
        if busy > 0 { moves.append(([busy - 1, spilled], Double(busy))) }
        if spilled > 0 { moves.append(([busy, spilled - 1], Double(spilled))) }
        states[[busy, spilled]] = moves
      }
    }
    let law = stationary(states)
    var cold = 0.0
    for level in 0..<most {
      // Falls from level + 1 start the gaps; a climb from this level ends them.
      var state = states.mapValues { _ in 0.0 }
      for busy in 0...provisioned { state[[busy, level]] = Double(level + 1) * (law[[busy, level + 1]] ?? 0) }
      let clock = rate + Double(provisioned + most)
      let weights = try PoissonLaw(mean: clock * keepAlive)
      for step in 0...weights.peak(ofProbability: 1e-16) {
        cold += weights.probability(of: step) * state.values.reduce(0, +) / rate
        var next = states.mapValues { _ in 0.0 }
        for (place, mass) in state where mass > 0 {
          var left = mass
          for (target, moveRate) in states[place] ?? [] {
            let share = mass * moveRate / clock
            left -= share
            if target[1] <= level { next[target, default: 0] += share }
          }
          next[place, default: 0] += left
        }
        state = next
      }
    }
    let figures = try ProvisionedPool(rate: rate, service: 1, provisioned: provisioned, keepAlive: keepAlive).figures()
    expectClose(figures.coldProbability, cold, "cold", tolerance: 1e-6)
  }

  /// The stationary law of a chain by elimination of one state after the other (Grassmann, Taksar and Heyman).
  private func stationary(_ moves: [[Int]: [([Int], Double)]]) -> [[Int]: Double] {
    let names = moves.keys.sorted { $0.lexicographicallyPrecedes($1) }
    let number = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    var rates = [[Double]](repeating: [Double](repeating: 0, count: names.count), count: names.count)
    for (index, name) in names.enumerated() {
      for (target, rate) in moves[name] ?? [] { rates[index][number[target] ?? index] += rate }
    }
    for last in names.indices.dropFirst().reversed() {
      let out = rates[last][..<last].reduce(0, +)
      for other in 0..<last where rates[other][last] > 0 {
        rates[other][last] /= out
        let share = rates[other][last]
        for target in 0..<last where target != other { rates[other][target] += share * rates[last][target] }
      }
    }
    var law = [1.0]
    for index in names.indices.dropFirst() {
      law.append((0..<index).reduce(0) { $0 + law[$1] * rates[$1][index] })
    }
    let total = law.reduce(0, +)
    return Dictionary(uniqueKeysWithValues: zip(names, law.map { $0 / total }))
  }

  /// The passage time from `level` busy to one more, by the eigenvalues of its symmetrised generator.
  private struct Passage {
    var decays: [Double] = []
    var weights: [Double] = []

    init(from level: Int, rate: Double, death: Double) {
      let size = level + 1
      guard let matrix = gsl_matrix_calloc(size, size), let vectors = gsl_matrix_alloc(size, size),
        let values = gsl_vector_alloc(size), let space = gsl_eigen_symmv_alloc(size)
      else { return }
      defer {
        gsl_matrix_free(matrix)
        gsl_matrix_free(vectors)
        gsl_vector_free(values)
        gsl_eigen_symmv_free(space)
      }
      for n in 0...level {
        gsl_matrix_set(matrix, n, n, rate + Double(n) * death)
        guard n > 0 else { continue }
        let beside = -(rate * Double(n) * death).squareRoot()
        gsl_matrix_set(matrix, n, n - 1, beside)
        gsl_matrix_set(matrix, n - 1, n, beside)
      }
      gsl_eigen_symmv(matrix, values, vectors, space)
      // P(T > t) = Σ over start and end; from the top, Σ_k v_k(level) e^(-x_k t) Σ_n v_k(n) √(π(n) / π(level)).
      for k in 0..<size {
        var scale = 1.0
        var sum = 0.0
        for n in (0...level).reversed() {
          sum += gsl_matrix_get(vectors, n, k) * scale
          scale *= (Double(n) * death / rate).squareRoot()
        }
        decays.append(gsl_vector_get(values, k))
        weights.append(gsl_matrix_get(vectors, level, k) * sum)
      }
    }

    func survival(_ t: Double) -> Double { zip(decays, weights).reduce(0) { $0 + $1.1 * exp(-$1.0 * t) } }

    /// E[min(T, t)]; decays below rounding are none.
    func limitedMean(_ t: Double) -> Double {
      zip(decays, weights).reduce(0) { sum, mode in
        sum + mode.1 * (mode.0 * t > 1e-12 ? -expm1(-mode.0 * t) / mode.0 : t)
      }
    }
  }
}
