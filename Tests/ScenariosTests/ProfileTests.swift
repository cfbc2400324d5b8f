import Diagnostics
import Foundation
import Logs
import Platforms
import Statistics
import Testing
import Units
import Workloads

@testable import Scenarios

@Suite("Profiles")
struct ProfileTests {
  private static let text = """
    {
      "schema": "faascast.profile/1",
      "name": "measured",
      "sources": [{"file": "x.csv", "kind": "cold starts", "rows": 3}],
      "platform": {
        "reuse": "random",
        "keep-alive": {"uniform": ["620s", "655s"], "deeper": {"uniform": ["600s", "1500s"]}},
        "maximum-lifetime": {"uniform": ["7000s", "7400s"]}
      },
      "functions": [
        {"function": "checkout", "init": {"burr": {"scale": "80ms", "shape": 4, "tail": 0.5}},
         "memory-scaling": {"fixed": "100ms", "work": "1s", "parallelism": 1}},
        {"runtime": "python3.12", "architecture": "arm64", "package": "zip", "init": {"lognormal": {"median": "80ms", "sigma": 0.2}}},
        {"runtime": "python3.12", "architecture": "arm64", "package": "image", "init": "200ms"}
      ],
      "evidence": {"anything": [1, {"deep": null}]},
      "warnings": []
    }
    """

  private func scenario(_ functions: String, platform: String = "{profile: laws.json}") throws -> Scenario {
    let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    try Data(Self.text.utf8).write(to: directory.appending(path: "laws.json"))
    let file = directory.appending(path: "s.yaml")
    try Data(
      """
      workload: {synthetic: {horizon: 1h, functions: {checkout: {memory: 512, arrivals: {timer: 1m}, duration: 2s}}}}
      platform: \(platform)
      functions: \(functions)
      """.utf8
    ).write(to: file)
    return try Scenario(contentsOf: file.path)
  }

  @Test("a platform takes a profile's laws, and keeps what the scenario says itself")
  func platform() throws {
    let platform = try scenario("{}", platform: "{profile: laws.json, reuse: least-recently-used}").platform
    #expect(platform.reuse == .leastRecentlyUsed)
    #expect(platform.keepAlive.deeper == .uniform(lower: 600, upper: 1500))
    #expect(platform.maximumLifetime == .uniform(lower: 7000, upper: 7400))
  }

  @Test("a function is found by its name, else by runtime, architecture and package")
  func functions() throws {
    let rules = try scenario(
      """
      {checkout: {profile: laws.json}, "a*": {profile: laws.json, runtime: python3.12, architecture: arm64},
       b: {profile: laws.json, runtime: python3.12, architecture: arm64, package: image, init: 5ms}}
      """
    ).platform.rules
    #expect(rules[0].initDuration == .burr(shape: 4, tail: 0.5, scale: 0.08))
    #expect(rules[0].memoryScaling == MemoryScaling(fixed: 0.1, work: 1))
    #expect(rules[1].initDuration?.quantile(0.5).rounded(to: 1e-9) == 0.08)
    #expect(rules[2].initDuration == .constant(0.005))
  }

  @Test("durations follow memory by the profile's model")
  func memory() throws {
    let scenario = try scenario("{checkout: {profile: laws.json, memory: 1024}}")
    let ordered = try OrderedInvocations(try scenario.openWorkload(), seed: 0, replication: 0)
    var batch = InvocationBatch()
    _ = try ordered.next(into: &batch)
    let factor = (0.1 + 1769.0 / 1024) / (0.1 + 1769.0 / 512)
    #expect((Double(batch.durations[0]) / 2e9 - factor).magnitude < 1e-6)
    let settings = scenario.platform.settings(for: "checkout", hints: FunctionHints(memory: MemorySize(megabytes: 512)))
    #expect(settings.assumptions.contains { $0.contains("from 512 to 1024 MB by the memory model") })
  }

  @Test("a profile that does not know the function, or is none, is refused with its place")
  func faults() throws {
    for (functions, expected) in [
      ("{other: {profile: laws.json}}", "functions.other.profile"),
      ("{other: {profile: nowhere.json}}", "nowhere.json"),
      ("{other: {profile: s.yaml}}", "s.yaml"),
    ] {
      do {
        _ = try scenario(functions)
        Issue.record("\(functions) was taken")
      } catch let fault as InputFault {
        #expect(fault.description.contains(expected), "\(fault)")
      }
    }
    for (text, expected) in [
      (#"{"schema": "faascast.profile/2"}"#, "faascast.profile/1"),
      (#"{"schema": "faascast.profile/1", "functions": [{"memory-scaling": {"fixed": "1ms"}}]}"#, "work"),
      (
        #"{"schema": "faascast.profile/1", "functions": [{"memory-scaling": {"work": "1s", "parallelism": 0}}]}"#,
        "parallelism"
      ),
      (#"{"schema": "faascast.profile/1", "platfrom": {}}"#, "platform"),
    ] {
      #expect {
        try Profile(decoding: Array(text.utf8), file: "p.json")
      } throws: { "\($0)".contains(expected) }
    }
  }

  @Test("the schema has every key that the decoder knows")
  func schema() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Schemas/profile.schema.json")
    let root = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    func keys(_ mapping: Any?) -> Set<String> {
      Set(((mapping as? [String: Any])?["properties"] as? [String: Any] ?? [:]).keys)
    }
    let properties = root["properties"] as? [String: Any]
    let definitions = root["$defs"] as? [String: Any]
    #expect(keys(root) == Set(ProfileFileKey.names + ["sources", "evidence", "warnings"]))
    #expect(keys(properties?["platform"]) == Set(ProfiledPlatformKey.names))
    #expect(keys(definitions?["function"]) == Set(ProfiledFunctionKey.names))
    #expect(keys(definitions?["memoryScaling"]) == Set(MemoryScalingKey.names))
  }
}

extension Double {
  fileprivate func rounded(to unit: Double) -> Double { (self / unit).rounded() * unit }
}
