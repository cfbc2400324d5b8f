import Foundation
import MicroVM

/// What the host is, as far as it bears on measurements.
public struct HostFacts: Equatable, Sendable {
  public var processor: String
  public var processors: Int
  public var memoryBytes: Int
  public var kernel: String
  /// `tsc`, `kvm-clock`, …
  public var clockSource: String
  /// Transparent huge pages: `always`, `madvise`, `never`.
  public var hugePages: String
  /// 1 or 2; nil where the cpu controller is not to be had.
  public var controlGroups: Int?
  /// Whether the host is a virtual machine itself.
  public var isVirtual: Bool

  public static func read() -> HostFacts {
    let information = text("/proc/cpuinfo")
    func field(_ name: String) -> String? {
      information.split(separator: "\n").first { $0.hasPrefix(name) }?.split(separator: ":", maxSplits: 1).last
        .map { $0.trimmingCharacters(in: .whitespaces) }
    }
    return HostFacts(
      processor: field("model name") ?? "unknown", processors: ProcessInfo.processInfo.activeProcessorCount,
      memoryBytes: Int(ProcessInfo.processInfo.physicalMemory),
      kernel: text("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines),
      clockSource: text("/sys/devices/system/clocksource/clocksource0/current_clocksource")
        .trimmingCharacters(in: .whitespacesAndNewlines),
      hugePages: chosen(in: text("/sys/kernel/mm/transparent_hugepage/enabled")),
      controlGroups: try? ControlGroups.find().version.rawValue,
      isVirtual: (field("flags") ?? "").split(separator: " ").contains("hypervisor"))
  }

  /// The word in brackets of `always [madvise] never`.
  private static func chosen(in text: String) -> String {
    text.split(separator: "[").last?.split(separator: "]").first.map(String.init) ?? "unknown"
  }

  private static func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
