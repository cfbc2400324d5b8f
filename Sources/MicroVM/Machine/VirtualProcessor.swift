import CKVM
import Glibc

/// A virtual processor and the page that it shares with the monitor.
struct VirtualProcessor: ~Copyable {
  private let page: Mapping
  private let descriptor: Descriptor
  private let statistics: GuestStatistics?
  let deadline: Deadline
  /// Times that the guest was left.
  private(set) var exits: UInt64 = 0

  /// Why KVM came back.
  enum Exit: Equatable {
    /// An `out` of the guest.
    case out(port: UInt16)
    case shutdown
    /// A signal, or a deadline that has passed.
    case interrupted
    case other(reason: UInt32, detail: UInt32)
  }

  private var run: UnsafeMutablePointer<kvm_run> { page.start.assumingMemoryBound(to: kvm_run.self) }

  /// The general registers, as the guest left them.
  var registers: UnsafeMutablePointer<kvm_regs> { ckvm_registers(run) }

  private var special: UnsafeMutablePointer<kvm_sregs> { ckvm_special_registers(run) }

  static func create(
    _ machine: borrowing Descriptor, _ hypervisor: Hypervisor, _ counters: Counters
  ) throws(MachineFault) -> VirtualProcessor {
    let descriptor = try Kernel.createProcessor(machine, 0)
    let page = try Kernel.map(hypervisor.runPageSize, flags: MAP_SHARED, descriptor: descriptor.number)
    let statistics = counters == .all ? try GuestStatistics.of(descriptor, hypervisor) : nil
    let processor = VirtualProcessor(descriptor: descriptor, page: page, statistics: statistics)
    try processor.setUp(hypervisor)
    return processor
  }

  private init(descriptor: consuming Descriptor, page: consuming Mapping, statistics: consuming GuestStatistics?) {
    deadline = Deadline(runPage: page.start.assumingMemoryBound(to: kvm_run.self))
    self.descriptor = descriptor
    self.page = page
    self.statistics = statistics
    Watchdog.shared.add(deadline)
  }

  deinit { Watchdog.shared.remove(deadline) }

  private func setUp(_ hypervisor: Hypervisor) throws(MachineFault) {
    // Only the general registers come back with every exit: a guest without system calls cannot change the special
    // ones, and copying them costs as much as the rest of a warm call's work in the monitor.
    run.pointee.kvm_valid_regs = UInt64(KVM_SYNC_X86_REGS)
    try Kernel.setFeatures(descriptor, hypervisor.features)
    var control = kvm_xcrs()
    control.nr_xcrs = 1
    control.xcrs.0.value = 7  // x87, SSE, AVX
    try Kernel.setExtendedControl(descriptor, control)
    try Kernel.setModelRegisters(descriptor, SystemPages.modelRegisters)
    special.pointee = SystemPages.registers(from: try hypervisor.freshRegisters(of: descriptor))
  }

  /// Has the special registers come back with every exit too, for a guest that makes system calls.
  func watchPrivilege() { run.pointee.kvm_valid_regs |= UInt64(KVM_SYNC_X86_SREGS) }

  /// Sets the state from which a guest starts.
  func start(at instruction: UInt64, stack: UInt64) {
    var general = kvm_regs()
    general.rip = instruction
    general.rsp = stack
    general.rflags = 0x3202  // IOPL 3, interrupts on: hardware lets a guest use ports by IOPL
    registers.pointee = general
    run.pointee.kvm_dirty_regs = UInt64(KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS)
  }

  /// Sets the state of a snapshot, on a fresh processor or on one that was restored from it before.
  func restore(_ state: ProcessorState) throws(MachineFault) {
    run.pointee.immediate_exit = 0
    setThreadPointer(state.threadPointer)
    setGuestPrivilege()
    registers.pointee = state.general
    run.pointee.kvm_dirty_regs = UInt64(KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS)
    if let extended = state.extended { try Kernel.setExtendedState(descriptor, extended) }
  }

  /// The state of a guest that has come back by an `out`.
  mutating func save() throws(MachineFault) -> ProcessorState {
    // KVM has yet to complete the `out`: it moves the instruction pointer when it is entered again.
    run.pointee.immediate_exit = 1
    defer { run.pointee.immediate_exit = 0 }
    guard try !Kernel.run(descriptor) else {
      throw .unexpectedExit(reason: run.pointee.exit_reason, detail: 0)
    }
    return ProcessorState(
      general: registers.pointee, threadPointer: special.pointee.fs.base,
      extended: try Kernel.extendedState(descriptor))
  }

  /// Answers a hypercall: the guest finds `value` in rax.
  func answer(_ value: UInt64) {
    registers.pointee.rax = value
    run.pointee.kvm_dirty_regs |= UInt64(KVM_SYNC_X86_REGS)
  }

  /// Lets the guest go on after a system call, with `value` in rax.
  ///
  /// SYSCALL left the return address in rcx and the flags in r11. The monitor goes back itself: SYSRET does not work on
  /// KVM without hardware virtualisation. There the gate runs with the guest's rights, and nothing has to be taken back;
  /// loading the special registers, a fifth of an exit's time, is for hardware, where SYSCALL raised the privilege.
  func returnFromCall(_ value: UInt64) {
    registers.pointee.rax = value
    registers.pointee.rip = registers.pointee.rcx
    // Only what a program may set itself: carry, parity, adjust, zero, sign, trap, direction, overflow.
    registers.pointee.rflags = registers.pointee.r11 & 0xdd5 | 0x3202
    run.pointee.kvm_dirty_regs |= UInt64(KVM_SYNC_X86_REGS)
    if !hasGuestPrivilege { setGuestPrivilege() }
  }

  /// Whether the guest was left at privilege 3, in its own segments.
  private var hasGuestPrivilege: Bool {
    let (code, stack) = (special.pointee.cs, special.pointee.ss)
    return code.selector == SystemPages.userCode && code.dpl == 3 && stack.selector == SystemPages.userData
      && stack.dpl == 3
  }

  /// Puts the guest at privilege 3 from the next return on.
  private func setGuestPrivilege() {
    special.pointee.cs = SystemPages.userCodeSegment
    special.pointee.ss = SystemPages.userDataSegment
    run.pointee.kvm_dirty_regs |= UInt64(KVM_SYNC_X86_SREGS)
  }

  /// The base of the guest's FS, from the next return on.
  func setThreadPointer(_ address: UInt64) {
    special.pointee.fs.base = address
    run.pointee.kvm_dirty_regs |= UInt64(KVM_SYNC_X86_SREGS)
  }

  /// The rate of the guest's time stamp counter; 0 where KVM does not know it.
  func counterKilohertz() -> Int { Kernel.counterKilohertz(descriptor) }

  /// What KVM has counted of the guest so far; nil unless it is asked.
  func counts() throws(MachineFault) -> GuestCounts? {
    switch statistics {
    case .none: nil
    case .some(let statistics): try statistics.counts()
    }
  }

  /// The special registers as they are now.
  func specialRegisters() throws(MachineFault) -> kvm_sregs { try Kernel.specialRegisters(descriptor) }

  /// Runs the guest until it comes back or the deadline (CLOCK_MONOTONIC nanoseconds) has passed.
  mutating func run(until instant: Int64) throws(MachineFault) -> Exit {
    while true {
      let completed = try Kernel.run(descriptor)
      exits += 1
      if completed { return exit }
      guard Kernel.now() < instant else { return .interrupted }
      // Some other signal, or a kick meant for the step before.
      run.pointee.immediate_exit = 0
    }
  }

  private var exit: Exit {
    switch Int32(run.pointee.exit_reason) {
    case KVM_EXIT_IO where ckvm_io_is_out(run) != 0: .out(port: UInt16(truncatingIfNeeded: ckvm_io_port(run)))
    case KVM_EXIT_IO: .other(reason: UInt32(KVM_EXIT_IO), detail: ckvm_io_port(run))
    case KVM_EXIT_SHUTDOWN: .shutdown
    case KVM_EXIT_INTERNAL_ERROR: .other(reason: run.pointee.exit_reason, detail: ckvm_suberror(run))
    default: .other(reason: run.pointee.exit_reason, detail: 0)
    }
  }
}
