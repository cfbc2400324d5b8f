/// Puts a program into a guest's memory.
enum Loader {
  /// Where a guest begins.
  struct Start {
    var instruction: UInt64
    var stack: UInt64
    /// Addresses below the stack where nothing is mapped, so that running out of it shows.
    var stackGuard: Range<UInt64>
  }

  /// The end of a freestanding guest's stack: with the program at 1 MiB, one page table covers both.
  private static let freestandingStackTop: UInt64 = 0x1f_f000

  static let guardSize: UInt64 = 0x1_0000

  static func load(
    _ image: GuestImage, _ configuration: MachineConfiguration, into memory: inout GuestMemory
  ) throws(MachineFault) -> Start {
    let program = image.program
    let base: UInt64 = program.isRelocatable ? 0x10_0000 : 0
    try load(program, image.file, base: base, into: &memory)
    // Below 2 MiB where the program leaves room for it, above the program otherwise.
    let end = base + program.addresses.upperBound
    let pages = UInt64(Page.count(configuration.stack) * Page.size)
    let isLow = end + guardSize + pages <= Self.freestandingStackTop
    let top = isLow ? Self.freestandingStackTop : end + guardSize + pages
    try memory.mapFresh(top - pages, pages: Int(pages) / Page.size, .write)
    // As if called: the return address, which is none, makes the stack odd by eight (System V ABI, 3.2.2).
    return Start(instruction: base + program.entry, stack: top - 8, stackGuard: top - pages - guardSize..<top - pages)
  }

  /// Copies an ELF program's segments and maps their pages with their protection.
  ///
  /// - Parameter base: added to every address of a relocatable program.
  static func load(
    _ program: ELF, _ file: [UInt8], base: UInt64, into memory: inout GuestMemory
  ) throws(MachineFault) {
    for segment in program.segments {
      let pages = segment.pages
      let count = Int((pages.upperBound - pages.lowerBound) / UInt64(Page.size))
      guard let frames = memory.frames.take(count) else {
        throw .outOfMemory(bytesWanted: count * Page.size, machineBytes: memory.size)
      }
      try memory.map(base + pages.lowerBound, frames: frames, segment.protection)
      guard !segment.file.isEmpty else { continue }
      let target = memory.host(frame: frames.lowerBound) + Int(segment.address - pages.lowerBound)
      // SAFETY: the ELF reader has checked that the file has this range, and the frames lie in a row.
      file.withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(start: target, count: segment.file.count).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[segment.file]))
      }
    }
  }
}
