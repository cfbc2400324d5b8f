import Diagnostics
import Foundation
import Units

@testable import Workload

/// A file for one test, gone afterwards.
final class TemporaryFile {
  let path: String

  init(_ text: String, name: String = "requests.csv") throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "faascast-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    path = directory.appending(path: name).path
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  deinit { try? FileManager.default.removeItem(at: URL(filePath: path).deletingLastPathComponent()) }
}

/// What a record says: rows by function name, in order of arrival, and the account of the import.
struct Listing: Equatable {
  struct Row: Equatable, CustomStringConvertible {
    var function: String
    var arrival: Int64
    var duration: Int64
    var description: String { "\(function)@\(arrival)+\(duration)" }
  }

  var rows: [Row] = []
  var ledger = ImportLedger()
  var epoch: Double?

  init(_ workload: Workload) throws {
    let ordered = try OrderedInvocations(workload, seed: 0, replication: 0)
    let rows = try ordered.rows()
    self.rows = rows.map {
      Row(function: ordered.functions[Int($0.function)].name, arrival: $0.arrival, duration: $0.duration)
    }
    ledger = ordered.ledger
    epoch = ordered.epoch
  }

  /// Reads a file of this content as a list of invocations.
  init(
    _ text: String, columns: InvocationColumns = .detect, unit: TimeUnit = .seconds, name: String = "requests.csv"
  ) throws {
    let file = try TemporaryFile(text, name: name)
    try self.init(Workload.invocations(file: file.path, columns: columns, unit: unit))
  }

  var text: [String] { rows.map(\.description) }
}

/// The large real data sets that some tests are held against. They are no part of the project: a test that wants one is
/// skipped where it is missing.
enum RecordedData {
  /// The environment variable FAASCAST_DATA, or `../shared/data` beside the package.
  private static let directory =
    ProcessInfo.processInfo.environment["FAASCAST_DATA"].map { URL(filePath: $0) }
    ?? URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared/data").standardized

  static func path(_ name: String) -> String { directory.appending(path: name).path }
  static func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}
