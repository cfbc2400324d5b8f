/// The code to which SYSCALL leads in a Linux guest: calls whose answer is always the same are answered inside the guest,
/// and so is the question where the heap ends; all others come to the monitor.
///
/// ```
/// 0xe000  the code below
/// 0xe800  the answer to each of 512 calls, 16 bits; 0x7fff for those that the monitor serves
/// 0xec00  where the heap ends
///
///   cmp $512, %rax          ; a number beyond the table
///   jae ask
///   cmpw $0x7fff, table(,%rax,2)
///   je served
///   movzwl table(,%rax,2), %eax
///   shl $16, %eax           ; makes room for the privilege: SYSCALL left no other register free
///   mov %cs, %ax
///   test $3, %al
///   jz raised
///   sar $16, %eax           ; KVM without hardware virtualisation: the gate has the guest's own rights
///   cltq
///   jmp *%rcx
/// raised:
///   sar $16, %eax
///   cltq
///   sysretq
/// served:
///   cmp $12, %eax           ; brk(0) asks where the heap ends
///   jne ask
///   test %rdi, %rdi
///   jnz ask
///   mov %cs, %eax
///   test $3, %al
///   mov end, %rax
///   jz back
///   jmp *%rcx
/// back:
///   sysretq
/// ask:
///   out %al, $0x20          ; the monitor resumes the guest itself
/// ```
/// A guest may run and read all of this: jumping here does no more than a system call.
enum CallGate {
  private static let tableOffset = 0x800
  private static let heapEndOffset = 0xc00
  private static let ask: Int16 = 0x7fff

  private static let code: [UInt8] = [
    0x48, 0x3d, 0x00, 0x02, 0x00, 0x00, 0x73, 0x4a, 0x66, 0x81, 0x3c, 0x45, 0x00, 0xe8, 0x00, 0x00, 0xff, 0x7f, 0x74,
    0x21, 0x0f, 0xb7, 0x04, 0x45, 0x00, 0xe8, 0x00, 0x00, 0xc1, 0xe0, 0x10, 0x66, 0x8c, 0xc8, 0xa8, 0x03, 0x74, 0x07,
    0xc1, 0xf8, 0x10, 0x48, 0x98, 0xff, 0xe1, 0xc1, 0xf8, 0x10, 0x48, 0x98, 0x48, 0x0f, 0x07, 0x83, 0xf8, 0x0c, 0x75,
    0x18, 0x48, 0x85, 0xff, 0x75, 0x13, 0x8c, 0xc8, 0xa8, 0x03, 0x48, 0x8b, 0x04, 0x25, 0x00, 0xec, 0x00, 0x00, 0x74,
    0x02, 0xff, 0xe1, 0x48, 0x0f, 0x07, 0xe6,
    UInt8(SystemPages.systemCallPort),
  ]

  /// The answers, from the one table of calls.
  private static let answers: [Int16] = LinuxCallTable.rules.map { rule in
    switch rule {
    case .constant(let value): Int16(value)
    case .failure(let code): Int16(-code)
    case .unserved, .served: ask
    }
  }

  /// Writes the gate into its page.
  static func install(in memory: borrowing GuestMemory, heapEnd: UInt64) {
    let page = memory.host(frame: SystemPages.gateFrame)
    page.copyMemory(from: code, byteCount: code.count)
    answers.withUnsafeBytes { answers in
      guard let base = answers.baseAddress else { return }
      (page + tableOffset).copyMemory(from: base, byteCount: answers.count)
    }
    setHeapEnd(heapEnd, in: memory)
  }

  /// Tells where the heap ends from now on.
  static func setHeapEnd(_ end: UInt64, in memory: borrowing GuestMemory) {
    memory.host(frame: SystemPages.gateFrame).storeBytes(of: end, toByteOffset: heapEndOffset, as: UInt64.self)
  }
}
