import Diagnostics
import Foundation
import Testing

@Suite("faascast validate --live", .serialized)
struct LiveTests {
  private static let hasKVM = access("/dev/kvm", R_OK | W_OK) == 0

  private static let scenario = """
    workload: {synthetic: {horizon: HORIZON, functions: {f: {arrivals: {poisson: 10}, duration: 10ms}}}}
    platform: {keep-alive: 300ms}
    functions: {f: {memory: 256}}
    """

  private func program(horizon: String) throws -> Program {
    let program = try Program()
    try program.file("s.yaml", Self.scenario.replacing("HORIZON", with: horizon))
    return program
  }

  private var spin: String {
    get throws {
      let build = Process()
      let pipe = Pipe()
      build.executableURL = Program.package.appending(path: "Guests/build")
      build.arguments = ["spin"]
      build.standardOutput = pipe
      try build.run()
      let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      build.waitUntilExit()
      return try "f=" + #require(text.split(separator: "\n").last.map(String.init))
    }
  }

  @Test(
    "prints predicted against measured with the noise floor, and writes every invocation",
    .enabled(if: hasKVM, "needs /dev/kvm"))
  func comparison() throws {
    let program = try program(horizon: "2s")
    defer { program.remove() }
    let result = try program.run(
      [
        "validate", "--live", "s.yaml", "--guest", spin, "--request", "200", "--rounds", "2", "--cold", "4", "--warm",
        "20",
      ]
        + ["--record", "runs"])
    #expect(result.status == 0, "\(result.error)")
    for word in ["cold starts", "latency p99", "billed seconds", "noise floor", "by tenths", "Measured before"] {
      #expect(result.output.contains(word), "\(word): \(result.output)")
    }
    let runs = try FileManager.default.contentsOfDirectory(atPath: program.directory.appending(path: "runs").path)
    #expect(runs.sorted() == ["run-1.csv", "run-2.csv"])
    // What it wrote is what calibrate reads.
    let calibrated = try program.run("calibrate", "runs/run-1.csv")
    #expect(calibrated.status == 0, "\(calibrated.error)")
    #expect(calibrated.output.contains("invocations with environments"))
  }

  @Test("Ctrl-C ends it with status 130 and leaves no control group", .enabled(if: hasKVM, "needs /dev/kvm"))
  func interrupted() throws {
    let program = try program(horizon: "60s")
    defer { program.remove() }
    let running = try program.start(
      ["validate", "--live", "s.yaml", "--guest", spin, "--request", "200", "--cold", "2", "--warm", "4"])
    try Program.waitUntilInterruptible(running.process)
    Thread.sleep(forTimeInterval: 2)
    let process = running.process.processIdentifier
    kill(process, SIGINT)
    let result = try program.finish(running)
    #expect(result.status == ExitStatus.interrupted.rawValue, "\(result.error)")
    for place in ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup"] {
      let found = FileManager.default.enumerator(atPath: place)?.compactMap { $0 as? String } ?? []
      #expect(!found.contains { $0.contains("faascast-\(process)-") })
    }
  }

  @Test("names a function that is no sample and no path, and says what to do")
  func unknown() throws {
    let program = try program(horizon: "1s")
    defer { program.remove() }
    let result = try program.run("validate", "--live", "s.yaml")
    #expect([ExitStatus.unavailable.rawValue, ExitStatus.badInput.rawValue].contains(result.status))
    #expect(result.error.contains("'f'"), "\(result.error)")
    let both = try program.run("validate", "--live", "s.yaml", "--against", "x.log")
    #expect(both.status == ExitStatus.badUsage.rawValue)
  }

  /// Of docs/fidelity.md: the commands of the section on real machines.
  private static let commands = Result { () throws -> [[String]] in
    let page = try String(contentsOf: Program.package.appending(path: "docs/fidelity.md"), encoding: .utf8)
    return page.split(separator: "\n").filter { $0.hasPrefix("    faascast validate --live ") }
      .map { $0.split(separator: " ").dropFirst().map(String.init) }
  }

  @Test("the three scenarios that the page on fidelity shows are whole, and simulate")
  func scenarios() throws {
    let commands = try Self.commands.get()
    #expect(commands.map { $0[2] } == ["steady", "bursty", "throttled"].map { "Scenarios/live/\($0).yaml" })
    for command in commands {
      let program = try Program()
      defer { program.remove() }
      let result = try program.run("simulate", Program.package.appending(path: command[2]).path, "--json", "--quiet")
      #expect(result.status == 0, "\(command): \(result.error)")
    }
  }

  @Test(
    "what the page on fidelity claims of real machines holds here, on a host with nothing else to do",
    .enabled(if: hasKVM && ProcessInfo.processInfo.environment["FAASCAST_LONG"] != nil, "needs /dev/kvm, FAASCAST_LONG")
  )
  func claims() throws {
    for command in try Self.commands.get() {
      let program = try Program()
      defer { program.remove() }
      for name in ["Scenarios", "Guests"] {
        try FileManager.default.createSymbolicLink(
          at: program.directory.appending(path: name), withDestinationURL: Program.package.appending(path: name))
      }
      let result = try program.run(command)
      #expect(result.status == 0, "\(command): \(result.output)")
    }
  }
}
