import Foundation
import Testing
import Units

@testable import Workload

/// A directory of small files that is gone when the test is over.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "faascast-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and gives its path.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(filePath: file))
    return file
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }
}

/// The large real traces: in the directory that FAASCAST_DATA names, or beside the package.
enum RealData {
  static let directory =
    ProcessInfo.processInfo.environment["FAASCAST_DATA"]
    ?? URL(filePath: #filePath).appending(path: "../../../../shared/data").standardizedFileURL.path

  static func path(_ name: String) -> String { directory + "/" + name }
  static func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}

extension Workload {
  /// The recipe of a generated workload.
  var recipe: GeneratedWorkload {
    get throws {
      guard case .generated(let recipe) = feed else { throw RecordedInstead() }
      return recipe
    }
  }

  struct RecordedInstead: Error {}
}

extension GeneratedWorkload {
  /// All invocations of a function up to the horizon, drawn in slices of `step` ns.
  func invocations(
    of function: Int, seed: UInt64 = 1, replication: UInt64 = 0, step: Int64? = nil
  ) -> (arrivals: [Int64], durations: [Int64]) {
    var generator = generator(function, seed, replication)
    var block = InvocationBlock()
    var end: Int64 = 0
    while end < horizon.nanoseconds {
      end = min(horizon.nanoseconds, end + (step ?? horizon.nanoseconds))
      generator.generate(until: .init(nanoseconds: end), into: &block)
    }
    return (block.arrivals, block.durations)
  }
}
