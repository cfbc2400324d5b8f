import CKVM

extension Machine {
  /// What an exception was, from the frame that the processor pushed and the fault address that it left.
  func exception(_ exception: ProcessorException) throws(MachineFault) -> MachineFault {
    let special = try processor.specialRegisters()
    // Hardware lets guests use the exceptions' ports themselves, which says nothing but that they did.
    guard special.cs.dpl == 0 else {
      return .forbiddenPort(SystemPages.exceptionPorts.lowerBound + UInt16(exception.vector))
    }
    // error code (some) · rip · cs · rflags · rsp · ss, upwards from rsp.
    let offset = processor.registers.pointee.rsp &- SystemPages.exceptionStack
    let hasCode = exception.pushesErrorCode
    guard offset <= UInt64(Page.size - (hasCode ? 48 : 40)) else { return .tripleFault }
    let frame = memory.host(frame: SystemPages.exceptionStackFrame) + Int(offset & ~7)
    let code = hasCode ? frame.load(as: UInt64.self) : 0
    let instruction = (frame + (hasCode ? 8 : 0)).load(as: UInt64.self)
    guard exception == .pageFault else { return .exception(exception, instruction: instruction) }
    let access = access(special.cr2, code: code, instruction: instruction)
    // Programs that do not look whether they got their memory fall over its absence.
    if access.target == .null, let wanted = process?.refusedMemory {
      return .outOfMemory(bytesWanted: wanted, machineBytes: memory.size)
    }
    return .memoryAccess(access)
  }

  /// A page fault from its error code (bit 1 write, bit 4 fetch; AMD64 manual, volume 2, 8.4.2).
  private func access(_ address: UInt64, code: UInt64, instruction: UInt64) -> MemoryAccess {
    let kind: MemoryAccess.Kind = code & 16 != 0 ? .fetch : code & 2 != 0 ? .write : .read
    let entry = memory.entry(address)
    let target: MemoryAccess.Target =
      if address < UInt64(Page.size) {
        .null
      } else if address < GuestMemory.guestAddresses.lowerBound {
        .monitor
      } else if stackGuard.contains(address) {
        .stackGuard
      } else if !entry.isPresent {
        .unmapped
      } else if kind == .fetch {
        .noExecute
      } else {
        .readOnly
      }
    return MemoryAccess(kind: kind, target: target, address: address, instruction: instruction)
  }
}
