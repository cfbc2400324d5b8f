import Diagnostics
import Foundation

enum FileBytes {
  /// The bytes of a small file, at most one more than `limit` of them, so that a huge one is told from a large one
  /// without reading it.
  static func read(_ path: String, limit: Int) throws(InputFault) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= limit {
      let count = Foundation.read(descriptor, &chunk, min(chunk.count, limit + 1 - bytes.count))
      guard count >= 0 else { throw unreadable(path) }
      if count == 0 { break }
      bytes.append(contentsOf: chunk[..<count])
    }
    return bytes
  }

  private static func unreadable(_ path: String) -> InputFault {
    let code = errno
    if code == EISDIR {
      return InputFault(
        .system, at: .init(file: path), found: "a directory", expected: "a scenario, a YAML file",
        advice: "is this the trace? A scenario is a short YAML file that names it")
    }
    return InputFault(
      .system, at: .init(file: path), found: String(cString: strerror(code)).lowercased(), expected: "a readable file",
      advice: code == ENOENT ? "check the path" : nil)
  }
}
