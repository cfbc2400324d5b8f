public import Diagnostics
import Glibc

/// Lines of a text file, plain or gzip (told apart by content), one at a time in constant memory.
///
/// Takes LF and CRLF, skips a byte-order mark, counts lines from one. A gzip file cut short or damaged is a fault, not
/// an end.
public final class LineReader {
  /// The path as given.
  public var path: String { source.path }
  /// The number of the line that `next()` gave last.
  public private(set) var lineNumber = 0

  /// Longer lines are refused: no format read here has them, and an endless one must not fill the memory.
  package static let longestLine = 64 << 20

  private let source: ChunkReader
  private var buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  private var atEnd = false

  public init(path: String) throws(InputFault) {
    source = try ChunkReader(path: path)
    buffer = .allocate(byteCount: 1 << 20, alignment: 1)
  }

  deinit { buffer.deallocate() }

  /// The fault for a file that cannot be opened, from `errno`.
  public static func unreadable(_ path: String) -> InputFault {
    let reason = String(cString: strerror(errno))
    return InputFault(
      .system, at: .init(file: path), found: reason.lowercased(), expected: "a readable file",
      advice: errno == ENOENT ? "check the path; relative paths start at the scenario file's directory" : nil)
  }

  /// The share of the file consumed, 0 to 1.
  public var progress: Double { source.progress }

  /// The next line without its end; nil after the last. Valid until the next call.
  public func next() throws(InputFault) -> UnsafeRawBufferPointer? {
    var searched = start
    while true {
      if let newline = UnsafeRawBufferPointer(rebasing: buffer[..<end]).firstOffset(of: 10, from: searched) {
        return line(to: newline, resumeAt: newline + 1)
      }
      if atEnd { return start < end ? line(to: end, resumeAt: end) : nil }
      searched = end - start
      try fill()
      searched += start
    }
  }

  /// The whole lines, ends included, that were fetched and not yet given: for scans that find their way through lines
  /// themselves. Empty before the first line, and when `next()` must fetch more. Valid until the next call.
  package func fetchedLines() -> UnsafeRawBufferPointer {
    guard lineNumber > 0, let last = buffer[start..<end].lastIndex(of: 10) else {
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return UnsafeRawBufferPointer(rebasing: buffer[start...last])
  }

  /// Passes over lines at the beginning of `fetchedLines()`.
  package func skip(bytes: Int, lines: Int) {
    start += min(bytes, end - start)
    lineNumber += lines
  }

  private func line(to stop: Int, resumeAt next: Int) -> UnsafeRawBufferPointer {
    var first = start
    var stop = stop
    start = next
    lineNumber += 1
    if lineNumber == 1, stop - first >= 3, buffer[first] == 0xEF, buffer[first + 1] == 0xBB, buffer[first + 2] == 0xBF {
      first += 3
    }
    if stop > first, buffer[stop - 1] == 13 { stop -= 1 }
    return UnsafeRawBufferPointer(rebasing: buffer[first..<stop])
  }

  private func fill() throws(InputFault) {
    if start > 0 {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      end -= start
      start = 0
    }
    if end == buffer.count {
      guard buffer.count < Self.longestLine else {
        throw InputFault(
          at: .init(file: path, line: lineNumber + 1), found: "a line of more than \(Self.longestLine >> 20) MB",
          expected: "text in lines")
      }
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 1)
      larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
      buffer.deallocate()
      buffer = larger
    }
    let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]), line: lineNumber + 1)
    end += count
    guard count == 0 else { return }
    atEnd = true
    // The only part of a gzip file that zlib takes for text: its first byte alone.
    if lineNumber == 0, end - start == 1, buffer[start] == 0x1F {
      throw InputFault(
        at: .init(file: path), found: "the first byte of a gzip file and no more", expected: "a whole gzip file",
        advice: "fetch or compress the file again")
    }
  }
}
