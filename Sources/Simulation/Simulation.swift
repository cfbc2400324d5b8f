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

    public init(invocations: Int, share: Double?) {
      self.invocations = invocations
      self.share = share
    }
  }

  /// Replays the workload.
  ///
  /// - Parameters:
  ///   - onProgress: called now and then on the calling thread.
  ///   - shouldStop: asked now and then; when it says true the run ends early and the outcome covers what was replayed.
  ///   - checkpointing: what the run goes on from, and what becomes of its checkpoints.
  /// - Throws: when the workload can't be read on, or the account can't hold what its functions reserve.
  public func run(
    onProgress: @escaping (Progress) -> Void = { _ in }, shouldStop: @escaping () -> Bool = { false },
    checkpointing: Checkpointing? = nil
  ) throws(InputFault) -> Outcome {
    let watch = RunWatch(onProgress: onProgress, shouldStop: shouldStop, checkpointing: checkpointing)
    let state = try checkpointing?.start?.state(for: self)
    if state?.execution == .coupled { return try runCoupled(watch: watch, from: state) }
    var alone = IndependentExecutor(self, watch: watch, from: state)
    if let outcome = try alone.run() { return outcome }
    return try runCoupled(watch: watch)
  }

  /// Replays each function alone and literally: nil where functions would have met the shared limit.
  func runLiterally() throws(InputFault) -> Outcome? {
    var alone = IndependentExecutor(self, watch: RunWatch(), literally: true)
    return try alone.run()
  }

  /// Replays in global order of time, whether or not a shared limit binds.
  func runCoupled(
    watch: RunWatch = RunWatch(), from state: ReplayState? = nil
  ) throws(InputFault) -> Outcome {
    let executor = CoupledExecutor(simulation: self, watch: watch, resumed: state)
    if case .generated(let generated) = workload.feed {
      return try executor.run(
        OrderedInvocations(workload, seed: seed, replication: replication), functions: generated.functions)
    }
    // A record names its functions as it goes, and what they reserve bounds the others from the start: two passes.
    let survey = try OrderedInvocations(workload, seed: seed, replication: replication)
    try survey.fold({}, { _, _ in })
    let ordered = try OrderedInvocations(workload, seed: seed, replication: replication)
    if survey.isSorting { try ordered.restartSorted() }
    return try executor.run(ordered, functions: survey.functions)
  }
}
