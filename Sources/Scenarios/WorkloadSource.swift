public import Statistics
public import Traces
public import Units
public import Workloads

/// Where a scenario's invocations come from: names and laws only, nothing is opened yet. Relative paths are relative to
/// the program's working directory.
public enum WorkloadSource: Hashable, Sendable {
  case azure2019(directory: String, arrivals: ArrivalLaw)
  case azure2021(file: String)
  case lambdaLogs(files: [String])
  case logsInsights(file: String)
  /// `duration` is the law for functions whose durations the metrics do not have.
  case cloudWatch(file: String, duration: Distribution?, arrivals: ArrivalLaw)
  case invocations(file: String, columns: InvocationColumns, unit: TimeUnit)
  case minuteCounts(file: String, function: String, duration: Distribution, arrivals: ArrivalLaw)
  case synthetic(SyntheticWorkload)
}
