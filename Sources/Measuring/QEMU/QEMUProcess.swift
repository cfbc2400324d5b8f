import Foundation
import Glibc
import Units

/// A running QEMU and the lines of its serial port; ended when nobody holds it any more.
final class QEMUProcess {
  private let process = Process()
  private let output = Pipe()
  private let start = Clock.now
  private var pending: [UInt8] = []
  /// What the console said last, for a fault.
  private(set) var lastWords = "it said nothing"

  init(_ words: [String]) throws {
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    try output.fileHandleForWriting.close()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  /// Since QEMU was started.
  var age: TimeSpan { Clock.now - start }

  /// The next line; nil when QEMU has ended, its time is up, or someone wants to stop.
  func line(before deadline: TimeSpan, shouldStop: () -> Bool) -> String? {
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: pending[..<end], as: UTF8.self)
        pending.removeFirst(end + 1)
        if line.contains(where: { !$0.isWhitespace }) { lastWords = String(line.suffix(200)) }
        return line
      }
      guard age < deadline, !shouldStop(), fill() else { return nil }
    }
  }

  /// Waits a tenth of a second for more; false at the end of the output.
  private func fill() -> Bool {
    let descriptor = output.fileHandleForReading.fileDescriptor
    var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&wanted, 1, 100) > 0 else { return true }
    var chunk = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &chunk, chunk.count)
    guard count > 0 else { return false }
    pending.append(contentsOf: chunk[..<count])
    return true
  }
}
