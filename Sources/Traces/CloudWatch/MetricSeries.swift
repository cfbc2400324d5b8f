import Diagnostics
import Logs
import Reading
import Units

/// One metric of one function over time, as `aws cloudwatch get-metric-data` gives it.
struct MetricSeries {
  var id = ""
  var label = ""
  /// `Complete`, `PartialData`, `InternalError` or `Forbidden`.
  var status = ""
  /// The starts of periods, ns since 1970, in the file's order.
  var times: [Int64] = []
  /// Millionths of the metric's unit, one for each time.
  var values: [Int64] = []

  static let unit: Int64 = 1_000_000
}

/// All that a file of metric data holds: one answer, or several that follow each other.
struct MetricFile {
  private(set) var series: [MetricSeries] = []
  private(set) var remarks: [String] = []

  /// - Throws: for what is not such an answer, a time or a value that can't be read, a series with a value too few.
  init(path: String) throws(InputFault) {
    var scanner = try JSONScanner(path: path)
    var isAnswer = false
    while true {
      let token = try scanner.next()
      if token == .end { break }
      guard token == .beginObject else { throw Self.noAnswer(scanner) }
      while try scanner.next() == .key {
        if scanner.textIs("MetricDataResults") {
          isAnswer = true
          try readSeries(&scanner)
        } else if scanner.textIs("Messages") {
          try readMessages(&scanner)
        } else if scanner.textIs("NextToken") {
          if try PlatformEvent.scalar(of: &scanner) == .string {
            remarks.append("the answer has a NextToken: more data exist than it holds")
          }
        } else {
          try scanner.skipValue()
        }
      }
    }
    guard isAnswer else { throw Self.noAnswer(scanner) }
  }

  private static func noAnswer(_ scanner: JSONScanner) -> InputFault {
    scanner.fault(
      "an object with 'MetricDataResults'", found: "something else",
      advice: "export with aws cloudwatch get-metric-data --metric-data-queries … > metrics.json")
  }

  private mutating func readSeries(_ scanner: inout JSONScanner) throws(InputFault) {
    guard try scanner.next() == .beginArray else { throw scanner.fault("an array of series", found: "another value") }
    while true {
      let token = try scanner.next()
      if token == .endArray { return }
      guard token == .beginObject else { throw scanner.fault("an object for each series", found: "another value") }
      var one = MetricSeries()
      while try scanner.next() == .key {
        if scanner.textIs("Id") {
          one.id = try Self.text(&scanner)
        } else if scanner.textIs("Label") {
          one.label = try Self.text(&scanner)
        } else if scanner.textIs("StatusCode") {
          one.status = try Self.text(&scanner)
        } else if scanner.textIs("Timestamps") {
          one.times = try Self.list(&scanner, "timestamps") { bytes in
            if case .at(let moment) = LogTimestamp(parsing: bytes) { moment } else { nil }
          }
        } else if scanner.textIs("Values") {
          one.values = try Self.list(&scanner, "numbers") { Decimal64.scaled($0, by: MetricSeries.unit) }
        } else {
          try scanner.skipValue()
        }
      }
      guard one.times.count == one.values.count else {
        throw scanner.fault(
          "as many values as timestamps",
          found: "\(one.times.count) timestamps and \(one.values.count) values in \(excerpt(one.label))")
      }
      series.append(one)
    }
  }

  private static func text(_ scanner: inout JSONScanner) throws(InputFault) -> String {
    guard try PlatformEvent.scalar(of: &scanner) == .string else { return "" }
    return String(decoding: scanner.text.prefix(400), as: UTF8.self)
  }

  private static func list(
    _ scanner: inout JSONScanner, _ what: String, _ parse: (UnsafeRawBufferPointer) -> Int64?
  ) throws(InputFault) -> [Int64] {
    guard try scanner.next() == .beginArray else { throw scanner.fault("an array of \(what)", found: "another value") }
    var result: [Int64] = []
    while true {
      let token = try scanner.next()
      if token == .endArray { return result }
      guard token == .string || token == .number, let value = scanner.text.withUnsafeBytes(parse) else {
        throw scanner.fault(
          "\(what) only", found: token == .string || token == .number ? excerpt(scanner.text) : "another value")
      }
      result.append(value)
    }
  }

  /// What CloudWatch says of the answer as a whole: objects with `Code` and `Value`.
  private mutating func readMessages(_ scanner: inout JSONScanner) throws(InputFault) {
    let depth = scanner.depth
    repeat {
      guard try scanner.next() == .key, scanner.textIs("Value") else { continue }
      if try PlatformEvent.scalar(of: &scanner) == .string, remarks.count < 10 {
        remarks.append("CloudWatch says: \(excerpt(scanner.text, limit: 200))")
      }
    } while scanner.depth > depth
  }
}
