/// A law given by some of its quantiles, interpolated between them.
///
/// Inside each step from (p, v) to (q, w) the quantile function is `v + (w - v) s^bend` with s from 0 to 1.
/// `bend` 1 is a straight line; another value keeps a known mean without touching any of the given quantiles.
public struct QuantileFunction: Hashable, Sendable {
  /// Ascending from 0 to 1.
  public let probabilities: [Double]
  /// Non-decreasing, one for each probability.
  public let values: [Double]
  /// Positive, the same in all steps.
  public let bend: Double

  /// Nil unless there are as many values as probabilities, at least one, probabilities ascend strictly within 0...1 and
  /// values are finite and never fall. Outside the outermost given probabilities the law is flat.
  public init?(probabilities: [Double], values: [Double], bend: Double = 1) {
    guard probabilities.count == values.count, let first = probabilities.first, let last = probabilities.last,
      first >= 0, last <= 1, bend > 0, values.allSatisfy(\.isFinite),
      zip(probabilities, probabilities.dropFirst()).allSatisfy({ $0 < $1 }),
      zip(values, values.dropFirst()).allSatisfy({ $0 <= $1 })
    else { return nil }
    var probabilities = probabilities
    var values = values
    if first > 0 {
      probabilities.insert(0, at: 0)
      values.insert(values[0], at: 0)
    }
    if last < 1 {
      probabilities.append(1)
      values.append(values[values.count - 1])
    }
    self.probabilities = probabilities
    self.values = values
    self.bend = bend
  }

  /// The law of a sample: each value equally likely, interpolated between neighbours. Nil for an empty sample.
  public init?(sample: [Double]) {
    let sorted = sample.sorted()
    let steps = max(1, sorted.count - 1)
    self.init(
      probabilities: sorted.count == 1 ? [0] : sorted.indices.map { Double($0) / Double(steps) }, values: sorted)
  }

  /// The mean over all steps.
  public var mean: Double {
    var low = 0.0
    var rise = 0.0
    for step in 1..<max(1, values.count) {
      let width = probabilities[step] - probabilities[step - 1]
      low += width * values[step - 1]
      rise += width * (values[step] - values[step - 1])
    }
    return values.count == 1 ? values[0] : low + rise / (bend + 1)
  }

  /// The means that bending can reach: from all mass at the steps' left ends to all at their right ends.
  public var reachableMeans: ClosedRange<Double> {
    var low = 0.0
    var high = 0.0
    for step in 1..<max(1, values.count) {
      let width = probabilities[step] - probabilities[step - 1]
      low += width * values[step - 1]
      high += width * values[step]
    }
    return values.count == 1 ? values[0]...values[0] : low...max(low, high)
  }

  /// The same quantiles with the bend that gives `mean`; nil when none in 1e-6...1e6 does.
  public func bent(toMean mean: Double) -> QuantileFunction? {
    let range = reachableMeans
    guard mean > range.lowerBound, mean < range.upperBound else { return nil }
    let bend = (range.upperBound - range.lowerBound) / (mean - range.lowerBound) - 1
    guard 1e-6...1e6 ~= bend else { return nil }
    return QuantileFunction(probabilities: probabilities, values: values, bend: bend)
  }

  /// The quantile at `p` in 0...1. Time grows with the logarithm of the number of steps.
  public func value(at p: Double) -> Double {
    guard values.count > 1 else { return values[0] }
    let step = Step(of: self, at: index(of: p))
    let s = min(max((p - step.start) * step.inverseWidth, 0), 1)
    return step.low + step.rise * (bend == 1 ? s : Elementary.pow(s, bend))
  }

  /// The probability of a value of at most `x`: the inverse of `value(at:)`.
  public func probability(ofAtMost x: Double) -> Double {
    guard x >= values[0] else { return 0 }
    guard x < values[values.count - 1] else { return 1 }
    // The last step that begins at or below x.
    var low = 0
    var high = values.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if values[middle] <= x { low = middle } else { high = middle }
    }
    let s = (x - values[low]) / (values[low + 1] - values[low])
    let width = probabilities[low + 1] - probabilities[low]
    return probabilities[low] + width * (bend == 1 || s <= 0 ? s : Elementary.pow(s, 1 / bend))
  }

  /// Puts `value(at: p)` in the place of every probability p.
  func replaceProbabilities(_ samples: UnsafeMutableBufferPointer<Double>) {
    guard values.count > 1 else { return samples.update(repeating: values[0]) }
    guard values.count <= 32, samples.count >= 16 else {
      for index in samples.indices { samples[index] = value(at: samples[index]) }
      return
    }
    let bend = bend
    withUnsafeTemporaryAllocation(of: Step.self, capacity: values.count - 1) { steps in
      for index in 0..<(values.count - 1) { steps.initializeElement(at: index, to: Step(of: self, at: index)) }
      Elementary.map(samples) { p in
        // Counting all left ends is faster than halving: nobody can guess which half a random number lies in.
        var places = SIMD8<Int64>()
        for index in 1..<steps.count {
          places.replace(with: places &+ 1, where: p .>= Elementary.Lanes(repeating: steps[index].start))
        }
        var start = Elementary.Lanes()
        var inverseWidth = Elementary.Lanes()
        var low = Elementary.Lanes()
        var rise = Elementary.Lanes()
        for lane in 0..<8 {
          let step = steps[Int(places[lane])]
          start[lane] = step.start
          inverseWidth[lane] = step.inverseWidth
          low[lane] = step.low
          rise[lane] = step.rise
        }
        var s = Elementary.clamp((p - start) * inverseWidth, 0, 1)
        if bend != 1 { s = Elementary.exp(bend * Elementary.log(s)) }
        return low + rise * s
      }
    }
  }

  /// A step in the form in which it is evaluated.
  private struct Step: BitwiseCopyable {
    var start: Double
    var inverseWidth: Double
    var low: Double
    var rise: Double

    init(of function: QuantileFunction, at index: Int) {
      start = function.probabilities[index]
      inverseWidth = 1 / (function.probabilities[index + 1] - start)
      low = function.values[index]
      rise = function.values[index + 1] - low
    }
  }

  /// The step that holds `p`: the last whose left end is not above it.
  private func index(of p: Double) -> Int {
    var low = 0
    var high = probabilities.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if probabilities[middle] <= p { low = middle } else { high = middle }
    }
    return low
  }
}
