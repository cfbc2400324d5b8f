import Glibc

/// A program that a machine can run.
public struct GuestImage: Sendable {
  /// What the program expects around it.
  public enum Kind: Equatable, Sendable {
    /// No operating system: it talks to the monitor by hypercalls (Guests/Library/faascast.h).
    case freestanding
    /// Linux: it makes system calls, which the monitor serves.
    case linux
  }

  public let path: String
  public let kind: Kind
  let program: ELF
  let file: [UInt8]

  /// The largest program file that is read, in bytes.
  static let sizeLimit = 1 << 30

  /// Reads and checks a static ELF program.
  public static func load(_ path: String) throws(MachineFault) -> GuestImage {
    try GuestImage(file: contents(path), path: path)
  }

  init(file: [UInt8], path: String) throws(MachineFault) {
    program = try ELF(file, path: path)
    kind = program.isFreestanding ? .freestanding : .linux
    self.file = file
    self.path = path
  }

  static func contents(_ path: String) throws(MachineFault) -> [UInt8] {
    do throws(MachineFault) {
      let file = try Kernel.openFile(path)
      let status = try Kernel.status(file)
      guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= sizeLimit else {
        throw .badImage(
          path: path, offset: 0, found: status.st_size > sizeLimit ? "\(status.st_size) bytes" : "no regular file",
          expected: "a program file of at most \(sizeLimit) bytes")
      }
      return try Kernel.read(file, count: Int(status.st_size))
    } catch {
      guard case .host(_, let code) = error else { throw error }
      throw .badImage(
        path: path, offset: 0, found: String(cString: strerror(code)).lowercased(), expected: "a readable program")
    }
  }
}
