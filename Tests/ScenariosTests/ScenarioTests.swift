import Diagnostics
import Logs
import Platforms
import Statistics
import Testing
import Traces
import Units
import Workloads

@testable import Scenarios

@Suite("A scenario is read as it is written")
struct ScenarioTests {
  private func scenario(_ yaml: String, file: String = "Scenarios/s.yaml") throws -> Scenario {
    try Scenario(decoding: Array(yaml.utf8), file: file)
  }

  @Test("everything that can stand in one")
  func everything() throws {
    let scenario = try scenario(
      """
      name: checkout
      seed: 42
      replications: 20
      workload:
        azure-2021: ../Traces/day.csv
        window: {from: 8h, to: 16h}
      platform:
        region: eu-central-1
        account-concurrency: unlimited
        reuse: least-recently-used
        keep-alive: {uniform: [620s, 655s], deeper: {uniform: [600s, 1500s]}}
        maximum-lifetime: {uniform: [7000s, 7400s]}
      functions:
        "*": {memory: 1024, architecture: arm64, runtime: nodejs22.x, timeout: 30s, init: {uniform: [100ms, 200ms]}}
        checkout:
          memory: 2 GB
          platform-overhead: 80ms
          provisioned-concurrency: 50
          reserved-concurrency: 200
      """)
    #expect(scenario.name == "checkout")
    #expect(scenario.seed == 42)
    #expect(scenario.replications == 20)
    #expect(scenario.workload == .azure2021(file: "Scenarios/../Traces/day.csv"))
    #expect(scenario.window == Window(from: .hours(8), to: .hours(16)))
    let keepAlive = KeepAlive(.uniform(lower: 620, upper: 655), deeper: .uniform(lower: 600, upper: 1500))
    var all = FunctionRule(pattern: "*")
    all.memory = MemorySize(megabytes: 1024)
    all.architecture = .arm
    all.runtime = "nodejs22.x"
    all.timeout = .seconds(30)
    all.initDuration = .uniform(lower: 0.1, upper: 0.2)
    var checkout = FunctionRule(pattern: "checkout")
    checkout.memory = MemorySize(megabytes: 2048)
    checkout.platformOverhead = .constant(0.08)
    checkout.provisionedConcurrency = 50
    checkout.reservedConcurrency = 200
    #expect(
      scenario.platform
        == Platform(
          region: "eu-central-1", accountConcurrency: nil, reuse: .leastRecentlyUsed, keepAlive: keepAlive,
          maximumLifetime: .uniform(lower: 7000, upper: 7400), rules: [all, checkout]))
    #expect(scenario.place(of: "platform.region").description == "Scenarios/s.yaml:8: platform.region")
    #expect(scenario.place(of: "functions.checkout.memory.x").line == 16)
  }

  @Test("what is left out is as Lambda has it, and the file gives the name")
  func defaults() throws {
    let scenario = try scenario("workload: {azure-2021: /data/day.csv}", file: "Scenarios/my day.yaml")
    #expect(scenario.name == "my day")
    #expect(scenario.seed == 0)
    #expect(scenario.replications == 1)
    #expect(!scenario.isStationary)
    #expect(scenario.window == nil)
    #expect(scenario.platform == Platform())
    #expect(scenario.workload == .azure2021(file: "/data/day.csv"))
  }

  @Test(
    "laws",
    arguments: [
      ("1.5s", .constant(1.5)),
      ("{constant: 20ms}", .constant(0.02)),
      ("{exponential: 1.991s}", .exponential(mean: 1.991)),
      ("{exponential: {mean: 2s}}", .exponential(mean: 2)),
      ("{lognormal: {median: 1s, sigma: 0.5}}", .lognormal(mu: 0, sigma: 0.5)),
      ("{gamma: {mean: 2s, cv: 0.5}}", .gamma(shape: 4, scale: 0.5)),
      ("{weibull: {scale: 2s, shape: 0.7}}", .weibull(shape: 0.7, scale: 2)),
      ("{loglogistic: {median: 2s, shape: 3}}", .logLogistic(shape: 3, scale: 2)),
      (
        "{mixture: [{weight: 9, constant: 20ms}, 1s]}",
        .mixture([
          .init(weight: 9, distribution: .constant(0.02)), .init(weight: 1, distribution: .constant(1)),
        ])
      ),
    ] as [(String, Distribution)])
  func laws(yaml: String, law: Distribution) throws {
    let scenario = try scenario("workload: {azure-2021: t}\nfunctions: {f: {init: \(yaml)}}")
    #expect(scenario.platform.rules[0].initDuration == law)
  }

  @Test("an empirical law has the percentiles that it was given, in whatever order they stand")
  func empirical() throws {
    let scenario = try scenario(
      "workload: {azure-2021: t}\nfunctions: {f: {init: {empirical: {p100: 3s, p0: 1s, p50: 1500ms}}}}")
    guard case .empirical(let law) = scenario.platform.rules[0].initDuration else { return #expect(Bool(false)) }
    #expect(law.value(at: 0) == 1)
    #expect(law.value(at: 0.5) == 1.5)
    #expect(law.value(at: 1) == 3)
  }

  @Test("aliases stand for what they name")
  func aliases() throws {
    let scenario = try scenario(
      "workload: {azure-2021: t}\nfunctions: {a: {init: &slow {exponential: 2s}}, b: {init: *slow, timeout: 5s}}")
    #expect(scenario.platform.rules.map(\.initDuration) == [.exponential(mean: 2), .exponential(mean: 2)])
  }

  @Test("sources, with their paths from the scenario's directory")
  func sources() throws {
    func source(_ yaml: String) throws -> WorkloadSource { try scenario("workload: {\(yaml)}").workload }
    let columns = InvocationColumns(function: "func", arrival: "time_s", duration: "duration_s")
    #expect(
      try source("invocations: {file: r.csv, columns: {function: func, start: time_s, duration: duration_s}, unit: ms}")
        == .invocations(file: "Scenarios/r.csv", columns: columns, unit: .milliseconds))
    #expect(try source("invocations: r.csv") == .invocations(file: "Scenarios/r.csv", columns: .detect, unit: .seconds))
    #expect(try source("lambda-logs: [a.log, b.log]") == .lambdaLogs(files: ["Scenarios/a.log", "Scenarios/b.log"]))
    #expect(try source("lambda-logs: a.log") == .lambdaLogs(files: ["Scenarios/a.log"]))
    #expect(try source("logs-insights: {file: q.json}") == .logsInsights(file: "Scenarios/q.json"))
    #expect(
      try source("cloudwatch: {file: m.json, duration: {exponential: 1s}}")
        == .cloudWatch(file: "Scenarios/m.json", duration: .exponential(mean: 1), arrivals: .uniform))
    #expect(
      try source("minute-counts: {file: d.csv.gz, function: row, duration: 1s, arrivals: equidistant}")
        == .minuteCounts(file: "Scenarios/d.csv.gz", function: "row", duration: .constant(1), arrivals: .equidistant))
    #expect(
      try source("azure-2019: {directory: ../Traces/day, arrivals: poisson}")
        == .azure2019(directory: "Scenarios/../Traces/day", arrivals: .poisson))
    #expect(try source("azure-2019: day") == .azure2019(directory: "Scenarios/day", arrivals: .uniform))
  }

  @Test("sources that are none")
  func sourceFaults() {
    let sources = WorkloadKey.sources.map(\.rawValue).joined(separator: ", ")
    let cases: [(yaml: String, says: String)] = [
      ("{}", ": found no source of invocations, expected exactly one of \(sources)"),
      ("{window: {from: 1h}}", ": found no source of invocations, expected exactly one of \(sources)"),
      (
        "{azure-2021: a, logs-insights: b}",
        ": found azure-2021 and logs-insights, expected exactly one of \(sources)"
      ),
      ("{azure-19: a}", ".azure-19: found an unknown key, expected a known one; did you mean 'azure-2019'?"),
      ("{azure-2021: }", ".azure-2021: found nothing, expected a path"),
      ("{lambda-logs: []}", ".lambda-logs: found an empty list, expected at least one file"),
      ("{lambda-logs: [~]}", ".lambda-logs[0]: found nothing, expected a path"),
      ("{invocations: {}}", ".invocations: found no file, expected the file with the invocations"),
      (
        "{invocations: {file: r.csv, columns: {arival: x}}}",
        ".invocations.columns.arival: found an unknown key, expected a known one; did you mean 'arrival'?"
      ),
      (
        "{invocations: {file: r.csv, columns: {arrival: x, start: y}}}",
        ".invocations.columns: found arrival and start, expected one of the two: they mean the same"
      ),
      (
        "{invocations: {file: r.csv, unit: sec}}",
        ".invocations.unit: found \"sec\", expected the unit of times without one: ns, us, ms, s, m, h, d"
      ),
      (
        "{cloudwatch: {duration: 1s}}",
        ".cloudwatch: found no file, expected the file with the metrics"
      ),
      (
        "{minute-counts: {file: a, function: f}}",
        ".minute-counts: found no duration, expected a duration or a law, because counts have no durations"
      ),
      (
        "{azure-2019: {directory: a, arrivals: unifrom}}",
        ".azure-2019.arrivals: found \"unifrom\", expected where invocations lie in their minute: "
          + "uniform, exponential, equidistant, equidistant-shifted, poisson; did you mean 'uniform'?"
      ),
      ("{azure-2021: a, window: {from: 2h, to: 1h}}", ".window: found from 2h to 1h, expected an end after the start"),
      (
        "{azure-2021: a, window: 8h}",
        ".window: found \"8h\", expected a mapping with from: and to:, as in {from: 8h, to: 16h}"
      ),
    ]
    for (yaml, says) in cases {
      let fault = #expect(throws: InputFault.self) { try scenario("workload: \(yaml)") }
      #expect(fault?.description == "Scenarios/s.yaml:1: workload" + says)
    }
  }

  @Test("windows are read from the command line's form")
  func windows() {
    #expect(Window(parsing: "8h..16h") == Window(from: .hours(8), to: .hours(16)))
    #expect(Window(parsing: "8h..") == Window(from: .hours(8)))
    #expect(Window(parsing: "..90m") == Window(to: .minutes(90)))
    for text in ["", "..", "8h", "8..16", "16h..8h", "8h..8h", "-1h..2h", "1h..2h..3h"] {
      #expect(Window(parsing: text) == nil, "\(text)")
    }
  }
}
