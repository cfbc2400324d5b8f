import Foundation
import Testing

/// The built program, run as a process of its own.
struct Program {
  /// What a finished process left.
  struct Result {
    var status: Int32
    var output: String
    var error: String
  }

  /// Where this process runs, so that tests do not meet each other's files.
  let directory: URL
  private let executable: URL

  init() throws {
    executable = try #require(Self.executable, "the program is built beside the tests")
    directory = FileManager.default.temporaryDirectory.appending(path: "faascast-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(at: directory) }

  /// Writes a file into the directory and gives its path.
  @discardableResult
  func file(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: directory.appending(path: name))
    return name
  }

  /// Runs to the end, with nothing on standard input.
  func run(_ arguments: String...) throws -> Result { try run(arguments) }

  /// Runs to the end; what it prints goes to `output` where that is given.
  func run(_ arguments: [String], output: FileHandle? = nil, within seconds: Double = 120) throws -> Result {
    try finish(start(arguments, output: output), within: seconds)
  }

  /// Runs to the end below another program, such as `unshare`.
  func run(_ arguments: [String], below wrapper: [String]) throws -> Result {
    try finish(start(wrapper + [executable.path] + arguments, executable: URL(filePath: "/usr/bin/env")))
  }

  /// A process that was started, and where its output goes.
  struct Running {
    var process: Process
    var output: URL
    var error: URL
  }

  func start(_ arguments: [String], output: FileHandle? = nil) throws -> Running {
    try start(arguments, executable: executable, output: output)
  }

  private func start(_ arguments: [String], executable: URL, output: FileHandle? = nil) throws -> Running {
    let id = UUID().uuidString
    let files = ["output", "error"].map { directory.appending(path: ".\($0)-\(id)") }
    for file in files { try Data().write(to: file) }
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = directory
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try output ?? FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    return Running(process: process, output: files[0], error: files[1])
  }

  /// Waits for the end, two minutes at most unless more are given.
  func finish(_ running: Running, within seconds: Double = 120) throws -> Result {
    let process = running.process
    let watchdog = DispatchWorkItem { kill(process.processIdentifier, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: watchdog)
    process.waitUntilExit()
    watchdog.cancel()
    let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    return Result(
      status: status, output: String(decoding: try Data(contentsOf: running.output), as: UTF8.self),
      error: String(decoding: try Data(contentsOf: running.error), as: UTF8.self))
  }

  /// Waits until the process catches SIGINT, as the kernel tells: before that, Ctrl-C would just end it.
  static func waitUntilInterruptible(_ process: Process) throws {
    for _ in 0..<2000 where process.isRunning {
      let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
      let mask = status.firstMatch(of: #/SigCgt:\s*([0-9a-f]+)/#).flatMap { UInt64($0.1, radix: 16) } ?? 0
      if mask & 1 << (SIGINT - 1) != 0 { return }
      Thread.sleep(forTimeInterval: 0.005)
    }
    Issue.record("the program never began to catch Ctrl-C")
  }

  /// The package's own directory.
  static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The test runner is told where the test bundle is; the program lies beside it.
  private static var executable: URL? {
    let arguments = CommandLine.arguments
    let beside = arguments.indices.dropLast().first { arguments[$0] == "--test-bundle-path" }.map { arguments[$0 + 1] }
    let bundle = beside ?? arguments.first { $0.hasSuffix(".xctest") } ?? arguments[0]
    let program = URL(filePath: bundle).deletingLastPathComponent().appending(path: "faascast")
    return FileManager.default.isExecutableFile(atPath: program.path) ? program : nil
  }
}
