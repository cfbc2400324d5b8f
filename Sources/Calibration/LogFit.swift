public import Logs
public import Platforms
public import Statistics
import Traces
import Workloads

/// What logs say of one function's durations and init times.
public struct LogFit: Sendable {
  public var function: String
  public var invocations: Int
  public var coldStarts: Int
  public var timeouts: Int
  /// Fits of the durations, the best first; cut-off ones count as longer than they are.
  public var durations: [LawFit]
  public var inits: [LawFit]
  /// Drawing again from the best law of each; nil where it was not asked for.
  public var durationBootstrap: FitBootstrap?
  public var initBootstrap: FitBootstrap?
  /// The second half of the logs against the first.
  public var drift: SampleDrift?
  public var profiled: ProfiledFunction

  /// Enough for every family, and quick.
  private static let mostValues = 20_000
  /// Below so many values a fit is no better than the values.
  static let fewest = 40

  /// All functions of logs.
  ///
  /// - Parameters:
  ///   - families: what to choose from.
  ///   - replicates: bootstrap samples for the best laws; 0 for none.
  ///   - goesOn: told the share of the functions that are done; where it says no, the others are left out.
  public static func all(
    in listing: LambdaLogListing, among families: [LawFamily] = LawFamily.allCases, replicates: Int = 0,
    goesOn: (Double) -> Bool = { _ in true }
  ) -> [LogFit] {
    let byFunction = Dictionary(grouping: listing.invocations, by: \.function)
    var fits: [LogFit] = []
    for (index, function) in listing.functions.enumerated() {
      let share = Double(index) / Double(listing.functions.count)
      guard let invocations = byFunction[index], goesOn(share) else { continue }
      fits.append(
        LogFit(function.name, invocations.sorted { $0.arrival < $1.arrival }, families, replicates) { goesOn(share) })
    }
    return fits
  }

  private init(
    _ name: String, _ invocations: [LambdaLogListing.Invocation], _ families: [LawFamily], _ replicates: Int,
    _ goesOn: () -> Bool
  ) {
    function = name
    self.invocations = invocations.count
    coldStarts = invocations.count { $0.wait != nil }
    timeouts = invocations.count(where: \.timedOut)
    profiled = ProfiledFunction(function: name)
    // Every so many, so that all of the window is in.
    let every = max(1, (invocations.count + Self.mostValues - 1) / Self.mostValues)
    let thinned = stride(from: 0, to: invocations.count, by: every).map { invocations[$0] }
    func seconds(_ nanoseconds: Int64) -> Double { Double(max(1, nanoseconds)) / 1e9 }
    let seen = thinned.filter { !$0.timedOut }.map { seconds($0.duration) }
    let cut = thinned.filter(\.timedOut).map { seconds($0.duration) }
    durations = Self.candidates(seen, censored: cut, families)
    let waits = invocations.compactMap(\.wait).map(seconds)
    inits = Self.candidates(waits, censored: [], families)
    let half = seen.count / 2
    drift = half > 0 ? SampleDrift(from: Array(seen[..<half]), to: Array(seen[half...])) : nil
    if replicates > 0 {
      durationBootstrap = Self.bootstrap(durations, seen, cut, replicates, StableHash.of(name), goesOn)
      initBootstrap = Self.bootstrap(inits, waits, [], replicates, StableHash.of(name + " init"), goesOn)
    }
    profiled.duration = Self.law(seen, durations)
    profiled.initDuration = Self.law(waits, inits)
  }

  private static func candidates(_ values: [Double], censored: [Double], _ families: [LawFamily]) -> [LawFit] {
    guard values.count >= fewest, let sample = CensoredSample(values, censored: censored) else { return [] }
    return LawFit.candidates(for: sample, among: families)
  }

  private static func bootstrap(
    _ candidates: [LawFit], _ values: [Double], _ censored: [Double], _ replicates: Int, _ seed: UInt64,
    _ goesOn: () -> Bool
  ) -> FitBootstrap? {
    guard let best = candidates.first, let sample = CensoredSample(values, censored: censored) else { return nil }
    return FitBootstrap(of: best, to: sample, replicates: replicates, seed: seed, goesOn: goesOn)
  }

  /// The best fit, or the values themselves where none is near.
  private static func law(_ values: [Double], _ candidates: [LawFit]) -> Distribution? {
    if let best = candidates.first, best.distance <= InitFit.near { return best.law }
    return QuantileFunction(sample: values).map { .empirical($0.thinned(to: 100)) }
  }
}
