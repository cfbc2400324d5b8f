import Diagnostics
import Reading
import Workloads

/// Log events out of JSON documents, one at a time, however large the document is.
///
/// Documents may follow each other (NDJSON, Firehose) and may be
///
///     {"events": [{"logStreamName", "timestamp", "message"}, …]}                   filter-log-events
///     {"events": [{"timestamp", "message"}, …], "nextForwardToken"}                get-log-events
///     {"messageType": "DATA_MESSAGE", "logGroup", "logStream", "logEvents": […]}   subscriptions
///     {"results": [[{"field", "value"}, …], …], "status"}                          Logs Insights
///     {"timestamp", "message", …}  or  {"time", "type", "record"}                  an event
///     [ … ]                                                                        an array of any of these
struct DocumentLogSource {
  /// What is to be said of the documents as a whole.
  private(set) var remarks: [String] = []
  /// Values that are no log events.
  private(set) var strays = 0
  var progress: Double { scanner.progress }

  private var scanner: JSONScanner
  private var contexts: [Context] = []
  /// What the document at hand says of all its events.
  private var group: [UInt8] = []
  private var stream: [UInt8] = []
  private var isControl = false
  /// Events that came before the name of their stream, last first.
  private var early: [LogRecord] = []
  private var isDraining = false

  private enum Context {
    /// An object that holds a list of events, its other members.
    case envelope
    /// A list of events or rows.
    case list(Kind, count: Int)
  }

  private enum Kind {
    case array, events, rows
  }

  /// What Logs Insights gives at most.
  static let mostRows = 10_000
  /// Events that may come before the name of their stream, bytes; a subscription's payload has at most 6 MB.
  private static let mostEarlyBytes = 64 << 20

  init(_ scanner: JSONScanner) { self.scanner = scanner }

  /// Begins again with other bytes.
  mutating func load(_ bytes: UnsafeRawBufferPointer) {
    scanner.load(bytes)
    contexts.removeAll(keepingCapacity: true)
    leaveEnvelope()
    early.removeAll()
    isDraining = false
    strays = 0
  }

  /// The next event; false at the end.
  mutating func next(_ record: inout LogRecord) throws(InputFault) -> Bool {
    while true {
      if isDraining {
        if let event = early.popLast() {
          record = event
          return true
        }
        isDraining = false
      }
      switch contexts.last {
      case .envelope:
        record.clear()
        if try readMembers(into: &record, ofEnvelope: true) { return true }
      case .list(let kind, let count):
        switch try scanner.next() {
        case .endArray:
          contexts.removeLast()
          if kind == .rows { note(rows: count) }
          continue
        case .beginObject:
          begin(&record, in: kind)
          if try readMembers(into: &record, ofEnvelope: false) { return true }
        case .beginArray:
          begin(&record, in: kind)
          try readRow(into: &record)
          return true
        default: strays += 1
        }
      case nil:
        switch try scanner.next() {
        case .end: return false
        case .beginObject:
          record.clear()
          if try readMembers(into: &record, ofEnvelope: false) { return true }
        case .beginArray: contexts.append(.list(.array, count: 0))
        default: strays += 1
        }
      }
    }
  }

  private mutating func begin(_ record: inout LogRecord, in kind: Kind) {
    record.clear()
    record.group = group
    record.stream = stream
    record.fileIsStream = kind == .events
    if case .list(let kind, let count) = contexts.popLast() { contexts.append(.list(kind, count: count + 1)) }
  }

  /// Reads members up to the object's end, or up to a list of events inside it. Whether `record` is an event then.
  private mutating func readMembers(
    into record: inout LogRecord, ofEnvelope isEnvelope: Bool
  ) throws(InputFault) -> Bool {
    while try scanner.next() == .key {
      if scanner.textIs("events") || scanner.textIs("logEvents") || scanner.textIs("results") {
        let kind: Kind = scanner.textIs("results") ? .rows : scanner.textIs("events") ? .events : .array
        let isSubscription = scanner.textIs("logEvents")
        let depth = scanner.depth
        if try scanner.next() == .beginArray {
          enterEnvelope(record, isNew: !isEnvelope)
          contexts.append(.list(kind, count: 0))
          if isSubscription, stream.isEmpty { try readEarly() }
          return false
        }
        while scanner.depth > depth { _ = try scanner.next() }
      } else {
        try readMember(into: &record)
      }
    }
    guard isEnvelope else {
      let counts = !isControl
      // A control message without events has no envelope to leave.
      if contexts.isEmpty { isControl = false }
      return counts
    }
    contexts.removeLast()
    for index in early.indices {
      if early[index].stream.isEmpty { early[index].stream = record.stream }
      if early[index].group.isEmpty { early[index].group = record.group }
    }
    isDraining = true
    if isControl { early.removeAll() }
    leaveEnvelope()
    return false
  }

  private mutating func readMember(into record: inout LogRecord) throws(InputFault) {
    if scanner.textIs("time") || scanner.textIs("type") || scanner.textIs("record") {
      return try record.event.takeMember(of: &scanner)
    }
    if scanner.textIs("messageType") {
      if try PlatformEvent.scalar(of: &scanner) == .string, scanner.textIs("CONTROL_MESSAGE") {
        isControl = true
        remark("control messages of a subscription were passed over")
      }
      return
    }
    if scanner.textIs("status"), isInsideEnvelope {
      if try PlatformEvent.scalar(of: &scanner) == .string, !scanner.textIs("Complete") {
        remark("the query's status is \(excerpt(scanner.text)): its results are not complete")
      }
      return
    }
    if scanner.textIs("nextToken") || scanner.textIs("NextToken") {
      if try PlatformEvent.scalar(of: &scanner) == .string {
        remark("the export stops at a NextToken: more events exist than it holds")
      }
      return
    }
    guard let field = scanner.text.withUnsafeBytes({ LogField($0) }) else { return try scanner.skipValue() }
    if field == .message { return try readMessage(into: &record) }
    if let token = try PlatformEvent.scalar(of: &scanner), token == .string || token == .number {
      scanner.text.withUnsafeBytes { record.take(field, $0) }
    }
  }

  private var isInsideEnvelope: Bool {
    if case .envelope = contexts.last { true } else { false }
  }

  /// A message is a string; the console writes one that was JSON as the object it is.
  private mutating func readMessage(into record: inout LogRecord) throws(InputFault) {
    let depth = scanner.depth
    switch try scanner.next() {
    case .string: record.take(message: scanner.text)
    case .beginObject:
      try record.event.readMembers(of: &scanner)
      if !record.event.isPlatform { record.take(message: []) }
    default:
      while scanner.depth > depth { _ = try scanner.next() }
      record.take(message: [])
    }
  }

  /// A row of a query: objects with a field's name and its value.
  private mutating func readRow(into record: inout LogRecord) throws(InputFault) {
    var field: LogField?
    var value: [UInt8]?
    while true {
      let depth = scanner.depth
      switch try scanner.next() {
      case .endArray: return
      case .beginObject:
        field = nil
        value = nil
        while try scanner.next() == .key {
          if scanner.textIs("field") {
            if try PlatformEvent.scalar(of: &scanner) == .string {
              field = scanner.text.withUnsafeBytes { LogField($0) }
            }
          } else if scanner.textIs("value") {
            let token = try PlatformEvent.scalar(of: &scanner)
            if token == .string || token == .number { value = scanner.text }
          } else {
            try scanner.skipValue()
          }
        }
        if let field, let value { value.withUnsafeBytes { record.take(field, $0) } }
      default:
        while scanner.depth > depth { _ = try scanner.next() }
      }
    }
  }

  /// Keeps the events of a list until the name of their stream is known: some tools sort members by name.
  private mutating func readEarly() throws(InputFault) {
    var events: [LogRecord] = []
    var bytes = 0
    while true {
      switch try scanner.next() {
      case .endArray:
        contexts.removeLast()
        early = events.reversed()
        return
      case .beginObject:
        var record = LogRecord()
        begin(&record, in: .array)
        while try scanner.next() == .key { try readMember(into: &record) }
        events.append(record)
        bytes += 256 + (record.message?.count ?? 0)
        guard bytes <= Self.mostEarlyBytes else {
          throw scanner.fault(
            "'logStream' before 'logEvents'", found: "more than \(Self.mostEarlyBytes >> 20) MB of events without it")
        }
      case .beginArray:
        let depth = scanner.depth
        while scanner.depth >= depth { _ = try scanner.next() }
        strays += 1
      default: strays += 1
      }
    }
  }

  private mutating func enterEnvelope(_ record: LogRecord, isNew: Bool) {
    if isNew { contexts.append(.envelope) }
    if !record.group.isEmpty { group = record.group }
    if !record.stream.isEmpty { stream = record.stream }
  }

  private mutating func leaveEnvelope() {
    group.removeAll()
    stream.removeAll()
    isControl = false
  }

  private mutating func note(rows: Int) {
    if rows == Self.mostRows { remark(Self.cutOff) }
  }

  static let cutOff =
    "a Logs Insights result has exactly 10,000 rows, the most it gives: what came after them is missing"

  private mutating func remark(_ text: String) {
    if !remarks.contains(text) { remarks.append(text) }
  }
}
