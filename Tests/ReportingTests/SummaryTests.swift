import Engine
import Foundation
import Testing
import Units

@testable import Reporting

@Suite("summary.json")
struct SummaryTests {
  private func object(_ report: Report) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(report.summaryJSON().utf8)) as? [String: Any])
  }

  @Test("has the keys that other programs rely on")
  func stableKeys() throws {
    let summary = try object(Fixture.report(Fixture.outcome(minutes: 60)))
    #expect(summary["schema"] as? String == "faascast.summary/1")
    for key in ["scenario", "seed", "replications", "totals", "functions", "bill"] {
      #expect(summary[key] != nil, "\(key)")
    }
    let totals = try #require(summary["totals"] as? [String: Any])
    let figures = [
      "invocations", "coldStarts", "throttles", "errors", "timeouts", "requestsRejected", "peakConcurrency",
      "meanConcurrency", "meanIdleEnvironments", "meanEnvironments", "environmentsCreated",
      "meanEnvironmentLifetimeSeconds", "latencyMs", "durationMs", "initMs", "billedMs", "gbSeconds",
    ]
    let functions = try #require(summary["functions"] as? [[String: Any]])
    for key in figures {
      #expect(totals[key] != nil, "\(key)")
      #expect(functions.allSatisfy { $0[key] != nil }, "\(key)")
    }
    let latency = try #require(totals["latencyMs"] as? [String: Any])
    #expect(Set(latency.keys) == ["mean", "p50", "p90", "p95", "p99", "p99.9", "max"])
    let bill = try #require(summary["bill"] as? [String: Any])
    let line = try #require((bill["lines"] as? [[String: Any]])?.first)
    for key in ["meter", "quantity", "unit", "amount"] { #expect(line[key] != nil, "\(key)") }
  }

  @Test("ends with the three measured figures, and all before them is the same in every run")
  func measuredLast() throws {
    var report = Fixture.report(Fixture.outcome(minutes: 60, observed: true))
    let before = report.summaryJSON()
    report.run = .init(measured: .init(simulationSeconds: 99, invocationsPerSecond: 1, peakMemoryMB: 7))
    let after = report.summaryJSON()
    let cut = try #require(before.range(of: "\"simulationSeconds\""))
    #expect(before[..<cut.lowerBound] == after.prefix(before.distance(from: before.startIndex, to: cut.lowerBound)))
    let order = ["simulationSeconds", "invocationsPerSecond", "peakMemoryMB"].map {
      after.range(of: "\"\($0)\"")?.lowerBound
    }
    #expect(order.compactMap(\.self).count == 3 && order[0] ?? after.endIndex < order[1] ?? after.startIndex)
    #expect(after.suffix(40).contains("\"peakMemoryMB\""))
  }

  @Test("tells of an empty outcome without a number that isn't one")
  func empty() throws {
    let report = Fixture.report(Fixture.outcome(functions: 0, minutes: 0))
    let text = report.summaryJSON()
    #expect(!text.lowercased().contains("nan") && !text.contains("inf"))
    let totals = try #require(try object(report)["totals"] as? [String: Any])
    #expect(totals["invocations"] as? Int == 0)
    #expect(((totals["latencyMs"] as? [String: Any])?["p99"]) is NSNull)
  }

  @Test("brings hostile names through unharmed")
  func hostileNamesSurvive() throws {
    let summary = try object(Fixture.report(Fixture.outcome(minutes: 10, names: hostileNames)))
    let names = try #require(summary["functions"] as? [[String: Any]]).compactMap { $0["name"] as? String }
    #expect(Array(names.prefix(hostileNames.count)) == hostileNames)
  }

  @Test("is described by the schema that comes with the project")
  func schema() throws {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let data = try Data(contentsOf: package.appending(path: "Schemas/summary.schema.json"))
    let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let summary = try object(Fixture.report(Fixture.outcome(minutes: 60, observed: true)))
    func check(_ value: Any, _ schema: [String: Any], _ path: String, _ root: [String: Any]) throws {
      var schema = schema
      if let reference = (schema["$ref"] as? String)?.split(separator: "/").last {
        schema = try #require((root["$defs"] as? [String: Any])?[String(reference)] as? [String: Any])
      }
      if let items = schema["items"] as? [String: Any], let values = value as? [Any] {
        for (index, item) in values.enumerated() { try check(item, items, "\(path)[\(index)]", root) }
      }
      guard let members = value as? [String: Any], let known = schema["properties"] as? [String: Any] else { return }
      for key in schema["required"] as? [String] ?? [] { #expect(members[key] != nil, "\(path).\(key) is missing") }
      for (key, member) in members {
        let description = known[key] as? [String: Any]
        #expect(description != nil, "\(path).\(key) is not in the schema")
        try check(member, description ?? [:], "\(path).\(key)", root)
      }
    }
    try check(summary, schema, "summary", schema)
  }
}
