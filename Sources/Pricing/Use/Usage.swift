public import Engine
import Logs
import Platforms
public import Units
import Workloads

/// What was used, in whole base units of meters: by place, variant and function. Sums are exact in any order, so a
/// month's usage may come in any number of parts.
public struct Usage: Hashable, Sendable {
  public struct Key: Hashable, Sendable {
    public var place: String
    public var meter: Meter
    /// The architecture, or the type of instance, of meters whose prices differ by it.
    public var variant: String?
    /// Who used it; empty where nobody says.
    public var function: String
  }

  /// No entry is zero or negative.
  public private(set) var quantities: [Key: Int128] = [:]

  public init() {}

  /// Adds base units of a meter. Zero and negative quantities add nothing.
  public mutating func add(
    _ quantity: Int128, of meter: Meter, _ variant: String? = nil, in place: String, by function: String = ""
  ) {
    guard quantity > 0 else { return }
    quantities[Key(place: place, meter: meter, variant: variant, function: function), default: 0] += quantity
  }

  public mutating func merge(_ other: Usage) { quantities.merge(other.quantities, uniquingKeysWith: +) }

  /// All base units of a meter.
  public func total(of meter: Meter) -> Int128 {
    quantities.reduce(0) { $0 + ($1.key.meter == meter ? $1.value : 0) }
  }

  /// The usage of another span at the same pace: every quantity times `factor`, rounded up to whole base units.
  public func scaled(by factor: (multiply: Int128, divide: Int128)) -> Usage {
    var usage = Usage()
    for (key, quantity) in quantities {
      let (whole, rest) = quantity.quotientAndRemainder(dividingBy: factor.divide)
      usage.quantities[key] =
        whole * factor.multiply + (rest * factor.multiply + factor.divide - 1) / factor.divide
    }
    return usage
  }
}

extension Usage {
  /// The use that a simulation foretells of Lambda functions in a Region, over the span that was simulated.
  ///
  /// Requests are those that started: a throttled one is not billed. Duration is billed by ⌈init + duration⌉ in ms (init
  /// since 2025-08-01: aws.amazon.com/blogs/compute, "AWS Lambda standardizes billing for INIT phase", 2025-04-29).
  /// Provisioned concurrency stands enabled for the whole span, rounded up to five minutes
  /// (aws.amazon.com/lambda/pricing, 2026-06); where its level changes it is billed for each level's time, because AWS
  /// does not say whether every change is rounded. SnapStart's cache is billed for the span, three hours at least, and
  /// every new environment for its restore; both are free for managed Java runtimes. Event poller units of provisioned
  /// mode are billed by the second, durable executions by their steps and waits, tenants' environments when they are made. On
  /// managed instances only requests are counted, not the instances.
  public init(_ outcome: Outcome, region: String) {
    let enabled = ProvisionedEnablement.billedMilliseconds(TimeSpan(nanoseconds: outcome.horizon.nanoseconds))
    for function in outcome.functions {
      let (name, tally, settings) = (function.function.name, function.tally, function.settings)
      let architecture = settings.architecture.rawValue
      add(Int128(tally.starts), of: .requests, in: region, by: name)
      if settings.behaviour.tenants != nil {
        add(
          Int128(tally.environmentsCreated * settings.memory.megabytes), of: .tenantEnvironments, architecture,
          in: region, by: name)
      }
      // Managed instances have no charge for duration.
      guard settings.behaviour.managed == nil else { continue }
      add(tally.billedMegabyteMilliseconds, of: .duration, architecture, in: region, by: name)
      let megabytes = Int128(settings.memory.megabytes)
      let allocated =
        settings.behaviour.provisioning == nil
        ? Int128(settings.provisionedConcurrency) * enabled : tally.provisionedTimeInHorizon / 1_000_000
      add(allocated * megabytes, of: .provisionedConcurrency, architecture, in: region, by: name)
      if settings.restoreDuration != nil, settings.runtime?.hasPrefix("java") != true {
        let active = max(TimeSpan(nanoseconds: outcome.horizon.nanoseconds), FunctionUse.SnapStart.shortestActive)
        add(megabytes * Int128(active.nanoseconds / 1_000_000), of: .snapStartCache, in: region, by: name)
        add(megabytes * Int128(tally.environmentsCreated), of: .snapStartRestore, in: region, by: name)
      }
      add(
        tally.provisionedBilledMegabyteMilliseconds, of: .provisionedDuration, architecture, in: region, by: name)
    }
    for source in outcome.sources {
      let function = outcome.functions[source.function]
      if source.kind == .durable {
        add(Int128(source.tally.states), of: .durableOperations, in: region, by: function.function.name)
      }
      guard let units = source.mapping?.pollerUnitTime, let feed = function.settings.behaviour.eventSource?.feed else {
        continue
      }
      let meter: Meter = if case .queue = feed { .sqsPollers } else { .kafkaPollers }
      add((units + 999_999_999) / 1_000_000_000, of: meter, in: region, by: function.function.name)
    }
  }
}

/// The time for which provisioned concurrency is billed.
public enum ProvisionedEnablement {
  /// Milliseconds from enabling to disabling, rounded up to five minutes (aws.amazon.com/lambda/pricing, 2026-06).
  public static func billedMilliseconds(_ span: TimeSpan) -> Int128 {
    let fiveMinutes = TimeSpan.minutes(5).nanoseconds
    let (whole, rest) = max(0, span.nanoseconds).quotientAndRemainder(dividingBy: fiveMinutes)
    return Int128(whole + (rest > 0 ? 1 : 0)) * 300_000
  }
}
