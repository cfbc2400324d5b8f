import Diagnostics
import Documents
import Units
import Workloads

/// Invocations one a row.
final class ListSink: TraceSink {
  enum Row {
    case commaSeparated, objects, azure2021
  }

  var files: [OutputFile] { [file] }
  private let file: OutputFile
  private let row: Row
  private var text = OutputText()
  /// What begins each function's rows: its names, quoted as the form wants them.
  private var heads: [[UInt8]] = []

  init(path: String, row: Row) throws(InputFault) {
    file = try OutputFile(path: path)
    self.row = row
    switch row {
    case .commaSeparated: text.append("func,time_s,duration_s\n")
    case .azure2021: text.append("app,func,end_timestamp,duration\n")
    case .objects: break
    }
  }

  func take(_ batch: InvocationBatch, _ source: TraceSource) throws(InputFault) {
    while heads.count < source.functions.count { heads.append(head(of: source.functions[heads.count])) }
    for index in 0..<batch.count {
      text.bytes.append(contentsOf: heads[Int(batch.functions[index])])
      switch row {
      case .commaSeparated:
        text.append(seconds: batch.arrivals[index])
        text.append(",")
        text.append(seconds: batch.durations[index])
        text.append("\n")
      case .azure2021:
        let (end, overflow) = batch.arrivals[index].addingReportingOverflow(batch.durations[index])
        text.append(seconds: overflow ? .max : end)
        text.append(",")
        text.append(seconds: batch.durations[index])
        text.append("\n")
      case .objects:
        text.append(seconds: batch.arrivals[index])
        text.append(",\"duration_s\":")
        text.append(seconds: batch.durations[index])
        text.append("}\n")
      }
      if text.bytes.count > 1 << 16 { try file.write(&text) }
    }
  }

  private func head(of function: WorkloadFunction) -> [UInt8] {
    var head = OutputText()
    switch row {
    case .commaSeparated:
      head.append(field: function.name)
      head.append(",")
    case .azure2021:
      head.append(field: function.application ?? function.name)
      head.append(",")
      head.append(field: function.name)
      head.append(",")
    case .objects:
      head.append("{\"func\":")
      head.append(json: function.name)
      head.append(",\"time_s\":")
    }
    return head.bytes
  }

  func finish(_ source: TraceSource, horizon: Instant) throws(InputFault) {
    try file.write(&text)
    try file.finish()
  }

  func account(in ledger: inout ImportLedger) {}
}
