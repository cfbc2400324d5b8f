import Foundation
import MicroVM
import Testing
import Units

@testable import Measuring

@Suite("The profile file")
struct ProfileTests {
  private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private func schema() throws -> [String: Any] {
    let data = try Data(contentsOf: Self.package.appending(path: "Schemas/measured-profile.schema.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// Every way in which `value` breaks `schema`: types, constants, enumerations, required and unknown members, bounds.
  private func faults(_ value: Any, _ schema: [String: Any], _ root: [String: Any], at path: String = "") -> [String] {
    if let reference = schema["$ref"] as? String, let name = reference.split(separator: "/").last,
      let target = (root["$defs"] as? [String: Any])?[String(name)] as? [String: Any]
    {
      return faults(value, target, root, at: path)
    }
    var found: [String] = []
    let types = (schema["type"] as? [String]) ?? (schema["type"] as? String).map { [$0] } ?? []
    if !types.isEmpty, !types.contains(where: { Self.conforms(value, to: $0) }) { found.append("\(path): no \(types)") }
    if let constant = schema["const"] as? String, value as? String != constant {
      found.append("\(path): no \(constant)")
    }
    if let words = schema["enum"] as? [Any], !words.contains(where: { "\($0)" == "\(value)" }) {
      found.append("\(path): none of \(words)")
    }
    if let least = schema["minimum"] as? Double, let number = value as? Double, number < least {
      found.append("\(path): below \(least)")
    }
    if let object = value as? [String: Any] {
      let properties = schema["properties"] as? [String: Any] ?? [:]
      for name in schema["required"] as? [String] ?? [] where object[name] == nil {
        found.append("\(path)/\(name): missing")
      }
      for (name, member) in object {
        if let inner = properties[name] as? [String: Any] {
          found += faults(member, inner, root, at: "\(path)/\(name)")
        } else if schema["additionalProperties"] as? Bool == false {
          found.append("\(path)/\(name): unknown")
        }
      }
    }
    if let list = value as? [Any], let items = schema["items"] as? [String: Any] {
      for (index, item) in list.enumerated() { found += faults(item, items, root, at: "\(path)/\(index)") }
    }
    return found
  }

  private static func conforms(_ value: Any, to type: String) -> Bool {
    switch type {
    case "object": value is [String: Any]
    case "array": value is [Any]
    case "string": value is String
    case "null": value is NSNull
    case "boolean": value is Bool
    case "integer": (value as? Double).map { $0 == $0.rounded() } ?? false
    default: value is Double
    }
  }

  private func parsed(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private static let provenance = MeasuredProfile.Provenance(
    created: "2026-11-26T10:00:00Z", command: "faascast measure hello", version: "0.1.0")

  private func profile(_ ending: MeasuredProfile.Ending = .complete) throws -> MeasuredProfile {
    var profile = MeasuredProfile(
      engine: .init(name: "microvm", accelerator: "kvm", flavour: .software), host: .read(),
      unitCosts: HostProbe(
        flavour: .software, exit: TimeSpan(nanoseconds: 30_000), pageFault: TimeSpan(nanoseconds: 4_800)), seed: 1)
    profile.ending = ending
    let samples = (0..<3).map { Sample(wall: TimeSpan(nanoseconds: Int64(40_000 + $0)), exits: 1) }
    profile.functions = [
      .init(
        name: "hello", kind: "freestanding", path: "Guests/hello", requestBytes: 0,
        conditions: [
          .init(
            memory: MemorySize(megabytes: 512),
            quota: try ProcessorQuota(memory: MemorySize(megabytes: 512), period: .milliseconds(20)),
            throttlesInit: false, series: [Series(phase: "warm_invoke", host: .warm, samples: samples)])
        ])
    ]
    profile.density = Density(
      function: "hello", alive: 4, seconds: 0.01, residentBytesEach: 60_000, hostBytesEach: 300_000)
    return profile
  }

  @Test("is as its schema says, complete or not")
  func valid() throws {
    let schema = try schema()
    let endings: [MeasuredProfile.Ending] = [
      .complete, .interrupted, .failed(.unavailable(what: "no /dev/kvm", advice: "load KVM")),
    ]
    for ending in endings {
      let text = try profile(ending).json(Self.provenance)
      #expect(faults(try parsed(text), schema, schema) == [])
    }
    #expect(try parsed(profile(.interrupted).json(Self.provenance))["complete"] as? Bool == false)
  }

  @Test("the example that comes with the tests is as the schema says, and the check can fail")
  func example() throws {
    let schema = try schema()
    let file = Self.package.appending(path: "Tests/Profiles/hello.json")
    var example = try parsed(String(contentsOf: file, encoding: .utf8))
    #expect(faults(example, schema, schema) == [])
    example["host"] = ["processor": 7]
    #expect(!faults(example, schema, schema).isEmpty)
  }

  @Test("knows every phase that a machine has")
  func phases() throws {
    let series = try #require((try schema()["$defs"] as? [String: Any])?["series"] as? [String: Any])
    let phase = try #require((series["properties"] as? [String: Any])?["phase"] as? [String: Any])
    let known = try #require(phase["enum"] as? [String])
    for phase in Phase.allCases { #expect(known.contains(phase.rawValue), "\(phase)") }
  }
}
