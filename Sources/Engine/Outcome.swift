public import Platforms
public import Units
public import Workloads

/// What a simulation says will happen.
public struct Outcome: Sendable {
  /// The trace's end: averages over time run from zero to here.
  public var horizon: Instant
  /// In the order of the workload's functions.
  public var functions: [FunctionOutcome]
  /// All functions together. `peakConcurrency` is the exact largest number of invocations running at one moment.
  public var totals: Tally
  public var timeline: Timeline
  public var execution: Execution
  /// False when the run was stopped before the trace's end; figures then cover the part up to `horizon`.
  public var isComplete: Bool
  /// What reading the workload read, repaired, dropped and made up.
  public var ledger: ImportLedger
  /// What the trace measured of itself, to be held against the figures here.
  public var observations: Observations?
  /// The wall-clock moment of instant zero in seconds since 1970, where the trace tells.
  public var epoch: Double?
  /// What became of each source's requests, where requests may be made more than once; empty otherwise.
  public var sources: [SourceOutcome] = []

  /// How the run was carried out.
  public enum Execution: String, Sendable {
    /// Each function alone; concurrency never came to a shared limit, so the answer is that of the coupled run.
    case independent
    /// All functions in global order of time, because the account's limit bound.
    case coupled
    /// The same with everything that feeds back: retries, queues, limits on growth, what changes over time.
    case controlPlane = "control-plane"
  }

  public init(
    horizon: Instant, functions: [FunctionOutcome], totals: Tally, timeline: Timeline, execution: Execution,
    isComplete: Bool, ledger: ImportLedger, observations: Observations? = nil, epoch: Double? = nil
  ) {
    self.horizon = horizon
    self.functions = functions
    self.totals = totals
    self.timeline = timeline
    self.execution = execution
    self.isComplete = isComplete
    self.ledger = ledger
    self.observations = observations
    self.epoch = epoch
  }
}

/// One function's part of an outcome.
public struct FunctionOutcome: Sendable {
  public var function: WorkloadFunction
  public var settings: FunctionSettings
  public var tally: Tally

  public init(function: WorkloadFunction, settings: FunctionSettings, tally: Tally) {
    self.function = function
    self.settings = settings
    self.tally = tally
  }
}

extension FunctionOutcome {
  /// What the replay of a function counted, where a throttle has only one possible reason.
  init(_ function: WorkloadFunction, _ settings: FunctionSettings, counted: Tally) {
    self.init(function: function, settings: settings, tally: counted)
    guard tally.throttles > 0, tally.throttlesByReason.total == 0 else { return }
    // A function with a reservation takes nothing from the others, and the others have no limit of their own.
    let reason: ThrottleReason =
      settings.reservedConcurrency == nil ? .concurrentInvocations : .reservedConcurrentInvocations
    tally.throttlesByReason[reason] = tally.throttles
  }
}

extension Outcome {
  /// Gathers what the functions' runs counted.
  init(
    runs: [any FunctionRun], meter: TimelineMeter, peaks: PeakSeries, horizon: Instant, execution: Execution,
    isComplete: Bool, ledger: ImportLedger, observations: Observations?, epoch: Double?
  ) {
    self.init(
      functions: runs.map { FunctionOutcome($0.function, $0.settings, counted: $0.tally) },
      meter: meter, peaks: peaks, horizon: horizon, execution: execution, isComplete: isComplete, ledger: ledger,
      observations: observations, epoch: epoch)
    for (index, run) in runs.enumerated() {
      sources += run.sources.map { source in
        var source = source
        source.function = index
        return source
      }
    }
  }

  init(
    functions counted: [FunctionOutcome], meter: TimelineMeter, peaks: PeakSeries, horizon: Instant,
    execution: Execution, isComplete: Bool, ledger: ImportLedger, observations: Observations?, epoch: Double?
  ) {
    functions = counted
    totals = functions.reduce(into: Tally()) { $0.merge($1.tally) }
    totals.peakConcurrency = Int(peaks.overall)
    timeline = meter.timeline(horizon: horizon.nanoseconds, peaks: peaks)
    self.horizon = horizon
    self.execution = execution
    self.isComplete = isComplete
    self.ledger = ledger
    self.observations = observations
    self.epoch = epoch
  }
}
