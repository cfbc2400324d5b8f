import Foundation

/// A program run to its end.
struct Command {
  private let words: [String]

  init(_ words: [String]) { self.words = words }

  struct Result {
    var status: Int32
    var output: String
    var error: String
  }

  /// Status 127 when the program cannot be started, as in a shell.
  func run() -> Result {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.standardInput = FileHandle.nullDevice
    let output = Pipe()
    // Errors go to a file: whoever fills two pipes at once waits for ever.
    let errors = FileManager.default.temporaryDirectory.appending(path: "faascast-\(getpid())-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    defer { try? FileManager.default.removeItem(at: errors) }
    process.standardOutput = output
    process.standardError = (try? FileHandle(forWritingTo: errors)) ?? FileHandle.nullDevice
    do { try process.run() } catch { return Result(status: 127, output: "", error: "\(error)") }
    let text = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      error: (try? String(contentsOf: errors, encoding: .utf8)) ?? "")
  }

  /// Whether a program of this name is to be found.
  static func exists(_ name: String) -> Bool { Command(["sh", "-c", "command -v \(name)"]).run().status == 0 }
}
