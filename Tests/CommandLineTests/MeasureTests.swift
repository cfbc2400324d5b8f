import Diagnostics
import Foundation
import Testing

@Suite("Measuring on the command line")
struct MeasureTests {
  let program: Program

  init() throws { program = try Program() }

  private static let hasKVM = access("/dev/kvm", R_OK | W_OK) == 0

  private func object(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text.prefix(300))")
  }

  @Test("the doctor's status and its JSON agree on whether anything can be measured")
  func doctor() throws {
    defer { program.remove() }
    let result = try program.run("doctor", "--json")
    let report = try object(result.output)
    #expect(report["schema"] as? String == "faascast.doctor/1")
    let canMeasure = try #require(report["canMeasure"] as? Bool)
    #expect(result.status == (canMeasure ? 0 : ExitStatus.unavailable.rawValue))
    #expect(canMeasure == Self.hasKVM)
    let findings = try #require(report["findings"] as? [[String: Any]])
    let subjects = findings.compactMap { $0["subject"] as? String }
    #expect(subjects == ["KVM", "processor quota", "huge pages", "clock", "processors", "GSL", "QEMU", "compilers"])
    // Whatever does not work comes with what to do.
    for finding in findings where finding["verdict"] as? String != "good" { #expect(finding["advice"] is String) }
  }

  /// A shell's words that run what follows where /dev holds nothing but `null`.
  private static let withoutKVM = [
    "unshare", "--map-root-user", "--mount", "sh", "-c",
    """
    place=$(mktemp -d) && touch "$place/null" && mount --bind /dev/null "$place/null" && mount --rbind "$place" /dev &&
      exec "$0" "$@"
    """,
  ]
  private static let canHideKVM: Bool = {
    guard let program = try? Program() else { return false }
    defer { program.remove() }
    return (try? program.run(["--help"], below: withoutKVM))?.status == 0
  }()

  @Test(
    "on a host without /dev/kvm measuring ends with status 69 and what to do, and so says the doctor",
    .enabled(if: canHideKVM, "needs the right to make mount namespaces (unshare)"))
  func noKVM() throws {
    defer { program.remove() }
    let measure = try program.run(["measure", hello, "--output", "profile.json"], below: Self.withoutKVM)
    #expect(measure.status == ExitStatus.unavailable.rawValue)
    #expect(measure.output.isEmpty)
    #expect(measure.error.contains("/dev/kvm: found nothing, expected the kernel's virtual machine device"))
    #expect(measure.error.contains("load KVM (modprobe kvm_amd or kvm_intel)"))
    #expect(!FileManager.default.fileExists(atPath: program.directory.appending(path: "profile.json").path))
    let doctor = try program.run(["doctor"], below: Self.withoutKVM)
    #expect(doctor.status == ExitStatus.unavailable.rawValue)
    #expect(doctor.output.contains("load KVM (modprobe kvm_amd or kvm_intel)"))
  }

  @Test("a profile has the samples that were asked for", .enabled(if: hasKVM, "needs /dev/kvm"))
  func profile() throws {
    defer { program.remove() }
    let result = try program.run(
      ["measure", hello, "--cold", "3", "--host-cold", "2", "--warm", "5", "--alive", "4", "--output", "profile.json"])
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.contains("start to result"))
    let text = try String(contentsOf: program.directory.appending(path: "profile.json"), encoding: .utf8)
    let profile = try object(text)
    #expect(profile["complete"] as? Bool == true)
    let function = try #require((profile["functions"] as? [[String: Any]])?.first)
    let condition = try #require((function["conditions"] as? [[String: Any]])?.first)
    let series = try #require(condition["series"] as? [[String: Any]])
    func count(_ phase: String, _ host: String) -> Int? {
      series.first { $0["phase"] as? String == phase && $0["host"] as? String == host }?["count"] as? Int
    }
    #expect(count("start_to_first_result", "cold") == 2)
    #expect(count("start_to_first_result", "warm") == 3)
    #expect(count("destroy", "warm") == 3)
    #expect(count("warm_invoke", "warm") == 5)
    #expect((profile["density"] as? [String: Any])?["alive"] as? Int == 4)
    // Nothing else is left in the directory than what was asked for.
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: program.directory.path).filter { !$0.hasPrefix(".") } == [
        "profile.json"
      ])
  }

  @Test("Ctrl-C leaves a valid profile that says it is not complete", .enabled(if: hasKVM, "needs /dev/kvm"))
  func interrupted() throws {
    defer { program.remove() }
    let running = try program.start(
      ["measure", hello, "--cold", "1", "--warm", "1000000", "--longest", "100s", "--output", "profile.json"])
    try Program.waitUntilInterruptible(running.process)
    // Long enough for the first samples.
    Thread.sleep(forTimeInterval: 1)
    kill(running.process.processIdentifier, SIGINT)
    let result = try program.finish(running)
    #expect(result.status == ExitStatus.interrupted.rawValue, "\(result.error)")
    let profile = try object(
      String(contentsOf: program.directory.appending(path: "profile.json"), encoding: .utf8))
    #expect(profile["complete"] as? Bool == false)
    #expect(profile["ending"] as? String == "stopped by Ctrl-C")
    #expect(try orphans().isEmpty)
  }

  /// Control groups that the program left behind.
  private func orphans() throws -> [String] {
    let places = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup"]
    return places.flatMap { place in
      ((try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []).filter { name in
        guard name.hasPrefix("faascast-"), let owner = Int32(name.split(separator: "-")[1]) else { return false }
        return kill(owner, 0) != 0
      }
    }
  }

  @Test("what cannot be measured is told in a line, with the status that belongs to it")
  func refusals() throws {
    defer { program.remove() }
    try program.file("notes.txt", "not a program\n")
    let cases: [(arguments: [String], status: Diagnostics.ExitStatus, says: String)] = [
      (["measure"], .badUsage, "name a function, or --list for the samples"),
      (["measure", "x", "--memory", "64"], .badUsage, "The value '64' is invalid for '--memory"),
      (["measure", "x", "--quota-period", "20"], .badUsage, "The value '20' is invalid for '--quota-period"),
      (["measure", "x", "--engine", "qemu"], .badUsage, "--engine qemu needs --kernel"),
      (["measure", "x", "--kernel", "k"], .badUsage, "--kernel goes with --engine qemu"),
      (["measure", "./notes.txt"], .badInput, "./notes.txt: byte 0: found"),
      (["measure", "helo"], .badInput, "function: found 'helo', expected a sample function or a path"),
    ]
    for (arguments, status, says) in cases {
      let result = try program.run(arguments)
      #expect(result.status == status.rawValue, "\(arguments): \(result.error)")
      #expect(result.output.isEmpty)
      #expect(result.error.hasPrefix("faascast: error: " + says), "\(arguments): \(result.error)")
    }
  }

  @Test("the samples are listed with what they do")
  func list() throws {
    defer { program.remove() }
    let result = try program.run("measure", "--list")
    #expect(result.status == 0)
    #expect(result.output.contains(#/sha256 +freestanding +hashes/#))
  }

  @Test("the first commands of docs/measuring.md run as they stand there", .enabled(if: hasKVM, "needs /dev/kvm"))
  func documents() throws {
    defer { program.remove() }
    let page = try String(
      contentsOf: Program.package.appending(path: "docs/measuring.md"), encoding: .utf8)
    let block = try #require(page.split(separator: "```").first { $0.hasPrefix("sh\n") })
    let commands = block.split(separator: "\n").filter { $0.hasPrefix("faascast ") }
    #expect(commands.count == 4)
    for command in commands {
      // Fewer samples, so that the test is short; options that stand last win.
      let isMeasuring = command.hasPrefix("faascast measure")
      let fewer = isMeasuring ? ["--cold", "2", "--host-cold", "1", "--warm", "5", "--restore", "1"] : []
      let result = try program.run(command.split(separator: " ").dropFirst().map(String.init) + fewer)
      #expect(result.status == 0, "\(command): \(result.error)")
    }
  }

  private let hello = "hello"
}
