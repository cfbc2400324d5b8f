public import Diagnostics
import Reading
public import Workloads

extension Workload {
  /// The invocations that logs of Lambda functions report; several files make one trace.
  ///
  /// Taken are, told apart by content, plain or gzip: lines of text (`aws logs tail`, `sam logs`, exports to S3,
  /// `--output text`), JSON events one a line, `aws logs filter-log-events` and `get-log-events`, payloads of
  /// subscriptions, results of Logs Insights in JSON and CSV, events of the Telemetry API. Text and platform events may
  /// mix. `LogAssembler` says how invocations are made of them.
  ///
  /// Instant zero is the minute of the first event, so arrivals of events that stand later in the file and happened
  /// before it are negative. Functions are complete, with their init times and final memory, when the reader has come
  /// to the end.
  ///
  /// - Throws: for no file, the same one twice, or one that can't be opened; what is wrong inside comes when it is read.
  public static func lambdaLogs(files: [String]) throws(InputFault) -> Workload {
    guard let first = files.first else {
      throw InputFault(
        at: .init(file: "", key: "lambda-logs"), found: "no files", expected: "at least one file of logs")
    }
    for (index, path) in files.enumerated() {
      if files[..<index].contains(path) {
        throw InputFault(
          at: .init(file: path), found: "the same file twice", expected: "each file once",
          advice: "its invocations would count twice")
      }
      _ = try ChunkReader(path: path)
    }
    let title = files.count == 1 ? first : "\(first) and \(files.count - 1) more"
    return Workload(
      title: title,
      feed: .recorded(
        RecordedWorkload(needsSorting: true) { () throws(InputFault) in try LambdaLogReader(paths: files) }))
  }

  /// The invocations in a result of CloudWatch Logs Insights: the JSON of `aws logs get-query-results`, or the CSV or
  /// JSON that the console exports.
  ///
  /// The query should give `@timestamp`, `@message`, `@log` and `@logStream` of all lines, or at least `@timestamp`,
  /// `@requestId`, `@duration`, `@billedDuration`, `@initDuration`, `@memorySize` of those with `@type = "REPORT"`.
  /// A result holds at most 10,000 rows; one of exactly that length is remarked as cut off.
  public static func logsInsights(file: String) throws(InputFault) -> Workload { try lambdaLogs(files: [file]) }
}
