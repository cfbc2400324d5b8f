import Dispatch
public import Statistics
import Synchronization

/// The law of one group's init times, and what it is worth.
public struct InitFit: Sendable {
  public var group: InitTable.Group
  public var count: Int
  /// Laws of the whole window; the best by BIC first.
  public var candidates: [LawFit]
  /// The law to simulate with: the best of the window's latest part, as much of it as describes best what follows inside
  /// the window; the sample itself where no family comes near it. Nil for too few cold starts.
  public var law: Distribution?
  /// How well laws of the window's first half describe its second half, and how well the first half itself does; nil where
  /// the window has less than two moments.
  public var outOfWindow: OutOfWindow?
  public var bootstrap: FitBootstrap?

  /// Kolmogorov distances to the second half.
  public struct OutOfWindow: Hashable, Sendable {
    /// Of the law of the first half's latest part.
    public var fit: Double
    /// Of that part itself.
    public var latest: Double
    /// Of the law of the whole first half.
    public var whole: Double
    /// Of the first half itself: what changed between the halves.
    public var drift: SampleDrift
  }

  /// The Kolmogorov distance up to which a fit stands for its sample.
  static let near = 0.05

  static func law(of sample: [Double], _ candidates: [LawFit]) -> Distribution? {
    if let best = candidates.first, best.distance <= near { return best.law }
    return QuantileFunction(sample: sample).map { .empirical($0.thinned(to: 100)) }
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
    let windows = Windows(
      split: middle, firstHalf: middle.map { Recency(groups, before: $0) }, whole: Recency(groups))
    let next = Atomic(0)
    let found = Mutex([InitFit?](repeating: nil, count: groups.count))
    DispatchQueue.concurrentPerform(iterations: max(1, jobs)) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < groups.count, goesOn(Double(index) / Double(groups.count)) else { return }
        let fit = Self.fit(groups[index].group, groups[index].rows, windows, families, replicates) {
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

  /// Where the window is cut, and how much of each part's end counts.
  private struct Windows {
    var split: String?
    var firstHalf: Recency?
    var whole: Recency
  }

  private static func fit(
    _ group: Group, _ rows: [Row], _ windows: Windows, _ families: [LawFamily], _ replicates: Int,
    _ goesOn: () -> Bool
  ) -> InitFit {
    var fit = InitFit(group: group, count: rows.count, candidates: [])
    guard let sample = CensoredSample(rows.map(\.duration)) else { return fit }
    fit.candidates = LawFit.candidates(for: sample, among: families)
    let latest = windows.whole.latest(of: rows[...]).map(\.duration)
    fit.law = InitFit.law(
      of: latest,
      latest.count == rows.count
        ? fit.candidates : CensoredSample(latest).map { LawFit.candidates(for: $0, among: families) } ?? [])
    if replicates > 0, let best = fit.candidates.first {
      fit.bootstrap = FitBootstrap(
        of: best, to: sample, replicates: replicates, seed: StableHash.of(group.name), goesOn: goesOn)
    }
    guard let split = windows.split, let recency = windows.firstHalf else { return fit }
    let before = rows.prefix { $0.moment < split }
    let after = rows.dropFirst(before.count).map(\.duration)
    guard let later = CensoredSample(after) else { return fit }
    func distance(_ part: ArraySlice<Row>) -> Double? {
      CensoredSample(part.map(\.duration)).flatMap { LawFit.candidates(for: $0, among: families).first }?
        .distance(to: later)
    }
    let part = recency.latest(of: before)
    guard let drift = SampleDrift(from: before.map(\.duration), to: after), let whole = distance(before),
      let own = SampleDrift(from: part.map(\.duration), to: after)?.distance
    else { return fit }
    let predicted = part.count == before.count ? whole : distance(part)
    if let predicted { fit.outOfWindow = .init(fit: predicted, latest: own, whole: whole, drift: drift) }
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
