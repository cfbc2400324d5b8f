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
  init(restored mapping: consuming Mapping, frames: FrameAllocator) {
    self.frames = frames
    self.mapping = mapping
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

  /// Copies out of the guest; nil unless all bytes may be read.
  func bytes(_ address: UInt64, _ count: Int) -> [UInt8]? {
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
    guard let pieces = pieces(address, bytes.count, writing: true) else { return false }
    var done = 0
    for piece in pieces {
      piece.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[done..<done + piece.count]))
      done += piece.count
    }
    return true
  }
}
