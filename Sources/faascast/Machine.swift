import Diagnostics
import Foundation
import Statistics

/// What the operating system knows of this process.
enum Machine {
  /// The largest resident memory so far, MB (2^20 bytes).
  static var peakMemoryMB: Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return Double(usage.ru_maxrss) / 1024
  }

  /// Tells this build of the program from others.
  static func programHash() throws(InputFault) -> UInt64 {
    do {
      let program = try Data(contentsOf: URL(fileURLWithPath: "/proc/self/exe"), options: .alwaysMapped)
      return program.withUnsafeBytes { StableHash.of($0) }
    } catch {
      throw InputFault(
        .system, at: .init(file: "/proc/self/exe"), found: "no program that can be read",
        expected: "the program's own file, by which checkpoints know their builds")
    }
  }
}
