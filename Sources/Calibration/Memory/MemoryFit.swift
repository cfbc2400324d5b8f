import Glibc
public import Platforms
import Statistics
public import Units

/// A function's durations by memory, as a model with its error.
public struct MemoryFit: Hashable, Sendable {
  /// A mean duration that was measured.
  public struct Point: Hashable, Sendable {
    public var memory: MemorySize
    /// Seconds.
    public var duration: Double

    public init(memory: MemorySize, duration: Double) {
      self.memory = memory
      self.duration = duration
    }
  }

  public var scaling: MemoryScaling
  /// The sizes that it was fitted to.
  public var points: [Point]
  /// 95 % interval of the cap in MB by resampling the durations of each size; nil where sizes have single durations.
  public var cap: ClosedRange<Double>?
  /// The same for the seconds of work on one vCPU.
  public var work: ClosedRange<Double>?
  /// The same for the fixed seconds.
  public var fixed: ClosedRange<Double>?

  /// A pull of the cap to one vCPU, where single-threaded code has it. It weighs as much as a size missed by 3 % where
  /// the cap is e times as large: next to nothing unless the sizes leave the cap open.
  static let pull = 0.001
  /// The quota's periods show in durations shorter than this, seconds.
  static let shortWork = 1.0

  /// The model with the least squares of relative errors; nil for less than two sizes.
  public init?(to points: [Point]) {
    let points = points.sorted { $0.memory < $1.memory }
    guard points.count >= 2, points.allSatisfy({ $0.duration > 0 }), points[0].memory < points[points.count - 1].memory
    else { return nil }
    self.points = points
    var best = Self.smooth(points)
    if points.allSatisfy({ $0.duration < Self.shortWork }) {
      let stepped = Self.stepped(points, from: best.scaling)
      if stepped.loss < best.loss { best = stepped }
    }
    scaling = best.scaling
  }

  /// As `init(to:)` for the means of all durations, with intervals where sizes have several.
  public init?(to function: DurationTable.Function, replicates: Int = 200, seed: UInt64 = 0) {
    self.init(to: function.means)
    guard replicates >= 19, function.sizes.allSatisfy({ $0.durations.count > 1 }) else { return }
    var stream = RandomStream(seed: seed, subject: StableHash.of(function.name), purpose: .resampling)
    var caps: [Double] = []
    var works: [Double] = []
    var fixeds: [Double] = []
    for _ in 0..<replicates {
      let drawn = function.sizes.map { size in
        let count = size.durations.count
        let sum = (0..<count).reduce(0.0) { sum, _ in sum + size.durations[stream.index(below: count)] }
        return Point(memory: size.memory, duration: sum / Double(count))
      }
      let again = scaling.showsQuota ? Self.stepped(drawn, from: scaling).scaling : Self.smooth(drawn).scaling
      caps.append(again.cap)
      works.append(again.work)
      fixeds.append(again.fixed)
    }
    (cap, work, fixed) = (caps.middle(0.95), works.middle(0.95), fixeds.middle(0.95))
  }

  /// The mean absolute relative error over sizes, which may be others than those fitted to.
  public func error(over points: [Point]) -> Double {
    points.reduce(0) { $0 + (scaling.duration(at: $1.memory) / $1.duration - 1).magnitude } / Double(points.count)
  }
}

// MARK: - Fitting

extension MemoryFit {
  private typealias Candidate = (scaling: MemoryScaling, loss: Double)

  /// With the cap given, fixed time and work are a linear problem; the cap is searched on a logarithmic grid that
  /// narrows.
  private static func smooth(_ points: [Point]) -> Candidate {
    let smallest = log(Double(points[0].memory.megabytes))
    // A little beyond the largest size: as far as the data can tell.
    var low = smallest
    var high = log(1.2 * Double(points[points.count - 1].memory.megabytes))
    var best: Candidate = (MemoryScaling(fixed: 0, work: 0), .infinity)
    for _ in 0..<5 {
      let step = (high - low) / 32
      for index in 0...32 {
        let candidate = linear(points, logCap: low + Double(index) * step)
        if candidate.loss < best.loss { best = candidate }
      }
      let middle = log(best.scaling.cap)
      (low, high) = (max(low, middle - 2 * step), min(high, middle + 2 * step))
    }
    return best
  }

  /// Least squares of relative errors in fixed time and work; work is not negative, fixed time by a period at most.
  private static func linear(_ points: [Point], logCap: Double) -> Candidate {
    let parallelism = exp(logCap) / MemoryScaling.megabytesPerProcessor
    // Relative errors: each row divided by its duration, so that the right side is one.
    var (ff, fw, ww, f1, w1) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for point in points {
      let share = min(Double(point.memory.megabytes) / MemoryScaling.megabytesPerProcessor, parallelism)
      let fixed = 1 / point.duration
      let work = fixed / share
      ff += fixed * fixed
      fw += fixed * work
      ww += work * work
      f1 += fixed
      w1 += work
    }
    let determinant = ff * ww - fw * fw
    var fixed = 0.0
    var work = w1 / ww
    if determinant > 1e-9 * ff * ww {
      fixed = (f1 * ww - w1 * fw) / determinant
      work = (w1 * ff - f1 * fw) / determinant
    }
    let lowest = -ProcessorQuota.lambdaPeriod
    if fixed < lowest { (fixed, work) = (lowest, (w1 - fw * lowest) / ww) }
    if work < 0 { (fixed, work) = (f1 / ff, 0) }
    let scaling = MemoryScaling(fixed: fixed, work: work, parallelism: parallelism)
    return (scaling, loss(scaling, points))
  }

  /// With quota periods, from the smooth model on.
  private static func stepped(_ points: [Point], from start: MemoryScaling) -> Candidate {
    func scaling(_ parameters: UnsafeBufferPointer<Double>) -> MemoryScaling {
      MemoryScaling(
        fixed: exp(parameters[0]), work: exp(parameters[1]), parallelism: exp(parameters[2]), showsQuota: true)
    }
    let shortest = points.map(\.duration).min() ?? 1
    var best: Candidate = (start, .infinity)
    for fixed in [max(start.fixed, 1e-3 * shortest), 0.3 * shortest] {
      let first = [log(fixed), log(max(start.work, 1e-6)), log(start.parallelism)]
      let found = Minimum(from: first) { loss(scaling($0), points) }
      if found.value < best.loss { best = (found.point.withUnsafeBufferPointer { scaling($0) }, found.value) }
    }
    return best
  }

  private static func loss(_ scaling: MemoryScaling, _ points: [Point]) -> Double {
    let distance = log(scaling.parallelism)
    return points.reduce(pull * distance * distance) { sum, point in
      let error = scaling.duration(at: point.memory) / point.duration - 1
      return sum + error * error
    }
  }
}

extension DurationTable.Function {
  /// The mean duration of each size.
  public var means: [MemoryFit.Point] {
    sizes.map { .init(memory: $0.memory, duration: $0.durations.reduce(0, +) / Double($0.durations.count)) }
  }

  /// The function at some of its sizes.
  public func at(_ memories: [MemorySize]) -> DurationTable.Function {
    .init(name: name, sizes: sizes.filter { memories.contains($0.memory) })
  }
}
