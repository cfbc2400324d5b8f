import CKVM
import Glibc

/// A guest's physical memory, its page tables, and the only way by which the monitor touches either.
///
/// ```
/// frame   0     1 … 4        5            6      7                8, 9    16 …
///         -     page tables  descriptors  gate   exception stack  clocks  the guest's
/// ```
/// The tables are mapped nowhere in the guest's address space: nobody but the monitor writes them.
struct GuestMemory: ~Copyable {
  let mapping: Mapping
  var frames: FrameAllocator
  /// Frames over which a file was laid, a program's or a snapshot's: dropped, they come back as the file's.
  var overlaid: [Range<Int>] = []

  static let firstGuestFrame = 16
  /// Addresses a guest may use: above the monitor's pages, below the non-canonical half.
  static let guestAddresses: Range<UInt64> = 0x1_0000..<0x7fff_ffff_f000

  static let rootFrame = 1
  private static let firstTables = 1...4

  var size: Int { mapping.size }

  /// Memory of `size` bytes with the tables of the first 2 MiB in place.
  init(_ mapping: consuming Mapping) {
    frames = FrameAllocator(Self.firstGuestFrame..<max(Self.firstGuestFrame, mapping.size / Page.size))
    self.mapping = mapping
    for frame in Self.firstTables.dropLast() {
      table(frame)[0] = PageEntry(table: frame + 1).bits
    }
  }

  /// The memory of a snapshot: tables and contents are there already.
  init(restored mapping: consuming Mapping, frames: FrameAllocator, overlaid: [Range<Int>]) {
    self.overlaid = overlaid
    self.frames = frames
    self.mapping = mapping
  }

  /// Gives all of it to a virtual machine, from physical address 0.
  func give(to machine: borrowing Descriptor) throws(MachineFault) {
    try Kernel.setMemory(
      machine,
      kvm_userspace_memory_region(
        slot: 0, flags: 0, guest_phys_addr: 0, memory_size: UInt64(mapping.size),
        userspace_addr: UInt64(UInt(bitPattern: mapping.start))))
  }

  // MARK: frames

  /// Where a frame lies in the monitor's own address space.
  func host(frame: Int) -> UnsafeMutableRawPointer {
    precondition(frame >= 0 && frame < mapping.size / Page.size, "a frame outside the guest's memory")
    return mapping.start + frame * Page.size
  }

  private func table(_ frame: Int) -> UnsafeMutablePointer<UInt64> {
    // SAFETY: a whole page, aligned, alive as long as the mapping.
    host(frame: frame).assumingMemoryBound(to: UInt64.self)
  }

  /// A fault for `pages` that are not to be had.
  private func exhausted(_ pages: Int) -> MachineFault {
    .outOfMemory(bytesWanted: pages * Page.size, machineBytes: mapping.size)
  }

  // MARK: page tables

  /// The lowest table that covers an address and the index of its entry there; nil where no table is.
  private func lowest(_ address: UInt64) -> (table: Int, index: Int)? {
    // The first 2 MiB, where small guests have everything, always have the last of the first tables.
    if address < 0x20_0000 { return (Self.firstTables.upperBound, Int(address >> 12)) }
    var frame = Self.rootFrame
    for shift in [39, 30, 21] {
      let entry = PageEntry(bits: table(frame)[Int(address >> UInt64(shift)) & 511])
      guard entry.isPresent else { return nil }
      frame = entry.frame
    }
    return (frame, Int(address >> 12) & 511)
  }

  private mutating func makeLowest(_ address: UInt64) throws(MachineFault) -> (table: Int, index: Int) {
    if let found = lowest(address) { return found }
    var frame = Self.rootFrame
    for shift in [39, 30, 21] {
      let index = Int(address >> UInt64(shift)) & 511
      let entry = PageEntry(bits: table(frame)[index])
      if entry.isPresent {
        frame = entry.frame
      } else {
        // Frames that were never used, or were given back and dropped by the host, hold zeros.
        guard let fresh = frames.take(1)?.lowerBound else { throw exhausted(1) }
        table(frame)[index] = PageEntry(table: fresh).bits
        frame = fresh
      }
    }
    return (frame, Int(address >> 12) & 511)
  }

  func entry(_ address: UInt64) -> PageEntry {
    guard let place = lowest(address) else { return .empty }
    return PageEntry(bits: table(place.table)[place.index])
  }

  /// Calls `body` with each run of `count` pages' entries that lie in one table.
  private mutating func forEachRun(
    _ address: UInt64, _ count: Int, _ body: (UnsafeMutableBufferPointer<UInt64>) -> Void
  ) throws(MachineFault) {
    var address = address
    var rest = count
    while rest > 0 {
      let place = try makeLowest(address)
      let run = min(rest, 512 - place.index)
      body(UnsafeMutableBufferPointer(start: table(place.table) + place.index, count: run))
      address += UInt64(run * Page.size)
      rest -= run
    }
  }

  /// Maps a run of frames at an address where nothing is.
  mutating func map(_ address: UInt64, frames: Range<Int>, _ protection: PageProtection?) throws(MachineFault) {
    var frame = frames.lowerBound
    try forEachRun(address, frames.count) { entries in
      for index in entries.indices {
        entries[index] = PageEntry(frame: frame, protection).bits
        frame += 1
      }
    }
  }

  /// Maps fresh, zeroed pages at an address where nothing is.
  mutating func mapFresh(_ address: UInt64, pages: Int, _ protection: PageProtection) throws(MachineFault) {
    var address = address
    var rest = pages
    while rest > 0 {
      guard let run = frames.takeSome(rest) else { throw exhausted(rest) }
      try map(address, frames: run, protection)
      address += UInt64(run.count * Page.size)
      rest -= run.count
    }
  }

  // MARK: changing what is mapped

  /// Calls `body` with every entry of a range that is not empty, and sets what it returns.
  private func forEachEntry(_ range: Range<UInt64>, _ body: (PageEntry) -> PageEntry) {
    var address = range.lowerBound
    while address < range.upperBound {
      guard let place = lowest(address) else {
        // Nothing up to the next table's first address.
        address = (address | 0x1f_ffff) &+ 1
        continue
      }
      let run = min(512 - place.index, Int((range.upperBound - address) / UInt64(Page.size)))
      let entries = table(place.table) + place.index
      for index in 0..<run where entries[index] != 0 {
        entries[index] = body(PageEntry(bits: entries[index])).bits
      }
      address += UInt64(run * Page.size)
    }
  }

  /// Unmaps a range and takes its frames back, zeroed.
  mutating func unmap(_ range: Range<UInt64>) throws(MachineFault) {
    var runs = FrameRuns()
    forEachEntry(range) { entry in
      runs.append(entry.frame)
      return .empty
    }
    for run in runs.ranges {
      try forget(run)
      frames.give(run)
    }
  }

  /// Changes what a guest may do with the pages of a range; pages without a frame get one when `protection` allows
  /// anything.
  mutating func protect(_ range: Range<UInt64>, _ protection: PageProtection?) throws(MachineFault) {
    var narrowed = FrameRuns()
    forEachEntry(range) { entry in
      let changed = PageEntry(frame: entry.frame, protection)
      if !changed.allowsAll(of: entry) { narrowed.append(entry.frame) }
      return changed
    }
    for run in narrowed.ranges { try invalidate(run) }
  }

  /// Maps fresh pages where a range has none.
  mutating func fill(_ range: Range<UInt64>, _ protection: PageProtection) throws(MachineFault) {
    var address = range.lowerBound
    while address < range.upperBound {
      var end = address
      while end < range.upperBound, entry(end).isEmpty { end += UInt64(Page.size) }
      if end > address { try mapFresh(address, pages: Int((end - address) / UInt64(Page.size)), protection) }
      address = end + UInt64(Page.size)
    }
  }

  /// Makes the pages of a range read as zeros.
  func clear(_ range: Range<UInt64>) throws(MachineFault) {
    var runs = FrameRuns()
    forEachEntry(range) { entry in
      runs.append(entry.frame)
      return entry
    }
    for run in runs.ranges { try forget(run) }
  }

  /// Moves the pages of a range to another address, where nothing is.
  mutating func move(_ range: Range<UInt64>, to target: UInt64) throws(MachineFault) {
    var address = range.lowerBound
    while address < range.upperBound {
      let entry = entry(address)
      if !entry.isEmpty {
        let moved = target + (address - range.lowerBound)
        let place = try makeLowest(moved)
        table(place.table)[place.index] = entry.bits
        if let old = lowest(address) { table(old.table)[old.index] = 0 }
        try invalidate(entry.frame..<entry.frame + 1)
      }
      address += UInt64(Page.size)
    }
  }

  /// Makes KVM look at the page tables again before the guest touches these frames.
  ///
  /// Shadow page tables do not see what the monitor writes into the guest's; but when the host's mapping of a frame
  /// changes, KVM drops whatever leads there, in shadow and nested tables alike, and flushes.
  private func invalidate(_ run: Range<Int>) throws(MachineFault) {
    let start = host(frame: run.lowerBound)
    try Kernel.protect(start, run.count * Page.size, PROT_READ)
    try Kernel.protect(start, run.count * Page.size, PROT_READ | PROT_WRITE)
  }

  /// Gives frames' memory back to the host; they read as zeros again.
  func forget(_ run: Range<Int>) throws(MachineFault) {
    let start = host(frame: run.lowerBound)
    try Kernel.advise(start, run.count * Page.size, MADV_DONTNEED)
    if overlaid.contains(where: { $0.overlaps(run) }) {
      start.initializeMemory(as: UInt8.self, repeating: 0, count: run.count * Page.size)
    }
  }

  // MARK: access for the monitor on the guest's behalf

  /// Where `count` bytes at a guest's address lie, piece by piece as they are contiguous in the host.
  ///
  /// Nil unless every byte is the guest's own, present, and writable if it shall be written.
  func pieces(_ address: UInt64, _ count: Int, writing: Bool) -> [UnsafeMutableRawBufferPointer]? {
    guard count > 0 else { return count == 0 ? [] : nil }
    let (end, overflow) = address.addingReportingOverflow(UInt64(count))
    guard !overflow, Self.guestAddresses.contains(address), end <= Self.guestAddresses.upperBound else { return nil }
    var pieces: [UnsafeMutableRawBufferPointer] = []
    var start: UnsafeMutableRawPointer?
    var length = 0
    var address = address
    while address < end {
      let entry = entry(address)
      guard entry.isPresent, entry.isUsers, !writing || entry.isWritable else { return nil }
      let offset = Int(address & 4095)
      let inPage = min(Page.size - offset, Int(end - address))
      let here = host(frame: entry.frame) + offset
      if let first = start, first + length == here {
        length += inPage
      } else {
        if length > 0 { pieces.append(UnsafeMutableRawBufferPointer(start: start, count: length)) }
        start = here
        length = inPage
      }
      address += UInt64(inPage)
    }
    pieces.append(UnsafeMutableRawBufferPointer(start: start, count: length))
    return pieces
  }

  /// Where `count` bytes lie that are all in one page, as most requests and results are; nil where `pieces` has to tell.
  private func inOnePage(_ address: UInt64, _ count: Int, writing: Bool) -> UnsafeMutableRawBufferPointer? {
    let offset = Int(address & 4095)
    guard count > 0, count <= Page.size - offset, Self.guestAddresses.contains(address) else { return nil }
    let entry = entry(address)
    guard entry.isPresent, entry.isUsers, !writing || entry.isWritable else { return nil }
    return UnsafeMutableRawBufferPointer(start: host(frame: entry.frame) + offset, count: count)
  }

  /// Copies out of the guest; nil unless all bytes may be read.
  func bytes(_ address: UInt64, _ count: Int) -> [UInt8]? {
    if let piece = inOnePage(address, count, writing: false) { return [UInt8](piece) }
    guard let pieces = pieces(address, count, writing: false) else { return nil }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      for piece in pieces {
        UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...]).copyMemory(
          from: UnsafeRawBufferPointer(piece))
        filled += piece.count
      }
    }
  }

  /// Copies into the guest as if the guest wrote; false, and nothing written, unless all bytes may be written.
  func write(_ bytes: UnsafeRawBufferPointer, at address: UInt64) -> Bool {
    if let piece = inOnePage(address, bytes.count, writing: true) {
      piece.copyMemory(from: bytes)
      return true
    }
    guard let pieces = pieces(address, bytes.count, writing: true) else { return false }
    var done = 0
    for piece in pieces {
      piece.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[done..<done + piece.count]))
      done += piece.count
    }
    return true
  }
}

// MARK: what a snapshot takes

extension GuestMemory {
  /// All frames up to the last that is not free.
  var usedFrames: Range<Int> {
    let all = mapping.size / Page.size
    guard let last = frames.free.last, last.upperBound == all else { return 0..<all }
    return 0..<last.lowerBound
  }

  /// Runs of frames that hold something other than zeros.
  ///
  /// Free frames are not looked at: reading would make the host give them memory.
  func filledFrames(in range: Range<Int>) -> [Range<Int>] {
    let zeros = UnsafeMutableRawPointer.allocate(byteCount: Page.size, alignment: Page.size)
    defer { zeros.deallocate() }
    zeros.initializeMemory(as: UInt8.self, repeating: 0, count: Page.size)
    var runs = FrameRuns()
    var next = range.lowerBound
    for free in frames.free + [range.upperBound..<range.upperBound] where free.lowerBound >= next {
      for frame in next..<min(free.lowerBound, range.upperBound) {
        if memcmp(host(frame: frame), zeros, Page.size) != 0 { runs.append(frame) }
      }
      next = free.upperBound
    }
    return runs.ranges
  }
}

/// Frames in the order met, as ranges where they follow each other.
private struct FrameRuns {
  private(set) var ranges: [Range<Int>] = []

  mutating func append(_ frame: Int) {
    if let last = ranges.last, last.upperBound == frame {
      ranges[ranges.count - 1] = last.lowerBound..<frame + 1
    } else {
      ranges.append(frame..<frame + 1)
    }
  }
}
