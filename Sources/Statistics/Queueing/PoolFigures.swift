/// What a pool of execution environments does in the long run.
public struct PoolFigures: Equatable, Sendable {
  /// Share of the accepted arrivals that start an environment.
  public var coldProbability: Double
  /// Share of all arrivals that the limit rejects.
  public var rejectionProbability = 0.0
  /// Mean numbers of environments.
  public var meanBusy: Double
  public var meanIdle: Double
  /// In setup for the request that started them; zero where setup takes no time.
  public var meanInSetup = 0.0
  /// Environments started per second.
  public var coldRate: Double
  /// A bound on (or, for numerical inversion, a safe estimate of) the relative error of the largest inexactness
  /// among the figures.
  public var relativeError: Double

  /// Mean number of environments in any state.
  public var meanEnvironments: Double { meanBusy + meanIdle + meanInSetup }
  /// Seconds from an environment's start to its end, by Little's law.
  public var meanLifetime: Double { meanEnvironments / coldRate }
  /// Busy share of the environments.
  public var utilisation: Double { meanBusy / meanEnvironments }
}
