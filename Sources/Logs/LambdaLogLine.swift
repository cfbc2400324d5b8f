import Diagnostics
import Reading
public import Units

/// What one log event of a function is: the platform's own lines and events by kind, everything else the application's.
public enum LambdaLogLine: Hashable, Sendable {
  /// The end of an invocation, with its figures.
  case report(LambdaReport)
  /// A report by the local emulator of SAM and of container images, whose figures are not Lambda's.
  case emulatorReport(LambdaReport)
  /// It begins as a report does, but can't be one, and why.
  case unreadableReport(String)
  case start(LambdaRequestID, version: String?)
  case end(LambdaRequestID)
  case initStart(InitStart)
  case initReport(Preparation)
  case initRuntimeDone
  case runtimeDone(LambdaRequestID?)
  case restoreStart
  case restoreReport(Preparation)
  case restoreRuntimeDone
  case `extension`
  case telemetrySubscription
  /// The platform gave up log records.
  case logsDropped(records: Int)
  case fault
  /// `Task timed out after 3.00 seconds`.
  case timedOut(LambdaRequestID, after: TimeSpan?)
  /// The second line of a report under X-Ray, where lines were split.
  case xray
  /// Metrics embedded in a log line, those of Lambda Insights among them.
  case embeddedMetrics
  /// A platform event of another type.
  case otherPlatformEvent(String)
  case applicationOutput

  /// What an environment says when its init begins.
  public struct InitStart: Hashable, Sendable {
    public var functionName: String?
    public var version: String?
    /// `on-demand`, `provisioned-concurrency`, `snap-start`, `lambda-managed-instances`; text lines don't say.
    public var initialisation: String?

    public init(functionName: String? = nil, version: String? = nil, initialisation: String? = nil) {
      self.functionName = functionName
      self.version = version
      self.initialisation = initialisation
    }
  }

  /// How an init or a restore went. On-demand inits only have such a line when they fail.
  public struct Preparation: Hashable, Sendable {
    public var duration: TimeSpan?
    /// `init`, `invoke` (run again inside an invocation), `snap-start`, or nil (at the publication of a version).
    public var phase: String?
    public var status: LambdaReport.Status?

    public init(duration: TimeSpan? = nil, phase: String? = nil, status: LambdaReport.Status? = nil) {
      self.duration = duration
      self.phase = phase
      self.status = status
    }
  }

  /// Kinds of lines; the raw value is what people call them.
  public enum Kind: String, CaseIterable, Sendable {
    case report = "REPORT"
    case emulatorReport = "REPORT of the local emulator"
    case unreadableReport = "unreadable REPORT"
    case start = "START"
    case end = "END"
    case initStart = "INIT_START"
    case initReport = "INIT_REPORT"
    case initRuntimeDone = "initRuntimeDone"
    case runtimeDone = "runtimeDone"
    case restoreStart = "RESTORE_START"
    case restoreReport = "RESTORE_REPORT"
    case restoreRuntimeDone = "restoreRuntimeDone"
    case `extension` = "EXTENSION"
    case telemetrySubscription = "telemetry subscription"
    case logsDropped = "logsDropped"
    case fault = "fault"
    case timedOut = "Task timed out"
    case xray = "XRAY"
    case embeddedMetrics = "embedded metrics"
    case otherPlatformEvent = "other platform event"
    case applicationOutput = "application output"
  }

  public var kind: Kind {
    switch self {
    case .report: .report
    case .emulatorReport: .emulatorReport
    case .unreadableReport: .unreadableReport
    case .start: .start
    case .end: .end
    case .initStart: .initStart
    case .initReport: .initReport
    case .initRuntimeDone: .initRuntimeDone
    case .runtimeDone: .runtimeDone
    case .restoreStart: .restoreStart
    case .restoreReport: .restoreReport
    case .restoreRuntimeDone: .restoreRuntimeDone
    case .extension: .extension
    case .telemetrySubscription: .telemetrySubscription
    case .logsDropped: .logsDropped
    case .fault: .fault
    case .timedOut: .timedOut
    case .xray: .xray
    case .embeddedMetrics: .embeddedMetrics
    case .otherPlatformEvent: .otherPlatformEvent
    case .applicationOutput: .applicationOutput
    }
  }

  /// The report, when it is Lambda's.
  public var report: LambdaReport? {
    if case .report(let report) = self { return report }
    return nil
  }

  /// Says what a log event's message is: a text line, or a platform event in JSON. Never fails; what is not the
  /// platform's is the application's.
  public init(parsing message: some Sequence<UInt8>) {
    var parser = LambdaLogParser()
    self = Array(message).withUnsafeBytes { parser.parse($0).line }
  }

  /// Says what a log event's message is.
  public init(parsing message: String) { self.init(parsing: message.utf8) }
}

/// Reads messages one after the other, keeping its memory between them.
struct LambdaLogParser {
  private var scanner = JSONScanner([], name: "log event")

  /// What the message is, and the time that it bears itself if it is a platform event.
  mutating func parse(_ message: UnsafeRawBufferPointer) -> (line: LambdaLogLine, time: LogTimestamp) {
    var first = 0
    while first < message.count, message[first] <= 32 { first += 1 }
    let text = UnsafeRawBufferPointer(rebasing: message[first...])
    guard let byte = text.first else { return (.applicationOutput, .absent) }
    guard byte == UInt8(ascii: "{") else { return (LambdaLogLine(text: text), .absent) }
    if text.contains("platform.") {
      scanner.load(text)
      if let event = try? PlatformEvent(wholeOf: &scanner), event.isPlatform { return (event.line, event.time) }
    }
    return (text.contains("_aws\"") ? .embeddedMetrics : .applicationOutput, .absent)
  }
}
