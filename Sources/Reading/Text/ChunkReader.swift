import CZlib
package import Diagnostics
import Glibc

/// The bytes of a file, plain or gzip (told apart by content), in pieces.
///
/// A gzip file cut short or damaged is a fault, not an end.
package final class ChunkReader {
  /// The path as given.
  let path: String

  private let file: gzFile
  private let size: Int

  package init(path: String) throws(InputFault) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw LineReader.unreadable(path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR, let file = gzdopen(descriptor, "rb")
    else {
      close(descriptor)
      throw InputFault(
        .system, at: .init(file: path), found: "a directory or a special file", expected: "a readable file")
    }
    gzbuffer(file, 256 << 10)
    self.path = path
    self.file = file
    size = Int(status.st_size)
  }

  deinit { gzclose_r(file) }

  /// The share of the file consumed, 0 to 1.
  var progress: Double { size == 0 ? 1 : min(1, Double(gzoffset(file)) / Double(size)) }

  /// Overwrites the beginning of `buffer`, whose size it keeps, with the bytes that follow, and gives their number;
  /// zero at the end.
  package func read(into buffer: inout [UInt8], line: Int? = nil) throws(InputFault) -> Int {
    try buffer.withUnsafeMutableBytes { bytes in
      Result { () throws(InputFault) in try read(into: bytes, line: line) }
    }.get()
  }

  /// The same for bytes of another owner.
  ///
  /// - Parameter line: where a fault is said to be.
  func read(into buffer: UnsafeMutableRawBufferPointer, line: Int?) throws(InputFault) -> Int {
    let count = gzread(file, buffer.baseAddress, UInt32(clamping: buffer.count))
    var code: Int32 = 0
    let message = gzerror(file, &code)
    guard count >= 0, code == Z_OK || code == Z_STREAM_END else {
      let place = InputFault.Place(file: path, line: line)
      if code == Z_ERRNO {
        throw InputFault(.system, at: place, found: String(cString: strerror(errno)), expected: "a readable file")
      }
      // zlib says its own name of the file first: <fd:3>.
      let reason = message.map { String(cString: $0) }?.split(separator: ": ").last ?? "error"
      throw InputFault(
        at: place, found: "a damaged or truncated gzip stream (\(reason))",
        expected: "a whole gzip file", advice: "fetch or compress the file again")
    }
    return Int(count)
  }
}
