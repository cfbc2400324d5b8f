import Foundation

/// Many machines of one function alive at once in one process.
public struct Density: Equatable, Sendable {
  public var function: String
  public var alive: Int
  /// That making all of them took, each until it was ready.
  public var seconds: Double
  /// Resident memory of the process for each machine, bytes.
  public var residentBytesEach: Double
  /// What the host lost of its available memory for each machine, bytes: the kernel's part too, and whatever other
  /// programs took meanwhile.
  public var hostBytesEach: Double

  public var machinesPerSecond: Double { seconds > 0 ? Double(alive) / seconds : 0 }
}

/// Memory in use, as the kernel tells.
enum MemoryInUse {
  /// Bytes of this process that are in memory.
  static var process: Int { kilobytes("VmRSS:", in: "/proc/self/status") * 1024 }

  /// Bytes of the host that are not to be had.
  static var host: Int {
    (kilobytes("MemTotal:", in: "/proc/meminfo") - kilobytes("MemAvailable:", in: "/proc/meminfo")) * 1024
  }

  private static func kilobytes(_ name: String, in path: String) -> Int {
    for line in ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n")
    where line.hasPrefix(name) {
      return line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }
    return 0
  }
}
