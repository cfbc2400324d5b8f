import Diagnostics
import Platforms
import Statistics
import Units

enum PlatformKey: String, EntryKey {
  case region
  case accountConcurrency = "account-concurrency"
  case reuse
  case keepAlive = "keep-alive"
  case keepAlivePolicy = "keep-alive-policy"
  case maximumLifetime = "maximum-lifetime"
  case limits
  case profile
  case preset
}

/// What a keep-alive has beside its law.
enum KeepAliveKey: String, EntryKey {
  case deeper
}

/// How durations follow from memory.
enum RelativeScalingKey: String, EntryKey {
  case fixedShare = "fixed-share"
  case parallelism
  case pressure
  case quota
}

/// What a lack of memory costs.
enum PressureKey: String, EntryKey {
  case live
  case weight
}

/// The quota by which processor time is cut.
enum QuotaKey: String, EntryKey {
  case period
  case tick
  case slice
}

enum FunctionKey: String, EntryKey {
  case memory
  case architecture
  case runtime
  case timeout
  case initDuration = "init"
  case runtimeInit = "runtime-init"
  case platformOverhead = "platform-overhead"
  case reservedConcurrency = "reserved-concurrency"
  case provisionedConcurrency = "provisioned-concurrency"
  case provisioning
  case measuredMemory = "measured-memory"
  case measuredArchitecture = "measured-architecture"
  case memoryScaling = "memory-scaling"
  case durationFactor = "duration-factor"
  case snapStart = "snap-start"
  case suppressedInit = "suppressed-init"
  case proactiveInit = "proactive-init"
  case failures
  case deployments
  case caller
  case asynchronous
  case eventSource = "event-source"
  case environmentConcurrency = "environment-concurrency"
  case tenants
  case managedInstances = "managed-instances"
  case stateMachine = "state-machine"
  case durable
  case users
  case calls
  case profile
  case package
}

extension Entry {
  private static let unlimited = "unlimited"
  /// docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html, read 2026-11.
  private static let shortestTimeout = TimeSpan.seconds(1)
  private static let longestTimeout = TimeSpan.seconds(900)

  /// The platform without rules for functions. What is left out stays as `Platform` has it.
  func platform() throws(InputFault) -> Platform {
    let fields = try Fields<PlatformKey>(self, "a mapping with region:, account-concurrency:, keep-alive: and so on")
    var platform = try fields[.preset]?.platformPreset() ?? Platform()
    if let entry = fields[.profile] { platform = try entry.profile().applied(to: platform) }
    if let entry = fields[.region] { platform.region = try entry.string("a Region such as us-east-1") }
    if let entry = fields[.accountConcurrency] {
      platform.accountConcurrency =
        entry.isWord(Self.unlimited) ? nil : try entry.integer(in: 1...Int(Int32.max), "a number or unlimited")
    }
    if let entry = fields[.reuse] { platform.reuse = try entry.choice("an order of reuse") }
    if let entry = fields[.keepAlive] { platform.keepAlive = try entry.keepAlive() }
    platform.policy = try fields[.keepAlivePolicy]?.keepAlivePolicy()
    if let entry = fields[.maximumLifetime] {
      platform.maximumLifetime = entry.isWord(Self.unlimited) ? nil : try entry.distribution()
      if platform.maximumLifetime?.mean == 0 { throw entry.fault(expected: "a lifetime above zero, or unlimited") }
    }
    if let entry = fields[.limits] { platform.limits = try entry.serviceLimits() }
    return platform
  }

  private func platformPreset() throws(InputFault) -> Platform {
    let names = Platform.presets.map(\.name)
    guard let preset = Platform.presets.first(where: { isWord($0.name) })?.platform else {
      throw fault(
        expected: "one of \(names.joined(separator: ", "))", advice: text.flatMap { didYouMean($0, among: names) })
    }
    return preset
  }

  func keepAlive() throws(InputFault) -> KeepAlive {
    let sole = try distribution(others: KeepAliveKey.names)
    guard isMapping else { return KeepAlive(sole) }
    let beside = try Fields<KeepAliveKey>(self, "a law", others: LawKey.names)
    return KeepAlive(sole, deeper: try beside[.deeper]?.distribution())
  }

  /// The rules of `functions:`, in the order written.
  func functionRules() throws(InputFault) -> [FunctionRule] {
    var rules: [FunctionRule] = []
    for (pattern, settings) in try pairs("a mapping from names or patterns to settings, as in \"*\": {memory: 1024}") {
      guard !pattern.isEmpty else {
        throw settings.fault("an empty name", expected: "a name or a pattern such as \"*\"")
      }
      rules.append(try settings.functionRule(pattern))
    }
    return rules
  }

  private func functionRule(_ pattern: String) throws(InputFault) -> FunctionRule {
    let fields = try Fields<FunctionKey>(self, "settings such as {memory: 1024, timeout: 30s}")
    let concurrency = 0...Int(Int32.max)
    var rule = FunctionRule(pattern: pattern)
    rule.memory = try fields[.memory]?.memory()
    if let entry = fields[.architecture] { rule.architecture = try entry.choice("an architecture") as Architecture }
    rule.runtime = try fields[.runtime]?.string("a runtime such as nodejs22.x")
    if let entry = fields[.timeout] {
      let timeout = try entry.duration("a timeout")
      guard (Self.shortestTimeout...Self.longestTimeout).contains(timeout) else {
        throw entry.fault(expected: "a timeout from \(Self.shortestTimeout) to \(Self.longestTimeout)")
      }
      rule.timeout = timeout
    }
    rule.initDuration = try fields[.initDuration]?.distribution()
    if let entry = fields[.profile] {
      let package = try fields[.package]?.string("zip or image")
      let known = try entry.profiledFunction(pattern, rule, package: package)
      rule.initDuration = rule.initDuration ?? known.initDuration
      rule.memoryScaling = known.memoryScaling
    }
    rule.runtimeInit = try fields[.runtimeInit]?.distribution()
    rule.platformOverhead = try fields[.platformOverhead]?.distribution()
    rule.reservedConcurrency = try fields[.reservedConcurrency]?.integer(in: concurrency, "a concurrency")
    rule.provisionedConcurrency = try fields[.provisionedConcurrency]?.integer(in: concurrency, "a concurrency")
    if let reserved = rule.reservedConcurrency, let provisioned = rule.provisionedConcurrency, provisioned > reserved,
      let entry = fields[.provisionedConcurrency]
    {
      throw entry.fault(
        expected: "at most the reserved concurrency, \(reserved)",
        advice: "Lambda takes provisioned environments out of the reserved concurrency")
    }
    rule.measuredMemory = try fields[.measuredMemory]?.memory()
    if let entry = fields[.measuredArchitecture] { rule.measuredArchitecture = try entry.choice("an architecture") }
    if let entry = fields[.memoryScaling] { try entry.memoryScaling(of: &rule) }
    if let entry = fields[.durationFactor] {
      let factor = try entry.number("a factor")
      guard factor > 0, factor <= 1e6 else { throw entry.fault(expected: "a factor above 0") }
      rule.durationFactor = factor
    }
    rule.restoreDuration = try fields[.snapStart]?.distribution()
    rule.suppressedInit = try fields[.suppressedInit]?.distribution()
    if let entry = fields[.snapStart], rule.provisionedConcurrency ?? 0 > 0 || fields[.provisioning] != nil {
      throw entry.fault(
        "SnapStart with provisioned concurrency", expected: "one of them", advice: "Lambda does not allow both")
    }
    rule.behaviour = try functionBehaviour(fields, timeout: rule.timeout)
    return rule
  }

  private func functionBehaviour(
    _ fields: Fields<FunctionKey>, timeout: TimeSpan?
  ) throws(InputFault) -> FunctionBehaviour {
    var behaviour = FunctionBehaviour()
    behaviour.failures = try fields[.failures]?.failureRates()
    behaviour.proactiveInit = try fields[.proactiveInit]?.share("new environments initialised ahead")
    behaviour.deployments = try fields[.deployments]?.deployments()
    behaviour.provisioning = try fields[.provisioning]?.provisioning(
      deployments: behaviour.deployments?.count ?? 0)
    behaviour.caller = try fields[.caller]?.callerPolicy()
    behaviour.asynchronous = try fields[.asynchronous]?.asynchronousPolicy()
    behaviour.eventSource = try fields[.eventSource]?.eventSource(timeout: timeout)
    behaviour.stateMachine = try fields[.stateMachine]?.stateMachine()
    behaviour.durable = try fields[.durable]?.durablePlan()
    let ways = [FunctionKey.eventSource, .stateMachine, .durable].filter { fields[$0] != nil }
    if let key = ways.first, let entry = fields[key],
      ways.count > 1 || behaviour.caller != nil || behaviour.asynchronous != nil
    {
      throw entry.fault(
        "\(key.rawValue) with another way to be invoked",
        expected: "one of event-source, state-machine, durable, "
          + "caller, asynchronous")
    }
    if let entry = fields[.environmentConcurrency] {
      behaviour.sharing = EnvironmentSharing(
        concurrency: try entry.integer(in: 1...1000, "invocations of an environment"))
    }
    behaviour.tenants = try fields[.tenants]?.tenantIsolation()
    behaviour.managed = try fields[.managedInstances]?.managedInstances()
    let exclusive = [FunctionKey.environmentConcurrency, .tenants, .managedInstances].filter { fields[$0] != nil }
    let barred = [FunctionKey.provisionedConcurrency, .provisioning, .snapStart, .deployments].filter {
      fields[$0] != nil
    }
    if let key = exclusive.first, let entry = fields[key], exclusive.count > 1 || !barred.isEmpty {
      throw entry.fault(
        (exclusive + barred).map(\.rawValue).joined(separator: " with "), expected: "one of them")
    }
    behaviour.users = try fields[.users]?.closedLoop()
    behaviour.calls = try fields[.calls]?.functionCalls()
    if let entry = fields[.asynchronous], behaviour.caller != nil, behaviour.users == nil {
      throw entry.fault(
        "asynchronous and caller", expected: "one of them", advice: "nobody waits for an asynchronous invocation")
    }
    return behaviour
  }
}
