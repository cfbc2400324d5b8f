public import Diagnostics
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

  /// Replays the workload.
  ///
  /// - Parameters:
  ///   - onProgress: called now and then on the calling thread.
  ///   - shouldStop: asked now and then; when it says true the run ends early and the outcome covers what was replayed.
  /// - Throws: when the workload can't be read on, or the account can't hold what its functions reserve.
  public func run(
    onProgress: @escaping (Progress) -> Void = { _ in }, shouldStop: @escaping () -> Bool = { false }
  ) throws(InputFault) -> Outcome {
    let watch = RunWatch(onProgress: onProgress, shouldStop: shouldStop)
    var alone = IndependentExecutor(self, watch: watch)
    if let outcome = try alone.run() { return outcome }
    return try CoupledExecutor(simulation: self, watch: watch).run(functions: try allFunctions())
  }

  /// Replays in global order of time even where no shared limit binds: the other half of a comparison in tests.
  func runCoupled() throws(InputFault) -> Outcome {
    try CoupledExecutor(simulation: self, watch: RunWatch(onProgress: { _ in }, shouldStop: { false }))
      .run(functions: try allFunctions())
  }

  /// Every function of the workload: a record that names functions as it goes is read to its end.
  private func allFunctions() throws(InputFault) -> [WorkloadFunction] {
    if case .generated(let workload) = workload.feed { return workload.functions }
    let ordered = try OrderedInvocations(workload, seed: seed, replication: replication)
    var batch = InvocationBatch()
    while try ordered.next(into: &batch) { batch.removeAll() }
    return ordered.functions
  }
}
