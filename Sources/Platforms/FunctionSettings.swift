public import Statistics
public import Units

/// The instruction set a function runs on.
public enum Architecture: String, CaseIterable, Hashable, Sendable {
  case x86 = "x86_64"
  case arm = "arm64"
}

/// Everything that the platform knows of one function.
public struct FunctionSettings: Hashable, Sendable {
  public var memory: MemorySize
  public var architecture: Architecture
  /// Lambda's identifier (`nodejs22.x`), or nil when nobody said.
  public var runtime: String?
  /// 1 s to 900 s; Lambda's own default is 3 s. Nil for no limit.
  public var timeout: TimeSpan?
  /// Init in seconds: extensions, runtime and static code; billed since 2025-08-01.
  public var initDuration: Distribution
  /// The part of init that the runtime and extensions take, where it is told apart: `initDuration` is then what the
  /// function's own code takes. s.
  public var runtimeInit: Distribution?
  /// Placement, sandbox and code download before init, in seconds: felt by the caller, not billed.
  public var platformOverhead: Distribution
  /// Ceiling and floor of the function's concurrency; zero switches the function off; nil leaves it unreserved.
  public var reservedConcurrency: Int?
  /// Environments initialised ahead and kept, used before any other.
  public var provisionedConcurrency: Int
  /// How long a new environment is restored from a snapshot instead of initialised (SnapStart), s; nil without.
  public var restoreDuration: Distribution?
  /// Init that runs again inside an invocation after a reset, s.
  public var suppressedInit: Distribution?
  /// What durations of the workload are multiplied with, because they were measured at another memory or elsewhere.
  public var durationFactor = 1.0
  /// In its place, where the quota's periods are to show in single durations.
  public var shortWork: ShortWork?
  /// What happens to the function over time.
  public var behaviour: FunctionBehaviour
  /// Where settings came from when nobody wrote them: labels for the report.
  public var assumptions: [String]

  public init(
    memory: MemorySize, architecture: Architecture, runtime: String?, timeout: TimeSpan?, initDuration: Distribution,
    platformOverhead: Distribution, reservedConcurrency: Int? = nil, provisionedConcurrency: Int = 0,
    restoreDuration: Distribution? = nil, suppressedInit: Distribution? = nil,
    behaviour: FunctionBehaviour = FunctionBehaviour(),
    assumptions: [String] = []
  ) {
    self.memory = memory
    self.architecture = architecture
    self.runtime = runtime
    self.timeout = timeout
    self.initDuration = initDuration
    self.platformOverhead = platformOverhead
    self.reservedConcurrency = reservedConcurrency
    self.provisionedConcurrency = provisionedConcurrency
    self.restoreDuration = restoreDuration
    self.suppressedInit = suppressedInit
    self.behaviour = behaviour
    self.assumptions = assumptions
  }
}

/// Settings for the functions whose names match a pattern; what is nil is left to other rules.
public struct FunctionRule: Hashable, Sendable {
  /// A name, or a pattern in which `*` stands for any run of characters.
  public var pattern: String
  public var memory: MemorySize?
  public var architecture: Architecture?
  public var runtime: String?
  public var timeout: TimeSpan?
  public var initDuration: Distribution?
  public var runtimeInit: Distribution?
  public var platformOverhead: Distribution?
  public var reservedConcurrency: Int?
  public var provisionedConcurrency: Int?
  /// The memory at which the workload's durations were measured, and the architecture; nil: the function's.
  public var measuredMemory: MemorySize?
  public var measuredArchitecture: Architecture?
  /// The quota whose periods, ticks and slices are to show in single durations; its share follows from memory. Needs a
  /// relative `memoryScaling` of one thread.
  public var shortWorkQuota: ProcessorQuota?
  /// What the workload's durations are multiplied with besides, for another processor, say.
  public var durationFactor: Double?
  public var restoreDuration: Distribution?
  public var suppressedInit: Distribution?
  public var behaviour = FunctionBehaviour()
  /// How durations follow from memory, where a profile says.
  public var memoryScaling: MemoryScaling?

  public init(pattern: String) { self.pattern = pattern }

  public var isExact: Bool { !pattern.contains("*") }

  /// Whether a function's name matches. Linear in the name for each `*`.
  public func matches(_ name: String) -> Bool {
    if isExact { return pattern == name }
    var pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)[...]
    guard let head = pieces.popFirst(), let tail = pieces.popLast(), name.hasPrefix(head),
      name.count >= head.count + tail.count, name.hasSuffix(tail)
    else { return false }
    var rest = name.dropFirst(head.count).dropLast(tail.count)
    for piece in pieces where !piece.isEmpty {
      guard let range = rest.firstRange(of: piece) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }
}

/// What a trace knows of a function, as far as settings can follow from it.
public struct FunctionHints: Hashable, Sendable {
  public var memory: MemorySize?
  /// Mean memory in use, MB.
  public var memoryUsed: Double?
  public var initDuration: Distribution?

  public init(memory: MemorySize? = nil, memoryUsed: Double? = nil, initDuration: Distribution? = nil) {
    self.memory = memory
    self.memoryUsed = memoryUsed
    self.initDuration = initDuration
  }
}

extension Platform {
  /// The settings of the function named `name`: the rules that match it, then what the trace knows, then defaults.
  ///
  /// Every default that was used is named in `assumptions`.
  public func settings(for name: String, hints: FunctionHints = FunctionHints()) -> FunctionSettings {
    var merged = FunctionRule(pattern: name)
    for rule in rules.filter({ !$0.isExact }) + rules.filter(\.isExact) where rule.matches(name) {
      merged.memory = rule.memory ?? merged.memory
      merged.architecture = rule.architecture ?? merged.architecture
      merged.runtime = rule.runtime ?? merged.runtime
      merged.timeout = rule.timeout ?? merged.timeout
      merged.initDuration = rule.initDuration ?? merged.initDuration
      merged.runtimeInit = rule.runtimeInit ?? merged.runtimeInit
      merged.platformOverhead = rule.platformOverhead ?? merged.platformOverhead
      merged.reservedConcurrency = rule.reservedConcurrency ?? merged.reservedConcurrency
      merged.provisionedConcurrency = rule.provisionedConcurrency ?? merged.provisionedConcurrency
      merged.memoryScaling = rule.memoryScaling ?? merged.memoryScaling
      merged.measuredMemory = rule.measuredMemory ?? merged.measuredMemory
      merged.measuredArchitecture = rule.measuredArchitecture ?? merged.measuredArchitecture
      merged.shortWorkQuota = rule.shortWorkQuota ?? merged.shortWorkQuota
      merged.durationFactor = rule.durationFactor ?? merged.durationFactor
      merged.restoreDuration = rule.restoreDuration ?? merged.restoreDuration
      merged.suppressedInit = rule.suppressedInit ?? merged.suppressedInit
      merged.behaviour = merged.behaviour.overridden(by: rule.behaviour)
    }
    var assumptions: [String] = []
    let architecture = merged.architecture ?? .x86
    let memory = merged.memory ?? hints.memory ?? assumedMemory(hints, &assumptions)
    let initDuration =
      merged.initDuration ?? hints.initDuration ?? assumedInit(merged.runtime, architecture, &assumptions)
    if merged.platformOverhead == nil {
      assumptions.append("platform overhead of a cold start: 150 ms (no current figure is published)")
    }
    let durationFactor = merged.durationFactor(
      at: memory, on: architecture, recordedAt: hints.memory, &assumptions)
    var settings = FunctionSettings(
      memory: memory, architecture: architecture, runtime: merged.runtime, timeout: merged.timeout,
      initDuration: initDuration, platformOverhead: merged.platformOverhead ?? .constant(0.150),
      reservedConcurrency: merged.reservedConcurrency, provisionedConcurrency: merged.provisionedConcurrency ?? 0,
      restoreDuration: merged.restoreDuration, suppressedInit: merged.suppressedInit, behaviour: merged.behaviour,
      assumptions: assumptions)
    settings.durationFactor = durationFactor
    settings.shortWork = merged.shortWork(at: memory, on: architecture)
    settings.runtimeInit = merged.runtimeInit
    return settings
  }

  /// Mean memory in use, rounded up to a power of two from 128 MB: people set round sizes.
  private func assumedMemory(_ hints: FunctionHints, _ assumptions: inout [String]) -> MemorySize {
    guard let used = hints.memoryUsed, used.isFinite else {
      assumptions.append("memory: 128 MB, Lambda's default")
      return MemorySize(megabytes: 128)
    }
    var size = 128
    while Double(size) < used, size < MemorySize.lambdaRange.upperBound { size *= 2 }
    assumptions.append("memory: the next power of two above the trace's mean memory in use, 128 MB at least")
    return MemorySize(megabytes: min(size, MemorySize.lambdaRange.upperBound))
  }

  private func assumedInit(
    _ runtime: String?, _ architecture: Architecture, _ assumptions: inout [String]
  ) -> Distribution {
    if let runtime, let measured = RuntimeInit.lookUp(runtime, architecture) {
      assumptions.append("init: measured for an empty \(runtime) function (lambda-perf, June-August 2026)")
      return measured
    }
    assumptions.append("init: as an empty nodejs22.x function (lambda-perf, June-August 2026)")
    return RuntimeInit.lookUp("nodejs22.x", architecture) ?? .constant(0.145)
  }
}
