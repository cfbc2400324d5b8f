import Diagnostics
import Foundation
import Pricing
import Testing

@testable import Scenarios

@Suite("Usage files")
struct UsageFileTests {
  private func read(_ text: String) throws -> UsageFile { try UsageFile(decoding: Array(text.utf8), file: "u.yaml") }

  @Test(
    "say in one line what is wrong, where, and what to do",
    arguments: [
      ("functions: {f: {requests: many}}", "u.yaml:1: functions.f.requests: found \"many\""),
      ("functions: {f: {request: 1}}", "did you mean 'requests'?"),
      ("functions: {f: {requests: 1, duration: 120}}", "write 120s for seconds or 120ms for milliseconds"),
      ("functions: {f: {requests: 1, duration: 1s}}", "found a duration without memory:"),
      ("functions: {f: {requests: 1, cold-starts: 2}}", "at most as many as requests, 1"),
      ("functions: {f: {requests: 1, payload: 2MB}}", "at most 1 MB"),
      ("functions: {f: {meters: {durations: 1}}}", "did you mean 'duration'?"),
      ("functions: {f: {meters: {requests: 0.5}}}", "expected a whole number of requests"),
      ("functions: {f: {meters: {duration/arm64: -1}}}", "a number of GB-s that is not negative"),
      ("functions: {f: {requests: 1, billing: 2024}}", "before-2020-12, before-2025-08, since-2025-08"),
      ("pricing: {savings-plan: {coverage: 120%}}\nfunctions: {}", "a share from 0 to 1"),
      ("pricing: {discounts: {duratio: 0.9}}\nfunctions: {}", "did you mean 'duration'?"),
      ("pricing: {free-tier: maybe}\nfunctions: {}", "true or false"),
      ("region: us-east-1", "no functions"),
      ("", "a usage file has at least functions:"),
    ] as [(String, String)])
  func faults(_ text: String, _ says: String) {
    #expect {
      try read(text)
    } throws: {
      "\($0)".contains(says)
    }
  }

  @Test("a region without prices is named at its line")
  func region() throws {
    let file = try read("functions:\n  f:\n    region: us-eest-1\n    requests: 1\n")
    let book = try PriceBook.shipped.get()
    #expect {
      try file.requireRegions(of: book)
    } throws: {
      "\($0)".hasPrefix("u.yaml:3: functions.f.region: found 'us-eest-1'") && "\($0)".contains("'us-east-1'?")
    }
  }

  @Test("the JSON Schema that editors use has every key that the decoder knows, and no other")
  func schema() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Schemas/usage.schema.json")
    let schema = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    let mappings: [(pointer: [String], keys: [String])] = [
      ([], UsageKey.names), (["$defs", "function"], FunctionUseKey.names),
      (["$defs", "function", "properties", "provisioned"], ProvisionedUseKey.names),
      (["$defs", "function", "properties", "snapstart"], SnapStartUseKey.names),
      (["$defs", "function", "properties", "streaming", "items"], StreamUseKey.names),
      (["$defs", "function", "properties", "durable"], DurableUseKey.names),
      (["$defs", "function", "properties", "pollers"], PollersUseKey.names),
      (["$defs", "pollers"], PollerUseKey.names), (["$defs", "pricing"], PricingKey.names),
      (["$defs", "pricing", "properties", "savings-plan"], SavingsPlanKey.names),
      (["$defs", "discount"], DiscountKey.names),
    ]
    for (pointer, keys) in mappings {
      let value = pointer.reduce(schema as Any?) { ($0 as? [String: Any])?[$1] }
      let properties = (value as? [String: Any])?["properties"] as? [String: Any]
      #expect(Set(properties?.keys.map { $0 } ?? []) == Set(keys), "\(pointer)")
      #expect((value as? [String: Any])?["additionalProperties"] as? Bool == false, "\(pointer)")
    }
  }
}
