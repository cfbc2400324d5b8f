import Diagnostics

/// A 64-bit ELF program for x86-64, checked: every range that it names lies in the file, every address can exist.
///
/// Layouts and constants: System V ABI, chapters 4 and 5, and its AMD64 supplement.
struct ELF: Sendable {
  /// A part of the file that goes into memory.
  struct Segment: Equatable, Sendable {
    var address: UInt64
    var memorySize: UInt64
    var file: Range<Int>
    var protection: PageProtection

    /// The pages that it covers.
    var pages: Range<UInt64> {
      Page.down(address)..<(Page.up(address + memorySize) ?? .max)
    }
  }

  var entry: UInt64
  var segments: [Segment]
  /// Whether it may be put at any address (ET_DYN).
  var isRelocatable: Bool
  /// Where the program headers will be in memory, for AT_PHDR; 0 when nowhere.
  var headersAddress: UInt64
  var headerCount: Int
  /// The dynamic linker that it asks for.
  var interpreter: String?
  /// Whether a note marks it as a guest without an operating system (Guests/Library/faascast.h).
  var isFreestanding: Bool

  static let headerSize = 64
  static let programHeaderSize = 56
  /// Programs have about ten; the limit bounds the work that a damaged file can cause.
  private static let segmentLimit = 128

  private static let noteOwner: [UInt8] = Array("Faascast\0".utf8)

  /// The addresses that all segments cover.
  var addresses: Range<UInt64> {
    guard let low = segments.first?.pages.lowerBound, let high = segments.last?.pages.upperBound else { return 0..<0 }
    return low..<high
  }

  /// Bytes of variables that the file holds no value for.
  var zeroedBytes: UInt64 { segments.reduce(0) { $0 &+ $1.memorySize - UInt64($1.file.count) } }

  init(_ file: [UInt8], path: String) throws(MachineFault) {
    let reader = FieldReader(file: file, path: path)
    try reader.expect(file.count >= Self.headerSize, at: 0, "a file of \(file.count) bytes", "an ELF program")
    try reader.expect(file.starts(with: [0x7f, 0x45, 0x4c, 0x46]), at: 0, excerpt(file.prefix(4)), "the mark of ELF")
    try reader.expect(
      file[4] == 2 && file[5] == 1, at: 4, "class \(file[4]), order \(file[5])", "64 bits, little endian")
    let type: UInt16 = try reader.field(16)
    try reader.expect(type == 2 || type == 3, at: 16, "file type \(type)", "a program (2 or 3)")
    let processor: UInt16 = try reader.field(18)
    try reader.expect(processor == 62, at: 18, "processor \(processor)", "x86-64 (62)")
    isRelocatable = type == 3
    entry = try reader.field(24)
    let table: UInt64 = try reader.field(32)
    let entrySize: UInt16 = try reader.field(54)
    let count: UInt16 = try reader.field(56)
    try reader.expect(
      entrySize == Self.programHeaderSize, at: 54, "program headers of \(entrySize) bytes", "\(Self.programHeaderSize)")
    try reader.expect(
      count > 0 && count <= Self.segmentLimit, at: 56, "\(count) program headers", "1 to \(Self.segmentLimit)")
    let tableRange = try reader.range(table, UInt64(count) * UInt64(entrySize), at: 32)
    headerCount = Int(count)
    headersAddress = 0
    segments = []
    interpreter = nil
    isFreestanding = false
    for index in 0..<Int(count) {
      try read(reader, header: tableRange.lowerBound + index * Self.programHeaderSize)
    }
    try check(reader, table: table)
  }

  private mutating func read(_ reader: FieldReader, header: Int) throws(MachineFault) {
    let type: UInt32 = try reader.field(header)
    let flags: UInt32 = try reader.field(header + 4)
    let offset: UInt64 = try reader.field(header + 8)
    let address: UInt64 = try reader.field(header + 16)
    let fileSize: UInt64 = try reader.field(header + 32)
    let memorySize: UInt64 = try reader.field(header + 40)
    switch type {
    case 1 where memorySize > 0:  // PT_LOAD
      let file = try reader.range(offset, fileSize, at: header + 8)
      try reader.expect(
        fileSize <= memorySize, at: header + 32, "\(fileSize) bytes in the file",
        "at most the \(memorySize) bytes in memory")
      let (end, overflow) = address.addingReportingOverflow(memorySize)
      try reader.expect(
        !overflow && end <= GuestMemory.guestAddresses.upperBound, at: header + 16, "address 0x\(hex(address))",
        "an address that user programs can have")
      // Positions in the file and in memory agree within a page, or the file could not be mapped.
      try reader.expect(
        address % 4096 == offset % 4096, at: header + 16, "address 0x\(hex(address)) for offset 0x\(hex(offset))",
        "both to agree within a page")
      var protection: PageProtection = .read
      if flags & 1 != 0 { protection.insert(.execute) }
      if flags & 2 != 0 { protection.insert(.write) }
      segments.append(Segment(address: address, memorySize: memorySize, file: file, protection: protection))
    case 3:  // PT_INTERP
      let file = try reader.range(offset, fileSize, at: header + 8)
      try reader.expect(file.count <= 4096, at: header + 32, "\(file.count) bytes", "a path of at most 4096")
      interpreter = String(decoding: reader.file[file].prefix { $0 != 0 }, as: UTF8.self)
    case 4:  // PT_NOTE
      let file = try reader.range(offset, fileSize, at: header + 8)
      // The first note of the segment: sizes of name and content, type, name.
      if file.count >= 12 + Self.noteOwner.count {
        isFreestanding = isFreestanding || reader.file[(file.lowerBound + 12)...].starts(with: Self.noteOwner)
      }
    default: break
    }
  }

  private mutating func check(_ reader: FieldReader, table: UInt64) throws(MachineFault) {
    try reader.expect(!segments.isEmpty, at: 32, "nothing to load", "at least one segment")
    for (lower, upper) in zip(segments, segments.dropFirst()) {
      try reader.expect(
        lower.pages.upperBound <= upper.pages.lowerBound, at: 32,
        "segments at 0x\(hex(lower.address)) and 0x\(hex(upper.address))", "segments in order, none sharing a page")
    }
    if !isRelocatable {
      try reader.expect(
        addresses.lowerBound >= GuestMemory.guestAddresses.lowerBound, at: 32, "address 0x\(hex(addresses.lowerBound))",
        "addresses from 0x\(hex(GuestMemory.guestAddresses.lowerBound))")
    }
    try reader.expect(
      segments.contains { $0.protection.contains(.execute) && $0.pages.contains(entry) }, at: 24,
      "the entry 0x\(hex(entry))", "an address in code")
    if let holder = segments.first(where: { $0.file.contains(Int(table)) }) {
      headersAddress = holder.address + table - UInt64(holder.file.lowerBound)
    }
  }
}

/// Reads numbers at places in a file, with faults that name the place.
private struct FieldReader {
  let file: [UInt8]
  let path: String

  func expect(_ holds: Bool, at offset: Int, _ found: @autoclosure () -> String, _ expected: @autoclosure () -> String)
    throws(MachineFault)
  {
    guard holds else { throw .badImage(path: path, offset: offset, found: found(), expected: expected()) }
  }

  func field<Number: FixedWidthInteger>(_ offset: Int) throws(MachineFault) -> Number {
    let size = MemoryLayout<Number>.size
    try expect(offset >= 0 && offset + size <= file.count, at: offset, "the end of the file", "\(size) bytes more")
    return file.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
  }

  /// A range of the file that a field names.
  func range(_ start: UInt64, _ count: UInt64, at offset: Int) throws(MachineFault) -> Range<Int> {
    let (end, overflow) = start.addingReportingOverflow(count)
    try expect(
      !overflow && end <= UInt64(file.count), at: offset, "bytes \(start) and \(count) more",
      "a range within the file's \(file.count) bytes")
    return Int(start)..<Int(end)
  }
}
