/// Two pages that let a Linux guest read clocks without leaving itself, as Linux's own vDSO does.
///
/// ```
/// 0x9000  an ELF library with one function, __vdso_clock_gettime (System V ABI; vdso(7))
/// 0xa000  multiplier · time stamp counter at calibration · monotonic · real time at calibration
/// ```
/// A clock's time is `at calibration + ticks since x multiplier / 2^32`. Until the monitor has calibrated it, the
/// function makes the system call and passes its time stamp counter along, from which the monitor calibrates: guests do
/// not see the host's counter, and a restored guest sees another one than before.
enum ClockPage {
  static let address: UInt64 = 0x9000
  static let dataAddress: UInt64 = 0xa000
  static let frame = 8
  static let dataFrame = 9

  /// What the function passes in r10, to tell its calls from others.
  static let mark: UInt64 = 0x6661_6173

  static func install(in memory: inout GuestMemory) throws(MachineFault) {
    memory.host(frame: frame).copyMemory(from: library, byteCount: library.count)
    try memory.map(address, frames: frame..<frame + 1, .execute)
    try memory.map(dataAddress, frames: dataFrame..<dataFrame + 1, .read)
  }

  /// Sets the guest's clocks right: its counter stood at `counter` when the host's clocks stood at the others.
  static func calibrate(
    _ memory: borrowing GuestMemory, counter: UInt64, kilohertz: Int, monotonic: Int64, realTime: Int64
  ) {
    guard kilohertz > 0 else { return }
    let data = memory.host(frame: dataFrame)
    // Nanoseconds a tick, in units of 2^-32.
    data.storeBytes(of: (1_000_000 << 32) / UInt64(kilohertz), as: UInt64.self)
    data.storeBytes(of: counter, toByteOffset: 8, as: UInt64.self)
    data.storeBytes(of: monotonic, toByteOffset: 16, as: Int64.self)
    data.storeBytes(of: realTime, toByteOffset: 24, as: Int64.self)
  }

  /// Makes the next reading a system call again.
  static func forget(_ memory: borrowing GuestMemory) {
    let data = memory.host(frame: dataFrame)
    if data.load(as: UInt64.self) != 0 { data.storeBytes(of: 0, as: UInt64.self) }
  }

  // MARK: the library

  private static let library: [UInt8] = {
    let strings = Array("\0__vdso_clock_gettime\0LINUX_2.6\0linux-vdso.so.1\0".utf8)
    // Places in the file, which are the addresses too.
    let symbols = 176
    let names = symbols + 2 * 24
    let hash = (names + strings.count + 7) & ~7
    let versions = hash + 6 * 4
    let versionNames = versions + 8
    let dynamic = versionNames + 2 * 28
    let code = dynamic + 9 * 16
    let size = code + function.count

    var file = Bytes()
    file.add([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0] as [UInt8])
    file.add([3, 62] as [UInt16])  // a library, x86-64
    file.add([1] as [UInt32])
    file.add([UInt64(code), 64, 0])  // entry, program headers, no sections
    file.add([0] as [UInt32])
    file.add([64, 56, 2, 64, 0, 0] as [UInt16])
    file.add([1, 5] as [UInt32])  // PT_LOAD, readable and executable
    file.add([0, 0, 0, UInt64(size), UInt64(size), 4096])
    file.add([2, 4] as [UInt32])  // PT_DYNAMIC
    file.add([UInt64(dynamic), UInt64(dynamic), UInt64(dynamic), 9 * 16, 9 * 16, 8])
    file.add([UInt64](repeating: 0, count: 3))  // the symbol that is none
    file.add([1] as [UInt32])
    file.add([0x12, 0] as [UInt8])  // global function
    file.add([1] as [UInt16])
    file.add([UInt64(code), UInt64(function.count)])
    file.add(strings)
    file.pad(to: hash)
    file.add([1, 2, 1, 0, 0, 0] as [UInt32])  // one bucket, that begins with symbol 1 and ends there
    file.add([0, 2, 0, 0] as [UInt16])  // symbol 1 has version 2
    // Version 1 is the library itself, version 2 is LINUX_2.6.
    let (versionName, libraryName) = (UInt32(22), UInt32(32))
    file.add([1, 1, 1, 1] as [UInt16])
    file.add([elfHash("linux-vdso.so.1"), 20, 28, libraryName, 0] as [UInt32])
    file.add([1, 0, 2, 1] as [UInt16])
    file.add([elfHash("LINUX_2.6"), 20, 0, versionName, 0] as [UInt32])
    // DT_HASH, DT_SYMTAB, DT_STRTAB, DT_STRSZ, DT_SYMENT, DT_VERSYM, DT_VERDEF, DT_VERDEFNUM, DT_NULL
    file.add([4, UInt64(hash), 6, UInt64(symbols), 5, UInt64(names), 10, UInt64(strings.count), 11, 24])
    file.add([0x6fff_fff0, UInt64(versions), 0x6fff_fffc, UInt64(versionNames), 0x6fff_fffd, 2, 0, 0])
    file.add(function)
    return file.bytes
  }()

  /// The hash of symbol names (System V ABI, 5.20).
  private static func elfHash(_ name: String) -> UInt32 {
    name.utf8.reduce(0) { hash, byte in
      let sum = (hash << 4) &+ UInt32(byte)
      let high = sum & 0xf000_0000
      return (sum ^ high >> 24) & ~high
    }
  }

  /// clock_gettime: edi is the clock, rsi the place for the time.
  private static let function: [UInt8] = [
    0x41, 0xb8, 0x00, 0xa0, 0x00, 0x00,  // mov $0xa000,%r8d
    0x83, 0xff, 0x07,  // cmp $0x7,%edi
    0x77, 0x60,  // ja other
    0x49, 0x8b, 0x08,  // mov (%r8),%rcx
    0x48, 0x85, 0xc9,  // test %rcx,%rcx
    0x74, 0x47,  // je calibrate
    0x0f, 0x31,  // rdtsc
    0x48, 0xc1, 0xe2, 0x20,  // shl $0x20,%rdx
    0x48, 0x09, 0xd0,  // or %rdx,%rax
    0x49, 0x2b, 0x40, 0x08,  // sub 0x8(%r8),%rax
    0x48, 0xf7, 0xe1,  // mul %rcx
    0x48, 0x0f, 0xac, 0xd0, 0x20,  // shrd $0x20,%rdx,%rax
    0xb9, 0x21, 0x00, 0x00, 0x00,  // mov $0x21,%ecx
    0x0f, 0xa3, 0xf9,  // bt %edi,%ecx
    0x72, 0x10,  // jc wall
    0xb9, 0xd2, 0x00, 0x00, 0x00,  // mov $0xd2,%ecx
    0x0f, 0xa3, 0xf9,  // bt %edi,%ecx
    0x73, 0x2f,  // jnc other
    0x49, 0x03, 0x40, 0x10,  // add 0x10(%r8),%rax
    0xeb, 0x04,  // jmp store
    // wall:
    0x49, 0x03, 0x40, 0x18,  // add 0x18(%r8),%rax
    // store:
    0x31, 0xd2,  // xor %edx,%edx
    0xb9, 0x00, 0xca, 0x9a, 0x3b,  // mov $0x3b9aca00,%ecx
    0x48, 0xf7, 0xf1,  // div %rcx
    0x48, 0x89, 0x06,  // mov %rax,(%rsi)
    0x48, 0x89, 0x56, 0x08,  // mov %rdx,0x8(%rsi)
    0x31, 0xc0,  // xor %eax,%eax
    0xc3,  // ret
    // calibrate:
    0x0f, 0x31,  // rdtsc
    0x48, 0xc1, 0xe2, 0x20,  // shl $0x20,%rdx
    0x48, 0x09, 0xc2,  // or %rax,%rdx
    0x41, 0xba, 0x73, 0x61, 0x61, 0x66,  // mov $0x66616173,%r10d
    0xeb, 0x03,  // jmp call
    // other:
    0x45, 0x31, 0xd2,  // xor %r10d,%r10d
    // call:
    0xb8, 0xe4, 0x00, 0x00, 0x00,  // mov $0xe4,%eax
    0x0f, 0x05,  // syscall
    0xc3,  // ret
  ]
}

/// Numbers in a row, little endian.
private struct Bytes {
  private(set) var bytes: [UInt8] = []

  mutating func add<Number: FixedWidthInteger>(_ numbers: [Number]) {
    for number in numbers { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
  }

  mutating func pad(to size: Int) { bytes += [UInt8](repeating: 0, count: max(0, size - bytes.count)) }
}
