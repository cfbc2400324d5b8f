import Documents
import Foundation
import Logs
import Platforms
import Testing
import Traces
import Units
import Workloads

@testable import Scenarios

@Suite("The JSON Schema that editors use")
struct SchemaTests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Schemas/scenario.schema.json")

  /// Where the schema lists the keys of each mapping that the decoder knows. A source that may be a bare path is an
  /// object in `$defs`.
  private let mappings: [(pointer: String, keys: [String])] = [
    ("", ScenarioKey.names),
    ("$defs/workload", WorkloadKey.names),
    ("$defs/file/anyOf/1", FileKey.names),
    ("$defs/azure2019", Azure2019Key.names),
    ("$defs/cloudWatch", CloudWatchKey.names),
    ("$defs/invocations", InvocationsKey.names),
    ("$defs/invocations/properties/columns", ColumnKey.names),
    ("$defs/minuteCounts", MinuteCountsKey.names),
    ("$defs/window", WindowKey.names),
    ("$defs/platform", PlatformKey.names),
    ("$defs/platform/properties/keep-alive/anyOf/1", LawKey.names + KeepAliveKey.names),
    ("$defs/function", FunctionKey.names),
    ("$defs/function/properties/memory-scaling", RelativeScalingKey.names),
    ("$defs/function/properties/memory-scaling/properties/pressure", PressureKey.names),
    ("$defs/function/properties/memory-scaling/properties/quota/anyOf/1", QuotaKey.names),
    ("$defs/limits", LimitsKey.names),
    ("$defs/scaling", ScalingKey.names),
    ("$defs/failures", FailuresKey.names),
    ("$defs/deployment", DeploymentKey.names),
    ("$defs/shift", ShiftKey.names),
    ("$defs/provisioning", ProvisioningKey.names),
    ("$defs/scheduledAction", ScheduledActionKey.names),
    ("$defs/tracking", TrackingKey.names),
    ("$defs/caller", CallerKey.names),
    ("$defs/backoff", BackoffKey.names),
    ("$defs/budget", BudgetKey.names),
    ("$defs/asynchronous", AsynchronousKey.names),
    ("$defs/destination/anyOf/1", DestinationKey.names),
    ("$defs/users", UsersKey.names),
    ("$defs/keepAlivePolicy", KeepAlivePolicyKey.names),
    ("$defs/sharedMemory", SharedMemoryKey.names),
    ("$defs/histogram", HistogramKey.names),
    ("$defs/tenants", TenantsKey.names),
    ("$defs/managedInstances", ManagedKey.names),
    ("$defs/state", StateKey.names),
    ("$defs/choice", ChoiceKey.names),
    ("$defs/durable", DurableKey.names),
    ("$defs/stage", StageKey.names),
    ("$defs/eventSource", EventSourceKey.names),
    ("$defs/queue", SourceBatchKey.names + QueueKey.names),
    ("$defs/stream", SourceBatchKey.names + StreamKey.names),
    ("$defs/topic", SourceBatchKey.names + KafkaKey.names),
    ("$defs/pollers", PollersKey.names),
    ("$defs/call", CallKey.names),
    ("$defs/pricing", PricingKey.names),
    ("$defs/pricing/properties/savings-plan", SavingsPlanKey.names),
    ("$defs/discount", DiscountKey.names),
    ("$defs/laws", LawKey.names),
    ("$defs/law/anyOf/1", LawKey.names),
    ("$defs/laws/exponential/anyOf/1", ExponentialKey.names),
    ("$defs/laws/lognormal", LognormalKey.names),
    ("$defs/laws/gamma", ShapeKey.names),
    ("$defs/laws/weibull", ShapeKey.names),
    ("$defs/laws/loglogistic", ShapeKey.names),
    ("$defs/laws/burr", BurrKey.names),
    ("$defs/laws/mixture/items/anyOf/1", LawKey.names + MixtureKey.names),
    ("$defs/synthetic", SyntheticKey.names),
    ("$defs/syntheticFunction", SyntheticFunctionKey.names),
    ("$defs/population", PopulationKey.names),
    ("$defs/arrivals", ArrivalsKey.names),
    ("$defs/markovState", MarkovStateKey.names),
    ("$defs/renewal", RenewalKey.names),
    ("$defs/batch", BatchKey.names),
    ("$defs/batchSize", BatchSizeKey.names),
    ("$defs/timer", TimerKey.names),
    ("$defs/onOff", OnOffKey.names),
    ("$defs/profile", ProfileKey.names),
    ("$defs/sinusoid", SinusoidKey.names),
    ("$defs/steps", StepsKey.names),
  ]

  @Test("has every key that the decoder knows, and no other")
  func keys() throws {
    let schema = try JSONSerialization.jsonObject(with: Data(contentsOf: Self.file))
    for (pointer, keys) in mappings {
      let mapping = try #require(value(at: pointer, in: schema) as? [String: Any], "\(pointer)")
      // `laws` is a collection of definitions, every other one a mapping with properties.
      let known = pointer == "$defs/laws" ? mapping : mapping["properties"] as? [String: Any] ?? [:]
      #expect(Set(known.keys) == Set(keys), "\(pointer)")
      if pointer != "$defs/laws" { #expect(mapping["additionalProperties"] as? Bool == false, "\(pointer)") }
    }
  }

  @Test("lists no mapping that this test does not hold against the decoder")
  func completeness() throws {
    let schema = try JSONSerialization.jsonObject(with: Data(contentsOf: Self.file))
    var closed: Set<String> = []
    func walk(_ value: Any, _ pointer: String) {
      if let mapping = value as? [String: Any] {
        let properties = mapping["properties"] as? [String: Any]
        if mapping["additionalProperties"] as? Bool == false, properties?.isEmpty == false { closed.insert(pointer) }
        for (key, below) in mapping { walk(below, pointer.isEmpty ? key : "\(pointer)/\(key)") }
      } else if let list = value as? [Any] {
        for (index, below) in list.enumerated() { walk(below, "\(pointer)/\(index)") }
      }
    }
    walk(schema, "")
    #expect(closed == Set(mappings.map(\.pointer)).subtracting(["$defs/laws"]))
  }

  @Test("offers the words that the decoder takes")
  func words() throws {
    let schema = try JSONSerialization.jsonObject(with: Data(contentsOf: Self.file))
    func offered(_ pointer: String) throws -> [String] { try #require(value(at: pointer, in: schema) as? [String]) }
    #expect(try offered("$defs/platform/properties/reuse/enum") == ReuseOrder.allCases.map(\.rawValue))
    #expect(try offered("$defs/function/properties/architecture/enum") == Architecture.allCases.map(\.rawValue))
    #expect(try offered("$defs/invocations/properties/unit/enum") == TimeUnit.allCases.map(\.rawValue))
    #expect(try offered("$defs/azure2019/properties/arrivals/enum") == ArrivalLaw.allCases.map(\.rawValue))
    #expect(try offered("$defs/minuteCounts/properties/arrivals/enum") == ArrivalLaw.allCases.map(\.rawValue))
    #expect(try offered("$defs/renewal/properties/law/enum") == GapLaw.allCases.map(\.rawValue))
    #expect(try offered("$defs/renewal/properties/start/enum") == RenewalStart.allCases.map(\.rawValue))
    #expect(try offered("$defs/population/properties/like/enum") == Population.Model.allCases.map(\.rawValue))
    #expect(try offered("$defs/platform/properties/limits/anyOf/0/enum") == Entry.namedLimits.map(\.name))
    #expect(try offered("$defs/function/properties/caller/anyOf/0/enum") == Entry.namedCallers.map(\.name))
    #expect(
      try offered("$defs/deployment/properties/shift/anyOf/0/enum") == TrafficShift.codeDeploy.map(\.name))
    #expect(
      try offered("$defs/tracking/properties/statistic/enum") == TargetTracking.Statistic.allCases.map(\.rawValue))
    #expect(try offered("$defs/caller/properties/door/enum") == CallerPolicy.Door.allCases.map(\.rawValue))
    #expect(try offered("$defs/backoff/properties/jitter/enum") == Backoff.Jitter.allCases.map(\.rawValue))
    #expect(try offered("$defs/call/properties/mode/enum") == CallMode.allCases.map(\.rawValue))
    #expect(try offered("$defs/platform/properties/preset/enum") == Platform.presets.map(\.name))
    for source in ["queue", "stream", "topic"] {
      #expect(try offered("$defs/\(source)/properties/work/enum") == BatchWorkMode.allCases.map(\.rawValue))
    }
    #expect(try offered("$defs/destination/anyOf/0/enum") == Destination.services)
    #expect(
      try offered("$defs/population/properties/triggers/propertyNames/enum")
        == Population.Trigger.allCases.map(\.rawValue))
  }

  private func value(at pointer: String, in root: Any) -> Any? {
    var value: Any? = root
    for step in pointer.split(separator: "/") {
      if let mapping = value as? [String: Any] {
        value = mapping[String(step)]
      } else if let list = value as? [Any], let index = Int(step), list.indices.contains(index) {
        value = list[index]
      } else {
        return nil
      }
    }
    return value
  }
}
