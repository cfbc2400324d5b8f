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
  func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Result {
    let (process, output, error) = try start(arguments, environment: environment)
    return try finish(process, output, error)
  }

  func start(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> (process: Process, output: URL, error: URL) {
    let id = UUID().uuidString
    let output = directory.appending(path: "output-\(id)")
    let error = directory.appending(path: "error-\(id)")
    for file in [output, error] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = directory
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: error)
    try process.run()
    return (process, output, error)
  }

  func finish(_ process: Process, _ output: URL, _ error: URL) throws -> Result {
    process.waitUntilExit()
    let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    return Result(
      status: status, output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
      error: String(decoding: try Data(contentsOf: error), as: UTF8.self))
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
