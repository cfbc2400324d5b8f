public import Diagnostics
import Logs
import Platforms
import Traces
public import Workloads

extension Scenario {
  /// The workload that the scenario names, cut to its window, with durations as its functions' memory makes them. Opens files as far as their kind can be told.
  ///
  /// - Throws: when a file cannot be read or is not what the scenario says it is, and when the numbers of a synthetic
  ///   workload make no sense.
  public func openWorkload() throws(InputFault) -> Workload {
    let whole: Workload
    do {
      whole = try workload.open(title: name)
    } catch {
      guard case .synthetic = workload else { throw error }
      // Faults of synthetic workloads name keys below `synthetic`; here they gain the file and the line.
      let key = ["workload.synthetic", error.place.key].compactMap(\.self).joined(separator: ".")
      throw InputFault(at: place(of: key), found: error.found, expected: error.expected, advice: error.advice)
    }
    let part = window.map { whole.windowed(from: $0.from, to: $0.to) } ?? whole
    guard
      platform.rules.contains(where: {
        $0.measuredMemory != nil || $0.measuredArchitecture != nil || $0.memoryScaling != nil
          || $0.durationFactor != nil
      })
    else { return part }
    return part.changingDurations { [platform] function in
      let hints = FunctionHints(
        memory: function.memory, memoryUsed: function.memoryUsed, initDuration: function.initDuration)
      let settings = platform.settings(for: function.name, hints: hints)
      return settings.shortWork.map { .law($0.law()) } ?? .factor(settings.durationFactor)
    }
  }
}

extension WorkloadSource {
  /// The workload. `title` names one that has no file.
  public func open(title: String) throws(InputFault) -> Workload {
    switch self {
    case .azure2019(let directory, let arrivals): try .azure2019(directory: directory, arrivals: arrivals)
    case .azure2021(let file): try .azure2021(file: file)
    case .lambdaLogs(let files): try .lambdaLogs(files: files)
    case .logsInsights(let file): try .logsInsights(file: file)
    case .cloudWatch(let file, let duration, let arrivals):
      try .cloudWatch(file: file, duration: duration, arrivals: arrivals)
    case .invocations(let file, let columns, let unit): try .invocations(file: file, columns: columns, unit: unit)
    case .minuteCounts(let file, let function, let duration, let arrivals):
      try .minuteCounts(file: file, function: function, duration: duration, arrivals: arrivals)
    case .synthetic(let description): try .synthetic(description, title: title)
    }
  }
}
