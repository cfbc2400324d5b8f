import Diagnostics
import Documents
import Logs
import Statistics
import Units
import Workloads

/// The tables of the Azure Functions 2019 trace, three for each day from instant zero on.
///
/// Functions appear on days on which they are invoked. Names stand where the trace has hashes; an application is its
/// functions' `application`, else the function itself. Durations are in ms: Average, Minimum and Maximum exact to the
/// microsecond, percentiles from a histogram (within 0.8 %, cut to four digits; 0 and 100 are Minimum and Maximum).
/// Memory is the application's largest mean memory in use, else its largest setting; its percentiles are made up.
final class Azure2019Sink: TraceSink {
  private(set) var files: [OutputFile] = []
  private let directory: String
  private let isCompressed: Bool
  private var day = 0
  private var days: [Azure2019Day?] = []
  private var wroteMemory = false
  private var lacksMemory = false

  static let dayLength: Int64 = 86_400_000_000_000
  /// Names have two digits for the day.
  static let mostDays = 99

  init(directory: String, isCompressed: Bool) {
    self.directory = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
    self.isCompressed = isCompressed
  }

  // MARK: - All functions in order of time

  func take(_ batch: InvocationBatch, _ source: TraceSource) throws(InputFault) {
    for index in 0..<batch.count {
      let arrival = batch.arrivals[index]
      while arrival >= Int64(day + 1) * Self.dayLength { try endDay(source) }
      let function = Int(batch.functions[index])
      while days.count <= function { days.append(nil) }
      if days[function] == nil { days[function] = Azure2019Day() }
      days[function]?.record(arrival - Int64(day) * Self.dayLength, batch.durations[index])
    }
  }

  func finish(_ source: TraceSource, horizon: Instant) throws(InputFault) {
    // A recorded trace ends when its last invocation does; a day on which nothing arrives any more has no tables.
    if days.contains(where: { $0 != nil }) || day == 0 { try endDay(source) }
  }

  private func endDay(_ source: TraceSource) throws(InputFault) {
    let tables = try openTables()
    var memory = Azure2019MemoryTable()
    for index in days.indices {
      guard let day = days[index] else { continue }
      try tables.add(day, of: source.functions[index])
      memory.add(source.functions[index], invocations: day.count)
      days[index] = nil
    }
    try close(tables, memory)
  }

  // MARK: - Function by function

  /// Writes a generated workload day by day, and each day function by function.
  func write(
    _ workload: GeneratedWorkload, _ source: TraceSource, _ writer: TraceWriter,
    _ progress: (_ invocations: Int, _ share: Double?) -> Void
  ) throws(InputFault) -> TraceWriter.Receipt {
    let horizon = workload.horizon.nanoseconds
    var generators = workload.functions.indices.map { workload.generator($0, writer.seed, writer.replication) }
    var block = InvocationBlock()
    var count = 0
    // Ten minutes of the busiest function fit into memory.
    let step: Int64 = 600_000_000_000
    while day == 0 || Int64(day) * Self.dayLength < horizon {
      let start = Int64(day) * Self.dayLength
      let tables = try openTables()
      var memory = Azure2019MemoryTable()
      for function in generators.indices {
        var record = Azure2019Day()
        var end = start
        while end < min(start + Self.dayLength, horizon) {
          end += step
          block.removeAll()
          generators[function].generate(until: Instant(nanoseconds: end), into: &block)
          for index in 0..<block.count { record.record(block.arrivals[index] - start, block.durations[index]) }
        }
        count += record.count
        guard record.count > 0 else { continue }
        try tables.add(record, of: workload.functions[function])
        memory.add(workload.functions[function], invocations: record.count)
        let share = (Double(function + 1) / Double(generators.count) + Double(day)) * Double(Self.dayLength)
        progress(count, min(1, share / Double(max(1, horizon))))
      }
      try close(tables, memory)
    }
    return try receipt(invocations: count, ledger: workload.ledger)
  }

  // MARK: - Tables

  private func openTables() throws(InputFault) -> Azure2019Tables {
    guard day < Self.mostDays else {
      throw InputFault(
        at: .init(file: directory), found: "a trace of more than \(Self.mostDays) days",
        expected: "at most \(Self.mostDays) days in the Azure 2019 form",
        advice: "cut a window, or write another form such as invocations-csv")
    }
    let suffix = ".anon.d\(day < 9 ? "0" : "")\(day + 1).csv" + (isCompressed ? ".gz" : "")
    let tables = Azure2019Tables(
      invocations: try OutputFile(path: "\(directory)/invocations_per_function_md\(suffix)"),
      durations: try OutputFile(path: "\(directory)/function_durations_percentiles\(suffix)"))
    files += [tables.invocations, tables.durations]
    try tables.begin()
    return tables
  }

  private func close(_ tables: Azure2019Tables, _ memory: Azure2019MemoryTable) throws(InputFault) {
    try tables.finish()
    if memory.lacksAny { lacksMemory = true }
    if !memory.isEmpty {
      let suffix = ".anon.d\(day < 9 ? "0" : "")\(day + 1).csv" + (isCompressed ? ".gz" : "")
      let file = try OutputFile(path: "\(directory)/app_memory_percentiles\(suffix)")
      files.append(file)
      try memory.write(to: file)
      wroteMemory = true
    }
    day += 1
  }

  func account(in ledger: inout ImportLedger) {
    ledger.synthesise("written: HashOwner, and names in place of hashes")
    if wroteMemory { ledger.synthesise("written: percentiles of applications' memory") }
    if lacksMemory { ledger.remark("applications whose memory is unknown are not in the tables of memory") }
  }
}
