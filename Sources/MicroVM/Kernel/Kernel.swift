import CKVM
import Glibc

/// Every system call and ioctl of the monitor, and nothing else: the one place that a test has to stand in for.
///
/// Each throws `MachineFault.host` with the call's name when the kernel refuses.
enum Kernel {
  #if DEBUG
    /// Stands before every call in tests: returns the error that the call shall fail with, or nil to let it through.
    @TaskLocal static var refusal: (@Sendable (String) -> Int32?)?
  #endif

  private static func attempt(_ call: StaticString, _ body: () -> Int) throws(MachineFault) -> Int {
    #if DEBUG
      if let code = refusal?(call.description) { throw .host(call: call.description, code: code) }
    #endif
    let result = body()
    guard result >= 0 else { throw .host(call: call.description, code: Int32(truncatingIfNeeded: -result)) }
    return result
  }

  private static func checked(_ result: Int) -> Int { result < 0 ? -Int(errno) : result }

  // MARK: the device

  static func openDevice(_ path: String) throws(MachineFault) -> Descriptor {
    Descriptor(try attempt("open") { checked(Int(open(path, O_RDWR | O_CLOEXEC))) })
  }

  static func apiVersion(_ device: borrowing Descriptor) throws(MachineFault) -> Int {
    let number = device.number
    return try attempt("KVM_GET_API_VERSION") { ckvm_ioctl(number, kvm_get_api_version, 0) }
  }

  static func has(_ extension: Int32, _ device: borrowing Descriptor) throws(MachineFault) -> Bool {
    let number = device.number
    return try attempt("KVM_CHECK_EXTENSION") { ckvm_ioctl(number, kvm_check_extension, UInt(`extension`)) } > 0
  }

  static func runPageSize(_ device: borrowing Descriptor) throws(MachineFault) -> Int {
    let number = device.number
    return try attempt("KVM_GET_VCPU_MMAP_SIZE") { ckvm_ioctl(number, kvm_get_vcpu_mmap_size, 0) }
  }

  static func supportedFeatures(_ device: borrowing Descriptor, into table: UnsafeMutableRawPointer)
    throws(MachineFault)
  {
    let number = device.number
    _ = try attempt("KVM_GET_SUPPORTED_CPUID") { ckvm_ioctl_pointer(number, kvm_get_supported_cpuid, table) }
  }

  // MARK: the machine

  static func createMachine(_ device: borrowing Descriptor) throws(MachineFault) -> Descriptor {
    let number = device.number
    return Descriptor(try attempt("KVM_CREATE_VM") { ckvm_ioctl(number, kvm_create_vm, 0) })
  }

  static func setMemory(
    _ machine: borrowing Descriptor, _ region: kvm_userspace_memory_region
  ) throws(MachineFault) {
    let number = machine.number
    _ = try attempt("KVM_SET_USER_MEMORY_REGION") {
      withUnsafePointer(to: region) { ckvm_ioctl_pointer(number, kvm_set_user_memory_region, $0) }
    }
  }

  static func createProcessor(_ machine: borrowing Descriptor, _ index: Int) throws(MachineFault) -> Descriptor {
    let number = machine.number
    return Descriptor(try attempt("KVM_CREATE_VCPU") { ckvm_ioctl(number, kvm_create_vcpu, UInt(index)) })
  }

  // MARK: the virtual processor

  static func setFeatures(_ processor: borrowing Descriptor, _ table: [UInt8]) throws(MachineFault) {
    let number = processor.number
    _ = try attempt("KVM_SET_CPUID2") { ckvm_ioctl_pointer(number, kvm_set_cpuid2, table) }
  }

  static func setExtendedControl(_ processor: borrowing Descriptor, _ control: kvm_xcrs) throws(MachineFault) {
    let number = processor.number
    _ = try attempt("KVM_SET_XCRS") {
      withUnsafePointer(to: control) { ckvm_ioctl_pointer(number, kvm_set_xcrs, $0) }
    }
  }

  static func setModelRegisters(_ processor: borrowing Descriptor, _ entries: [kvm_msr_entry]) throws(MachineFault) {
    let number = processor.number
    let count = try attempt("KVM_SET_MSRS") { ckvm_set_msrs(number, entries, UInt32(entries.count)) }
    guard count == entries.count else { throw .host(call: "KVM_SET_MSRS", code: EINVAL) }
  }

  static func specialRegisters(_ processor: borrowing Descriptor) throws(MachineFault) -> kvm_sregs {
    let number = processor.number
    var registers = kvm_sregs()
    _ = try attempt("KVM_GET_SREGS") {
      withUnsafeMutablePointer(to: &registers) { ckvm_ioctl_pointer(number, kvm_get_sregs, $0) }
    }
    return registers
  }

  /// Runs the guest until it leaves; false when a signal ended the run.
  static func run(_ processor: borrowing Descriptor) throws(MachineFault) -> Bool {
    let result = ckvm_ioctl(processor.number, kvm_run_vcpu, 0)
    if result == 0 { return true }
    guard result == -Int(EINTR) || result == -Int(EAGAIN) else {
      throw .host(call: "KVM_RUN", code: Int32(truncatingIfNeeded: -result))
    }
    return false
  }

  // MARK: memory and files

  static func map(
    _ size: Int, protection: Int32 = PROT_READ | PROT_WRITE, flags: Int32, descriptor: Int32 = -1
  ) throws(MachineFault) -> Mapping {
    let address = try attempt("mmap") {
      let start = mmap(nil, size, protection, flags, descriptor, 0)
      return start == MAP_FAILED ? -Int(errno) : Int(bitPattern: start)
    }
    guard let start = UnsafeMutableRawPointer(bitPattern: address) else { throw .host(call: "mmap", code: EINVAL) }
    return Mapping(start: start, size: size)
  }

  static func advise(_ start: UnsafeMutableRawPointer, _ size: Int, _ advice: Int32) throws(MachineFault) {
    _ = try attempt("madvise") { checked(Int(madvise(start, size, advice))) }
  }

  static func openFile(_ path: String) throws(MachineFault) -> Descriptor {
    Descriptor(try attempt("open") { checked(Int(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY))) })
  }

  static func status(_ file: borrowing Descriptor) throws(MachineFault) -> stat {
    let number = file.number
    var status = stat()
    _ = try attempt("fstat") { checked(Int(fstat(number, &status))) }
    return status
  }

  /// The first `count` bytes of a file, or fewer where it is shorter.
  static func read(_ file: borrowing Descriptor, count: Int) throws(MachineFault) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { buffer.deallocate() }
    var filled = 0
    while filled < count {
      let got = try read(file, into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]), at: filled)
      if got == 0 { break }
      filled += got
    }
    return [UInt8](buffer[..<filled])
  }

  /// Reads at a place of a file; 0 at its end.
  static func read(
    _ file: borrowing Descriptor, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(MachineFault) -> Int {
    let number = file.number
    return try attempt("pread") { checked(pread(number, buffer.baseAddress, buffer.count, offset)) }
  }

  // MARK: threads and time

  static func threadIdentifier() -> Int32 { Int32(ckvm_thread_id()) }

  /// Minor page faults of the calling thread so far.
  static func threadPageFaults() -> Int64 { Int64(ckvm_thread_page_faults()) }

  static func kick(thread: Int32, with signal: Int32) { _ = ckvm_signal_thread(thread, signal) }

  /// Nanoseconds of a clock.
  static func now(_ clock: clockid_t = CLOCK_MONOTONIC) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
