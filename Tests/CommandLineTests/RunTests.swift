import Diagnostics
import Foundation
import Testing

@Suite("A run from the command line")
struct RunTests {
  private let program: Program

  init() throws { program = try Program() }

  private let small = """
    workload: {synthetic: {horizon: 1h, functions: {f: {arrivals: {poisson: 1}, duration: {exponential: 1s}}}}}
    """

  @Test("prints results on standard output and nothing else anywhere; no escape codes without a terminal")
  func streams() throws {
    defer { program.remove() }
    try program.file("small.yaml", small)
    let result = try program.run("simulate", "small.yaml")
    #expect(result.status == 0)
    #expect(result.error.isEmpty)
    #expect(result.output.contains("Cold starts"))
    #expect(!result.output.contains("\u{1B}"))
    #expect(result.output.contains("Reports/small"))
  }

  @Test("the same scenario and seed give the same figures with one thread and with several, another seed others")
  func reproducibility() throws {
    defer { program.remove() }
    try program.file("small.yaml", small)
    func figures(_ more: String...) throws -> String {
      let output = try program.run(["simulate", "small.yaml", "--json"] + more).output
      // What the run itself took differs.
      return output.split(separator: "\n").filter { line in
        !["simulationSeconds", "invocationsPerSecond", "peakMemoryMB"].contains { line.contains("\"\($0)\"") }
      }.joined(separator: "\n")
    }
    let first = try figures("--seed", "5", "--jobs", "1")
    #expect(first.contains("\"coldStarts\""))
    #expect(try figures("--seed", "5", "--jobs", "4") == first)
    #expect(try figures("--seed", "6") != first)
  }

  @Test("--output takes the report elsewhere, --window a part of the trace")
  func options() throws {
    defer { program.remove() }
    try program.file("small.yaml", small)
    let result = try program.run("simulate", "small.yaml", "--output", "deep/er", "--window", "10m..40m", "--json")
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.contains("\"horizonSeconds\": 1800"), "\(result.output.prefix(300))")
    #expect(FileManager.default.fileExists(atPath: program.directory.appending(path: "deep/er/index.html").path))
    #expect(!FileManager.default.fileExists(atPath: program.directory.appending(path: "Reports").path))
  }

  @Test("a report that cannot be written has status 74, and the summary is not lost with it")
  func unwritable() throws {
    defer { program.remove() }
    try program.file("small.yaml", small)
    try program.file("taken", "")
    let result = try program.run("simulate", "small.yaml", "--output", "taken")
    #expect(result.status == ExitStatus.inputOutput.rawValue)
    #expect(result.error.hasPrefix("faascast: error: taken: found not a directory"), "\(result.error)")
    #expect(result.output.contains("Cold starts"))
  }

  @Test("what the account cannot hold is said at its line in the scenario")
  func reservations() throws {
    defer { program.remove() }
    try program.file(
      "s.yaml", small + "\nplatform:\n  account-concurrency: 150\nfunctions: {f: {reserved-concurrency: 100}}\n")
    let result = try program.run("simulate", "s.yaml")
    #expect(result.status == ExitStatus.badInput.rawValue)
    #expect(
      result.error.hasPrefix("faascast: error: s.yaml:3: platform.account-concurrency: found 150"), "\(result.error)")
  }

  @Test("a reader that leaves early is no error; a full disk is")
  func brokenOutput() throws {
    defer { program.remove() }
    try program.file("small.yaml", small)
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    #expect(try program.run(["simulate", "small.yaml"], output: pipe.fileHandleForWriting).status == 0)
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let result = try program.run(["simulate", "small.yaml"], output: full)
    #expect(result.status == ExitStatus.inputOutput.rawValue)
    #expect(result.error.contains("standard output: found no space left on device"), "\(result.error)")
  }

  @Test("Ctrl-C ends the run with what there is: a whole report that says it is partial, status 130")
  func interruption() throws {
    defer { program.remove() }
    try program.file("long.yaml", small.replacingOccurrences(of: "1h", with: "3000d"))
    let running = try program.start(["simulate", "long.yaml", "--json"])
    defer { running.process.terminate() }
    try Program.waitUntilInterruptible(running.process)
    running.process.interrupt()
    let result = try program.finish(running)
    #expect(result.status == ExitStatus.interrupted.rawValue, "\(result.error)")
    #expect(result.output.contains("\"complete\": false"), "\(result.output.prefix(300))")
    let report = program.directory.appending(path: "Reports/long/summary.json").path
    #expect(try String(contentsOfFile: report, encoding: .utf8) == result.output)
  }
}
