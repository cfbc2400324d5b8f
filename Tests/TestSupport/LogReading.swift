import Foundation

@testable import Logs
@testable import Traces
@testable package import Workloads

/// Runs `body` with a temporary file of this content.
@discardableResult
package func withFile<Result>(_ bytes: [UInt8], named name: String = "log", _ body: (String) throws -> Result) throws
  -> Result
{
  let directory = FileManager.default.temporaryDirectory.appending(path: "faascast-logs-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  let file = directory.appending(path: name)
  try Data(bytes).write(to: file)
  return try body(file.path)
}

@discardableResult
package func withFile<Result>(_ text: String, named name: String = "log", _ body: (String) throws -> Result) throws
  -> Result
{
  try withFile(Array(text.utf8), named: name, body)
}

/// All that a recorded workload holds, read to the end.
package struct LogReading {
  package var functions: [WorkloadFunction]
  package var invocations: [Invocation]
  package var ledger: ImportLedger
  package var observations: Observations
  package var epoch: Double?

  /// Times in milliseconds: arrivals since 1970, durations with what is below a microsecond cut off.
  package struct Invocation: Equatable {
    package var function: String
    package var arrival: Double
    package var duration: Double

    package init(function: String, arrival: Double, duration: Double) {
      self.function = function
      self.arrival = arrival
      self.duration = duration
    }
  }

  package init(_ workload: Workload, limit: Int = 1000) throws {
    guard case .recorded(let record) = workload.feed else { throw Unrecorded() }
    let reader = try record.open()
    var batch = InvocationBatch()
    while true {
      let before = batch.count
      try reader.read(into: &batch, limit: limit)
      if batch.count == before { break }
    }
    functions = reader.functions
    ledger = reader.ledger
    observations = reader.observations ?? Observations()
    epoch = reader.epoch
    let epoch = reader.epoch ?? 0
    invocations = (0..<batch.count).map { index in
      Invocation(
        function: reader.functions[Int(batch.functions[index])].name,
        arrival: epoch * 1000 + Double(batch.arrivals[index] / 1000) / 1000,
        duration: Double(batch.durations[index] / 1000) / 1000)
    }
  }

  package struct Unrecorded: Error {
    package init() {}
  }
}

/// What one file of logs holds.
package func read(_ content: String, named name: String = "log") throws -> LogReading {
  try withFile(content, named: name) { try LogReading(.lambdaLogs(files: [$0])) }
}
