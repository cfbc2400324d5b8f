/// Prepares a fresh machine's memory for its guest.
enum Loader {
  /// Where a guest begins.
  struct Start {
    var instruction: UInt64
    var stack: UInt64
    /// Addresses below the stack where nothing is mapped, so that running out of it shows.
    var stackGuard: Range<UInt64>
    /// The Linux side of it, if it is a Linux program.
    var process: LinuxProcess?
  }

  static func load(
    _ image: GuestImage, _ configuration: MachineConfiguration, into memory: inout GuestMemory
  ) throws(MachineFault) -> Start {
    switch image.kind {
    case .freestanding: try loadFreestanding(image.program, configuration, into: &memory)
    case .linux: try loadLinux(image, configuration, into: &memory)
    }
  }

  // MARK: freestanding

  private static let freestandingBase: UInt64 = 0x10_0000
  /// The end of a freestanding guest's stack: with the program at 1 MiB, one page table covers both.
  private static let freestandingStackTop: UInt64 = 0x1f_f000
  private static let guardSize: UInt64 = 0x1_0000

  private static func loadFreestanding(
    _ program: ProgramFile, _ configuration: MachineConfiguration, into memory: inout GuestMemory
  ) throws(MachineFault) -> Start {
    let base = program.elf.isRelocatable ? freestandingBase : 0
    try program.load(at: base, into: &memory)
    // Below 2 MiB where the program leaves room for it, above the program otherwise.
    let end = base + program.elf.addresses.upperBound
    let size = UInt64(Page.count(configuration.stack) * Page.size)
    let isLow = end + guardSize + size <= freestandingStackTop
    let top = isLow ? freestandingStackTop : end + guardSize + size
    try memory.mapFresh(top - size, pages: Int(size) / Page.size, .write)
    // As if called: the return address, which is none, makes the stack odd by eight (System V ABI, 3.2.2).
    return Start(
      instruction: base + program.elf.entry, stack: top - 8, stackGuard: top - size - guardSize..<top - size)
  }

  // MARK: Linux

  private static func loadLinux(
    _ image: GuestImage, _ configuration: MachineConfiguration, into memory: inout GuestMemory
  ) throws(MachineFault) -> Start {
    let elf = image.program.elf
    let layout = try LinuxLayout(program: elf, path: image.path, stackBytes: configuration.stack)
    var space = AddressSpace()
    try load(image.program, at: layout.base, sharing: image.sharesProgram, &space, into: &memory)
    var linkerBase: UInt64?
    if let linker = image.linker {
      guard linker.elf.isRelocatable, let room = space.gap(linker.elf.addresses.upperBound, in: LinuxLayout.mappings)
      else {
        throw .badImage(
          path: linker.path, offset: 16, found: "a dynamic linker with fixed addresses", expected: "a relocatable one")
      }
      try load(linker, at: room.lowerBound, sharing: image.sharesProgram, &space, into: &memory)
      linkerBase = room.lowerBound
    }
    CallGate.install(in: memory, heapEnd: layout.heap.lowerBound)
    try ClockPage.install(in: &memory)
    let pages = Int((layout.stack.upperBound - layout.stack.lowerBound) / UInt64(Page.size))
    try memory.mapFresh(layout.stack.lowerBound, pages: pages, .write)
    space.insert(layout.stack, .write)

    // What a program that asks for itself must get is an absolute path.
    let name = "/" + GuestFiles.components(image.path).joined(separator: "/")
    let start = ProcessStart(
      programName: name, arguments: image.arguments + configuration.arguments,
      environment: configuration.environment, program: elf, base: layout.base, linkerBase: linkerBase,
      clockPage: ClockPage.address)
    let stack = try start.write(to: layout.stack, in: &memory)
    let files = GuestFiles(
      held: image.heldFiles, allowed: image.readablePaths + configuration.readablePaths, program: name)
    let entry = image.linker.flatMap { linker in linkerBase.map { $0 + linker.elf.entry } }
    return Start(
      instruction: entry ?? layout.base + elf.entry, stack: stack, stackGuard: layout.stackGuard,
      process: LinuxProcess(layout: layout, space: space, files: files))
  }

  private static func load(
    _ program: ProgramFile, at base: UInt64, sharing: Bool, _ space: inout AddressSpace, into memory: inout GuestMemory
  ) throws(MachineFault) {
    try program.load(at: base, sharing: sharing, into: &memory)
    for segment in program.elf.segments {
      space.insert(base + segment.pages.lowerBound..<base + segment.pages.upperBound, segment.protection)
    }
  }
}
