import Glibc

/// The files that a guest can see: some that the monitor holds in memory, and what lies under the host's paths that the
/// configuration allows. Nothing can be written.
struct GuestFiles: Sendable {
  /// Files that the host does not have, by absolute path.
  var held: [String: [UInt8]]
  /// Canonical paths of the host, of files or directories.
  let allowed: [[Substring]]
  /// What `/proc/self/exe` leads to.
  let program: String

  static let pathLimit = 4096

  init(held: [String: [UInt8]] = [:], allowed: [String], program: String) {
    self.held = held
    self.allowed = allowed.map { Self.components($0) }
    self.program = program
  }

  /// A file or directory that the guest may read.
  enum Found: Sendable {
    case held([UInt8])
    case host(HostFile)
  }

  /// The parts of a path with `.` and `..` resolved by name, as from `/`.
  static func components(_ path: String) -> [Substring] {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return parts
  }

  private func isAllowed(_ parts: [Substring]) -> Bool { allowed.contains { parts.starts(with: $0) } }

  /// What is at a path, or the errno that the guest gets.
  func look(_ path: String) -> Result<Found, GuestErrno> {
    let parts = Self.components(path)
    if !held.isEmpty, let bytes = held["/" + parts.joined(separator: "/")] { return .success(.held(bytes)) }
    // By name first, so that the host's file system is not even asked about anything else.
    guard isAllowed(parts) else { return .failure(GuestErrno(ENOENT)) }
    do throws(MachineFault) {
      let file = try HostFile(path: "/" + parts.joined(separator: "/"))
      // Where links led must be allowed as well.
      guard isAllowed(Self.components(file.path)) else { return .failure(GuestErrno(ENOENT)) }
      guard file.isDirectory || file.isRegular else { return .failure(GuestErrno(EACCES)) }
      return .success(.host(file))
    } catch {
      return .failure(GuestErrno(error))
    }
  }
}

/// An errno for the guest.
struct GuestErrno: Error, Equatable {
  var code: Int32

  init(_ code: Int32) { self.code = code }

  /// The host's refusal passed on; anything else is an I/O error to the guest.
  init(_ fault: MachineFault) {
    if case .host(_, let code) = fault { self.code = code } else { code = EIO }
  }
}

/// A file or directory of the host, open for reading.
///
/// Positions belong to the guests that read it, so that restored copies of a machine can share it.
final class HostFile: Sendable {
  /// The path that it really has.
  let path: String
  let status: stat
  private let descriptor: Descriptor

  init(path: String) throws(MachineFault) {
    // A handle on the place first, which has no effect on devices and pipes, then where it is, then the content.
    let place = try Kernel.openPlace(path)
    let number = place.number
    self.path = try Kernel.readLink("/proc/self/fd/\(number)")
    status = try Kernel.status(place)
    let kind = status.st_mode & S_IFMT
    if kind == S_IFREG || kind == S_IFDIR {
      descriptor = try Kernel.openFile("/proc/self/fd/\(number)")
    } else {
      descriptor = place
    }
  }

  var isDirectory: Bool { status.st_mode & S_IFMT == S_IFDIR }
  var isRegular: Bool { status.st_mode & S_IFMT == S_IFREG }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(MachineFault) -> Int {
    try Kernel.read(descriptor, into: buffer, at: offset)
  }

  /// All entries, as getdents64 lays them out.
  func entries() throws(MachineFault) -> [UInt8] { try Kernel.directoryEntries(descriptor) }
}
