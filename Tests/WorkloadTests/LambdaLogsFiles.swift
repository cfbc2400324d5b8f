import Foundation

@testable import Workload

/// Runs `body` with a temporary file of this content.
@discardableResult
func withFile<Result>(_ bytes: [UInt8], named name: String = "log", _ body: (String) throws -> Result) throws -> Result
{
  let directory = FileManager.default.temporaryDirectory.appending(path: "faascast-logs-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  let file = directory.appending(path: name)
  try Data(bytes).write(to: file)
  return try body(file.path)
}

@discardableResult
func withFile<Result>(_ text: String, named name: String = "log", _ body: (String) throws -> Result) throws -> Result {
  try withFile(Array(text.utf8), named: name, body)
}

/// All that a recorded workload holds, read to the end.
struct LogReading {
  var functions: [WorkloadFunction]
  var invocations: [Invocation]
  var ledger: ImportLedger
  var observations: Observations
  var epoch: Double?

  /// Times in milliseconds: arrivals since 1970, durations with what is below a microsecond cut off.
  struct Invocation: Equatable {
    var function: String
    var arrival: Double
    var duration: Double
  }

  init(_ workload: Workload, limit: Int = 1000) throws {
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

  struct Unrecorded: Error {}
}

/// What one file of logs holds.
func read(_ content: String, named name: String = "log") throws -> LogReading {
  try withFile(content, named: name) { try LogReading(.lambdaLogs(files: [$0])) }
}
