import Diagnostics

/// One log event as any of the exports delivers it: a message and where it stood, or figures that a query took apart.
struct LogRecord {
  var timestamp = LogTimestamp.absent
  /// The log stream's name; empty where the export does not say.
  var stream: [UInt8] = []
  /// The log group's name, perhaps with an account or an ARN before it; empty where the export does not say.
  var group: [UInt8] = []
  /// Whether all events of the file are of one stream although it has no name.
  var fileIsStream = false
  private(set) var message: [UInt8]?
  /// The event itself where its JSON lay open.
  var event = PlatformEvent()
  private var draft = ReportDraft()
  private var type: [UInt8] = []

  /// Makes ready for the next event.
  mutating func clear() {
    timestamp = .absent
    stream.removeAll(keepingCapacity: true)
    group.removeAll(keepingCapacity: true)
    fileIsStream = false
    message = nil
    if !event.isEmpty { event = PlatformEvent() }
    if !draft.isEmpty { draft = ReportDraft() }
    type.removeAll(keepingCapacity: true)
  }

  mutating func take(message bytes: some Sequence<UInt8>) { message = Array(bytes) }

  /// Takes the value of a field, member or column.
  mutating func take(_ field: LogField, _ value: UnsafeRawBufferPointer) {
    switch field {
    case .timestamp: timestamp = LogTimestamp(parsing: value)
    case .stream: stream.replaceSubrange(stream.indices, with: value)
    case .group: group.replaceSubrange(group.indices, with: value)
    case .message: if !value.isEmpty { message = Array(value) }
    case .type: type.replaceSubrange(type.indices, with: value)
    case .requestID: if !value.isEmpty { draft.take(requestID: value) }
    case .status: if !value.isEmpty { draft.take(status: value) }
    case .figure(let figure): if !value.isEmpty { draft.take(figure, value) }
    }
  }

  /// What the event is. A platform event's own time stands in for a timestamp that the export left out.
  mutating func line(_ parser: inout LambdaLogParser) -> LambdaLogLine {
    if event.isPlatform {
      if timestamp == .absent { timestamp = event.time }
      return event.line
    }
    if let message {
      let (line, time) = message.withUnsafeBytes { parser.parse($0) }
      if timestamp == .absent { timestamp = time }
      return line
    }
    return rowLine
  }

  /// What a row of a query is whose message was not asked for.
  private var rowLine: LambdaLogLine {
    if draft.duration != nil || type == Array("REPORT".utf8) || type == Array("platform.report".utf8) {
      switch draft.result {
      case .success(let report): return .report(report)
      case .failure(let flaw): return .unreadableReport(flaw.reason)
      }
    }
    if let id = draft.requestID {
      if type == Array("START".utf8) || type == Array("platform.start".utf8) { return .start(id, version: nil) }
      if type == Array("END".utf8) { return .end(id) }
    }
    return .applicationOutput
  }
}

/// What a member, a field of a query or a column of a table can say of a log event.
enum LogField: Equatable {
  case timestamp
  case stream
  case group
  case message
  case type
  case requestID
  case status
  case figure(ReportDraft.Figure)

  /// Nil for a name that says nothing of an invocation.
  init?(_ name: UnsafeRawBufferPointer) {
    guard let field = Self.known.first(where: { name.isExactly($0.name) })?.field else { return nil }
    self = field
  }

  /// The names in CloudWatch's exports, in subscriptions, and in queries, for text lines and for platform events.
  private static let known: [(name: StaticString, field: LogField)] = [
    ("timestamp", .timestamp), ("@timestamp", .timestamp),
    ("message", .message), ("@message", .message),
    ("logStreamName", .stream), ("logStream", .stream), ("@logStream", .stream), ("log_stream", .stream),
    ("logGroup", .group), ("logGroupName", .group), ("@log", .group), ("log_group", .group),
    ("@type", .type), ("@requestId", .requestID), ("record.requestId", .requestID), ("record.status", .status),
    ("@duration", .figure(.duration)), ("record.metrics.durationMs", .figure(.duration)),
    ("@billedDuration", .figure(.billedDuration)), ("record.metrics.billedDurationMs", .figure(.billedDuration)),
    ("@initDuration", .figure(.initDuration)), ("record.metrics.initDurationMs", .figure(.initDuration)),
    ("@restoreDuration", .figure(.restoreDuration)), ("record.metrics.restoreDurationMs", .figure(.restoreDuration)),
    ("@billedRestoreDuration", .figure(.billedRestoreDuration)),
    ("record.metrics.billedRestoreDurationMs", .figure(.billedRestoreDuration)),
    ("@memorySize", .figure(.memoryInMillionths)), ("record.metrics.memorySizeMB", .figure(.memory)),
    ("@maxMemoryUsed", .figure(.maxMemoryUsedInMillionths)),
    ("record.metrics.maxMemoryUsedMB", .figure(.maxMemoryUsed)),
  ]
}
