import CZlib
package import Diagnostics
import Glibc

/// A file that appears whole or not at all: written as `NAME.partial-PID` beside its place, then renamed.
///
/// Compressed where the name ends in `.gz`, with no date in the header, so that the same text gives the same bytes.
/// Devices and pipes are written as they are. One that is not published removes what it wrote.
package final class OutputFile {
  package let path: String
  private let partial: String?
  private var file: gzFile?
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  /// In its place, or removed for good.
  private var isSettled = false

  private static let bufferSize = 1 << 18

  package init(path: String) throws(InputFault) {
    self.path = path
    var status = stat()
    let isDevice = stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
    let partial = isDevice ? nil : "\(path).partial-\(getpid())"
    self.partial = partial
    descriptor = open(partial ?? path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Self.fault(path) }
    // `T` writes plain text through the same calls.
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    file = copy >= 0 ? gzdopen(copy, path.lowercased().hasSuffix(".gz") ? "wb9" : "wbT") : nil
    guard let file else {
      let fault = Self.fault(path)
      if copy >= 0 { close(copy) }
      close(descriptor)
      if let partial { unlink(partial) }
      throw fault
    }
    gzbuffer(file, 128 << 10)
    buffer.reserveCapacity(Self.bufferSize + 4096)
  }

  deinit { abandon() }

  /// Closes and removes what is not published.
  package func abandon() {
    if let file { gzclose_w(file) }
    file = nil
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    if !isSettled, let partial { unlink(partial) }
    isSettled = true
  }

  /// Appends what `text` holds and empties it.
  package func write(_ text: inout OutputText) throws(InputFault) {
    if buffer.isEmpty {
      swap(&buffer, &text.bytes)
    } else {
      buffer.append(contentsOf: text.bytes)
      text.bytes.removeAll(keepingCapacity: true)
    }
    if buffer.count >= Self.bufferSize { try flush() }
  }

  private func flush() throws(InputFault) {
    guard let file, !buffer.isEmpty else { return }
    errno = 0
    // A buffer holds a row more than its size; far from 32 bits.
    let written = buffer.withUnsafeBytes { gzwrite(file, $0.baseAddress, UInt32(truncatingIfNeeded: $0.count)) }
    guard Int(written) == buffer.count else { throw Self.fault(path) }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Writes all and closes; the file is not in its place yet.
  package func finish() throws(InputFault) {
    try flush()
    buffer = []
    guard let file else { return }
    self.file = nil
    errno = 0
    guard gzclose_w(file) == Z_OK else { throw Self.fault(path) }
    // What the disk refuses only now must not be published. Pipes and devices have nothing to sync.
    guard partial == nil || fsync(descriptor) == 0 else { throw Self.fault(path) }
    let result = close(descriptor)
    descriptor = -1
    guard result == 0 else { throw Self.fault(path) }
  }

  /// Puts the finished file in its place.
  package func publish() throws(InputFault) {
    if let partial, rename(partial, path) != 0 { throw Self.fault(path) }
    isSettled = true
  }

  private static func fault(_ path: String) -> InputFault {
    let code = errno
    let reason = code == 0 ? "an error while compressing" : String(cString: strerror(code)).lowercased()
    let advice: String? =
      switch code {
      case ENOSPC, EDQUOT: "make room; nothing of the file was kept"
      case ENOENT: "make the directory first"
      case EMFILE, ENFILE: "write fewer files at once, or raise the limit of open files (ulimit -n)"
      default: nil
      }
    return InputFault(
      .system, at: .init(file: path), found: reason, expected: "a file that can be written", advice: advice)
  }

  /// Makes a directory unless it is there; its parent must be.
  package static func makeDirectory(_ path: String) throws(InputFault) {
    guard mkdir(path, 0o777) != 0 else { return }
    let code = errno
    var status = stat()
    if code == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
    throw InputFault(
      .system, at: .init(file: path), found: String(cString: strerror(code)).lowercased(),
      expected: "a directory, or a place for one")
  }
}
