import Platforms
import Statistics
import Units

/// The rules of the control plane for one function, resolved to numbers; times in ns.
struct FunctionRules {
  /// Share of invocations that crash, out of memory or not.
  var crashShare: Double
  /// Share that fails at all.
  var failureShare: Double
  /// Whether crashes and timeouts reset environments.
  var resets: Bool
  var proactiveInit: Double
  var makesCalls: Bool
  /// Nil where a restore takes Init's place, or without a limit.
  var initLimit: Int64?
  var restoreLimit: Int64?
  var suppressedInit: TimeLaw
  /// Init proper runs at full speed at any memory; what runs again inside an invocation has the function's share.
  var suppressedInitFactor: Double
  var requestsPerConcurrency: Int?
  var allocationDelay: TimeLaw
  var allocationPerMinute: Int

  init(settings: FunctionSettings, limits: ServiceLimits) {
    let failures = settings.behaviour.failures ?? FailureRates()
    crashShare = failures.crashes + failures.outOfMemory
    failureShare = crashShare + failures.errors
    resets = settings.behaviour.failures != nil
    makesCalls = settings.behaviour.calls?.isEmpty == false
    proactiveInit = settings.behaviour.proactiveInit ?? 0
    initLimit = settings.restoreDuration == nil ? limits.initLimit?.nanoseconds : nil
    restoreLimit = settings.restoreDuration == nil ? nil : limits.restoreLimit?.nanoseconds
    suppressedInit =
      settings.suppressedInit.map { TimeLaw($0) } ?? TimeLaw(settings.initDuration, plus: settings.runtimeInit)
    suppressedInitFactor =
      settings.suppressedInit == nil
      ? max(1, MemoryScaling.megabytesPerProcessor / Double(settings.memory.megabytes)) : 1
    requestsPerConcurrency = limits.requestsPerConcurrency
    let provisioning = settings.behaviour.provisioning ?? Provisioning()
    allocationDelay = TimeLaw(provisioning.allocationDelay)
    allocationPerMinute = max(1, provisioning.allocationPerMinute)
  }
}
