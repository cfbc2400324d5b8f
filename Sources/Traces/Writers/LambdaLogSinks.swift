import Diagnostics
import Documents
import Logs
import Statistics
import Units
import Workloads

/// Lambda's platform events as JSON, one a line, of all functions in order of time; each with its log group and stream.
final class LambdaJSONSink: TraceSink {
  var files: [OutputFile] { [file] }
  private let file: OutputFile
  private let writer: TraceWriter
  private var environments: [LambdaEnvironments] = []
  private var waiting = TimeQueue<LambdaLogEvent>()
  private var text = OutputText()

  init(path: String, writer: TraceWriter) throws(InputFault) {
    file = try OutputFile(path: path)
    self.writer = writer
  }

  func take(_ batch: InvocationBatch, _ source: TraceSource) throws(InputFault) {
    while environments.count < source.functions.count {
      environments.append(
        LambdaEnvironments(
          source.functions[environments.count], seed: writer.seed, replication: writer.replication))
    }
    for index in 0..<batch.count {
      let arrival = batch.arrivals[index]
      let function = Int(batch.functions[index])
      try write(until: arrival - 1, source)
      let run = environments[function].run(arrival: arrival, duration: batch.durations[index])
      for event in LambdaLogEvent.events(
        of: run, function: function, arrival: arrival, duration: batch.durations[index])
      {
        waiting.push(event.time, event)
      }
    }
  }

  private func write(until limit: Int64, _ source: TraceSource) throws(InputFault) {
    while let (_, event) = waiting.pop(until: limit) {
      let name = source.functions[event.function].name
      let memory = environments[event.function].memory
      guard let message = event.jsonMessage(function: name, memory: memory, zero: source.zero) else { continue }
      text.append("{\"logGroup\":")
      text.append(json: "/aws/lambda/" + name)
      text.append(",\"logStream\":\"")
      text.append(event.stream(zero: source.zero))
      text.append("\",\"timestamp\":")
      text.append(wholeMilliseconds(source.zero.saturatingAdd(event.time)))
      text.append(",\"message\":")
      text.append(message)
      text.append("}\n")
      if text.bytes.count > 1 << 16 { try file.write(&text) }
    }
  }

  func finish(_ source: TraceSource, horizon: Instant) throws(InputFault) {
    try write(until: .max, source)
    try file.write(&text)
    try file.finish()
  }

  func account(in ledger: inout ImportLedger) { LambdaTextSink.label(&ledger) }
}

/// What `aws logs filter-log-events` gives of each function's text logs: a file for each, named as the function.
final class LambdaTextSink: TraceSink {
  private(set) var files: [OutputFile] = []
  private let directory: String
  private let writer: TraceWriter
  private var logs: [Int: Log] = [:]
  private var names: Set<String> = []

  /// More would be open at once than a process may have.
  static let mostOpen = 200

  private struct Log {
    var file: OutputFile
    var environments: LambdaEnvironments
    var waiting = TimeQueue<LambdaLogEvent>()
    var ids: RandomStream
    var text = OutputText()
    var count = 0
  }

  init(directory: String, writer: TraceWriter) {
    self.directory = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
    self.writer = writer
  }

  func take(_ batch: InvocationBatch, _ source: TraceSource) throws(InputFault) {
    for index in 0..<batch.count {
      let function = Int(batch.functions[index])
      let arrival = batch.arrivals[index]
      if logs[function] == nil { logs[function] = try open(function, source) }
      guard var log = logs.removeValue(forKey: function) else { continue }
      try write(&log, until: arrival - 1, source)
      let run = log.environments.run(arrival: arrival, duration: batch.durations[index])
      for event in LambdaLogEvent.events(
        of: run, function: function, arrival: arrival, duration: batch.durations[index])
      {
        log.waiting.push(event.time, event)
      }
      logs[function] = log
    }
  }

  func finish(_ source: TraceSource, horizon: Instant) throws(InputFault) {
    for function in logs.keys.sorted() { try close(function, source) }
  }

  /// Writes a generated workload's logs function by function.
  func write(
    _ workload: GeneratedWorkload, _ source: TraceSource, _ writer: TraceWriter,
    _ progress: (_ invocations: Int, _ share: Double?) -> Void
  ) throws(InputFault) -> TraceWriter.Receipt {
    var block = InvocationBlock()
    var batch = InvocationBatch()
    var count = 0
    for function in workload.functions.indices {
      var generator = workload.generator(function, writer.seed, writer.replication)
      var end = Instant.zero
      while end < workload.horizon {
        end = min(end + .minutes(10), workload.horizon)
        block.removeAll()
        generator.generate(until: end, into: &block)
        batch.removeAll()
        for index in 0..<block.count {
          batch.append(
            function: Int32(truncatingIfNeeded: function), arrival: block.arrivals[index],
            duration: block.durations[index])
        }
        try take(batch, source)
        count += block.count
      }
      try close(function, source)
      progress(count, Double(function + 1) / Double(workload.functions.count))
    }
    return try receipt(invocations: count, ledger: workload.ledger)
  }

  private func open(_ function: Int, _ source: TraceSource) throws(InputFault) -> Log {
    guard logs.count < Self.mostOpen else {
      throw InputFault(
        at: .init(file: directory), found: "more than \(Self.mostOpen) functions",
        expected: "at most \(Self.mostOpen), as each has a file of its own",
        advice: "write lambda-logs-json, which is one file")
    }
    let name = source.functions[function].name
    // Readers take the part before the first dot for the function's name where the log group does not tell.
    var stem = String(
      name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") ? $0 : "_" }.prefix(120))
    if stem.isEmpty { stem = "_" }
    let base = stem
    var number = 2
    while !names.insert(stem).inserted {
      stem = "\(base)_\(number)"
      number += 1
    }
    let file = try OutputFile(path: "\(directory)/\(stem).json" + (writer.compressesDirectory ? ".gz" : ""))
    files.append(file)
    var log = Log(
      file: file,
      environments: LambdaEnvironments(
        source.functions[function], seed: writer.seed, replication: writer.replication),
      ids: RandomStream(
        seed: writer.seed, replication: writer.replication, subject: ~StableHash.of(name), purpose: .resampling))
    log.text.append("{\n  \"events\": [")
    return log
  }

  private func close(_ function: Int, _ source: TraceSource) throws(InputFault) {
    guard var log = logs.removeValue(forKey: function) else { return }
    try write(&log, until: .max, source)
    log.text.append("\n  ],\n  \"searchedLogStreams\": []\n}\n")
    try log.file.write(&log.text)
    try log.file.finish()
  }

  private func write(_ log: inout Log, until limit: Int64, _ source: TraceSource) throws(InputFault) {
    while let (_, event) = log.waiting.pop(until: limit) {
      let milliseconds = wholeMilliseconds(source.zero.saturatingAdd(event.time))
      let name = source.functions[event.function].name
      log.text.append(log.count == 0 ? "\n" : ",\n")
      log.count += 1
      log.text.append("    {\"logStreamName\": \"")
      log.text.append(event.stream(zero: source.zero))
      log.text.append("\", \"timestamp\": ")
      log.text.append(milliseconds)
      log.text.append(", \"message\": ")
      log.text.append(json: event.textMessage(function: name, memory: log.environments.memory))
      log.text.append(", \"ingestionTime\": ")
      log.text.append(milliseconds.saturatingAdd(1000 + Int64(log.ids.index(below: 4000))))
      log.text.append(", \"eventId\": \"3")
      log.text.append(max(0, milliseconds), width: 19)
      log.text.append(Int64(log.ids.next() >> 2), width: 19)
      log.text.append(Int64(log.count), width: 17)
      log.text.append("\"}")
      if log.text.bytes.count > 1 << 16 { try log.file.write(&log.text) }
    }
  }

  func account(in ledger: inout ImportLedger) { Self.label(&ledger) }

  static func label(_ ledger: inout ImportLedger) {
    ledger.synthesise(
      "written: execution environments (most recently used first, kept 10 minutes, 2 hours at most), init times where "
        + "the trace has none, request ids, memory used")
  }
}
