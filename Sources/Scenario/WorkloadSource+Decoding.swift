import Diagnostics
import Foundation
import Statistics
import Units

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
    switch key {
    case .azure2021: return (.azure2021(file: try entry.fileOrMapping(in: directory)), window)
    default: throw fault(expected: "later")
    }
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
  private func fileOrMapping(in directory: String) throws(InputFault) -> String {
    guard isMapping else { return try path(in: directory) }
    return try Fields<FileKey>(self, "a file").require(.file, "a file").path(in: directory)
  }
}
