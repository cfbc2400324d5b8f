public import Diagnostics
public import Workload

extension Scenario {
  /// The workload that the scenario names, cut to its window. Opens files as far as their kind can be told.
  ///
  /// - Throws: when a file cannot be read or is not what the scenario says it is, and when the numbers of a synthetic
  ///   workload make no sense.
  public func openWorkload() throws(InputFault) -> Workload {
    let whole = try open(workload)
    return window.map { whole.windowed(from: $0.from, to: $0.to) } ?? whole
  }

  private func open(_ source: WorkloadSource) throws(InputFault) -> Workload {
    switch source {
    case .invocations(let file, let columns, let unit):
      return try .invocations(file: file, columns: columns, unit: unit)
    case .synthetic(let description): return try synthetic(description)
    case .minuteCounts(let file, let function, let duration, let arrivals):
      return try .minuteCounts(file: file, function: function, duration: duration, arrivals: arrivals)
    case .azure2021(let file): return try .azure2021(file: file)
    case .lambdaLogs(let files): return try .lambdaLogs(files: files)
    case .logsInsights(let file): return try .logsInsights(file: file)
    default: throw InputFault(at: place(of: "workload"), found: "\(source)", expected: "later")
    }
  }

  /// The faults of synthetic workloads name keys below `synthetic`; here they gain the file and the line.
  private func synthetic(_ description: SyntheticWorkload) throws(InputFault) -> Workload {
    do {
      return try .synthetic(description, title: name)
    } catch {
      let key = ["workload.synthetic", error.place.key].compactMap(\.self).joined(separator: ".")
      throw InputFault(at: place(of: key), found: error.found, expected: error.expected, advice: error.advice)
    }
  }
}
