public import Statistics

/// Where a scenario's invocations come from: names and laws only, nothing is opened yet. Paths are relative to the
/// working directory of the program.
public enum WorkloadSource: Hashable, Sendable {
  case azure2021(file: String)
  case lambdaLogs(files: [String])
  case logsInsights(file: String)
  case cloudWatch(file: String, duration: Distribution)
}
