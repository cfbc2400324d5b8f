import Foundation

/// Real traces and measurements that are too large for the project, or not its own: tests that need them are skipped by
/// name where they are absent.
///
/// They lie in the directory that the environment variable FAASCAST_DATA names, else in `../shared/data` beside the
/// package; reference values and benchmark generators lie in its siblings `reference` and `bench`.
package enum RealData {
  private static let directory: URL = {
    if let named = ProcessInfo.processInfo.environment["FAASCAST_DATA"] { return URL(filePath: named) }
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return package.deletingLastPathComponent().appending(path: "shared/data")
  }()

  /// The path of a file or directory: `azure2019/sampled500_8h`, `../bench/generate_trace.py`.
  package static func path(_ name: String) -> String { directory.appending(path: name).standardizedFileURL.path }

  /// Whether it is there.
  package static func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}
