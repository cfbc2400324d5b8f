import Diagnostics
import Logs
import Reading
import Units

/// A CSV table with a column for each minute, read row by row.
///
/// Rows of plain digits are taken straight from the text; rows with anything else in them (quotes, decimals, blanks) go
/// field by field, with the same result.
final class MinuteTable {
  /// The numbers in the minutes' column names, without a gap.
  let minutes: ClosedRange<Int>
  /// Columns that are not minutes.
  let others: [Int]
  /// The counts of the row at hand, from `minutes.lowerBound` on.
  private(set) var row = MinuteRow()
  /// Rows with a count that was empty or NaN and taken as zero.
  private(set) var repairedRows = 0

  let reader: CSVReader
  /// The columns of the minutes in ascending order.
  private let minuteColumns: [Int]
  /// The minutes' columns where they stand side by side in order.
  private let run: Range<Int>?
  /// The row at hand, where it was taken straight from the text, and the bounds of the fields around the run.
  private var line = UnsafeRawBufferPointer(start: nil, count: 0)
  private var bounds: [Int] = []
  private var isPlain = false

  static let expectedCount = "a whole number of invocations, 0 to \(MinuteCounts.largestCount.grouped)"

  /// - Throws: when the table can't be read, has no minutes, or lacks one between its first and last.
  init(_ reader: CSVReader) throws(InputFault) {
    self.reader = reader
    var numbered: [(number: Int, column: Int)] = []
    var others: [Int] = []
    for (column, name) in reader.columns.enumerated() {
      if let number = Self.minute(named: name) { numbered.append((number, column)) } else { others.append(column) }
    }
    numbered.sort { ($0.number, $0.column) < ($1.number, $1.column) }
    guard let first = numbered.first, let last = numbered.last else {
      throw InputFault(
        at: .init(file: reader.path, line: reader.lineNumber),
        found: "columns " + excerpt(reader.columns.joined(separator: ","), limit: 120),
        expected: "a column for each minute, named 1, 2, 3… or minute_1, minute_2…")
    }
    for (a, b) in zip(numbered, numbered.dropFirst()) where b.number != a.number + 1 {
      throw InputFault(
        at: .init(file: reader.path, line: reader.lineNumber, key: reader.columns[b.column]),
        found: b.number == a.number ? "minute \(b.number) twice" : "minute \(b.number) after minute \(a.number)",
        expected: "each minute from \(first.number) to \(last.number) once",
        advice: b.number == a.number ? nil : "add the missing columns, with zeros where nothing was invoked")
    }
    minutes = first.number...last.number
    minuteColumns = numbered.map(\.column)
    self.others = others
    let start = first.column
    run = minuteColumns.enumerated().allSatisfy { $0.element == start + $0.offset } ? start..<(last.column + 1) : nil
  }

  /// The number in a minute's column name: `17`, `minute_17`, `minute17`, `m17`; nil for other names.
  static func minute(named name: String) -> Int? {
    var digits = Substring(name.lowercased())
    for prefix in ["minute_", "minute", "m_", "m"] where digits.hasPrefix(prefix) {
      digits = digits.dropFirst(prefix.count)
      break
    }
    guard (1...9).contains(digits.utf8.count), digits.utf8.allSatisfy({ 48...57 ~= $0 }) else { return nil }
    return Int(digits)
  }

  /// Goes to the next row; false at the end. - Throws: for a row with too few or too many fields and for a count that is
  /// negative, fractional or more than a minute may have.
  func next() throws(InputFault) -> Bool {
    isPlain = false
    guard try reader.next(unless: { takePlain($0) }) else { return false }
    if !isPlain { try takeFields() }
    return true
  }

  /// A field's bytes, of a column that is not a minute. Valid until the next row.
  func field(_ column: Int) -> UnsafeRawBufferPointer {
    guard isPlain, let run else { return reader.field(column) }
    let index = column < run.lowerBound ? column : column - run.count
    return UnsafeRawBufferPointer(rebasing: line[bounds[2 * index]..<bounds[2 * index + 1]])
  }

  func text(_ column: Int) -> String { String(decoding: field(column), as: UTF8.self) }

  /// Takes the row field by field.
  private func takeFields() throws(InputFault) {
    row.clear(forText: 0)
    var repaired = false
    for column in minuteColumns {
      let field = reader.field(column)
      if Self.isMissing(field) {
        row.appendZeros(1)
        repaired = true
        continue
      }
      // In billionths, so that 3.0 is whole and 3.5 is not.
      guard let billionths = Decimal64.scaled(field, by: 1_000_000_000), billionths % 1_000_000_000 == 0,
        0...MinuteCounts.largestCount ~= Int(billionths / 1_000_000_000)
      else { throw reader.fault(column, expected: Self.expectedCount) }
      let count = Int(billionths / 1_000_000_000)
      if count == 0 { row.appendZeros(1) } else { row.append(count) }
    }
    if repaired { repairedRows += 1 }
  }

  /// Whether a field stands for a number that is not there.
  static func isMissing(_ field: UnsafeRawBufferPointer) -> Bool {
    field.isEmpty
      || field.count == 3 && field[0] | 0x20 == UInt8(ascii: "n") && field[1] | 0x20 == UInt8(ascii: "a")
        && field[2] | 0x20 == UInt8(ascii: "n")
  }

  /// Takes the row straight from its line; false where it isn't plain, and then nothing is taken.
  private func takePlain(_ line: UnsafeRawBufferPointer) -> Bool {
    guard let run else { return false }
    bounds.removeAll(keepingCapacity: true)
    var index = 0
    for _ in 0..<run.lowerBound {
      guard let comma = line.firstOffset(of: UInt8(ascii: ","), from: index) else { return false }
      appendBounds(line, index, comma)
      index = comma + 1
    }
    row.clear(forText: line.count)
    guard let stop = scan(line, from: index, minutes: run.count) else { return false }
    index = stop
    for _ in run.upperBound..<reader.columns.count {
      guard index <= line.count else { return false }
      let comma = line.firstOffset(of: UInt8(ascii: ","), from: index)
      appendBounds(line, index, comma ?? line.count)
      index = (comma ?? line.count) + 1
    }
    guard index == line.count + 1 else { return false }
    self.line = line
    isPlain = true
    return true
  }

  private func appendBounds(_ line: UnsafeRawBufferPointer, _ start: Int, _ stop: Int) {
    let trimmed = CSVReader.trim(line, start, stop)
    bounds.append(trimmed.lowerBound)
    bounds.append(trimmed.upperBound)
  }

  /// Reads so many counts of plain digits and gives the offset behind the comma (or the end) after the last; nil where
  /// there is anything else.
  private func scan(_ line: UnsafeRawBufferPointer, from start: Int, minutes: Int) -> Int? {
    let fourZeros: UInt64 = 0x2C30_2C30_2C30_2C30  // "0,0,0,0,"
    var index = start
    var left = minutes
    var zeros = 0
    while left > 0 {
      while left > 4, index + 8 <= line.count,
        UInt64(littleEndian: line.loadUnaligned(fromByteOffset: index, as: UInt64.self)) == fourZeros
      {
        index += 8
        left -= 4
        zeros += 4
      }
      var count = 0
      let first = index
      while index < line.count, line[index] &- 48 < 10 {
        count = count &* 10 &+ Int(line[index] &- 48)
        index += 1
      }
      // Ten digits hold the largest count and cannot overflow.
      guard index > first, index - first <= 10, count <= MinuteCounts.largestCount else { return nil }
      if count == 0 {
        zeros += 1
      } else {
        row.appendZeros(zeros)
        zeros = 0
        row.append(count)
      }
      left -= 1
      if index < line.count {
        guard line[index] == UInt8(ascii: ",") else { return nil }
      } else if left > 0 {
        return nil
      }
      index += 1
    }
    return index
  }
}
