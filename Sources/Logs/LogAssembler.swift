import Diagnostics
import Reading
import Units
import Workloads

/// Makes invocations of log events.
///
/// An invocation is one REPORT. It ends at the report's timestamp. It began at the timestamp of the START with the same
/// RequestId before it in the same stream, or, where the export has none, its Duration before its end. Lambda writes
/// START when init is over, so a request that waited for an init or a restore arrived that much earlier. Durations are
/// Lambda's own, init aside; timeouts and errors last as long as they lasted.
///
/// Memory grows with functions and log streams, which are execution environments.
struct LogAssembler {
  private(set) var functions = LogFunctions()
  private(set) var ledger = ImportLedger()
  private(set) var observations: Observations?
  /// Instant zero in ns since 1970: the minute of the first event that has a timestamp.
  private(set) var zero: Int64?
  /// Invocations made, and reports without a time that were given to `onReport`.
  private(set) var invocations = 0
  /// Is given each report as it stands in the logs.
  var onReport: ((LoggedReports.Entry) -> Void)?
  /// Whether every invocation is kept in `listed`.
  var isListing = false
  private(set) var listed: [LambdaLogListing.Invocation] = []

  private var parser = LambdaLogParser()
  private var streams: [LogStream] = []
  private var streamNames = ByteTable()
  private var key: [UInt8] = []
  private var measured = LogMeasurements()

  private var file = -1
  /// The function of events that don't say theirs, once one was needed.
  private var fileFunction: Int32?
  private var fileName = ""
  /// Functions that bear a file's name.
  private var functionsOfFiles: [Int32] = []
  /// The function that the file's own events name.
  private var learntName: String?

  /// Turns to the next file. Its name stands for the function where nothing else tells.
  mutating func begin(file path: String) {
    file += 1
    fileFunction = nil
    learntName = nil
    let last = path.split(separator: "/").last.map(String.init) ?? path
    let stem = last.split(separator: ".", omittingEmptySubsequences: true).first.map(String.init) ?? last
    fileName = stem
  }

  /// Takes one event; a report becomes an invocation.
  mutating func take(_ record: inout LogRecord, into batch: inout InvocationBatch) {
    ledger.read += 1
    let line = record.line(&parser)
    measured.kinds[line.kind, default: 0] += 1
    guard case .at(let moment) = record.timestamp else {
      // What was billed can be told without the time.
      if let onReport, case .report(let report) = line {
        let stream = self.stream(of: record)
        onReport(.init(function: Int(function(of: record, in: stream)), stream: stream, report: report))
        invocations += 1
        return
      }
      return dropUntimed(line, record.timestamp)
    }
    if zero == nil { zero = moment - moment % 60_000_000_000 }
    let stream = self.stream(of: record)
    streams[stream].first = min(streams[stream].first, moment)
    streams[stream].last = max(streams[stream].last, moment)

    switch line {
    case .report(let report): take(report, at: moment, of: record, in: stream, into: &batch)
    case .emulatorReport:
      ledger.drop("reports of the local emulator (Init Duration before Duration), whose figures are not Lambda's")
    case .unreadableReport(let reason): ledger.drop("unreadable reports: \(reason)")
    case .start(let id, let version):
      streams[stream].start = (id, moment)
      if version != nil { functions.note(version: version, of: function(of: record, in: stream)) }
    case .initStart(let start): take(start, at: moment, of: record, in: stream)
    case .initReport(let preparation), .restoreReport(let preparation):
      if let status = preparation.status, status != .success { measured.failedInits += 1 }
    case .timedOut(let id, _): takeTimeout(id, in: stream)
    case .logsDropped(let records): measured.droppedRecords = measured.droppedRecords.saturatingAdd(Int64(records))
    default: break
    }
  }

  private mutating func dropUntimed(_ line: LambdaLogLine, _ timestamp: LogTimestamp) {
    switch line.kind {
    case .report:
      ledger.drop(timestamp == .absent ? Self.untimed : "reports whose timestamp can't be read")
    case .emulatorReport, .unreadableReport: ledger.drop("unreadable reports without a timestamp")
    default: break
    }
  }

  static let untimed = "reports without a timestamp"

  // MARK: - Lines

  private mutating func take(
    _ report: LambdaReport, at end: Int64, of record: LogRecord, in stream: Int, into batch: inout InvocationBatch
  ) {
    if let last = streams[stream].lastReport, last.at == end, last.report == report {
      return ledger.drop("reports that came twice")
    }
    let function = function(of: record, in: stream)
    let duration = report.duration.nanoseconds
    var start = end - duration
    if let began = streams[stream].start, began.id == report.requestID {
      if began.at <= end { start = began.at } else { ledger.repair("a START later than its REPORT was not used") }
    } else {
      measured.withoutStart += 1
    }
    var felt: Int64?
    if let wait = report.initDuration ?? report.restoreDuration {
      if streams[stream].waited(start: start, initDuration: wait) {
        start -= wait.nanoseconds
        felt = wait.nanoseconds
        measured.waited(wait)
        functions.note(coldStart: wait, of: function)
      } else {
        measured.initialisedAhead += 1
      }
      if report.initDuration == nil { measured.restores += 1 }
    }
    measured.bill(report)
    functions.note(report, of: function, at: end)
    countStatus(of: report, in: stream)
    streams[stream].lastReport = (report, end)
    streams[stream].start = nil
    streams[stream].initStart = nil
    streams[stream].first = min(streams[stream].first, start)
    if !streams[stream].isEnvironment { measured.withoutStream += 1 }
    if let onReport {
      var report = report
      if report.status == nil, streams[stream].timedOut == report.requestID { report.status = .timeout }
      onReport(.init(function: Int(function), stream: stream, end: end, report: report))
    }
    batch.append(function: function, arrival: start - (zero ?? 0), duration: duration)
    if isListing {
      listed.append(
        .init(
          function: Int(function), arrival: start - (zero ?? 0), duration: duration, wait: felt,
          environment: streams[stream].isEnvironment ? stream : nil, billedMilliseconds: report.billedMilliseconds,
          timedOut: report.status == .timeout || streams[stream].timedOut == report.requestID))
    }
    invocations += 1
  }

  private mutating func countStatus(of report: LambdaReport, in stream: Int) {
    let wasAnnounced = streams[stream].timedOut == report.requestID
    if report.status != nil { measured.tellsStatus = true }
    switch report.status {
    case .timeout:
      measured.timeouts += 1
      streams[stream].timedOut = report.requestID
    case .error, .failure: measured.errors += 1
    case .success: break
    case nil:
      if wasAnnounced { measured.timeouts += 1 } else { streams[stream].timedOut = nil }
    }
  }

  /// `Task timed out` stands before or after the report of its request, which may say so too.
  private mutating func takeTimeout(_ id: LambdaRequestID, in stream: Int) {
    measured.tellsStatus = true
    guard streams[stream].timedOut != id else { return }
    streams[stream].timedOut = id
    if let last = streams[stream].lastReport, last.report.requestID == id, last.report.status == nil {
      measured.timeouts += 1
      if let onReport {
        let function = Int(streams[stream].function)
        onReport(.init(function: function, stream: stream, end: last.at, report: last.report, isLateTimeout: true))
      }
      if let index = listed.lastIndex(where: { $0.environment == stream }) { listed[index].timedOut = true }
    }
  }

  private mutating func take(
    _ start: LambdaLogLine.InitStart, at moment: Int64, of record: LogRecord, in stream: Int
  ) {
    streams[stream].initStart = moment
    streams[stream].initialisation = .init(named: start.initialisation)
    let isOpen = streams[stream].function < 0 || learntName == nil && streams[stream].function == fileFunction
    if let name = start.functionName, !name.isEmpty, isOpen, Self.name(in: record).isEmpty {
      learn(name, in: stream)
    }
    if start.version != nil { functions.note(version: start.version, of: function(of: record, in: stream)) }
  }

  // MARK: - Streams and functions

  private mutating func stream(of record: LogRecord) -> Int {
    key.replaceSubrange(key.indices, with: record.group)
    key.append(0)
    if record.stream.isEmpty {
      key.append(contentsOf: "\u{0}\(file)".utf8)
    } else {
      key.append(contentsOf: record.stream)
    }
    let index = key.withUnsafeBytes { streamNames.index(of: $0) }
    if index == streams.count {
      streams.append(LogStream(isEnvironment: !record.stream.isEmpty || record.fileIsStream))
    }
    return index
  }

  /// The function of a stream: its log group's, or the one in the stream's name, or what an init in it said, or the
  /// file's.
  private mutating func function(of record: LogRecord, in stream: Int) -> Int32 {
    if streams[stream].function >= 0 {
      if fileFunction == nil, !record.stream.isEmpty, Self.name(in: record).isEmpty {
        // A page of the same function: what else it holds is that function's.
        fileFunction = streams[stream].function
      }
      return streams[stream].function
    }
    let name = Self.name(in: record)
    let index: Int32
    if !name.isEmpty {
      index = name.withUnsafeBytes { functions.index(named: $0) }
    } else {
      index = functionOfFile()
    }
    streams[stream].function = index
    return index
  }

  private mutating func functionOfFile() -> Int32 {
    if let fileFunction { return fileFunction }
    let index = Array(fileName.utf8).withUnsafeBytes { functions.index(named: $0) }
    fileFunction = index
    if !functionsOfFiles.contains(index) { functionsOfFiles.append(index) }
    return index
  }

  /// Takes the function's name from an init. The first one that a file tells also names the rest of the file.
  private mutating func learn(_ name: String, in stream: Int) {
    let bytes = Array(name.utf8)
    if learntName == nil {
      learntName = name
      if let fileFunction {
        functionsOfFiles.removeAll { $0 == fileFunction }
        streams[stream].function =
          functions.rename(fileFunction, to: name)
          ? fileFunction : bytes.withUnsafeBytes { functions.index(named: $0) }
      } else {
        let index = bytes.withUnsafeBytes { functions.index(named: $0) }
        fileFunction = index
        streams[stream].function = index
      }
      return
    }
    if learntName != name {
      ledger.remark(
        "\(excerpt(fileName)) has events of several functions; streams that name none count for the first, "
          + excerpt(learntName ?? ""))
    }
    streams[stream].function = bytes.withUnsafeBytes { functions.index(named: $0) }
  }

  private static let groupPrefix = Array("/aws/lambda/".utf8)

  /// The function that the log group's or the stream's name holds; empty where they don't.
  static func name(in record: LogRecord) -> ArraySlice<UInt8> {
    let group = record.group[...]
    if let slash = group.firstIndex(of: UInt8(ascii: "/")), group[slash...].starts(with: groupPrefix) {
      let name = group[(slash + groupPrefix.count)...]
      let end = name.firstIndex(of: UInt8(ascii: ":")) ?? name.endIndex
      if end > name.startIndex { return name[..<end] }
    }
    // 2024/05/01/checkout[3]0123…: streams of a group that several functions share.
    if record.stream.count > 11, let bracket = record.stream.firstIndex(of: UInt8(ascii: "[")), bracket > 11,
      record.stream[4] == UInt8(ascii: "/"), record.stream[10] == UInt8(ascii: "/")
    {
      return record.stream[11..<bracket]
    }
    return group
  }

  /// `GROUP STREAM` of each log stream; empty where the logs don't say the stream.
  var streamNamesForPeople: [String] {
    streams.indices.map { index in
      guard streams[index].isEnvironment else { return "" }
      let parts = streamNames[index].split(separator: 0)
      return parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }
  }

  // MARK: - End

  /// Completes functions, observations and the ledger. - Throws: when no invocation was found.
  mutating func finish(paths: [String]) throws(InputFault) {
    guard invocations > 0 else { throw nothingFound(paths) }
    for index in functionsOfFiles {
      let name = excerpt(functions.functions[Int(index)].name)
      ledger.remark("nothing in the logs names the function \(name): the file's name stands for it")
    }
    functions.finish(&ledger)
    observations = measured.observations(streams)
    measured.remark(in: &ledger)
  }

  /// Adds a source's account.
  mutating func note(_ source: LogSource) {
    for remark in source.remarks { ledger.remark(remark) }
    ledger.drop("JSON values that are no log events", count: source.strays)
  }

  private func nothingFound(_ paths: [String]) -> InputFault {
    let place = InputFault.Place(file: paths.count == 1 ? paths[0] : "\(paths.count) files")
    let events = "\(ledger.read.grouped) log events"
    if let count = ledger.dropped[Self.untimed] {
      return InputFault(
        at: place, found: "\(count.grouped) REPORT lines, none with a timestamp",
        expected: "the time of each log event, which tells when invocations arrived",
        advice: "export with times: aws logs filter-log-events --log-group-name /aws/lambda/NAME > logs.json, "
          + "or aws logs tail /aws/lambda/NAME --since 1d > logs.txt")
    }
    if let reason = ledger.dropped.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) {
      return InputFault(
        at: place, found: "\(events) and no usable REPORT (\(reason.value.grouped) dropped: \(reason.key))",
        expected: "REPORT lines or platform.report events of AWS Lambda")
    }
    return InputFault(
      at: place, found: "\(events), none a REPORT", expected: "REPORT lines or platform.report events of AWS Lambda",
      advice:
        "export the platform's lines too; a Logs Insights query needs fields @timestamp, @message, @log, @logStream")
  }
}
