import Glibc

extension LinuxProcess {
  /// `PROT_READ | PROT_WRITE | PROT_EXEC` as a protection; nil where none is set.
  private static func protection(_ bits: UInt64) -> PageProtection? {
    guard bits & 7 != 0 else { return nil }
    var protection: PageProtection = .read
    if bits & 2 != 0 { protection.insert(.write) }
    if bits & 4 != 0 { protection.insert(.execute) }
    return protection
  }

  /// The whole pages of a range that the guest named, or nil when it cannot be one.
  private func pages(_ start: UInt64, _ size: UInt64) -> Range<UInt64>? {
    guard start % UInt64(Page.size) == 0, size > 0, let rounded = Page.up(size) else { return nil }
    let (end, overflow) = start.addingReportingOverflow(rounded)
    guard !overflow, start >= GuestMemory.guestAddresses.lowerBound, end <= GuestMemory.guestAddresses.upperBound
    else { return nil }
    return start..<end
  }

  /// Whether fresh pages for a range are to be had, with the tables they may need.
  private mutating func hasRoom(for range: Range<UInt64>, _ memory: borrowing GuestMemory) -> Bool {
    hasRoom(for: range.upperBound - range.lowerBound, runs: 1, memory)
  }

  private mutating func hasRoom(for size: UInt64, runs: Int, _ memory: borrowing GuestMemory) -> Bool {
    let pages = size / UInt64(Page.size)
    // A run needs at most a table per 2 MiB, one more at each end, and one of each kind above.
    if space.regions.count < AddressSpace.regionLimit,
      pages + pages / 512 + UInt64(runs) * 6 <= UInt64(memory.frames.freeCount)
    {
      return true
    }
    refusedMemory = Int(clamping: size)
    return false
  }

  // MARK: mmap, munmap, mprotect

  mutating func map(_ arguments: Arguments, _ memory: inout GuestMemory) throws(MachineFault) -> Outcome {
    let flags = Int32(truncatingIfNeeded: arguments.d)
    let protection = Self.protection(arguments.c)
    guard let size = Page.up(arguments.b), size > 0 else { return .failure(arguments.b == 0 ? EINVAL : ENOMEM) }
    guard let range = place(arguments.a, size, flags) else { return .failure(ENOMEM) }
    guard GuestMemory.guestAddresses.contains(range.lowerBound), range.lowerBound % UInt64(Page.size) == 0 else {
      return .failure(EINVAL)
    }
    let isFixed = flags & (MAP_FIXED | Self.fixedNoReplace) != 0
    if flags & Self.fixedNoReplace != 0, !space.isFree(range) { return .failure(EEXIST) }
    guard flags & MAP_ANONYMOUS == 0 else {
      return try enter(range, protection, replacing: isFixed, &memory)
    }
    guard let file = open[Int(clamping: arguments.e)] else { return .failure(EBADF) }
    guard flags & 3 == MAP_PRIVATE || !(protection?.contains(.write) ?? false) else { return .failure(EACCES) }
    guard arguments.f % UInt64(Page.size) == 0, let offset = Int(exactly: arguments.f) else { return .failure(EINVAL) }
    return try enter(range, protection, replacing: isFixed, content: (file, offset), &memory)
  }

  private static let fixedNoReplace: Int32 = 0x10_0000

  private func place(_ wanted: UInt64, _ size: UInt64, _ flags: Int32) -> Range<UInt64>? {
    if flags & (MAP_FIXED | Self.fixedNoReplace) != 0 { return pages(wanted, size) }
    if let hinted = pages(wanted, size), LinuxLayout.mappings.lowerBound <= hinted.lowerBound, space.isFree(hinted) {
      return hinted
    }
    return space.gap(size, in: LinuxLayout.mappings)
  }

  /// Enters a mapping in the ledger and gives it pages, unless nothing may touch it.
  private mutating func enter(
    _ range: Range<UInt64>, _ protection: PageProtection?, replacing: Bool,
    content: (file: OpenFile, offset: Int)? = nil, _ memory: inout GuestMemory
  ) throws(MachineFault) -> Outcome {
    if replacing, let protection, let content, hasPages(range) {
      // Dynamic linkers map a library whole and then its parts over it: the pages are there, and get the part's content.
      try memory.protect(range, protection)
      space.insert(range, protection)
      return try fill(range, content.file, content.offset, isFresh: false, &memory)
    }
    // What is replaced gives its pages back first, but only when the rest can be had.
    guard protection == nil || replacing || hasRoom(for: range, memory) else { return .failure(ENOMEM) }
    if replacing { try release(range, &memory) }
    guard protection == nil || hasRoom(for: range, memory) else {
      space.remove(range)
      return .failure(ENOMEM)
    }
    space.insert(range, protection)
    if let protection {
      try memory.mapFresh(
        range.lowerBound, pages: Int((range.upperBound - range.lowerBound) / UInt64(Page.size)), protection)
    }
    guard let content, protection != nil else { return .value(Int(range.lowerBound)) }
    return try fill(range, content.file, content.offset, isFresh: true, &memory)
  }

  /// Whether something may be touched in all of a range.
  private func hasPages(_ range: Range<UInt64>) -> Bool {
    space.covers(range) && space.overlapping(range).allSatisfy { $0.protection != nil }
  }

  /// Gives mapped pages a file's content, or unmaps them where the file has none to give.
  private mutating func fill(
    _ range: Range<UInt64>, _ file: OpenFile, _ offset: Int, isFresh: Bool, _ memory: inout GuestMemory
  ) throws(MachineFault) -> Outcome {
    do throws(MachineFault) {
      try copy(file, offset, into: range, isFresh: isFresh, &memory)
    } catch {
      guard case .host(_, let code) = error else { throw error }
      try memory.unmap(range)
      space.remove(range)
      return .failure(code)
    }
    return .value(Int(range.lowerBound))
  }

  /// Copies a file's content into a mapping; what lies beyond the file's end becomes zeros.
  private func copy(
    _ file: OpenFile, _ offset: Int, into range: Range<UInt64>, isFresh: Bool, _ memory: inout GuestMemory
  ) throws(MachineFault) {
    guard let pieces = memory.pieces(range.lowerBound, Int(range.upperBound - range.lowerBound), writing: false) else {
      return
    }
    var position = offset
    for piece in pieces {
      let filled = try Self.read(file, into: piece, at: position)
      // Fresh pages hold zeros already, and shall not be touched before the guest does.
      if !isFresh {
        UnsafeMutableRawBufferPointer(rebasing: piece[filled...]).initializeMemory(as: UInt8.self, repeating: 0)
      }
      position += piece.count
    }
  }

  /// Reads as much as a piece holds or the file has from a place on.
  private static func read(
    _ file: OpenFile, into piece: UnsafeMutableRawBufferPointer, at position: Int
  ) throws(MachineFault) -> Int {
    switch file {
    case .host(let file, _):
      guard file.isRegular else { throw .host(call: "mmap", code: ENODEV) }
      var filled = 0
      while filled < piece.count {
        let count = try file.read(
          into: UnsafeMutableRawBufferPointer(rebasing: piece[filled...]), at: position + filled)
        if count == 0 { break }
        filled += count
      }
      return filled
    case .held(let bytes, _):
      guard position < bytes.count else { return 0 }
      let part = bytes[position..<min(bytes.count, position + piece.count)]
      part.withUnsafeBytes { piece.copyMemory(from: $0) }
      return part.count
    case .stream, .directory: throw .host(call: "mmap", code: ENODEV)
    }
  }

  mutating func unmap(_ start: UInt64, _ size: UInt64, _ memory: inout GuestMemory) throws(MachineFault) -> Outcome {
    guard let range = pages(start, size) else { return .failure(EINVAL) }
    try release(range, &memory)
    return .value(0)
  }

  private mutating func release(_ range: Range<UInt64>, _ memory: inout GuestMemory) throws(MachineFault) {
    // Region by region: a guest may name terabytes, of which it has little.
    for region in space.overlapping(range) { try memory.unmap(region.range) }
    space.remove(range)
  }

  mutating func protect(
    _ start: UInt64, _ size: UInt64, _ bits: UInt64, _ memory: inout GuestMemory
  ) throws(MachineFault) -> Outcome {
    if size == 0 { return .value(0) }
    guard let range = pages(start, size) else { return .failure(EINVAL) }
    guard space.covers(range) else { return .failure(ENOMEM) }
    let protection = Self.protection(bits)
    if protection != nil {
      // Pages that nothing was allowed to touch may have no frames yet.
      let untouchable = space.overlapping(range).filter { $0.protection == nil }
      let bytes = untouchable.reduce(0) { $0 + $1.range.upperBound - $1.range.lowerBound }
      guard hasRoom(for: bytes, runs: untouchable.count, memory) else { return .failure(ENOMEM) }
    }
    try memory.protect(range, protection)
    if let protection { try memory.fill(range, protection) }
    space.insert(range, protection)
    return .value(0)
  }

  // MARK: the heap, moving, advice

  mutating func setHeapEnd(_ wanted: UInt64, _ memory: inout GuestMemory) throws(MachineFault) -> Outcome {
    guard layout.heap.contains(wanted) || wanted == layout.heap.lowerBound,
      let old = Page.up(heapEnd), let new = Page.up(wanted)
    else { return .value(Int(heapEnd)) }
    if new > old {
      guard space.isFree(old..<new), hasRoom(for: old..<new, memory) else { return .value(Int(heapEnd)) }
      space.insert(old..<new, .write)
      try memory.mapFresh(old, pages: Int((new - old) / UInt64(Page.size)), .write)
    } else if new < old {
      try release(new..<old, &memory)
    }
    heapEnd = wanted
    CallGate.setHeapEnd(wanted, in: memory)
    return .value(Int(wanted))
  }

  mutating func remap(_ arguments: Arguments, _ memory: inout GuestMemory) throws(MachineFault) -> Outcome {
    let mayMove = arguments.d & 1 != 0
    guard arguments.d & ~1 == 0, let old = pages(arguments.a, arguments.b), let size = Page.up(arguments.c), size > 0
    else { return .failure(EINVAL) }
    let regions = space.overlapping(old)
    guard regions.count == 1, regions[0].range == old else { return .failure(EFAULT) }
    let protection = regions[0].protection
    let oldSize = old.upperBound - old.lowerBound
    if size <= oldSize {
      if size < oldSize { try release(old.lowerBound + size..<old.upperBound, &memory) }
      return .value(Int(old.lowerBound))
    }
    guard let grown = pages(old.lowerBound, size) else { return .failure(ENOMEM) }
    let added = old.upperBound..<grown.upperBound
    guard protection == nil || hasRoom(for: added, memory) else { return .failure(ENOMEM) }
    var target = grown
    if !space.isFree(added) {
      guard mayMove, let gap = space.gap(size, in: LinuxLayout.mappings) else { return .failure(ENOMEM) }
      target = gap
      try memory.move(old, to: target.lowerBound)
      space.remove(old)
    }
    space.insert(target, protection)
    if let protection {
      let rest = target.lowerBound + oldSize..<target.upperBound
      try memory.mapFresh(
        rest.lowerBound, pages: Int((rest.upperBound - rest.lowerBound) / UInt64(Page.size)), protection)
    }
    return .value(Int(target.lowerBound))
  }

  /// Only MADV_DONTNEED has an effect that a guest can see: private pages read as zeros again.
  mutating func advise(
    _ start: UInt64, _ size: UInt64, _ advice: UInt64, _ memory: inout GuestMemory
  ) throws(MachineFault) -> Outcome {
    if size == 0 { return .value(0) }
    guard let range = pages(start, size) else { return .failure(EINVAL) }
    guard space.covers(range) else { return .failure(ENOMEM) }
    guard advice == UInt64(MADV_DONTNEED) else { return .value(0) }
    for region in space.overlapping(range) { try memory.clear(region.range) }
    return .value(0)
  }
}
