import ArgumentParser
import Diagnostics
import Documents
import Foundation
import Measuring
import MicroVM
import Units

struct Measure: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run functions in microVMs on this host and measure every phase.",
    discussion: """
      A function is the name of a sample (faascast measure --list) or the path of a static x86-64 ELF program or of a Python file with a handler. Each is \
      started, called and ended many times under each memory setting, with the share of a processor that Lambda gives \
      for it. docs/measuring.md says what is measured and how; faascast doctor, what is possible here.

      Examples:
        faascast measure hello
        faascast measure spin --memory 128,512,1769 --warm 50 --request 1000
        faascast measure sha256 json --output profile.json
        faascast measure json --engine qemu --kernel /boot/vmlinuz-6.1.0-cloud-amd64 --cold 20 --warm 200

      Exit status 69 when machines cannot be made here. Ctrl-C ends with what was measured (status 130).
      """)

  @Argument(help: "Sample functions or paths of programs.", completion: .file())
  var functions: [String] = []

  @Flag(help: "List the sample functions.")
  var list = false

  @Option(
    help: ArgumentHelp("Memory settings in MB, such as 128,512,1769.", valueName: "MB,…"), transform: Self.memories)
  var memory = [MemorySize(megabytes: ProcessorQuota.megabytesPerProcessor)]

  @Option(help: ArgumentHelp("Machines made from nothing.", valueName: "count"))
  var cold = 200

  @Option(help: ArgumentHelp("The same with no other machine alive (default: a tenth of --cold).", valueName: "count"))
  var hostCold: Int?

  @Option(help: ArgumentHelp("Further calls of one machine.", valueName: "count"))
  var warm = 2000

  @Option(help: ArgumentHelp("Machines made from a snapshot, in each of the ways.", valueName: "count"))
  var restore = 200

  @Option(
    help: ArgumentHelp(
      "Ways of restoring: lazy, copy, working-set, in-place (default: all).", valueName: "way,…"),
    transform: Self.restorations)
  var restoreBy = Restoration.allCases

  @Option(help: ArgumentHelp("Machines of the first function that are alive at once.", valueName: "count"))
  var alive = 0

  @Option(
    help: ArgumentHelp("Period of the processor quota.", valueName: "time"), transform: Self.time)
  var quotaPeriod = TimeSpan.milliseconds(20)

  @Flag(help: "Hold init to the quota too; Lambda lets it run at full speed.")
  var throttleInit = false

  @Option(help: "What each invocation is given; @FILE for a file's content.")
  var request = ""

  @Option(help: ArgumentHelp("A series that takes longer has fewer samples.", valueName: "time"), transform: Self.time)
  var longest = TimeSpan.seconds(30)

  @Option(help: ArgumentHelp("Write the profile, all samples in it.", valueName: "file"), completion: .file())
  var output: String?

  @Option(help: "microvm: this program's own machines. qemu: whole Linux guests.")
  var engine = EngineName.microvm

  @Option(help: "The kernel of whole Linux guests.", completion: .file())
  var kernel: String?

  @Option(
    help: ArgumentHelp(
      "How QEMU runs them: kvm, or tcg, which emulates and whose times are unfit for calibration.",
      valueName: "kvm|tcg"), transform: Self.accelerator)
  var accel = QEMUPlan.Accelerator.kvm

  @Option(help: ArgumentHelp("Whole Linux guests booted for each function.", valueName: "count"))
  var boots = 1

  @Option(help: "Of the random phases at which invocations arrive.")
  var seed: UInt64 = 1

  @Flag(name: .shortAndLong, help: "No progress.")
  var quiet = false

  private static func memories(_ text: String) throws -> [MemorySize] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let size = MemorySize(parsing: String(word)), MemorySize.lambdaRange.contains(size.megabytes) else {
        throw ValidationError("expected memory settings from 128 to 10240 MB with commas between, found '\(text)'")
      }
      return size
    }
  }

  private static func restorations(_ text: String) throws -> [Restoration] {
    try text.split(separator: ",").map { word in
      guard let way = Restoration(rawValue: String(word)) else {
        throw ValidationError(
          "expected ways of restoring with commas between, found '\(word)'; "
            + didYouMean(String(word), among: Restoration.allCases.map(\.rawValue)))
      }
      return way
    }
  }

  private static func time(_ text: String) throws -> TimeSpan {
    guard let time = TimeSpan(parsing: text), time > .zero else {
      throw ValidationError("expected a time above zero with its unit, such as 20ms, found '\(text)'")
    }
    return time
  }

  private static func accelerator(_ text: String) throws -> QEMUPlan.Accelerator {
    guard let accelerator = QEMUPlan.Accelerator(rawValue: text) else {
      throw ValidationError("expected kvm or tcg, found '\(text)'")
    }
    return accelerator
  }

  private static let mostSamples = 1_000_000
  private static let mostAlive = 100_000

  func validate() throws {
    if functions.isEmpty, !list { throw ValidationError("name a function, or --list for the samples") }
    for (name, count) in [("--cold", cold), ("--host-cold", hostCold ?? 0), ("--warm", warm), ("--restore", restore)] {
      guard (0...Self.mostSamples).contains(count) else {
        throw ValidationError("\(name) must be 0 to \(Self.mostSamples), found \(count)")
      }
    }
    guard (0...Self.mostAlive).contains(alive) else {
      throw ValidationError("--alive must be 0 to \(Self.mostAlive), found \(alive)")
    }
    guard (1...1000).contains(boots) else { throw ValidationError("--boots must be 1 to 1000, found \(boots)") }
    switch engine {
    case .microvm:
      if kernel != nil { throw ValidationError("--kernel goes with --engine qemu") }
    case .qemu:
      if kernel == nil { throw ValidationError("--engine qemu needs --kernel, such as /boot/vmlinuz-…-cloud-amd64") }
      if memory.count > 1 { throw ValidationError("--engine qemu takes one memory setting") }
      if alive > 0 { throw ValidationError("--alive goes with --engine microvm") }
    }
    if output?.isEmpty == true { throw ValidationError("--output must name a file") }
  }

  func run() throws {
    if list { return try StandardStream.output.write(SampleList.text()) }
    // What can be told before long work is told before it.
    let target = try output.map { try ProfileFile($0) }
    let bytes = try RequestText.bytes(request)
    Interruption.listen(to: [SIGINT, SIGTERM, SIGHUP])
    let created = Date.now.formatted(.iso8601)
    var progress = ProgressLine(isQuiet: quiet)
    defer { progress.clear() }
    let profile =
      switch engine {
      case .microvm: try measureMachines(bytes) { progress.show(share: $0) }
      case .qemu: try measureGuests(bytes) { progress.show(share: $0) }
      }
    progress.clear()

    let provenance = MeasuredProfile.Provenance(
      created: created, command: CommandText.of(CommandLine.arguments), version: Faascast.version)
    try target?.write(profile.json(provenance))
    try StandardStream.output.write(
      MeasureTable(profile).text(colour: Terminal.output.isColoured, width: Terminal.output.width))
    switch profile.ending {
    case .complete: break
    case .interrupted: throw ExitCode(ExitStatus.interrupted.rawValue)
    case .failed(let fault): throw fault
    }
  }

  private func measureMachines(
    _ request: [UInt8], _ onProgress: @escaping (Double) -> Void
  ) throws(MeasuringFault) -> MeasuredProfile {
    let samples = SampleFunctions.find()
    var subjects: [Subject] = []
    for function in functions { subjects.append(try Subject.find(function, request: request, samples: samples)) }
    let plan = MeasurePlan(
      functions: subjects, memories: memory, cold: cold, hostCold: hostCold ?? (cold + 9) / 10, warm: warm,
      restore: restore, restorations: restoreBy, quotaPeriod: quotaPeriod, throttlesInit: throttleInit, seed: seed,
      longestSeries: longest, alive: alive)
    var bench = try MachineBench(plan, onProgress: onProgress, shouldStop: { Interruption.isRequested })
    return bench.run()
  }

  private func measureGuests(
    _ request: [UInt8], _ onProgress: @escaping (Double) -> Void
  ) throws(MeasuringFault) -> MeasuredProfile {
    guard let samples = SampleFunctions.find() else {
      throw .unavailable(
        what: "the agent of whole Linux guests is built from Guests/Library/agent.c, which is not here",
        advice: "run faascast in its own directory, or set FAASCAST_GUESTS to its Guests directory")
    }
    var programs: [QEMUPlan.Program] = []
    for function in functions {
      let path = try samples.linuxName(of: function).map { name throws(MeasuringFault) in try samples.build(name) }
      guard let path = path ?? (function.contains("/") ? function : nil) else {
        throw .unsuitable(
          what: "'\(function)' is no Linux program", advice: "whole Linux guests run static Linux programs")
      }
      programs.append(QEMUPlan.Program(name: function, path: path, request: request))
    }
    let plan = QEMUPlan(
      programs: programs, memory: memory[0], kernel: kernel ?? "", agent: try samples.build("agent"),
      accelerator: accel, cold: cold, warm: warm, boots: boots)
    return QEMUBench(plan, onProgress: onProgress, shouldStop: { Interruption.isRequested }).run()
  }
}

/// What runs the functions.
enum EngineName: String, CaseIterable, ExpressibleByArgument {
  case microvm
  case qemu
}

/// The profile's place, checked before anything long begins.
struct ProfileFile {
  private let directory: OutputDirectory
  private let name: String

  init(_ path: String) throws(InputFault) {
    let slash = path.lastIndex(of: "/")
    name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    guard !name.isEmpty else {
      throw InputFault(.system, at: .init(file: path), found: "a directory", expected: "a file to write the profile to")
    }
    directory = try OutputDirectory(slash.map { String(path[...$0]) } ?? ".")
  }

  func write(_ text: String) throws(InputFault) { try directory.write([(name: name, content: text)]) }
}

/// What `--request` stands for.
enum RequestText {
  /// The text itself, or the content of the file behind `@`.
  static func bytes(_ text: String) throws(InputFault) -> [UInt8] {
    guard text.hasPrefix("@") else { return Array(text.utf8) }
    let path = String(text.dropFirst())
    guard let data = FileManager.default.contents(atPath: path) else {
      throw InputFault(
        .system, at: .init(file: path), found: "no readable file", expected: "the request", advice: "check the path")
    }
    return Array(data)
  }
}

/// `measure --list`.
enum SampleList {
  static func text() throws(MeasuringFault) -> String {
    guard let samples = SampleFunctions.find() else {
      throw .unavailable(
        what: "no sample functions here",
        advice: "run faascast in its own directory, or set FAASCAST_GUESTS to its Guests directory")
    }
    let width = samples.entries.map(\.name.count).max() ?? 0
    return samples.entries.map { entry in
      entry.name.padding(toLength: width + 2, withPad: " ", startingAt: 0)
        + entry.kind.padding(toLength: 14, withPad: " ", startingAt: 0) + entry.summary
    }.joined(separator: "\n") + "\n"
  }
}
