/// What a live machine's memory costs its host, without the kernel's own structures.
public struct MachineMemory: Equatable, Sendable {
  /// Bytes of guest memory present in the host, shared pages of programs and snapshots included.
  public var resident: Int
  /// Those of them that no other machine shares.
  public var own: Int
}

extension Machine {
  /// What the guest's memory costs the host now. O(guest memory / 4 KiB)
  public func memoryUse() throws(MachineFault) -> MachineMemory {
    let pages = try Kernel.pages(memory.mapping.start, count: memory.mapping.size / Page.size)
    return MachineMemory(
      resident: pages.count { $0.isPresent } * Page.size, own: pages.count { $0.isPresent && $0.isOwn } * Page.size)
  }
}
