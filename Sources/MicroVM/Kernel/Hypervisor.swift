import CKVM
import Glibc
import Synchronization

/// The host's /dev/kvm, opened once a process, with what every machine needs to know of it.
final class Hypervisor: Sendable {
  let device: Descriptor
  /// Bytes of the page that a virtual processor shares with its monitor.
  let runPageSize: Int
  /// The `kvm_cpuid2` that the host supports, ready for KVM_SET_CPUID2.
  let features: [UInt8]

  private static let opened = Mutex<Hypervisor?>(nil)
  /// What a processor's special registers hold before anything was set: the same in all, so one is asked once.
  private let fresh = Mutex<kvm_sregs?>(nil)

  /// The device; opened by the first call, and tried anew after a failure.
  static func shared() throws(MachineFault) -> Hypervisor {
    // A lock's body cannot throw a typed error through Mutex.withLock, so the result is carried out.
    let result = opened.withLock { held -> Result<Hypervisor, MachineFault> in
      if let held { return .success(held) }
      do throws(MachineFault) {
        let fresh = try Hypervisor(path: "/dev/kvm")
        held = fresh
        return .success(fresh)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  convenience init(path: String) throws(MachineFault) {
    let device: Descriptor
    do throws(MachineFault) {
      device = try Kernel.openDevice(path)
    } catch {
      guard case .host(_, let code) = error else { throw error }
      switch code {
      case ENOENT, ENXIO, ENODEV: throw .noHypervisor(path: path)
      case EACCES, EPERM: throw .noPermission(path: path)
      default: throw error
      }
    }
    let version = try Kernel.apiVersion(device)
    guard version == KVM_API_VERSION else {
      throw .unsuitableHost(reason: "KVM's interface is version \(version), not \(KVM_API_VERSION)")
    }
    for (needed, name) in [
      (KVM_CAP_SYNC_REGS, "KVM_CAP_SYNC_REGS"), (KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT"),
    ] {
      guard try Kernel.has(needed, device) else { throw .unsuitableHost(reason: "KVM lacks \(name)") }
    }
    let runPageSize = try Kernel.runPageSize(device)
    let features = try Self.supportedFeatures(device)
    self.init(device: device, runPageSize: runPageSize, features: features)
  }

  private init(device: consuming Descriptor, runPageSize: Int, features: [UInt8]) {
    self.device = device
    self.runPageSize = runPageSize
    self.features = features
  }

  /// The special registers of a processor that has just been made.
  func freshRegisters(of processor: borrowing Descriptor) throws(MachineFault) -> kvm_sregs {
    if let known = fresh.withLock({ $0 }) { return known }
    let registers = try Kernel.specialRegisters(processor)
    fresh.withLock { $0 = registers }
    return registers
  }

  private static func supportedFeatures(_ device: borrowing Descriptor) throws(MachineFault) -> [UInt8] {
    // kvm_cpuid2: number of entries, padding, entries of 40 bytes. KVM's own limit is 256 entries.
    let capacity = 256
    let entry = MemoryLayout<kvm_cpuid_entry2>.size
    let table = UnsafeMutableRawPointer.allocate(byteCount: 8 + capacity * entry, alignment: 8)
    defer { table.deallocate() }
    table.initializeMemory(as: UInt8.self, repeating: 0, count: 8 + capacity * entry)
    table.storeBytes(of: UInt32(capacity), as: UInt32.self)
    try Kernel.supportedFeatures(device, into: table)
    let count = min(Int(table.load(as: UInt32.self)), capacity)
    return [UInt8](UnsafeRawBufferPointer(start: table, count: 8 + count * entry))
  }
}
