public import Diagnostics
import Glibc
public import Units

/// Why a processor quota could not be set, or did nothing.
public enum QuotaFault: Error, Equatable, Sendable {
  /// No cgroup hierarchy of this host has the cpu controller for this process.
  case noController(reason: String)
  /// A control file could not be written or read.
  case refused(path: String, code: Int32)
  /// The period is outside what the kernel takes.
  case period(TimeSpan)
  /// The quota is below the kernel's least.
  case tooSmall(memory: MemorySize, quota: TimeSpan, leastPeriod: TimeSpan)
  /// A thread that should have been stopped was not.
  case withoutEffect(quota: ProcessorQuota, periods: Int)
  /// Others left a busy thread less than the quota all along, so that whether it would be stopped can't be told.
  case unverified(quota: ProcessorQuota, patience: TimeSpan)
}

extension QuotaFault {
  public var exitStatus: ExitStatus {
    switch self {
    case .noController, .refused, .withoutEffect, .unverified: .unavailable
    case .period, .tooSmall: .badUsage
    }
  }

  public var advice: String? {
    switch self {
    case .noController:
      "mount the cpu controller (cgroup v1, or +cpu in cgroup.subtree_control of v2), or go without "
        + "--memory"
    case .refused(_, let code) where code == EACCES || code == EPERM || code == EROFS:
      "run as root, or in a cgroup that is delegated to you: systemd-run --user --scope -p Delegate=yes faascast …"
    case .refused: nil
    case .period: "use 1ms to 1s; 20ms is what Lambda appears to use"
    case .tooSmall(_, _, let least): "use a period of \(least) or more"
    case .withoutEffect:
      "look whether CPU bandwidth control is in the kernel (CONFIG_CFS_BANDWIDTH), and whether this "
        + "process has a real-time policy"
    case .unverified: "measure when the host has less to do"
    }
  }
}

extension QuotaFault: CustomStringConvertible {
  public var description: String { advice.map { "\(statement); \($0)" } ?? statement }

  private var statement: String {
    switch self {
    case .noController(let reason): "no processor quota can be set here: \(reason)"
    case .refused(let path, let code): "\(path): \(String(cString: strerror(code)).lowercased())"
    case .period(let period): "a quota period of \(period), expected 1ms to 1s"
    case .tooSmall(let memory, let quota, _):
      "\(memory) would get \(quota) in each period, expected at least \(ProcessorQuota.least)"
    case .withoutEffect(let quota, let periods):
      "a quota of \(quota.quota) in \(quota.period) did not stop a busy thread once in \(periods) periods"
    case .unverified(let quota, let patience):
      "other programs left a busy thread less than its quota of \(quota.quota) in \(quota.period) for \(patience), so that "
        + "whether the quota works can't be told"
    }
  }
}
