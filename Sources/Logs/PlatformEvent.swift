package import Diagnostics
package import Reading
import Units

/// An event of Lambda's telemetry, `{"time","type","record"}`, as functions with JSON logs have it and as the
/// Telemetry API delivers it.
package struct PlatformEvent {
  private(set) var type: [UInt8] = []
  private(set) var time = LogTimestamp.absent
  private var draft = ReportDraft()
  private var version: String?
  private var functionName: String?
  private var initialisation: String?
  private var phase: String?
  private var droppedRecords = 0

  init() {}

  /// Reads an event that is the scanner's whole input.
  init(wholeOf scanner: inout JSONScanner) throws(InputFault) {
    guard try scanner.next() == .beginObject else { throw scanner.fault("an object") }
    try readMembers(of: &scanner)
    guard try scanner.next() == .end else { throw scanner.fault("the end of the event") }
  }

  /// Whether nothing was read.
  private(set) var isEmpty = true

  /// Whether the platform wrote it, rather than the function or an extension.
  var isPlatform: Bool { type.starts(with: "platform.".utf8) }

  /// Reads the members of an object that was opened, and its end.
  mutating func readMembers(of scanner: inout JSONScanner) throws(InputFault) {
    while try scanner.next() == .key { try takeMember(of: &scanner) }
  }

  /// Takes the member of the event whose key was just read; passes over one that is not an event's.
  mutating func takeMember(of scanner: inout JSONScanner) throws(InputFault) {
    isEmpty = false
    if scanner.textIs("time") {
      time = try Self.scalar(of: &scanner).map { _ in scanner.text.withUnsafeBytes(LogTimestamp.init) } ?? .unreadable
    } else if scanner.textIs("type") {
      if try Self.scalar(of: &scanner) == .string { type = scanner.text }
    } else if scanner.textIs("record") {
      try readRecord(of: &scanner)
    } else {
      try scanner.skipValue()
    }
  }

  private mutating func readRecord(of scanner: inout JSONScanner) throws(InputFault) {
    let depth = scanner.depth
    guard try scanner.next() == .beginObject else {
      // Output of the function and of extensions is a string or any other value.
      while scanner.depth > depth { _ = try scanner.next() }
      return
    }
    while try scanner.next() == .key {
      if scanner.textIs("metrics") {
        try readMetrics(of: &scanner)
        continue
      }
      guard let slot = Slot(scanner) else {
        try scanner.skipValue()
        continue
      }
      guard let token = try Self.scalar(of: &scanner), token == .string || token == .number else { continue }
      take(slot, scanner.text)
    }
  }

  private mutating func readMetrics(of scanner: inout JSONScanner) throws(InputFault) {
    let depth = scanner.depth
    guard try scanner.next() == .beginObject else {
      while scanner.depth > depth { _ = try scanner.next() }
      return
    }
    while try scanner.next() == .key {
      guard let figure = Self.figure(scanner) else {
        try scanner.skipValue()
        continue
      }
      // A number in quotes is as good; anything else is not, and the draft says so.
      if let token = try Self.scalar(of: &scanner), token != .null {
        scanner.text.withUnsafeBytes {
          draft.take(figure, token == .number || token == .string ? $0 : .init(start: nil, count: 0))
        }
      }
    }
  }

  /// Reads a value that ought to be a scalar; nil for an object or array, which is passed over.
  package static func scalar(of scanner: inout JSONScanner) throws(InputFault) -> JSONScanner.Token? {
    let depth = scanner.depth
    let token = try scanner.next()
    guard scanner.depth > depth else { return token }
    while scanner.depth > depth { _ = try scanner.next() }
    return nil
  }

  private enum Slot {
    case requestID, status, errorType, version, functionName, initialisation, phase, droppedRecords

    init?(_ scanner: JSONScanner) {
      if scanner.textIs("requestId") {
        self = .requestID
      } else if scanner.textIs("status") {
        self = .status
      } else if scanner.textIs("errorType") {
        self = .errorType
      } else if scanner.textIs("version") || scanner.textIs("functionVersion") {
        self = .version
      } else if scanner.textIs("functionName") {
        self = .functionName
      } else if scanner.textIs("initializationType") {
        self = .initialisation
      } else if scanner.textIs("phase") {
        self = .phase
      } else if scanner.textIs("droppedRecords") {
        self = .droppedRecords
      } else {
        return nil
      }
    }
  }

  private mutating func take(_ slot: Slot, _ text: [UInt8]) {
    text.withUnsafeBytes { bytes in
      switch slot {
      case .requestID: draft.take(requestID: bytes)
      case .status: draft.take(status: bytes)
      case .errorType: draft.take(errorType: bytes)
      case .version: version = String(decoding: bytes.prefix(64), as: UTF8.self)
      case .functionName: functionName = String(decoding: bytes.prefix(200), as: UTF8.self)
      case .initialisation: initialisation = String(decoding: bytes.prefix(64), as: UTF8.self)
      case .phase: phase = String(decoding: bytes.prefix(32), as: UTF8.self)
      case .droppedRecords: droppedRecords = Int(clamping: max(0, Decimal64.scaled(bytes, by: 1) ?? 0))
      }
    }
  }

  private static func figure(_ scanner: JSONScanner) -> ReportDraft.Figure? {
    if scanner.textIs("durationMs") { return .duration }
    if scanner.textIs("billedDurationMs") { return .billedDuration }
    if scanner.textIs("memorySizeMB") { return .memory }
    if scanner.textIs("maxMemoryUsedMB") { return .maxMemoryUsed }
    if scanner.textIs("initDurationMs") { return .initDuration }
    if scanner.textIs("restoreDurationMs") { return .restoreDuration }
    if scanner.textIs("billedRestoreDurationMs") { return .billedRestoreDuration }
    return nil
  }

  /// What the event is.
  var line: LambdaLogLine {
    let name = String(decoding: type.prefix(64), as: UTF8.self)
    let preparation = LambdaLogLine.Preparation(
      duration: draft.duration.map(TimeSpan.init), phase: phase, status: draft.status)
    switch name {
    case "platform.report":
      switch draft.result {
      case .success(let report): return .report(report)
      case .failure(let flaw): return .unreadableReport(flaw.reason)
      }
    case "platform.start": return draft.requestID.map { .start($0, version: version) } ?? .otherPlatformEvent(name)
    case "platform.end": return draft.requestID.map { .end($0) } ?? .otherPlatformEvent(name)
    case "platform.initStart":
      return .initStart(.init(functionName: functionName, version: version, initialisation: initialisation))
    case "platform.initReport": return .initReport(preparation)
    case "platform.initRuntimeDone": return .initRuntimeDone
    case "platform.runtimeDone": return .runtimeDone(draft.requestID)
    case "platform.restoreStart": return .restoreStart
    case "platform.restoreReport": return .restoreReport(preparation)
    case "platform.restoreRuntimeDone": return .restoreRuntimeDone
    case "platform.extension": return .extension
    case "platform.telemetrySubscription", "platform.logsSubscription": return .telemetrySubscription
    case "platform.logsDropped": return .logsDropped(records: droppedRecords)
    case "platform.fault": return .fault
    default: return isPlatform ? .otherPlatformEvent(name) : .applicationOutput
    }
  }
}
