public import Platforms
import Statistics

/// How well laws predict a trace that they were not fitted to: each function in turn is left out, the laws are fitted to
/// the others, and its cold starts are simulated from its arrivals.
public struct HeldOutTrace: Sendable {
  public struct Row: Sendable {
    public var function: String
    public var invocations: Int
    public var measured: Int
    public var predicted: Spread
    /// The laws that it is predicted by.
    public var platform: Platform
    /// What ten minutes and no more would say.
    public var tenMinutes: Double

    /// Relative to what was measured.
    public var error: Double { predicted.mean / Double(measured) - 1 }
    /// The spread between simulations, relative to what was measured.
    public var noise: Double { predicted.deviation / Double(measured) }
    public var tenMinutesError: Double { tenMinutes / Double(measured) - 1 }
  }

  public var rows: [Row] = []

  /// Mean absolute relative error of the cold starts, functions without any aside.
  public var error: Double { Self.mean(rows.map(\.error.magnitude)) }
  /// The same of a keep-alive of 600 s with neither a lifetime nor another law for environments beside others.
  public var tenMinutesError: Double { Self.mean(rows.map(\.tenMinutesError.magnitude)) }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }

  /// - Parameters:
  ///   - platform: laws to use instead of fitted ones.
  ///   - replications: simulations of each function.
  ///   - goesOn: told the share of the functions that are done; where it says no, the others are left out.
  public init(
    _ trace: EnvironmentTrace, under platform: Platform? = nil, replications: Int = 20,
    goesOn: (Double) -> Bool = { _ in true }
  ) {
    for (index, function) in trace.functions.enumerated() where function.coldStarts > 0 {
      guard goesOn(Double(index) / Double(trace.functions.count)) else { return }
      var others = trace
      others.functions.remove(at: index)
      guard platform != nil || !others.functions.isEmpty else { return }
      let laws = platform ?? PlatformFit(others).platform
      let replay = EnvironmentReplay(EnvironmentTrace(functions: [function], rows: function.uses.count))
      let plain = Platform(accountConcurrency: nil, keepAlive: .default, maximumLifetime: nil)
      rows.append(
        Row(
          function: function.name, invocations: function.uses.count, measured: function.coldStarts,
          predicted: replay.coldStarts(under: laws, replications: replications, seed: 1)[0], platform: laws,
          tenMinutes: replay.coldStarts(under: plain, replications: 1)[0].mean))
    }
  }
}
