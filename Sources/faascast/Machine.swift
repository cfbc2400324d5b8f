import CHeap
import Diagnostics
import Foundation
import Statistics

/// What the operating system knows of this process.
enum Machine {
  /// Has threads share heaps, one for every eight processors: a heap each would keep what its thread no longer needs.
  /// What a replay does most often takes no memory.
  static func shareHeaps() {
    mallopt(M_ARENA_MAX, Int32(1 + ProcessInfo.processInfo.activeProcessorCount / 8))
  }

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
