import Foundation
import Glibc
public import MicroVM
import Units

/// What this host offers for measuring, each found out by trying it.
public struct Doctor: Sendable {
  public enum Verdict: String, Sendable {
    case good
    /// Measuring works, but something of it does not.
    case limited
    /// Nothing can be measured.
    case missing
  }

  public struct Finding: Equatable, Sendable {
    /// What was looked at.
    public var subject: String
    public var verdict: Verdict
    public var found: String
    /// What will not work and what to do; nil where all is well.
    public var advice: String?
  }

  public let findings: [Finding]
  public let probe: HostProbe?

  /// Whether functions can be run in machines here.
  public var canMeasure: Bool { findings.allSatisfy { $0.verdict != .missing } }

  /// Looks at everything; takes about half a second.
  ///
  /// - Parameter library: the version of GSL, which another room knows.
  public static func examine(library: String) -> Doctor {
    let host = HostFacts.read()
    let machines = Result { () throws(MachineFault) in try HostProbe.run() }
    var findings = [kvm(machines), quota()]
    findings.append(
      Finding(
        subject: "huge pages", verdict: host.hugePages == "never" || host.hugePages == "unknown" ? .limited : .good,
        found: host.hugePages,
        advice: host.hugePages == "never" || host.hugePages == "unknown"
          ? "restoring by copy is slower without; echo madvise > /sys/kernel/mm/transparent_hugepage/enabled" : nil))
    findings.append(clock(host.clockSource))
    findings.append(processors(host))
    findings.append(Finding(subject: "GSL", verdict: .good, found: library, advice: nil))
    findings.append(qemu())
    findings.append(compiler())
    return Doctor(findings: findings, probe: try? machines.get())
  }

  // MARK: findings

  private static func kvm(_ probe: Result<HostProbe, MachineFault>) -> Finding {
    switch probe {
    case .success(let probe):
      let kind = probe.flavour == .hardware ? "by hardware" : "in software (PVM)"
      return Finding(
        subject: "KVM", verdict: .good,
        found: "works, \(kind); leaving a guest \(probe.exit), first touch of a page \(probe.pageFault)",
        advice: probe.flavour == .hardware
          ? nil : "exits and page faults cost more than on hardware; profiles keep counts to re-price them")
    case .failure(let fault):
      return Finding(subject: "KVM", verdict: .missing, found: fault.description, advice: fault.advice)
    }
  }

  /// Makes a group, keeps a thread busy in it and sees whether it is stopped.
  private static func quota() -> Finding {
    do throws(QuotaFault) {
      let groups = try ControlGroups.find()
      let quota = try ProcessorQuota(memory: MemorySize(megabytes: 512), period: .milliseconds(20))
      let group = try QuotaGroup.make(quota, in: groups)
      try group.verify()
      let account = try group.account()
      return Finding(
        subject: "processor quota", verdict: .good,
        found: "cgroup v\(groups.version.rawValue); a busy thread was stopped in \(account.throttledPeriods) of "
          + "\(account.periods) periods", advice: nil)
    } catch {
      return Finding(
        subject: "processor quota", verdict: .limited, found: error.description,
        advice: "without one, functions run at full speed: --memory below 1769 does not work")
    }
  }

  private static func clock(_ source: String) -> Finding {
    let fast = ["tsc", "kvm-clock", "hyperv_clocksource_tsc_page"].contains(source)
    return Finding(
      subject: "clock", verdict: fast ? .good : .limited, found: source.isEmpty ? "unknown" : source,
      advice: fast ? nil : "reading it is a system call, which adds about a microsecond to short samples")
  }

  private static func processors(_ host: HostFacts) -> Finding {
    let enough = host.processors >= 2
    return Finding(
      subject: "processors", verdict: enough ? .good : .limited,
      found: "\(host.processors) of \(host.processor)" + (host.isVirtual ? ", itself a virtual machine" : ""),
      advice: enough ? nil : "everything else on this host makes samples noisy")
  }

  private static func qemu() -> Finding {
    let result = Command(["qemu-system-x86_64", "--version"]).run()
    let version = result.output.split(separator: "\n").first.map(String.init)
    guard result.status == 0, let version else {
      return Finding(
        subject: "QEMU", verdict: .limited, found: "none",
        advice: "--engine qemu does not work; Debian, Ubuntu: apt-get install qemu-system-x86")
    }
    return Finding(subject: "QEMU", verdict: .good, found: version, advice: nil)
  }

  private static func compiler() -> Finding {
    let found = ["gcc", "clang", "swiftc"].filter(Command.exists)
    let complete = found.contains("swiftc") && found.count > 1
    return Finding(
      subject: "compilers", verdict: complete ? .good : .limited,
      found: found.isEmpty ? "none" : found.joined(separator: ", "),
      advice: complete ? nil : "sample functions are built with a C compiler and swiftc; your own programs need neither"
    )
  }
}
