public import Platform
public import Workload

/// A workload to be replayed through a platform.
public struct Simulation: Sendable {
  public var workload: Workload
  public var platform: Platform
  public var seed: UInt64
  /// Counted from zero; another replication draws other random numbers.
  public var replication: UInt64
  /// Threads to use, at least 1. The answer does not depend on it.
  public var jobs: Int

  public init(workload: Workload, platform: Platform, seed: UInt64 = 0, replication: UInt64 = 0, jobs: Int = 1) {
    self.workload = workload
    self.platform = platform
    self.seed = seed
    self.replication = replication
    self.jobs = jobs
  }

  /// How far a run has come.
  public struct Progress: Sendable {
    public var invocations: Int
    /// 0 to 1, where it can be told.
    public var share: Double?
  }
}
