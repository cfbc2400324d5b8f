import CKVM

/// The monitor's pages inside a guest: descriptor tables, exception gates, the system call gate.
///
/// ```
/// address   0xc000            0xe000            0xf000
///           exception stack   system call gate  descriptors: IDT · GDT · TSS with I/O bitmap · exception gates
///           (processor only)  (guest may run)   (processor only)
/// ```
/// Guests run at privilege level 3 only. The gates are each one `out`, at which KVM comes back to the monitor; a Linux
/// guest's answers some calls first (`CallGate`).
enum SystemPages {
  static let exceptionStack: UInt64 = 0xc000
  static let gate: UInt64 = 0xe000
  static let descriptors: UInt64 = 0xf000

  static let gateFrame = 6
  static let descriptorFrame = 5
  static let exceptionStackFrame = 7

  /// Ports at which guests come back.
  static let systemCallPort: UInt16 = 0x20
  static let exceptionPorts: Range<UInt16> = 0x40..<0x60
  static let hypercallPorts: ClosedRange<UInt16> = 0xe0...0xe2

  // Places within the page of descriptors.
  private static let gdt = 0x200
  private static let taskState = 0x280
  private static let exceptionGates = 0x400

  private static let gdtLimit: UInt16 = 8 * 8 - 1
  private static let idtLimit = UInt16(ProcessorException.count * 16 - 1)
  private static let bitmap = 104
  /// One byte beyond the last port, which the processor reads too.
  private static let taskStateLimit = UInt16(bitmap + Int(hypercallPorts.upperBound) / 8 + 1)

  // Selectors, in the order that SYSRET wants: user data below user code.
  static let kernelCode: UInt16 = 0x08
  static let userData: UInt16 = 0x23
  static let userCode: UInt16 = 0x2b
  static let task: UInt16 = 0x30

  /// Writes and maps the pages.
  static func install(in memory: inout GuestMemory) throws(MachineFault) {
    let page = memory.host(frame: descriptorFrame)
    writeGates(page)
    writeSegments(page + gdt)
    writeTaskState(page + taskState)
    // out %al, $0x20; the monitor resumes the guest itself, so that nothing else is needed. See CallGate for Linux guests.
    memory.host(frame: gateFrame).storeBytes(of: 0x20e6, as: UInt16.self)
    try memory.map(descriptors, frames: descriptorFrame..<descriptorFrame + 1, [.execute, .monitor])
    try memory.map(exceptionStack, frames: exceptionStackFrame..<exceptionStackFrame + 1, [.write, .monitor])
    // The guest may run the gate: KVM without hardware virtualisation serves it with the guest's own rights, and
    // jumping there does no more than a system call.
    try memory.map(gate, frames: gateFrame..<gateFrame + 1, .execute)
  }

  private static func writeGates(_ page: UnsafeMutableRawPointer) {
    for vector in 0..<ProcessorException.count {
      // out %al, $0x40 + vector; hlt
      let code = UInt32(0xf4f4_00e6) | UInt32(exceptionPorts.lowerBound + UInt16(vector)) << 8
      page.storeBytes(of: code, toByteOffset: exceptionGates + vector * 4, as: UInt32.self)
      let target = descriptors + UInt64(exceptionGates + vector * 4)
      // An interrupt gate on stack 1 of the task state; privilege 3 where programs may call it.
      let access: UInt64 = ProcessorException(vector: UInt8(vector)).isCallable ? 0xee : 0x8e
      let low = (target & 0xffff) | UInt64(kernelCode) << 16 | 1 << 32 | access << 40 | (target >> 16 & 0xffff) << 48
      page.storeBytes(of: low, toByteOffset: vector * 16, as: UInt64.self)
    }
  }

  private static func writeSegments(_ table: UnsafeMutableRawPointer) {
    let base = descriptors + UInt64(taskState)
    // Accessed bits are set and the task is busy already, so that the processor never writes here.
    let entries: [UInt64] = [
      0, 0x00af_9b00_0000_ffff, 0x00cf_9300_0000_ffff, 0x00cf_fb00_0000_ffff, 0x00cf_f300_0000_ffff,
      0x00af_fb00_0000_ffff,
      UInt64(taskStateLimit) | (base & 0xff_ffff) << 16 | 0x8b << 40 | (base >> 24 & 0xff) << 56, base >> 32,
    ]
    for (index, entry) in entries.enumerated() {
      table.storeBytes(of: entry, toByteOffset: index * 8, as: UInt64.self)
    }
  }

  private static func writeTaskState(_ state: UnsafeMutableRawPointer) {
    let stack = exceptionStack + UInt64(Page.size)
    state.storeBytes(of: UInt32(truncatingIfNeeded: stack), toByteOffset: 4, as: UInt32.self)
    state.storeBytes(of: UInt32(truncatingIfNeeded: stack), toByteOffset: 36, as: UInt32.self)
    state.storeBytes(of: UInt16(bitmap), toByteOffset: 102, as: UInt16.self)
    // A set bit forbids the port. Hypercalls are free; the system call gate runs with the guest's rights on KVM
    // without hardware virtualisation. Hardware goes by the flag IOPL instead, so the monitor checks ports again.
    for byte in 0...Int(taskStateLimit) - bitmap {
      state.storeBytes(of: UInt8(0xff), toByteOffset: bitmap + byte, as: UInt8.self)
    }
    for port in [Int(systemCallPort)] + hypercallPorts.map(Int.init) {
      let byte = state.load(fromByteOffset: bitmap + port / 8, as: UInt8.self)
      state.storeBytes(of: byte & ~(1 << (port % 8)), toByteOffset: bitmap + port / 8, as: UInt8.self)
    }
  }

  static let userCodeSegment = kvm_segment(
    base: 0, limit: .max, selector: userCode, type: 11, present: 1, dpl: 3, db: 0, s: 1, l: 1, g: 1, avl: 0,
    unusable: 0, padding: 0)
  static let userDataSegment = kvm_segment(
    base: 0, limit: .max, selector: userData, type: 3, present: 1, dpl: 3, db: 1, s: 1, l: 0, g: 1, avl: 0,
    unusable: 0, padding: 0)

  /// The special registers of a guest at privilege level 3, from those of a fresh processor.
  static func registers(from fresh: kvm_sregs) -> kvm_sregs {
    var registers = fresh
    registers.cr0 = 0x8005_0033  // PE, MP, ET, NE, WP, AM, PG
    registers.cr3 = UInt64(GuestMemory.rootFrame * Page.size)
    registers.cr4 = 0x4_0620  // PAE, OSFXSR, OSXMMEXCPT, OSXSAVE
    registers.efer = 0xd01  // SCE, LME, LMA, NXE
    registers.cs = userCodeSegment
    registers.ds = userDataSegment
    registers.es = userDataSegment
    registers.ss = userDataSegment
    registers.gs = userDataSegment
    registers.fs = userDataSegment
    registers.tr = kvm_segment(
      base: descriptors + UInt64(taskState), limit: UInt32(taskStateLimit), selector: task, type: 11, present: 1,
      dpl: 0, db: 0, s: 0, l: 0, g: 0, avl: 0, unusable: 0, padding: 0)
    registers.gdt.base = descriptors + UInt64(gdt)
    registers.gdt.limit = gdtLimit
    registers.idt.base = descriptors
    registers.idt.limit = idtLimit
    return registers
  }

  /// Where SYSCALL leads: STAR, LSTAR, SFMASK (interrupts off).
  static let modelRegisters: [kvm_msr_entry] = [
    kvm_msr_entry(index: 0xc000_0081, reserved: 0, data: 0x1b << 48 | 8 << 32),
    kvm_msr_entry(index: 0xc000_0082, reserved: 0, data: gate),
    kvm_msr_entry(index: 0xc000_0084, reserved: 0, data: 0x200),
  ]
}
