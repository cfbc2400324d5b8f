import Diagnostics
import Foundation
import Testing

@Suite("The command line")
struct UsageTests {
  let program: Program

  init() throws { program = try Program() }

  @Test("help goes to standard output, with status 0 and examples that can be typed")
  func help() throws {
    defer { program.remove() }
    let result = try program.run("simulate", "--help")
    #expect(result.status == 0)
    #expect(result.error.isEmpty)
    #expect(result.output.contains("faascast simulate Scenarios/quickstart.yaml"))
  }

  @Test("--version prints a version and nothing else")
  func version() throws {
    defer { program.remove() }
    let result = try program.run("--version")
    #expect(result.status == 0)
    #expect(result.output.wholeMatch(of: #/\d+\.\d+\.\d+\n/#) != nil, "\(result.output)")
  }

  @Test("bad usage has status 64, says what is wrong on standard error and nothing on standard output")
  func badUsage() throws {
    defer { program.remove() }
    let cases: [(arguments: [String], says: String)] = [
      (["simulate"], "faascast: error: Missing expected argument '<scenario>'"),
      (["simulte"], "faascast: error: Unexpected argument 'simulte'. Did you mean 'simulate'?"),
      (["simulate", "--jsn", "x"], "faascast: error: Unknown option '--jsn'. Did you mean '--json'?"),
      (["simulate", "--jobs", "0", "x"], "faascast: error: --jobs must be 1 to 1024, found 0"),
      (["simulate", "--replications", "0", "x"], "faascast: error: --replications must be 1 to 100000, found 0"),
      (["simulate", "--precision", "5%", "--of", "coldstart", "x"], "faascast: error: "),
      (["simulate", "--of", "coldStarts", "x"], "faascast: error: --of and --most-replications go with --precision"),
      (["simulate", "--warm-up", "3", "x"], "faascast: error: The value '3' is invalid for '--warm-up"),
      (["compare", "x"], "faascast: error: expected two scenarios or more to compare"),
      (["compare", "--replications", "1", "x", "y"], "faascast: error: --replications must be 2 to 100000, found 1"),
      (["simulate", "--seed", "-1", "x"], "faascast: error: "),
      (["simulate", "--window", "16h..8h", "x"], "faascast: error: The value '16h..8h' is invalid for '--window"),
    ]
    for (arguments, says) in cases {
      let result = try program.run(arguments)
      #expect(result.status == ExitStatus.badUsage.rawValue, "\(arguments)")
      #expect(result.output.isEmpty, "\(arguments)")
      #expect(result.error.hasPrefix(says), "\(result.error)")
    }
  }

  @Test("a scenario that is not there has status 74, a broken one 65, each told in one line with advice below")
  func badInput() throws {
    defer { program.remove() }
    let missing = try program.run("simulate", "nowhere.yaml")
    #expect(missing.status == ExitStatus.inputOutput.rawValue)
    #expect(
      missing.error
        == "faascast: error: nowhere.yaml: found no such file or directory, expected a readable file\n  check the path\n"
    )
    try program.file("broken.yaml", "workload: {azure-2021: t.csv}\nfunctions:\n  a:\n    memry: 512\n")
    let broken = try program.run("simulate", "broken.yaml")
    #expect(broken.status == ExitStatus.badInput.rawValue)
    #expect(broken.output.isEmpty)
    #expect(
      broken.error == """
        faascast: error: broken.yaml:4: functions.a.memry: found an unknown key, expected a known one
          did you mean 'memory'?

        """)
  }

  @Test("a Region without prices is said before anything is simulated, at its line")
  func region() throws {
    defer { program.remove() }
    try program.file("s.yaml", "workload: {azure-2021: t.csv}\nplatform:\n  region: us-east1\n")
    let result = try program.run("simulate", "s.yaml")
    #expect(result.status == ExitStatus.badInput.rawValue)
    #expect(result.error.hasPrefix("faascast: error: s.yaml:3: platform.region: found 'us-east1'"), "\(result.error)")
    #expect(result.error.contains("did you mean 'us-east-1'?"))
  }
}
