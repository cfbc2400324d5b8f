import Diagnostics
import Reading
import Workloads

/// A file of log events, whatever its shape.
enum LogSource {
  case text(TextLogSource)
  case document(DocumentLogSource)
  case table(TableLogSource)

  /// Opens a file and finds its shape by its first 64 KB.
  init(path: String) throws(InputFault) {
    var head = [UInt8](repeating: 0, count: 64 << 10)
    let count = try ChunkReader(path: path).read(into: &head)
    guard count > 0 else {
      throw InputFault(at: .init(file: path), found: "an empty file", expected: "logs of a Lambda function")
    }
    head.removeLast(head.count - count)
    switch Self.shape(of: head) {
    case .text: self = .text(TextLogSource(try LineReader(path: path)))
    case .document: self = .document(DocumentLogSource(try JSONScanner(path: path)))
    case .table: self = .table(try TableLogSource(path: path))
    }
  }

  /// The next event; false at the end.
  mutating func next(_ record: inout LogRecord) throws(InputFault) -> Bool {
    // Each case is taken out while it changes, so that nothing is copied.
    switch consume self {
    case .text(var source):
      defer { self = .text(source) }
      return try source.next(&record)
    case .document(var source):
      defer { self = .document(source) }
      return try source.next(&record)
    case .table(var source):
      defer { self = .table(source) }
      return try source.next(&record)
    }
  }

  var progress: Double {
    switch self {
    case .text(let source): source.progress
    case .document(let source): source.progress
    case .table(let source): source.progress
    }
  }

  /// What is to be said of the file as a whole, complete at its end.
  var remarks: [String] {
    switch self {
    case .text(let source): source.remarks
    case .document(let source): source.remarks
    case .table(let source): source.remarks
    }
  }

  /// Values in the file that are no log events.
  var strays: Int {
    switch self {
    case .text(let source): source.strays
    case .document(let source): source.strays
    case .table: 0
    }
  }

  enum Shape {
    case text, document, table
  }

  static func shape(of head: [UInt8]) -> Shape {
    let isTable = head.withUnsafeBytes { bytes in
      let end = bytes.firstOffset(of: 10) ?? bytes.count
      return TableLogSource.isHeader(.init(rebasing: bytes[..<end]))
    }
    if isTable { return .table }
    var scanner = JSONScanner(head, name: "")
    do {
      switch try scanner.next() {
      case .beginArray:
        // `[INFO] …` is a line of an application.
        let first = try scanner.next()
        return first == .beginObject || first == .beginArray || first == .endArray ? .document : .text
      case .beginObject: return try shape(ofObjectIn: &scanner)
      default: return .text
      }
    } catch {
      // Broken off by the end of what was looked at, or not JSON at all.
      return scanner.isExhausted && scanner.depth > 0 ? .document : .text
    }
  }

  /// One event a line, or anything else that is made of JSON.
  private static func shape(ofObjectIn scanner: inout JSONScanner) throws(InputFault) -> Shape {
    while try scanner.next() == .key {
      for name: StaticString in ["events", "results", "logEvents", "messageType", "searchedLogStreams"]
      where scanner.textIs(name) { return .document }
      try scanner.skipValue()
    }
    guard scanner.line == 1 else { return .document }
    // A second object on the same line: they are strung together.
    let second = try? scanner.next()
    return second == .beginObject && scanner.line == 1 ? .document : .text
  }
}
