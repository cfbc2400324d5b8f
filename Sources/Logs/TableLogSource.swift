import Diagnostics
import Reading
import Workloads

/// Log events out of the CSV that the consoles of Logs Insights and of CloudWatch Logs export.
package struct TableLogSource {
  private let rows: CSVReader
  /// What each column says.
  private let fields: [LogField?]
  private var count = 0
  private(set) var remarks: [String] = []

  init(path: String) throws(InputFault) {
    rows = try CSVReader(path: path)
    fields = rows.columns.map { name in Array(name.utf8).withUnsafeBytes { LogField($0) } }
    let ignored = zip(rows.columns, fields).filter { $0.1 == nil && !$0.0.hasPrefix("@") }.map(\.0)
    if !ignored.isEmpty {
      remarks.append("columns not used: " + excerpt(ignored.joined(separator: ", "), limit: 120))
    }
  }

  var progress: Double { rows.progress }

  /// The next row; false at the end.
  mutating func next(_ record: inout LogRecord) throws(InputFault) -> Bool {
    guard try rows.next() else {
      if count == DocumentLogSource.mostRows { remarks.append(DocumentLogSource.cutOff) }
      count = 0
      return false
    }
    count += 1
    record.clear()
    for (index, field) in fields.enumerated() {
      if let field { record.take(field, rows.field(index)) }
    }
    return true
  }

  /// Whether a file's first line is the header of such an export.
  package static func isHeader(_ line: UnsafeRawBufferPointer) -> Bool {
    var hasTime = false
    var hasMessage = false
    for column in line.split(separator: UInt8(ascii: ",")) {
      let name = column.filter { $0 > 32 && $0 != UInt8(ascii: "\"") && $0 < 128 }
      let isOwn = name.withUnsafeBytes { bytes in
        if bytes.isExactly("timestamp") { hasTime = true }
        if bytes.isExactly("message") { hasMessage = true }
        return LogField(bytes) != nil && (bytes.first == UInt8(ascii: "@") || bytes.dropping("record.") != nil)
      }
      if isOwn { return true }
    }
    return hasTime && hasMessage
  }
}
