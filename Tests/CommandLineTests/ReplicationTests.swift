import Diagnostics
import Foundation
import Testing

@Suite("Replications and comparisons from the command line")
struct ReplicationTests {
  private let program: Program

  init() throws { program = try Program() }

  private func pool(_ provisioned: Int) -> String {
    """
    workload: {synthetic: {horizon: 10m, functions: {f: {arrivals: {poisson: 2}, duration: {exponential: 1s}}}}}
    platform: {keep-alive: 10s}
    functions: {f: {provisioned-concurrency: \(provisioned)}}
    """
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text.prefix(200))")
  }

  @Test("replications give each total an interval, the same on any number of threads")
  func replications() throws {
    defer { program.remove() }
    try program.file("s.yaml", pool(0) + "\nreplications: 6\n")
    let texts = try ["1", "3"].map { try program.run("simulate", "s.yaml", "--json", "--jobs", $0).output }
    let summaries = try texts.map(object)
    #expect(summaries[0]["replications"] as? Int == 6)
    let totals = try #require(summaries[0]["totals"] as? [String: Any])
    let intervals = try #require(totals["intervals"] as? [String: Any])
    let cold = try #require(intervals["coldStarts"] as? [String: Double])
    #expect(try #require(cold["halfWidth95"]) > 0)
    let latency = try #require(intervals["latencyMs"] as? [String: [String: Double]])
    #expect(try #require(latency["p50"]?["lower95"]) < #require(latency["p50"]?["upper95"]))
    #expect(((intervals["cost"] as? [String: Double])?["mean"] ?? 0) > 0)
    let other = try #require(summaries[1]["totals"] as? NSDictionary)
    #expect(other == totals as NSDictionary)
    let text = try program.run("simulate", "s.yaml").output
    #expect(text.contains(#/Cold starts +[0-9,.]+ ±/#) && text.contains("6 replications"), "\(text)")
  }

  @Test("a precision that is reached ends well; one out of reach says so and ends with status 1")
  func precision() throws {
    defer { program.remove() }
    try program.file("s.yaml", pool(0))
    let reached = try program.run("simulate", "s.yaml", "--precision", "20%", "--of", "invocations,latencyMs.p50")
    #expect(reached.status == 0, "\(reached.error)")
    #expect(reached.output.contains("invocations, latencyMs.p50: known to within 20 %"), "\(reached.output)")
    let missed = try program.run(
      "simulate", "s.yaml", "--precision", "0.1%", "--of", "coldStarts", "--most-replications", "12")
    #expect(missed.status == ExitStatus.checkFailed.rawValue)
    #expect(missed.output.contains("not known to within 0.1 % after 12 replications: coldStarts"), "\(missed.output)")
  }

  @Test("a warm-up that is asked for is left out of the figures")
  func warmUp() throws {
    defer { program.remove() }
    try program.file("s.yaml", pool(0))
    let result = try program.run("simulate", "s.yaml", "--json", "--warm-up", "2m")
    #expect(try object(result.output)["horizonSeconds"] as? Double == 480)
    #expect(result.output.contains("2m of warm-up left out, as asked"))
  }

  @Test("compare tells what provisioned concurrency changes, and that the invocations are the same")
  func comparison() throws {
    defer { program.remove() }
    try program.file("some.yaml", pool(3))
    try program.file("more.yaml", pool(6))
    let text = try program.run("compare", "some.yaml", "more.yaml", "--replications", "8")
    #expect(text.status == 0, "\(text.error)")
    #expect(text.output.contains(#/coldStarts .*less\n/#), "\(text.output)")
    #expect(text.output.contains(#/invocations .*same\n/#), "\(text.output)")
    let json = try object(try program.run("compare", "some.yaml", "more.yaml", "--replications", "8", "--json").output)
    #expect(json["schema"] as? String == "faascast.compare/1")
    let outputs = try #require(json["outputs"] as? [[String: Any]])
    let cold = try #require(outputs.first { $0["name"] as? String == "coldStarts" })
    let difference = try #require((cold["differences"] as? [[String: Any]])?.first)
    #expect(difference["verdict"] as? String == "less")
    let markdown = try program.run(
      "compare", "some.yaml", "more.yaml", "some.yaml", "--replications", "4", "--markdown", "--of", "coldStarts")
    #expect(markdown.output.contains("| coldStarts |"), "\(markdown.output)")
    #expect(markdown.output.contains("Bonferroni"))
  }
}
