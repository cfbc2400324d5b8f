import Glibc
import Statistics

/// A law of two numbers for times that nobody saw end: uniform between them.
///
/// The ends are posterior means under a flat prior (E. J. G. Pitman, Biometrika 30, 1939): the likeliest ends hug the
/// data and jump with single observations, their means don't.
///
/// Some observations obey no law (a host is emptied, a request is placed anew although an environment waits): a share of
/// them, fitted too, says nothing of the two numbers.
struct UniformLaw {
  var lower: Double
  var upper: Double
  /// The share of observations that obey no law.
  var lapses: Double
  var logLikelihood: Double

  var distribution: Distribution { .uniform(lower: lower, upper: upper) }

  /// What is known of a time: more than `after`, and at most `before`, which may be infinite.
  struct Bounds {
    var after: Double
    var before: Double

    init(after: Double, before: Double = .infinity) {
      self.after = after
      self.before = before
    }
  }

  /// What a time that obeys no law is expected to be.
  enum Lapse {
    /// Seen longer or shorter than a single look, either as likely.
    case eitherWay
    /// Anything up to a little more than the longest: times known from both sides are the less likely the closer they are
    /// known, under this as under the law.
    case anyTime
  }

  /// The shares of lapses that are tried.
  private static let shares = [0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5]

  /// Nil where nothing bounds the times from above, or from below.
  init?(_ bounds: [Bounds], lapse: Lapse = .eitherWay) {
    let scale = bounds.map(\.after).max() ?? 0
    guard scale > 0, bounds.contains(where: { $0.before.isFinite }) else { return nil }
    let looks = BoundedTimes(bounds, lapse: lapse)
    var best: UniformLaw?
    var lowers = Self.grid(0.3 * scale, 1.2 * scale, steps: 60)
    var uppers = Self.grid(0.5 * scale, 2 * scale, steps: 60)
    for _ in 0..<4 {
      for lower in lowers {
        for upper in uppers where upper > lower {
          for lapses in Self.shares {
            let value = looks.logLikelihood(lower, upper, lapses)
            if value > best?.logLikelihood ?? -.infinity {
              best = UniformLaw(lower: lower, upper: upper, lapses: lapses, logLikelihood: value)
            }
          }
        }
      }
      guard let best else { return nil }
      let (lowerStep, upperStep) = (lowers[1] - lowers[0], uppers[1] - uppers[0])
      lowers = Self.grid(max(0, best.lower - 2 * lowerStep), best.lower + 2 * lowerStep, steps: 12)
      uppers = Self.grid(best.upper - 2 * upperStep, best.upper + 2 * upperStep, steps: 12)
    }
    guard let best else { return nil }
    self = best
    average(looks, around: best, reach: 0.1 * scale)
  }

  /// Replaces the ends by their means over all within `reach`, weighed by their likelihood.
  private mutating func average(_ looks: BoundedTimes, around best: UniformLaw, reach: Double) {
    var (weights, lowers, uppers) = (0.0, 0.0, 0.0)
    for lower in Self.grid(max(0, best.lower - reach), best.lower + reach, steps: 40) {
      for upper in Self.grid(best.upper - reach, best.upper + reach, steps: 40) where upper > lower {
        let weight = exp(looks.logLikelihood(lower, upper, best.lapses) - best.logLikelihood)
        weights += weight
        lowers += weight * lower
        uppers += weight * upper
      }
    }
    guard weights > 0 else { return }
    (lower, upper) = (lowers / weights, uppers / weights)
  }

  private init(lower: Double, upper: Double, lapses: Double, logLikelihood: Double) {
    self.lower = lower
    self.upper = upper
    self.lapses = lapses
    self.logLikelihood = logLikelihood
  }

  private static func grid(_ low: Double, _ high: Double, steps: Int) -> [Double] {
    (0...steps).map { low + (high - low) * Double($0) / Double(steps) }
  }

}

/// Bounds in order, so that the many that a law explains wholly or not at all are counted and not looked at.
private struct BoundedTimes {
  /// Times known to be longer than these, ascending.
  private var longer: [Double] = []
  /// Times known to be at most these, ascending.
  private var shorter: [Double] = []
  private var between: [UniformLaw.Bounds] = []
  /// Up to where a time without a law may lie; nil where it is as likely on either side of a look.
  private let span: Double?

  init(_ bounds: [UniformLaw.Bounds], lapse: UniformLaw.Lapse) {
    span = lapse == .anyTime ? 1.05 * (bounds.map(\.after).max() ?? 0) : nil
    guard lapse == .eitherWay else {
      between = bounds
      return
    }
    for bound in bounds {
      if !bound.before.isFinite {
        longer.append(bound.after)
      } else if bound.after <= 0 {
        shorter.append(bound.before)
      } else {
        between.append(bound)
      }
    }
    longer.sort()
    shorter.sort()
  }

  /// Of a uniform law between two numbers, with a share of times that obey none.
  func logLikelihood(_ lower: Double, _ upper: Double, _ lapses: Double) -> Double {
    func survival(_ x: Double) -> Double { min(1, max(0, (upper - x) / (upper - lower))) }
    func term(_ lawful: Double, _ lawless: Double = 0.5) -> Double {
      log(max(1e-300, (1 - lapses) * lawful + lapses * lawless))
    }
    let certain = term(1)
    let impossible = term(0)
    var sum = 0.0
    for (times, atStart, atEnd) in [(longer, certain, impossible), (shorter, impossible, certain)] {
      let first = Self.count(times, below: lower)
      let last = Self.count(times, below: upper)
      sum += Double(first) * atStart + Double(times.count - last) * atEnd
      for time in times[first..<last] {
        let alive = survival(time)
        sum += term(atStart == certain ? alive : 1 - alive)
      }
    }
    for bound in between {
      let lawless = span.map { max(0, min($0, bound.before) - bound.after) / $0 } ?? 0.5
      sum += term(survival(bound.after) - survival(bound.before), lawless)
    }
    return sum
  }

  /// How many of ascending numbers are below another.
  private static func count(_ sorted: [Double], below bound: Double) -> Int {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < bound { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
