import Foundation
import MicroVM
import Testing

/// The guests that the tests run, built from their sources once a run.
enum Guests {
  /// Whether machines can be made here at all.
  static let hasKVM = access("/dev/kvm", R_OK | W_OK) == 0
  static let needsKVM = Comment("needs /dev/kvm, readable and writable")

  static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Where guests lie ready, for a machine without compilers (Scripts/conformance); there they are built once for all.
  private static let ready = ProcessInfo.processInfo.environment["FAASCAST_TEST_GUESTS"].map { URL(filePath: $0) }

  static let directory: URL = {
    let directory = FileManager.default.temporaryDirectory.appending(path: "faascast-guests-\(getpid())")
    try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(at: Guests.directory) }
    return directory
  }()

  /// The probe: does what the first byte of a request says (Guests/Probes/probe.c).
  static let probe = Result { try freestanding("Guests/Probes/probe.c") }

  /// The static Linux program that does the same with system calls (Guests/Probes/linux.c).
  static let linux = Result { try compile("Guests/Probes/linux.c", ["cc", "-static", "-O1", "-w"]) }

  /// A static Swift program with Foundation (Guests/Probes/json.swift).
  static let foundation = Result {
    try compile("Guests/Probes/json.swift", ["swiftc", "-parse-as-library", "-static-executable"])
  }

  /// A Python handler in a directory of its own.
  static let python = Result {
    let path = directory.appending(path: "echo.py")
    try """
    import hashlib, json, time
    calls = 0
    def handler(event, context):
        global calls
        calls += 1
        if event == "fail":
            raise ValueError("as asked")
        if isinstance(event, dict) and "open" in event:
            with open(event["open"]) as file:
                return len(file.read())
        return {"event": event, "calls": calls, "hash": hashlib.sha256(json.dumps(event).encode()).hexdigest()}
    """.write(to: path, atomically: true, encoding: .utf8)
    return path.path
  }
  static let hasPython = FileManager.default.fileExists(atPath: "/usr/bin/python3")

  static func image(_ guest: Result<String, any Error>) throws -> GuestImage { try GuestImage.load(guest.get()) }

  private static func freestanding(_ source: String) throws -> String {
    try compile(
      source,
      [
        "clang", "--target=x86_64-unknown-none-elf", "-O1", "-ffreestanding", "-nostdlib", "-static", "-fno-pic",
        "-mno-red-zone", "-fuse-ld=lld", "-Wl,--image-base=0x100000", "-Wl,--no-pie", "-Wl,-z,separate-code",
        "-Wl,--build-id=none",
      ])
  }

  private static func compile(_ source: String, _ command: [String]) throws -> String {
    let output = (ready ?? directory).appending(path: URL(filePath: source).lastPathComponent + ".guest").path
    if ready != nil, FileManager.default.isExecutableFile(atPath: output) { return output }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command + [package.appending(path: source).path, "-o", output]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw BuildFailure(command: process.arguments ?? []) }
    return output
  }

  struct BuildFailure: Error { var command: [String] }
}

@Suite("The guests of the tests")
struct GuestsTests {
  @Test("build from their sources", arguments: [Guests.probe, Guests.linux, Guests.foundation])
  func build(_ guest: Result<String, any Error>) throws {
    #expect(FileManager.default.isExecutableFile(atPath: try guest.get()))
  }
}
