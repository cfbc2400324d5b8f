import Foundation
import Testing

@Suite("The scenarios that teach")
struct ScenariosTests {
  /// What this test reads of summary.json.
  private struct Summary: Decodable {
    struct Totals: Decodable {
      var invocations: Int
      var coldStarts: Int
      var throttles: Int
      var peakConcurrency: Int
      var meanEnvironments: Double
    }

    struct Function: Decodable {
      var name: String
      var invocations: Int
      var coldStarts: Int
    }

    struct Source: Decodable {
      var function: String
      var kind: String
      var offered: Int
      var completed: Int
      var failed: Int
      var throttled: Int
      var turnedAway: Int
      var expired: Int
      var inFlight: Int
      var retries: Int
      var eventSource: EventSource?
    }

    struct EventSource: Decodable {
      struct Age: Decodable { var max: Double? }
      var batches: Int
      var peakBacklog: Int
      var peakConcurrency: Int
      var deadLettered: Int
      var splits: Int
      var iteratorAgeMs: Age
    }

    struct Observed: Decodable {
      var coldStarts: Int?
    }

    var schema: String
    var scenario: String
    var complete: Bool
    var totals: Totals
    var functions: [Function]
    var observed: Observed?
    var sources: [Source]
  }

  private func simulate(_ name: String, _ more: String...) throws -> Summary {
    let program = try Program()
    defer { program.remove() }
    let scenario = Program.package.appending(path: "Scenarios/\(name).yaml").path
    let result = try program.run(["simulate", scenario, "--json"] + more)
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.isEmpty, "nothing but results, and those not here: \(result.error)")
    let summary = try JSONDecoder().decode(Summary.self, from: Data(result.output.utf8))
    #expect(summary.schema == "faascast.summary/1")
    #expect(summary.scenario == name)
    #expect(summary.complete)
    let report = program.directory.appending(path: "Reports/\(name)").path
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: report).sorted()
        == (["bill.csv", "bill.json", "functions.csv", "index.html", "summary.json", "timeline.csv"]
        + (summary.sources.contains { $0.eventSource != nil } ? ["event-sources.csv"] : [])).sorted())
    #expect(try String(contentsOfFile: report + "/summary.json", encoding: .utf8) == result.output)
    return summary
  }

  @Test("there is a test for each")
  func completeness() throws {
    let directory = Program.package.appending(path: "Scenarios").path
    let files = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".yaml") }
    #expect(
      files.sorted() == [
        "checkout-logs.yaml", "checkout-rules.yaml", "measured-2020-laws.yaml", "orders-queues.yaml",
        "provisioned-6.yaml", "provisioned-7.yaml", "quickstart.yaml", "requests.yaml", "simfaas-readme.yaml",
      ])
  }

  @Test("one more provisioned environment than six halves the cold starts of two hours at two Erlang")
  func provisioned() throws {
    let (six, seven) = (try simulate("provisioned-6"), try simulate("provisioned-7"))
    #expect(six.totals.invocations == seven.totals.invocations)
    // 0.56 % and 0.26 % of 14,400 in the long run.
    #expect((40...130).contains(six.totals.coldStarts))
    #expect((15...70).contains(seven.totals.coldStarts))
  }

  @Test("quickstart: its second day, with the newsletter; nothing is throttled, and people's names stay whole")
  func quickstart() throws {
    let summary = try simulate("quickstart", "--window", "24h..48h")
    #expect(summary.totals.invocations > 500_000)
    #expect(summary.totals.coldStarts > 0)
    #expect(summary.totals.throttles == 0)
    #expect(summary.functions.contains { $0.name == "newsletter" && $0.invocations >= 20_000 })
  }

  @Test("checkout-rules: callers, steps and events, each request accounted for")
  func checkoutRules() throws {
    let sources = try simulate("checkout-rules").sources
    #expect(
      sources.map { "\($0.function) \($0.kind)" } == ["checkout workload", "stock functions", "mail functions"])
    for source in sources {
      let ends =
        source.completed + source.failed + source.throttled + source.turnedAway + source.expired + source.inFlight
      #expect(source.offered == ends, "\(source.function)")
    }
    #expect(abs(sources[0].offered - 24_000) < 4 * 155)
    #expect(sources[0].retries > 0 && sources[2].retries > 0)
    // Events fail for good when three attempts do: 0.8 %.
    #expect(sources[2].failed > 0 && sources[2].failed < sources[2].offered / 30)
  }

  @Test("orders-queues: a backlog that grows and is worked off, dead letters, and a stream that keeps up")
  func ordersQueues() throws {
    let sources = try simulate("orders-queues").sources
    #expect(sources.map { "\($0.function) \($0.kind)" } == ["orders event-source", "clicks event-source"])
    for source in sources {
      #expect(source.offered == source.completed + source.failed + source.expired + source.inFlight)
    }
    let orders = try #require(sources[0].eventSource)
    let clicks = try #require(sources[1].eventSource)
    // Ten minutes bring more than ten batches at once can bear: tens of thousands wait, for many minutes.
    #expect(orders.peakConcurrency == 10 && orders.peakBacklog > 10_000)
    #expect(try #require(orders.iteratorAgeMs.max) > 600_000)
    #expect(orders.deadLettered == sources[0].failed && orders.deadLettered > 0)
    #expect(clicks.splits > 0 && clicks.batches < sources[1].offered / 3)
    #expect(sources[1].failed > 0 && sources[1].failed < 40)
  }

  @Test("simfaas-readme: 0.133 % cold and 7.7 environments, as the exact formula for this pool has it")
  func simFaaS() throws {
    // Poisson(0.9/s), exponential 1.991 s, keep-alive 600 s, no limit: P(cold) = 0.001330, 7.69 environments for equal
    // cold and warm times. Cold starts clump, so the standard error is about 3.5 % of them.
    let totals = try simulate("simfaas-readme", "--window", "..400000s").totals
    let cold = Double(totals.coldStarts) / Double(totals.invocations)
    #expect((cold / 0.00133 - 1).magnitude < 0.12, "\(cold)")
    #expect((totals.meanEnvironments / 7.69 - 1).magnitude < 0.02, "\(totals.meanEnvironments)")
    #expect(totals.throttles == 0)
  }

  @Test("measured-2020-laws: the rarer a function is invoked, the more often it starts cold")
  func measuredLaws() throws {
    let shares = try simulate("measured-2020-laws", "--window", "..4d").functions.map { function in
      (function.name, Double(function.coldStarts) / Double(function.invocations))
    }
    let names = ["one-a-second", "one-in-ten-seconds", "one-a-minute", "one-in-ten-minutes"]
    let ordered = names.compactMap { name in shares.first { $0.0 == name }?.1 }
    #expect(ordered.count == 4)
    #expect(ordered == ordered.sorted())
    // One environment that waits U(620, 655) s, gaps exponential with mean 600 s less some 2 s of work; lifetimes of two
    // hours add about one cold start in twelve requests of theirs: between 1/e and half.
    #expect((0.33...0.42).contains(ordered[3]), "\(ordered[3])")
  }

  @Test("requests: the account's limit is reached and throttles")
  func requests() throws {
    let totals = try simulate("requests").totals
    #expect(totals.throttles > 0)
    #expect(totals.peakConcurrency == 10)
  }

  @Test("checkout-logs: provisioned concurrency spares cold starts; without it they are those in the logs")
  func checkoutLogs() throws {
    let summary = try simulate("checkout-logs")
    #expect(summary.functions.map(\.name).sorted() == ["checkout", "report-builder", "thumbnails"])
    #expect(summary.totals.invocations == 2265)
    let measured = try #require(summary.observed?.coldStarts)
    #expect(summary.totals.coldStarts < measured)

    // The logs' environments were made by the rules that the platform has by default.
    let program = try Program()
    defer { program.remove() }
    let scenario = try String(
      contentsOf: Program.package.appending(path: "Scenarios/checkout-logs.yaml"), encoding: .utf8)
    try program.file(
      "plain.yaml",
      scenario.replacing("../Traces", with: Program.package.appending(path: "Traces").path)
        .replacing("provisioned-concurrency: 3", with: "provisioned-concurrency: 0"))
    let plain = try program.run("simulate", "plain.yaml", "--json")
    let totals = try JSONDecoder().decode(Summary.self, from: Data(plain.output.utf8)).totals
    #expect((Double(totals.coldStarts) / Double(measured) - 1).magnitude < 0.01, "\(totals.coldStarts), \(measured)")
  }
}
