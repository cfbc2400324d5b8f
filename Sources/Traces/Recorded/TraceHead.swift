import Diagnostics
import Logs
import Reading

/// The beginning of a file, plain or gzip: enough to tell what kind of trace it is.
struct TraceHead {
  static let length = 64 << 10

  /// The first bytes, without a byte-order mark.
  let bytes: [UInt8]
  /// Whether these are all.
  let isWhole: Bool

  /// - Throws: when the file can't be read.
  init(path: String) throws(InputFault) {
    let reader = try ChunkReader(path: path)
    var bytes = [UInt8](repeating: 0, count: Self.length)
    var filled = 0
    var buffer = bytes
    while filled < bytes.count {
      let count = try reader.read(into: &buffer)
      if count == 0 { break }
      let taken = min(count, bytes.count - filled)
      bytes.replaceSubrange(filled..<(filled + taken), with: buffer[..<taken])
      filled += taken
    }
    isWhole = filled < bytes.count
    bytes.removeLast(bytes.count - filled)
    self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
  }

  /// The first byte that isn't white space.
  var firstVisible: UInt8? { bytes.first { $0 > 32 } }
  /// Whether the file begins as a JSON object.
  var isObject: Bool { firstVisible == UInt8(ascii: "{") }
  /// Whether the file begins as JSON.
  var isJSON: Bool { isObject || firstVisible == UInt8(ascii: "[") }

  /// The first line that isn't blank, without its end.
  var firstLine: ArraySlice<UInt8> {
    for line in bytes.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
      if line.contains(where: { $0 > 32 }) { return line }
    }
    return []
  }

  /// The first line's fields, if it is a header: names without quotes and blanks.
  var header: [String] {
    firstLine.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { field in
      let trimmed = field.drop { $0 <= 32 || $0 == 34 }
      let end = trimmed.lastIndex { $0 > 32 && $0 != 34 }.map { $0 + 1 } ?? trimmed.startIndex
      return String(decoding: trimmed[..<end], as: UTF8.self)
    }
  }

  /// The names of the members of the first object's top level that hold a string or a number, as far as they are whole.
  var members: [String] {
    var scanner = JSONScanner(bytes, name: "")
    return scanner.scalarMembers()
  }

  /// Whether a text stands anywhere in the head.
  func contains(_ text: String) -> Bool {
    let text = Array(text.utf8)
    guard let first = text.first else { return true }
    return bytes.withUnsafeBytes { bytes in
      var from = 0
      while let found = bytes.firstOffset(of: first, from: from) {
        if bytes[found...].starts(with: text) { return true }
        from = found + 1
      }
      return false
    }
  }
}

extension JSONScanner {
  /// The names of the object's members that hold a string or a number; what came before a mistake when there is one,
  /// none when no object stands here.
  mutating func scalarMembers(most: Int = 1000) -> [String] {
    var names: [String] = []
    do throws(InputFault) {
      guard try next() == .beginObject else { return [] }
      while names.count < most, try next() == .key {
        let name = String(decoding: text, as: UTF8.self)
        let outer = depth
        switch try next() {
        case .string, .number: if !names.contains(name) { names.append(name) }
        default: while depth > outer { _ = try next() }
        }
      }
    } catch {
      return names
    }
    return names
  }
}
