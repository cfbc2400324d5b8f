import Glibc

/// A law that was fitted to a sample, and how well it fits.
public struct LawFit: Hashable, Sendable {
  public var family: LawFamily
  public var law: Distribution
  /// Natural logarithm; the unit is that of the sample's values.
  public var logLikelihood: Double
  /// Values of the sample, seen or not.
  public var count: Int
  /// Kolmogorov and Smirnov's distance between law and sample, 0 to 1.
  public var distance: Double
  /// Anderson and Darling's A², which weighs the ends more; nil where values were censored.
  public var andersonDarling: Double?

  init(family: LawFamily, law: Distribution, logLikelihood: Double, sample: CensoredSample) {
    self.family = family
    self.law = law
    self.logLikelihood = logLikelihood
    count = sample.count
    let agreement = Agreement(of: law, with: sample)
    distance = agreement.distance
    andersonDarling = agreement.andersonDarling
  }

  /// Schwarz's criterion: the smaller, the better a law earns its parameters (Annals of Statistics 6, 1978).
  public var bic: Double { Double(family.parameterCount) * log(Double(count)) - 2 * logLikelihood }

  /// Fits of all families that the sample is large enough for, the best by BIC first.
  public static func candidates(
    for sample: CensoredSample, among families: [LawFamily] = LawFamily.allCases
  ) -> [LawFit] {
    families.compactMap { $0.fit(to: sample) }.filter { $0.logLikelihood.isFinite }.sorted { $0.bic < $1.bic }
  }
}

/// What drawing again from a fitted law tells of the fit.
public struct FitBootstrap: Hashable, Sendable {
  /// The share of samples drawn from the law that lie as far from their own fit as the data does: small where the
  /// family can't have given the data. Tables of Kolmogorov's law do not hold when the law was fitted to the sample.
  public var distancePValue: Double
  /// The same for Anderson and Darling's A²; nil where values were censored.
  public var andersonDarlingPValue: Double?
  /// 95 % intervals of the median, p90 and p99 of the fitted law, in the sample's unit.
  public var median: ClosedRange<Double>
  public var p90: ClosedRange<Double>
  public var p99: ClosedRange<Double>

  /// Draws `replicates` samples of the size of `sample` from the fitted law and fits each anew; nil for fewer than 19.
  ///
  /// - Parameter goesOn: asked before each; where it says no, the answer is nil.
  public init?(
    of fit: LawFit, to sample: CensoredSample, replicates: Int, seed: UInt64 = 0, goesOn: () -> Bool = { true }
  ) {
    guard replicates >= 19 else { return nil }
    var farther = 0
    var worse = 0
    var quantiles: [[Double]] = [[], [], []]
    for replicate in 0..<replicates {
      guard goesOn() else { return nil }
      var stream = RandomStream(seed: seed, replication: UInt64(replicate), purpose: .resampling)
      guard let drawn = sample.redrawn(from: fit.law, &stream), let again = fit.family.refit(fit.law, to: drawn)
      else { return nil }
      if again.distance >= fit.distance { farther += 1 }
      if let square = again.andersonDarling, square >= fit.andersonDarling ?? .infinity { worse += 1 }
      for (index, p) in [0.5, 0.9, 0.99].enumerated() { quantiles[index].append(again.law.quantile(p)) }
    }
    distancePValue = Double(farther + 1) / Double(replicates + 1)
    andersonDarlingPValue = fit.andersonDarling.map { _ in Double(worse + 1) / Double(replicates + 1) }
    let intervals = quantiles.map { $0.middle(0.95) }
    (median, p90, p99) = (intervals[0], intervals[1], intervals[2])
  }
}

extension CensoredSample {
  /// A sample of the same size from a law, cut off as this one: values beyond what the first of its unseen values
  /// exceeds are not seen.
  fileprivate func redrawn(from law: Distribution, _ stream: inout RandomStream) -> CensoredSample? {
    var values: [Double] = []
    law.append(count, to: &values, from: &stream)
    guard let bound = censored.first else { return CensoredSample(values) }
    let seen = values.filter { $0 <= bound }
    return CensoredSample(seen, censored: Array(repeating: bound, count: values.count - seen.count))
  }
}

extension [Double] {
  /// The range that holds a share of the numbers, as many left out below as above; the array is not empty.
  public func middle(_ share: Double) -> ClosedRange<Double> {
    let sorted = sorted()
    let cut = Int((Double(count) * (1 - share) / 2).rounded(.down))
    return sorted[cut]...sorted[count - 1 - cut]
  }
}
