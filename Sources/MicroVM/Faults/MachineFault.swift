public import Diagnostics
import Glibc

/// Why a machine could not be made, or how its guest failed: decoded, named, and with what to do.
public enum MachineFault: Error, Equatable, Sendable {
  // The host.
  /// There is no /dev/kvm.
  case noHypervisor(path: String)
  /// /dev/kvm may not be opened by this user.
  case noPermission(path: String)
  /// The host lacks what a machine needs.
  case unsuitableHost(reason: String)
  /// A system call or ioctl of the monitor failed; `code` is its errno.
  case host(call: String, code: Int32)

  // What was asked for.
  /// The image is not one that can run: `offset` is where in the file.
  case badImage(path: String, offset: Int, found: String, expected: String)
  /// The monitor does not offer this.
  case unsupported(what: String, advice: String)
  /// The request is larger than the guest's mailbox.
  case requestTooLarge(bytes: Int, limit: Int)
  /// The machine has ended, failed, or is not at the stage that the call needs.
  case wrongStage(found: String, expected: String)

  // The guest.
  /// The guest touched memory that it may not: where, how, and what it hit.
  case memoryAccess(MemoryAccess)
  /// A processor exception other than a page fault.
  case exception(ProcessorException, instruction: UInt64)
  /// The processor shut down: a fault while delivering a fault.
  case tripleFault
  /// The guest ran longer than `limit` in one step.
  case deadline(step: String, limitMilliseconds: Int64)
  /// The guest needs more memory than the machine has.
  case outOfMemory(bytesWanted: Int, machineBytes: Int)
  /// The guest ended by itself before it answered.
  case exited(status: Int32, output: String)
  /// The guest passed memory that is not its own to a hypercall or system call.
  case badArgument(call: String, address: UInt64, bytes: UInt64)
  /// The guest used a port that is no hypercall.
  case forbiddenPort(UInt16)
  /// System calls that the monitor does not serve, by name with their counts, after which the guest gave up.
  case unservedCalls([String: Int], then: String)
  /// KVM left the guest for a reason that the monitor does not know.
  case unexpectedExit(reason: UInt32, detail: UInt32)
}

extension MachineFault {
  /// The process exit status that belongs to the fault.
  public var exitStatus: ExitStatus {
    switch self {
    case .noHypervisor, .noPermission, .unsuitableHost: .unavailable
    case .host: .inputOutput
    default: .badInput
    }
  }

  /// What to do about it, or nil when the description says all.
  public var advice: String? {
    switch self {
    case .noHypervisor:
      "load KVM (modprobe kvm_amd or kvm_intel), enable virtualisation in the firmware, or turn on nested "
        + "virtualisation for this machine"
    case .noPermission: "add yourself to the group kvm (usermod -aG kvm $USER, then log in again)"
    case .unsuitableHost: "use Linux 5.4 or later on x86-64"
    case .host(_, let code) where code == ENOMEM || code == EMFILE || code == ENFILE || code == ENOSPC:
      "fewer machines at once, or higher limits (ulimit -n, vm.max_map_count, memory)"
    case .host, .tripleFault, .unexpectedExit, .exited, .badArgument, .wrongStage: nil
    case .badImage: "build it as a static x86-64 ELF program (cc -static, or swift build -Xswiftc -static-executable)"
    case .unsupported(_, let advice): advice
    case .requestTooLarge: "send less, or give the guest a larger mailbox"
    case .memoryAccess(let access): access.advice
    case .exception(let exception, _): exception.advice
    case .deadline: "raise the deadline, or look for an endless loop in the function"
    case .outOfMemory: "give the machine more memory"
    case .forbiddenPort: "use the hypercalls of Guests/Library/faascast.h"
    case .unservedCalls: "the function needs system calls that these machines do not offer; see docs/microvm.md"
    }
  }
}

extension MachineFault: CustomStringConvertible {
  /// What happened, and what to do, in one line.
  public var description: String {
    advice.map { "\(statement); \($0)" } ?? statement
  }

  private var statement: String {
    switch self {
    case .noHypervisor(let path): "\(path): found nothing, expected the kernel's virtual machine device"
    case .noPermission(let path): "\(path): found that it may not be opened, expected read and write permission"
    case .unsuitableHost(let reason): "this host cannot run machines: \(reason)"
    case .host(let call, let code): "\(call): \(String(cString: strerror(code)).lowercased())"
    case .badImage(let path, let offset, let found, let expected):
      "\(path): byte \(offset): found \(found), expected \(expected)"
    case .unsupported(let what, _): "\(what) is not supported"
    case .requestTooLarge(let bytes, let limit): "a request of \(bytes) bytes, where the guest takes at most \(limit)"
    case .wrongStage(let found, let expected): "the machine is \(found), expected \(expected)"
    case .memoryAccess(let access): "the guest \(access)"
    case .exception(let exception, let instruction): "the guest raised \(exception) at 0x\(hex(instruction))"
    case .tripleFault: "the guest's processor shut down (triple fault)"
    case .deadline(let step, let limit): "\(step) had not ended after \(limit) ms"
    case .outOfMemory(let wanted, let all): "the guest wanted \(wanted) bytes more than the machine's \(all) bytes hold"
    case .exited(let status, let output):
      "the guest ended with status \(status) before it answered"
        + (output.isEmpty ? "" : ": \(excerpt(output, limit: 2000))")
    case .badArgument(let call, let address, let bytes):
      "the guest passed \(bytes) bytes at 0x\(hex(address)) to \(call), which are not all its own"
    case .forbiddenPort(let port): "the guest used port 0x\(hex(UInt64(port))), which is no hypercall"
    case .unservedCalls(let calls, let then):
      "the guest made system calls that are not served ("
        + calls.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)x" }.joined(separator: ", ") + "), then \(then)"
    case .unexpectedExit(let reason, let detail): "KVM left the guest for reason \(reason), detail \(detail)"
    }
  }
}

func hex(_ number: UInt64) -> String { String(number, radix: 16) }
