import Diagnostics
import Glibc

/// A temporary file without a name: it vanishes with the process, whatever ends it.
final class SpillFile {
  private let descriptor: Int32
  private let directory: String
  /// Bytes written so far.
  private(set) var length: Int64 = 0

  /// Opens one in `directory`; by default the one that the environment variable TMPDIR names, else `/tmp`.
  init(directory: String? = nil) throws(InputFault) {
    let directory = directory ?? getenv("TMPDIR").map { String(cString: $0) } ?? ""
    self.directory = directory.isEmpty ? "/tmp" : directory
    var path = Array((self.directory + "/faascast-sort-XXXXXX").utf8CString)
    descriptor = mkstemp(&path)
    guard descriptor >= 0 else { throw fault("a directory to sort in") }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    unlink(path)
  }

  /// Writes to a file that is open already and belongs to the spill file from now on.
  init(descriptor: Int32, directory: String) {
    self.descriptor = descriptor
    self.directory = directory
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Appends all bytes.
  func append(_ bytes: UnsafeRawBufferPointer) throws(InputFault) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw fault("room to sort: 20 bytes an invocation") }
      rest = rest.dropFirst(written)
      length += Int64(written)
    }
  }

  /// Fills `bytes` with what was written from `offset` on.
  func read(at offset: Int64, into bytes: UnsafeMutableRawBufferPointer) throws(InputFault) {
    var done = 0
    while done < bytes.count {
      let room = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
      let count = pread(descriptor, room.baseAddress, room.count, off_t(offset) + done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw fault("the rows written there before") }
      done += count
    }
  }

  private func fault(_ expected: String) -> InputFault {
    InputFault(
      .system, at: .init(file: directory), found: String(cString: strerror(errno)).lowercased(), expected: expected,
      advice: "name a directory with more room in TMPDIR, or sort the file by arrival first")
  }
}
