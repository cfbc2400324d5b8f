import Diagnostics
import Foundation
import Testing

@Suite("Traces from the command line")
struct TraceTests {
  private let program: Program

  init() throws { program = try Program() }

  private let requests = "func,time_s,duration_s\na,0.5,0.25\nb,1,2\na,61.000000001,0.1\n"

  @Test("info tells the kind by content and says what is there")
  func info() throws {
    defer { program.remove() }
    try program.file("requests.csv", requests)
    let result = try program.run("trace", "info", "requests.csv")
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.isEmpty)
    #expect(result.output.contains(#/\ninvocations +3\n/#), "\(result.output)")
    #expect(result.output.contains(#/\nfunctions +2\n/#), "\(result.output)")
  }

  @Test("a scenario's trace is read in its window")
  func infoOfScenario() throws {
    defer { program.remove() }
    try program.file("requests.csv", requests)
    try program.file("s.yaml", "workload: {invocations: requests.csv, window: {to: 60s}}")
    let result = try program.run("trace", "info", "s.yaml")
    #expect(result.output.contains(#/\ninvocations +2\n/#), "\(result.output)\(result.error)")
  }

  @Test("a trace converted there and back is the same, byte for byte; the account goes to standard error")
  func conversion() throws {
    defer { program.remove() }
    try program.file("requests.csv", requests)
    let there = try program.run("trace", "convert", "requests.csv", "--output", "requests.ndjson.gz")
    #expect(there.status == 0)
    #expect(there.output.isEmpty)
    #expect(there.error.hasPrefix("3 invocations to requests.ndjson.gz\n"), "\(there.error)")
    let back = try program.run("trace", "convert", "requests.ndjson.gz", "--output", "again.csv", "--quiet")
    #expect(back.status == 0)
    #expect(back.error.isEmpty, "\(back.error)")
    let again = try String(contentsOf: program.directory.appending(path: "again.csv"), encoding: .utf8)
    #expect(again == requests)
  }

  @Test("a trace that is kept is what the scenario beside it makes, byte for byte")
  func recipes() throws {
    defer { program.remove() }
    let recipe = Program.package.appending(path: "Traces/checkout-requests.yaml").path
    let result = try program.run("trace", "synthesize", recipe, "--output", "made.csv.gz")
    #expect(result.status == 0, "\(result.error)")
    let made = try Data(contentsOf: program.directory.appending(path: "made.csv.gz"))
    #expect(try made == Data(contentsOf: Program.package.appending(path: "Traces/checkout-requests.csv.gz")))
  }

  @Test("what cannot be done is said")
  func faults() throws {
    defer { program.remove() }
    try program.file("requests.csv", requests)
    try program.file("recorded.yaml", "name: r\nworkload: {invocations: requests.csv}")
    try program.file("empty.csv", "")
    let cases: [(arguments: [String], status: Diagnostics.ExitStatus, says: String)] = [
      (["trace", "info", "nowhere.csv"], .inputOutput, "nowhere.csv: found no such file or directory"),
      (["trace", "info", "empty.csv"], .badInput, "empty.csv: found an empty file"),
      (["trace", "info", "requests.csv", "--busiest", "-1"], .badUsage, ""),
      (["trace", "convert", "requests.csv", "--output", "out"], .badUsage, "the name 'out' tells no form"),
      (
        ["trace", "convert", "requests.csv", "--output", "out", "--format", "xml"], .badUsage,
        "The value 'xml' is invalid"
      ),
      (["trace", "convert", "requests.csv", "--output", "no/such/out.csv"], .inputOutput, "no/such/out.csv"),
      (
        ["trace", "synthesize", "recorded.yaml", "--output", "out.csv"], .badInput,
        "recorded.yaml:2: workload: found a recorded"
      ),
    ]
    for (arguments, status, says) in cases {
      let result = try program.run(arguments)
      #expect(result.status == status.rawValue, "\(arguments): \(result.error)")
      #expect(result.error.hasPrefix("faascast: error: \(says)"), "\(arguments): \(result.error)")
      #expect(result.output.isEmpty)
    }
  }
}
