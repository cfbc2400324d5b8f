public import Diagnostics
public import Platforms
import Units
public import Workloads

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
  ///   - alwaysCoupled: whether to replay all functions in one order of time even where no shared limit could bind.
  ///   - onProgress: called now and then on the calling thread.
  ///   - shouldStop: asked now and then; when it says true the run ends early and the outcome covers what was replayed.
  ///   - checkpointing: what the run goes on from, and what becomes of its checkpoints.
  /// - Throws: when the workload can't be read on, or the account can't hold what its functions reserve.
  public func run(
    alwaysCoupled: Bool = false,
    onProgress: @escaping (Progress) -> Void = { _ in }, shouldStop: @escaping () -> Bool = { false },
    checkpointing: Checkpointing? = nil
  ) throws(InputFault) -> Outcome {
    let watch = RunWatch(onProgress: onProgress, shouldStop: shouldStop, checkpointing: checkpointing)
    if let policy = platform.policy {
      guard !platform.hasFeedback, !platform.hasSchedules, checkpointing == nil else {
        throw InputFault(
          at: .init(file: "platform", key: "keep-alive-policy"),
          found: "a policy together with rules of the control plane or checkpoints", expected: "one of them")
      }
      let (ordered, survey) = try openSurveyed()
      return try PolicyExecutor(simulation: self, policy: policy, watch: watch).run(ordered, survey: survey)
    }
    let isRuled = platform.hasFeedback || platform.hasSchedules
    if isRuled, checkpointing != nil {
      throw InputFault(
        at: .init(file: "platform"), found: "rules that are replayed event by event, without checkpoints",
        expected: "a scenario without them", advice: "leave --checkpoint and --resume out")
    }
    let state = try checkpointing?.start?.state(for: self)
    if isRuled { return try runRuled(alwaysCoupled: alwaysCoupled, watch: watch) }
    if alwaysCoupled || state?.execution == .coupled { return try runCoupled(watch: watch, from: state) }
    var alone = IndependentExecutor(self, watch: watch, from: state, makeRun: makeLoneRun)
    if let outcome = try alone.run() { return outcome }
    return try runCoupled(watch: watch)
  }

  /// Replays the workload once for the cold starts and idle time under every keep-alive, in place of the platform's.
  ///
  /// - Throws: when the workload can't be read on, when the platform's reuse order is another than most-recently-used,
  ///   or when its rules feed back, so that another keep-alive would change what arrives.
  public func keepAliveCurve(
    onProgress: @escaping (Progress) -> Void = { _ in }, shouldStop: @escaping () -> Bool = { false }
  ) throws(InputFault) -> KeepAliveCurve {
    guard platform.reuse == .mostRecentlyUsed else {
      throw InputFault(
        at: .init(file: "platform", key: "reuse"), found: platform.reuse.rawValue,
        expected: "most-recently-used, for a curve over all keep-alives",
        advice: "simulate each keep-alive by itself")
    }
    guard !platform.hasFeedback, !platform.hasSchedules, platform.policy == nil else {
      throw InputFault(
        at: .init(file: "platform"),
        found: "a policy, a schedule, or rules that feed back, such as retries, queues or limits on growth",
        expected: "none, for a curve over all keep-alives", advice: "simulate each keep-alive by itself")
    }
    var unlimited = self
    unlimited.platform.accountConcurrency = nil
    let platform = platform
    var executor = IndependentExecutor(
      unlimited, watch: RunWatch(onProgress: onProgress, shouldStop: shouldStop)
    ) { CurveRun($0, unlimited.settings(of: $0), platform) }
    let outcome = try executor.run()
    var gaps = KeepAliveCurve.Gaps()
    for case let run as CurveRun in executor.runs { gaps.merge(run.gaps) }
    return KeepAliveCurve(
      gaps, starts: outcome?.totals.arrivals ?? 0, horizon: outcome?.horizon ?? .zero,
      isComplete: outcome?.isComplete ?? false)
  }

  /// Replays each function alone under its rules as far as nothing but a shared limit could couple them, and it doesn't
  /// bind; else all together.
  private func runRuled(alwaysCoupled: Bool, watch: RunWatch) throws(InputFault) -> Outcome {
    guard !alwaysCoupled, !platform.couplesFunctions else { return try runControlPlane(watch: watch) }
    let (_, survey) = try openSurveyed()
    let (epoch, horizon) = (survey.epoch, survey.horizon.nanoseconds)
    let isTimetable = !platform.hasFeedback
    let tellsShared = platform.accountConcurrency != nil
    let limit = platform.accountConcurrency
    var alone = IndependentExecutor(self, watch: watch) { function in
      isTimetable
        ? makeScheduledRun(function, epoch: epoch, horizon: horizon)
        : LoneControlPlane(
          function, self, sharedLimit: limit, tellsShared: tellsShared, epoch: epoch, horizon: horizon)
    }
    if let outcome = try alone.run() { return outcome }
    return try runControlPlane(watch: watch)
  }

  /// Replays each function alone and literally: nil where functions would have met the shared limit.
  func runLiterally() throws(InputFault) -> Outcome? {
    var alone = IndependentExecutor(self, watch: RunWatch(), makeRun: makeLiteralRun)
    return try alone.run()
  }

  /// Replays in global order of time, whether or not a shared limit binds.
  func runCoupled(
    watch: RunWatch = RunWatch(), from state: ReplayState? = nil, literally isLiteral: Bool = false
  ) throws(InputFault) -> Outcome {
    let executor = CoupledExecutor(simulation: self, watch: watch, resumed: state, isLiteral: isLiteral)
    let (ordered, survey) = try openSurveyed()
    return try executor.run(ordered, functions: survey.functions)
  }

  /// Replays event by event with all rules, whether or not any of them feeds back.
  func runControlPlane(watch: RunWatch = RunWatch()) throws(InputFault) -> Outcome {
    let executor = ControlPlaneExecutor(simulation: self, watch: watch)
    let (ordered, survey) = try openSurveyed()
    return try executor.run(ordered, functions: survey.functions, horizon: survey.horizon, epoch: survey.epoch)
  }

  /// The workload's invocations from their beginning, and what must be known of them before.
  func openSurveyed() throws(InputFault) -> (OrderedInvocations, OrderedInvocations) {
    let ordered = try OrderedInvocations(workload, seed: seed, replication: replication)
    if case .generated = workload.feed { return (ordered, ordered) }
    // A record names its functions as it goes, and what they reserve bounds the others from the start: two passes.
    let survey = try OrderedInvocations(workload, seed: seed, replication: replication)
    try survey.fold({}, { _, _ in })
    if survey.isSorting { try ordered.restartSorted() }
    return (ordered, survey)
  }
}
