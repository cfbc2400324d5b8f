import Diagnostics
import Foundation
import Logs
import Statistics
import Traces
import Units
import Workloads

enum WorkloadKey: String, EntryKey {
  case azure2019 = "azure-2019"
  case azure2021 = "azure-2021"
  case lambdaLogs = "lambda-logs"
  case logsInsights = "logs-insights"
  case cloudWatch = "cloudwatch"
  case invocations
  case minuteCounts = "minute-counts"
  case synthetic
  case window

  static let sources = Self.allCases.filter { $0 != .window }
}

enum FileKey: String, EntryKey {
  case file
}

enum Azure2019Key: String, EntryKey {
  case directory
  case arrivals
}

enum MinuteCountsKey: String, EntryKey {
  case file
  case function
  case duration
  case arrivals
}

enum CloudWatchKey: String, EntryKey {
  case file
  case duration
  case arrivals
}

enum InvocationsKey: String, EntryKey {
  case file
  case columns
  case unit
}

enum ColumnKey: String, EntryKey {
  case function
  case application
  case arrival
  case start
  case end
  case duration
}

enum WindowKey: String, EntryKey {
  case from
  case to
}

extension Entry {
  /// The source and the window under `workload:`.
  func workloadSource(directory: String) throws(InputFault) -> (WorkloadSource, Window?) {
    let fields = try Fields<WorkloadKey>(self, "a mapping with one source of invocations")
    let sources = fields.present.filter { $0 != .window }
    guard sources.count == 1, let key = sources.first, let entry = fields[key] else {
      throw fault(
        sources.isEmpty ? "no source of invocations" : sources.map(\.rawValue).joined(separator: " and "),
        expected: "exactly one of \(WorkloadKey.sources.map(\.rawValue).joined(separator: ", "))")
    }
    let window = try fields[.window]?.window()
    return (try entry.source(key, directory: directory), window)
  }

  private func source(_ key: WorkloadKey, directory: String) throws(InputFault) -> WorkloadSource {
    switch key {
    case .azure2021: return .azure2021(file: try file(in: directory))
    case .lambdaLogs: return .lambdaLogs(files: try files(in: directory))
    case .logsInsights: return .logsInsights(file: try file(in: directory))
    case .cloudWatch: return try cloudWatch(in: directory)
    case .invocations: return try invocations(in: directory)
    case .synthetic: return .synthetic(try syntheticWorkload())
    case .azure2019: return try azure2019(in: directory)
    case .minuteCounts: return try minuteCounts(in: directory)
    case .window: throw fault(expected: "a source of invocations")
    }
  }

  private func azure2019(in directory: String) throws(InputFault) -> WorkloadSource {
    guard isMapping else { return .azure2019(directory: try path(in: directory), arrivals: .uniform) }
    let fields = try Fields<Azure2019Key>(self, "a directory, or a mapping with directory: and arrivals:")
    return .azure2019(
      directory: try fields.require(.directory, "the directory with the trace's tables").path(in: directory),
      arrivals: try fields[.arrivals]?.arrivalLaw() ?? .uniform)
  }

  private func minuteCounts(in directory: String) throws(InputFault) -> WorkloadSource {
    let fields = try Fields<MinuteCountsKey>(self, "a mapping with file:, function: and duration:")
    return .minuteCounts(
      file: try fields.require(.file, "the table of counts").path(in: directory),
      function: try fields.require(.function, "the column that names the function").string("a column's name"),
      duration: try fields.require(.duration, "a duration or a law, because counts have no durations").distribution(),
      arrivals: try fields[.arrivals]?.arrivalLaw() ?? .uniform)
  }

  private func arrivalLaw() throws(InputFault) -> ArrivalLaw { try choice("where invocations lie in their minute") }

  private func cloudWatch(in directory: String) throws(InputFault) -> WorkloadSource {
    guard isMapping else { return .cloudWatch(file: try path(in: directory), duration: nil, arrivals: .uniform) }
    let fields = try Fields<CloudWatchKey>(self, "a file, or a mapping with file: and duration:")
    return .cloudWatch(
      file: try fields.require(.file, "the file with the metrics").path(in: directory),
      duration: try fields[.duration]?.distribution(), arrivals: try fields[.arrivals]?.arrivalLaw() ?? .uniform)
  }

  private func invocations(in directory: String) throws(InputFault) -> WorkloadSource {
    guard isMapping else { return .invocations(file: try path(in: directory), columns: .detect, unit: .seconds) }
    let fields = try Fields<InvocationsKey>(self, "a file, or a mapping with file: and columns:")
    return .invocations(
      file: try fields.require(.file, "the file with the invocations").path(in: directory),
      columns: try fields[.columns]?.columns() ?? .detect,
      unit: try fields[.unit]?.choice("the unit of times without one") ?? .seconds)
  }

  private func columns() throws(InputFault) -> InvocationColumns {
    let fields = try Fields<ColumnKey>(self, "a mapping as in {function: func, arrival: time_s, duration: duration_s}")
    if fields[.arrival] != nil, fields[.start] != nil {
      throw fault("arrival and start", expected: "one of the two: they mean the same")
    }
    let name = "a column's name"
    return InvocationColumns(
      function: try fields[.function]?.string(name), application: try fields[.application]?.string(name),
      arrival: try (fields[.arrival] ?? fields[.start])?.string(name), end: try fields[.end]?.string(name),
      duration: try fields[.duration]?.string(name))
  }

  private func window() throws(InputFault) -> Window {
    let fields = try Fields<WindowKey>(self, "a mapping with from: and to:, as in {from: 8h, to: 16h}")
    let from = try fields[.from]?.duration("a time since the trace's start") ?? .zero
    let to = try fields[.to]?.duration("a time since the trace's start")
    if let to, to <= from { throw fault("from \(from) to \(to)", expected: "an end after the start") }
    return Window(from: from, to: to)
  }

  // MARK: Paths

  /// A path, resolved against the scenario's directory.
  private func path(in directory: String) throws(InputFault) -> String {
    let path = try string("a path")
    guard !path.utf8.contains(0) else { throw fault(expected: "a path") }
    return directory.isEmpty || path.hasPrefix("/") ? path : (directory as NSString).appendingPathComponent(path)
  }

  /// A path, written bare or as `{file: PATH}`.
  private func file(in directory: String) throws(InputFault) -> String {
    guard isMapping else { return try path(in: directory) }
    return try Fields<FileKey>(self, "a file").require(.file, "a path").path(in: directory)
  }

  /// Paths, written as a list or as a single one.
  private func files(in directory: String) throws(InputFault) -> [String] {
    guard isList else { return [try path(in: directory)] }
    var files: [String] = []
    for entry in try list("a list of files") { files.append(try entry.path(in: directory)) }
    guard !files.isEmpty else { throw fault("an empty list", expected: "at least one file") }
    return files
  }
}
