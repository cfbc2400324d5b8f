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

  private static let extendedStateSize = 4096

  /// The XSAVE area, or nil when nothing in it differs from a fresh processor's.
  static func extendedState(_ processor: borrowing Descriptor) throws(MachineFault) -> [UInt8]? {
    let number = processor.number
    let area = UnsafeMutableRawPointer.allocate(byteCount: extendedStateSize, alignment: 64)
    defer { area.deallocate() }
    _ = try attempt("KVM_GET_XSAVE") { ckvm_ioctl_pointer(number, kvm_get_xsave, area) }
    // XSTATE_BV, at byte 512: which parts are in use.
    guard area.load(fromByteOffset: 512, as: UInt64.self) != 0 else { return nil }
    return [UInt8](UnsafeRawBufferPointer(start: area, count: extendedStateSize))
  }

  static func setExtendedState(_ processor: borrowing Descriptor, _ area: [UInt8]) throws(MachineFault) {
    let number = processor.number
    _ = try attempt("KVM_SET_XSAVE") { ckvm_ioctl_pointer(number, kvm_set_xsave, area) }
  }

  /// A file with what KVM counts of a processor (Linux 5.14).
  static func statistics(_ processor: borrowing Descriptor) throws(MachineFault) -> Descriptor {
    let number = processor.number
    return Descriptor(try attempt("KVM_GET_STATS_FD") { ckvm_ioctl(number, kvm_get_stats_fd, 0) })
  }

  /// The rate of a processor's time stamp counter, or 0.
  static func counterKilohertz(_ processor: borrowing Descriptor) -> Int {
    max(0, ckvm_ioctl(processor.number, kvm_get_tsc_khz, 0))
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

  /// MADV_POPULATE_WRITE (Linux 5.14).
  static let populateForWriting: Int32 = 23

  static func advise(_ start: UnsafeMutableRawPointer, _ size: Int, _ advice: Int32) throws(MachineFault) {
    _ = try attempt("madvise") { checked(Int(madvise(start, size, advice))) }
  }

  /// Puts a file's pages in place of part of a mapping; what is written to them stays in this process.
  static func overlay(
    _ start: UnsafeMutableRawPointer, _ size: Int, _ file: borrowing Descriptor, at offset: Int
  ) throws(MachineFault) {
    let number = file.number
    _ = try attempt("mmap") {
      let placed = mmap(start, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, number, offset)
      return placed == MAP_FAILED ? -Int(errno) : 0
    }
  }

  /// A file that lives in memory only and has no name in the file system.
  static func memoryFile(_ name: String) throws(MachineFault) -> Descriptor {
    Descriptor(try attempt("memfd_create") { ckvm_memory_file(name) })
  }

  static func resize(_ file: borrowing Descriptor, to size: Int) throws(MachineFault) {
    let number = file.number
    _ = try attempt("ftruncate") { checked(Int(ftruncate(number, size))) }
  }

  static func write(_ file: borrowing Descriptor, _ bytes: [UInt8]) throws(MachineFault) {
    let start = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { start.deallocate() }
    start.copyBytes(from: bytes)
    try write(file, UnsafeRawBufferPointer(start), at: 0)
  }

  /// Writes all of a buffer at a place of a file.
  static func write(_ file: borrowing Descriptor, _ bytes: UnsafeRawBufferPointer, at offset: Int) throws(MachineFault)
  {
    let number = file.number
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let place = offset + done
      done += try attempt("pwrite") { checked(pwrite(number, rest.baseAddress, rest.count, place)) }
    }
  }

  static func protect(_ start: UnsafeMutableRawPointer, _ size: Int, _ protection: Int32) throws(MachineFault) {
    _ = try attempt("mprotect") { checked(Int(mprotect(start, size, protection))) }
  }

  /// How the host holds a page of a mapping.
  struct HostPage {
    var isPresent: Bool
    /// Neither a file's page nor shared.
    var isOwn: Bool
  }

  /// The state of pages: bits 63 (present) and 61 (a file's or shared) of /proc/self/pagemap
  /// (Documentation/admin-guide/mm/pagemap.rst).
  static func pages(_ start: UnsafeMutableRawPointer, count: Int) throws(MachineFault) -> [HostPage] {
    let table = try openFile("/proc/self/pagemap")
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count * 8, alignment: 8)
    defer { buffer.deallocate() }
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let got = try read(table, into: rest, at: Int(bitPattern: start) / 4096 * 8 + filled)
      if got == 0 { break }
      filled += got
    }
    return buffer[..<filled].withMemoryRebound(to: UInt64.self) { entries in
      entries.map { HostPage(isPresent: $0 >> 63 == 1, isOwn: $0 >> 61 & 1 == 0) }
    }
  }

  static func openFile(_ path: String) throws(MachineFault) -> Descriptor {
    Descriptor(try attempt("open") { checked(Int(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY))) })
  }

  /// A handle on a place in the file system, without opening what is there.
  static func openPlace(_ path: String) throws(MachineFault) -> Descriptor {
    Descriptor(try attempt("open") { checked(Int(open(path, Int32(ckvm_open_place) | O_CLOEXEC))) })
  }

  static func readLink(_ path: String) throws(MachineFault) -> String {
    let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(PATH_MAX))
    defer { buffer.deallocate() }
    let count = try attempt("readlink") { ckvm_read_link(path, buffer.baseAddress, UInt(buffer.count)) }
    return String(decoding: UnsafeRawBufferPointer(buffer)[..<count], as: UTF8.self)
  }

  /// All of a directory's entries, in the layout of getdents64.
  static func directoryEntries(_ directory: borrowing Descriptor) throws(MachineFault) -> [UInt8] {
    let number = directory.number
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 8)
    defer { buffer.deallocate() }
    var all: [UInt8] = []
    while true {
      let count = try attempt("getdents64") { ckvm_directory_entries(number, buffer.baseAddress, UInt(buffer.count)) }
      if count == 0 { return all }
      all += buffer[..<count]
    }
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

  /// Sleeps until an instant of CLOCK_MONOTONIC.
  static func sleep(until instant: Int64) {
    var time = timespec(tv_sec: Int(instant / 1_000_000_000), tv_nsec: Int(instant % 1_000_000_000))
    while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
  }

  static func kick(thread: Int32, with signal: Int32) { _ = ckvm_signal_thread(thread, signal) }

  /// Nanoseconds of a clock.
  static func now(_ clock: clockid_t = CLOCK_MONOTONIC) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
