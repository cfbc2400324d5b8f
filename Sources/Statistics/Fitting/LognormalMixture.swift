import CGSL
import Glibc

/// A mixture of lognormal laws, as normal laws of logarithms: what expectation and maximisation work on.
struct LognormalMixture {
  var parts: [Part]

  struct Part {
    var weight: Double
    var mean: Double
    var spread: Double
  }

  /// Nil unless the law is a mixture of lognormal laws.
  init?(_ law: Distribution) {
    guard case .mixture(let components) = law else { return nil }
    let total = components.reduce(0) { $0 + $1.weight }
    parts = []
    for component in components {
      guard case .lognormal(let mu, let sigma) = component.distribution else { return nil }
      parts.append(Part(weight: component.weight / total, mean: mu, spread: sigma))
    }
  }

  private init(parts: [Part]) { self.parts = parts }

  /// Parts in order of their medians.
  var law: Distribution {
    .mixture(
      parts.sorted { $0.mean < $1.mean }.map {
        .init(weight: $0.weight, distribution: .lognormal(mu: $0.mean, sigma: $0.spread))
      })
  }

  /// Logarithms of values, each standing for one or several.
  struct Points {
    var logarithms: [Double]
    var weight: Double
    var censored: [(logarithm: Double, count: Double)]
    /// No part becomes narrower: a part on a single value would be infinitely likely.
    var narrowest: Double

    init(_ sample: CensoredSample) {
      logarithms = sample.logarithms
      weight = 1
      censored = sample.censoredLogarithms
      narrowest = max(1e-4, 0.02 * sample.logarithmicSpread)
    }

    /// Means of neighbours: the shape in fewer points, to find where to begin.
    func thinned(to most: Int) -> Points {
      let group = (logarithms.count + most - 1) / most
      guard group > 1 else { return self }
      var thin = self
      thin.logarithms = stride(from: 0, through: logarithms.count - group, by: group).map { start in
        logarithms[start..<(start + group)].reduce(0, +) / Double(group)
      }
      thin.weight = Double(logarithms.count) / Double(thin.logarithms.count)
      return thin
    }

    var total: Double { censored.reduce(weight * Double(logarithms.count)) { $0 + $1.count } }
  }

  typealias Improved = (mixture: LognormalMixture, logLikelihood: Double)

  /// The likeliest mixture found from several beginnings, and the sample's likelihood under it.
  static func fitted(to sample: CensoredSample, parts: Int) -> (mixture: LognormalMixture, result: Likelihood.Result) {
    let points = Points(sample)
    let thin = points.thinned(to: 300)
    let explored = beginnings(parts).map { cuts in
      LognormalMixture(cutting: thin, at: cuts).improved(on: thin, limit: 150)
    }.sorted { $0.logLikelihood > $1.logLikelihood }
    let polished = explored.prefix(2).map { $0.mixture.improved(on: points, limit: 600) }
    let best = polished.max { $0.logLikelihood < $1.logLikelihood } ?? explored[0]
    // From the density of the logarithm to that of the value.
    let logLikelihood = best.logLikelihood - sample.logarithms.reduce(0, +)
    return (best.mixture, (best.mixture.law, logLikelihood))
  }

  /// Where the ordered sample is cut into parts to begin with: even parts, small ones at either end.
  private static func beginnings(_ parts: Int) -> [[Double]] {
    parts == 2
      ? [[0.5], [0.9], [0.1], [0.98], [0.75]]
      : [[0.33, 0.67], [0.1, 0.9], [0.5, 0.95], [0.85, 0.98], [0.05, 0.5], [0.7, 0.9]]
  }

  private init(cutting points: Points, at cuts: [Double]) {
    let count = points.logarithms.count
    let ends = [0] + cuts.map { min(count - 2, max(2, Int($0 * Double(count)))) } + [count]
    parts = zip(ends, ends.dropFirst()).map { start, end in
      let segment = points.logarithms[min(start, end - 1)..<end]
      let mean = segment.reduce(0, +) / Double(segment.count)
      let square = segment.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(segment.count)
      return Part(
        weight: Double(segment.count) / Double(count), mean: mean,
        spread: max(square.squareRoot(), 2 * points.narrowest))
    }
  }

  /// Steps of expectation and maximisation (Dempster, Laird and Rubin, JRSS B 39, 1977) until the likelihood hardly
  /// grows. The likelihood is that of the logarithms.
  func improved(on points: Points, limit: Int) -> Improved {
    var mixture = self
    let enough = 1e-7 * points.total
    var last = -Double.infinity
    for _ in 0..<limit {
      let step = mixture.step(on: points)
      let gain = step.logLikelihood - last
      last = step.logLikelihood
      if gain < enough { break }
      mixture = step.mixture
    }
    return (mixture, last)
  }

  /// One step; the likelihood is that of the mixture before it.
  private func step(on points: Points) -> Improved {
    let count = parts.count
    let root = (2 * Double.pi).squareRoot()
    var logLikelihood = 0.0
    let middle = points.logarithms[points.logarithms.count / 2]
    // Per part: the sum of its shares of points, of shares times place and times place squared, places from the middle.
    var sums = [Double](repeating: 0, count: 3 * count)
    let heights = parts.map { $0.weight / ($0.spread * root) }
    let places = parts.map { $0.mean - middle }
    let precisions = parts.map { 1 / $0.spread }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { shares in
      points.logarithms.withUnsafeBufferPointer { logarithms in
        sums.withUnsafeMutableBufferPointer { sums in
          heights.withUnsafeBufferPointer { heights in
            places.withUnsafeBufferPointer { places in
              precisions.withUnsafeBufferPointer { precisions in
                for logarithm in logarithms {
                  let y = logarithm - middle
                  var density = 0.0
                  for part in 0..<count {
                    let z = (y - places[part]) * precisions[part]
                    let share = heights[part] * exp(-0.5 * z * z)
                    shares[part] = share
                    density += share
                  }
                  // Further away from all parts than numbers reach.
                  guard density > 1e-290 else {
                    logLikelihood += points.weight * log(1e-290)
                    continue
                  }
                  logLikelihood += points.weight * log(density)
                  let scale = points.weight / density
                  for part in 0..<count {
                    let share = shares[part] * scale
                    sums[3 * part] += share
                    sums[3 * part + 1] += share * y
                    sums[3 * part + 2] += share * y * y
                  }
                }
              }
            }
          }
        }
      }
    }
    for (logarithm, times) in points.censored {
      logLikelihood += takeCensored(at: logarithm - middle, times: times, middle: middle, into: &sums)
    }
    let total = points.total
    let next = parts.indices.map { part -> Part in
      let share = max(sums[3 * part], 1e-12)
      let mean = sums[3 * part + 1] / share
      let variance = sums[3 * part + 2] / share - mean * mean
      return Part(
        weight: share / total, mean: mean + middle, spread: max(points.narrowest, max(0, variance).squareRoot()))
    }
    return (LognormalMixture(parts: next), logLikelihood)
  }

  /// Adds what values beyond `y` are expected to add, by the moments of a normal law's upper part; gives their
  /// likelihood.
  private func takeCensored(at y: Double, times: Double, middle: Double, into sums: inout [Double]) -> Double {
    let logTails = parts.map { log($0.weight) + logNormalTail((y - $0.mean + middle) / $0.spread) }
    let largest = logTails.max() ?? 0
    let tail = logTails.reduce(0) { $0 + exp($1 - largest) }
    for (index, part) in parts.enumerated() {
      let share = times * exp(logTails[index] - largest) / tail
      let mean = part.mean - middle
      let hazard = gsl_sf_hazard((y - mean) / part.spread)
      sums[3 * index] += share
      sums[3 * index + 1] += share * (mean + part.spread * hazard)
      sums[3 * index + 2] +=
        share * (mean * mean + part.spread * part.spread + part.spread * (y + mean) * hazard)
    }
    return times * (largest + log(tail))
  }
}
