import Dispatch
public import Statistics
import Synchronization

/// The law of one group's init times, and what it is worth.
public struct InitFit: Sendable {
  public var group: InitTable.Group
  public var count: Int
  /// The best by BIC first.
  public var candidates: [LawFit]
  /// How well the best law of the window's first half describes its second half, and how well the first half itself
  /// does; nil where the window has less than two moments.
  public var outOfWindow: OutOfWindow?
  public var bootstrap: FitBootstrap?

  public struct OutOfWindow: Hashable, Sendable {
    /// Kolmogorov distance between the law fitted to the first half and the second half.
    public var fit: Double
    /// What changed between the halves: the floor below which no claim means anything.
    public var drift: SampleDrift
  }

  /// The Kolmogorov distance up to which a fit stands for its sample.
  static let near = 0.05

  /// The law to simulate with: the best fit; the sample itself where no family comes near it.
  public func law(_ values: [Double]) -> Distribution? {
    if let best = candidates.first, best.distance <= Self.near { return best.law }
    return QuantileFunction(sample: values).map { .empirical($0.thinned(to: 100)) }
  }
}

extension InitTable {
  /// Fits every group, on several threads.
  ///
  /// - Parameters:
  ///   - split: the moment at which the second half of the window begins; the middle of the moments where nil.
  ///   - families: what to choose from.
  ///   - replicates: bootstrap samples for each group's best law; 0 for none.
  ///   - goesOn: told the share of the groups that are done, on any thread; where it says no, the others are left out.
  public func fits(
    split: String? = nil, families: [LawFamily] = LawFamily.allCases, replicates: Int = 0, jobs: Int = 1,
    goesOn: @Sendable (Double) -> Bool = { _ in true }
  ) -> [InitFit] {
    let middle = split ?? Self.middle(groups.flatMap { $0.rows.map(\.moment) })
    let next = Atomic(0)
    let found = Mutex([InitFit?](repeating: nil, count: groups.count))
    DispatchQueue.concurrentPerform(iterations: max(1, jobs)) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < groups.count, goesOn(Double(index) / Double(groups.count)) else { return }
        let fit = Self.fit(groups[index].group, groups[index].rows, middle, families, replicates) {
          goesOn(Double(index) / Double(groups.count))
        }
        found.withLock { $0[index] = fit }
      }
    }
    return found.withLock { $0.compactMap { $0 } }
  }

  /// The median of the different moments; nil for less than two.
  private static func middle(_ moments: [String]) -> String? {
    let different = Set(moments).sorted()
    return different.count > 1 ? different[different.count / 2] : nil
  }

  private static func fit(
    _ group: Group, _ rows: [Row], _ split: String?, _ families: [LawFamily], _ replicates: Int,
    _ goesOn: () -> Bool
  ) -> InitFit {
    var fit = InitFit(group: group, count: rows.count, candidates: [])
    guard let sample = CensoredSample(rows.map(\.duration)) else { return fit }
    fit.candidates = LawFit.candidates(for: sample, among: families)
    if replicates > 0, let best = fit.candidates.first {
      fit.bootstrap = FitBootstrap(
        of: best, to: sample, replicates: replicates, seed: StableHash.of(group.name), goesOn: goesOn)
    }
    guard let split else { return fit }
    let first = rows.filter { $0.moment < split }.map(\.duration)
    let second = rows.filter { $0.moment >= split }.map(\.duration)
    if let drift = SampleDrift(from: first, to: second), let before = CensoredSample(first),
      let after = CensoredSample(second), let law = LawFit.candidates(for: before, among: families).first
    {
      fit.outOfWindow = .init(fit: law.distance(to: after), drift: drift)
    }
    return fit
  }
}

extension QuantileFunction {
  /// The law by at most so many steps, the outermost kept.
  func thinned(to steps: Int) -> QuantileFunction {
    guard values.count > steps + 1 else { return self }
    let probabilities = (0...steps).map { Double($0) / Double(steps) }
    return QuantileFunction(probabilities: probabilities, values: probabilities.map { value(at: $0) }) ?? self
  }
}
