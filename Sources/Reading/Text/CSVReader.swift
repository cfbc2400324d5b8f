public import Diagnostics

/// Rows of comma-separated values under a header, one at a time in constant memory; plain or gzip.
///
/// Columns are found by name in any order. Quoted fields (RFC 4180), CRLF, a byte-order mark, blank lines and blanks
/// around unquoted fields are taken.
public final class CSVReader {
  /// Column names as the header has them.
  public private(set) var columns: [String]
  public var path: String { lines.path }
  /// The line on which the row at hand begins.
  public private(set) var lineNumber = 0
  public var progress: Double { lines.progress }

  private let lines: LineReader
  private var headerLine = 1
  /// The row at hand where it could be used as it lies in the reader's buffer.
  private var row = UnsafeRawBufferPointer(start: nil, count: 0)
  /// Where fields begin and end in `row`, two entries a field.
  private var bounds: [Int] = []
  /// A row with quotes while it is rewritten without them, and where it then lies.
  private var scratch: [UInt8] = []
  private var unquoted: UnsafeMutableRawBufferPointer?

  /// Reads the header. - Throws: when the file can't be read, is empty, or names a column twice.
  public init(path: String) throws(InputFault) {
    lines = try LineReader(path: path)
    columns = []
    guard try advance({ _ in false }) else {
      throw InputFault(at: .init(file: path), found: "an empty file", expected: "a header line and rows")
    }
    columns = (0..<fieldCount).map { text($0) }
    headerLine = lineNumber
    var seen: Set<String> = []
    for name in columns where !name.isEmpty && !seen.insert(name).inserted {
      throw InputFault(
        at: .init(file: path, line: lineNumber), found: "column \(excerpt(name)) twice", expected: "each column once")
    }
  }

  /// The index of the first column whose name is one of `names` (case does not matter), or nil.
  public func column(_ names: String...) -> Int? { firstColumn(names) }

  private func firstColumn(_ names: [String]) -> Int? {
    for name in names {
      if let index = columns.firstIndex(where: { $0.lowercased() == name.lowercased() }) { return index }
    }
    return nil
  }

  /// As `column(_:)`, but its absence is a fault that names what is there.
  public func requiredColumn(_ names: String...) throws(InputFault) -> Int {
    if let index = firstColumn(names) { return index }
    throw InputFault(
      at: .init(file: path, line: headerLine),
      found: "columns " + excerpt(columns.joined(separator: ","), limit: 120),
      expected: "a column named " + names.map { "'\($0)'" }.joined(separator: " or "),
      advice: names.lazy.compactMap { nearest(to: $0, among: self.columns) }.first.map {
        "did you mean \(excerpt($0))?"
      })
  }

  /// Goes to the next row that isn't blank; false at the end. - Throws: when a row has another number of fields than
  /// the header, or the file can't be read on.
  public func next() throws(InputFault) -> Bool { try next(unless: { _ in false }) }

  /// As `next()`, but a row without quotes is shown whole to `taken` first; where that gives true, the row is not split
  /// into fields, and nothing but `taken` has looked at it.
  package func next(unless taken: (UnsafeRawBufferPointer) -> Bool) throws(InputFault) -> Bool {
    var isTaken = false
    guard
      try advance({ line in
        isTaken = taken(line)
        return isTaken
      })
    else { return false }
    guard isTaken || fieldCount == columns.count else {
      throw InputFault(
        at: .init(file: path, line: lineNumber), found: "\(fieldCount) fields",
        expected: "\(columns.count), as in the header")
    }
    return true
  }

  /// The whole lines below the row at hand that were fetched already; see `LineReader`.
  package func fetchedLines() -> UnsafeRawBufferPointer { lines.fetchedLines() }

  /// Passes over lines at the beginning of `fetchedLines()`. There is no row at hand until the next `next()`.
  package func skip(bytes: Int, lines count: Int) { lines.skip(bytes: bytes, lines: count) }

  public var fieldCount: Int { bounds.count / 2 }

  /// A field's bytes, without quotes. Valid until the next row.
  public func field(_ index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: row[bounds[2 * index]..<bounds[2 * index + 1]])
  }

  /// A field as text.
  public func text(_ index: Int) -> String { String(decoding: field(index), as: UTF8.self) }

  /// The fault for a field of the row at hand that is not what was expected.
  public func fault(_ index: Int, expected: String, advice: String? = nil) -> InputFault {
    InputFault(
      at: .init(file: path, line: lineNumber, key: index < columns.count ? columns[index] : nil),
      found: field(index).isEmpty ? "nothing" : excerpt(field(index)), expected: expected, advice: advice)
  }

  private func advance(_ taken: (UnsafeRawBufferPointer) -> Bool) throws(InputFault) -> Bool {
    while let line = try lines.next() {
      if Self.trim(line, 0, line.count).isEmpty { continue }
      lineNumber = lines.lineNumber
      if line.firstOffset(of: 34) == nil {
        row = line
        if !taken(line) { split(line) }
      } else {
        try splitQuoted(line)
      }
      return true
    }
    return false
  }

  private func split(_ line: UnsafeRawBufferPointer) {
    bounds.removeAll(keepingCapacity: true)
    var start = 0
    while true {
      let stop = line.firstOffset(of: 44, from: start)
      let trimmed = Self.trim(line, start, stop ?? line.count)
      bounds.append(trimmed.lowerBound)
      bounds.append(trimmed.upperBound)
      guard let stop else { return }
      start = stop + 1
    }
  }

  /// The part of `start..<stop` without blanks around it.
  package static func trim(_ line: UnsafeRawBufferPointer, _ start: Int, _ stop: Int) -> Range<Int> {
    var first = start
    var last = stop
    while first < last, line[first] == 32 || line[first] == 9 { first += 1 }
    while last > first, line[last - 1] == 32 || line[last - 1] == 9 { last -= 1 }
    return first..<last
  }

  /// A field of a row with quotes, while it is read.
  private enum FieldState {
    /// Nothing but blanks so far.
    case blank
    case unquoted
    case quoted
    /// After the closing quote.
    case closed
  }

  /// Splits a row with quotes. A quote opens a field only at its beginning; elsewhere it is a sign like others.
  private func splitQuoted(_ line: UnsafeRawBufferPointer) throws(InputFault) {
    scratch.removeAll(keepingCapacity: true)
    bounds.removeAll(keepingCapacity: true)
    var line = line
    var state = FieldState.blank
    var start = 0
    while true {
      for index in line.indices {
        let byte = line[index]
        switch (state, byte) {
        case (.quoted, 34): state = .closed
        case (.quoted, _): scratch.append(byte)
        case (_, 44):
          endField(from: start, state)
          start = scratch.count
          state = .blank
        case (.blank, 32), (.blank, 9): break
        case (.blank, 34): state = .quoted
        case (.closed, 34):
          // Two quotes in a quoted field stand for one.
          if line[index - 1] == 34 {
            scratch.append(34)
            state = .quoted
          }
        case (.closed, 32), (.closed, 9): break
        default:
          scratch.append(byte)
          if state == .blank { state = .unquoted }
        }
      }
      guard state == .quoted else { break }
      guard scratch.count < LineReader.longestLine, let more = try lines.next() else {
        throw InputFault(
          at: .init(file: path, line: lineNumber), found: "a quote that is not closed", expected: "a closing quote")
      }
      scratch.append(10)
      line = more
    }
    endField(from: start, state)
    if unquoted.map({ $0.count < scratch.count }) ?? true {
      unquoted?.deallocate()
      unquoted = .allocate(byteCount: max(256, scratch.count * 2), alignment: 1)
    }
    guard let storage = unquoted else { return }
    storage.copyBytes(from: scratch)
    row = UnsafeRawBufferPointer(rebasing: storage[0..<scratch.count])
  }

  private func endField(from start: Int, _ state: FieldState) {
    var end = scratch.count
    if state == .unquoted {
      while end > start, scratch[end - 1] == 32 || scratch[end - 1] == 9 { end -= 1 }
    }
    bounds.append(start)
    bounds.append(end)
  }

  deinit { unquoted?.deallocate() }
}
