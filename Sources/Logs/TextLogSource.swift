import Diagnostics
import Reading
import Workloads

/// Log events out of lines: bare messages, messages behind a timestamp and a stream's name in any order as
/// `aws logs tail`, `sam logs`, exports to S3 and `--output text` print them, and JSON objects one a line.
struct TextLogSource {
  /// The most that a message may be spread over lines, bytes: what CloudWatch takes as one event.
  private static let longestEvent = 1 << 20

  private let lines: LineReader
  /// Objects on lines of their own.
  private var objects = DocumentLogSource(JSONScanner([], name: ""))
  /// An event of `--output text` whose timestamp has not come yet, because its message has line ends inside.
  private var open: [UInt8] = []
  private(set) var strays = 0

  init(_ lines: LineReader) { self.lines = lines }

  var progress: Double { lines.progress }
  var remarks: [String] { objects.remarks }

  /// The next event; false at the end.
  mutating func next(_ record: inout LogRecord) throws(InputFault) -> Bool {
    while true {
      // A line that begins as an object may hold a whole document; if it turns out not to be JSON it is output.
      do {
        if try objects.next(&record) { return true }
        strays += objects.strays
      } catch {
        objects.load(UnsafeRawBufferPointer(start: nil, count: 0))
        record.clear()
        record.take(message: [])
        return true
      }
      objects.load(UnsafeRawBufferPointer(start: nil, count: 0))
      guard let line = try lines.next() else { return takeOpen(into: &record) }
      if isTabular(line) {
        if takeTabular(line, into: &record) { return true }
        continue
      }
      if line.allSatisfy({ $0 <= 32 }) { continue }
      if line[0] == UInt8(ascii: "{") {
        objects.load(line)
        continue
      }
      record.clear()
      take(line, into: &record)
      return true
    }
  }

  /// Takes off timestamp, group and stream, in whatever order they come, and leaves the message.
  private func take(_ line: UnsafeRawBufferPointer, into record: inout LogRecord) {
    var rest = line
    for _ in 0..<3 {
      while let blank = rest.first, blank <= 32 { rest = .init(rebasing: rest[1...]) }
      if record.timestamp == .absent, let (moment, length) = LogTimestamp.leading(rest) {
        record.timestamp = .at(moment)
        rest = .init(rebasing: rest[length...])
        continue
      }
      var length = 0
      while length < rest.count, rest[length] > 32 { length += 1 }
      let word = UnsafeRawBufferPointer(rebasing: rest[..<length])
      if record.stream.isEmpty, Self.isStreamName(word) {
        record.take(.stream, word)
      } else if record.group.isEmpty, word.dropping("/aws/lambda/") != nil {
        record.take(.group, word)
      } else {
        break
      }
      rest = .init(rebasing: rest[length...])
    }
    record.take(message: rest)
  }

  /// `2024/05/01/[$LATEST]…` or `2024/05/01/checkout[3]…`.
  private static func isStreamName(_ word: UnsafeRawBufferPointer) -> Bool {
    guard word.count > 13, word[4] == UInt8(ascii: "/"), word[7] == UInt8(ascii: "/"), word[10] == UInt8(ascii: "/")
    else { return false }
    return [0, 1, 2, 3, 5, 6, 8, 9].allSatisfy { word[$0] &- 48 < 10 }
      && word.firstOffset(of: UInt8(ascii: "["), from: 11) != nil
  }

  // MARK: - Tables of --output text

  /// Whether a line belongs to an event of `aws logs filter-log-events --output text` or `get-log-events`.
  private func isTabular(_ line: UnsafeRawBufferPointer) -> Bool {
    !open.isEmpty || line.dropping("EVENTS\t") != nil
  }

  /// Gathers the lines of an event until its timestamp ends one. Whether `record` is an event then.
  private mutating func takeTabular(_ line: UnsafeRawBufferPointer, into record: inout LogRecord) -> Bool {
    let begins = line.dropping("EVENTS\t") != nil
    if begins || line.dropping("SEARCHEDLOGSTREAMS\t") != nil || open.count + line.count > Self.longestEvent {
      // The earlier event never came to its timestamp.
      let isCut = takeOpen(into: &record)
      if begins { open.append(contentsOf: line) }
      if isCut { return true }
      if !begins { return false }
    } else {
      open.append(10)
      open.append(contentsOf: line)
    }
    guard open.count > 14, open[open.count - 14] == 9,
      case .at = open.withUnsafeBytes({ LogTimestamp(parsing: .init(rebasing: $0.suffix(13))) })
    else { return false }
    return takeOpen(into: &record)
  }

  /// Makes an event of what was gathered: columns by name in alphabetical order, `EVENTS`, eventId, ingestionTime,
  /// logStreamName, message, timestamp; get-log-events has neither eventId nor logStreamName.
  private mutating func takeOpen(into record: inout LogRecord) -> Bool {
    guard !open.isEmpty else { return false }
    record.clear()
    open.withUnsafeBytes { bytes in
      var columns: [Range<Int>] = []
      var start = 0
      while columns.count < 4, let tab = bytes.firstOffset(of: 9, from: start) {
        columns.append(start..<tab)
        start = tab + 1
      }
      let isFiltered = columns.count == 4 && Self.isStreamName(.init(rebasing: bytes[columns[3]]))
      let first = isFiltered ? start : columns.count > 1 ? columns[1].upperBound + 1 : bytes.count
      if isFiltered { record.take(.stream, .init(rebasing: bytes[columns[3]])) }
      record.fileIsStream = !isFiltered
      var end = bytes.count
      if let tab = bytes.lastIndex(of: 9), tab >= first {
        record.take(.timestamp, .init(rebasing: bytes[(tab + 1)...]))
        if case .at = record.timestamp { end = tab }
      }
      record.take(message: bytes[min(first, end)..<end])
    }
    open.removeAll(keepingCapacity: true)
    return true
  }
}
