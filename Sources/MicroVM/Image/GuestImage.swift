import Glibc

/// A program that a machine can run.
public struct GuestImage: Sendable {
  /// What the program expects around it.
  public enum Kind: Equatable, Sendable {
    /// No operating system: it talks to the monitor by hypercalls (Guests/Library/faascast.h).
    case freestanding
    /// Linux: it makes system calls, which the monitor serves.
    case linux
  }

  public var path: String { program.path }
  public let kind: Kind
  let program: ProgramFile
  /// The dynamic linker that the program asks for.
  let linker: ProgramFile?
  /// `argv` after the program's name, before the configuration's own.
  var arguments: [String] = []
  /// Files that the monitor holds for the guest, by absolute path.
  var heldFiles: [String: [UInt8]] = [:]
  /// Host paths that the guest needs to read whatever the configuration says.
  var readablePaths: [String] = []

  /// Whether its memory shall come in huge pages: that of a dynamic runtime, which touches thousands of small ones, and that
  /// of a program with megabytes of variables. Other guests touch a few dozen, and many of them live at once.
  var prefersHugePages: Bool { linker != nil || program.elf.zeroedBytes >= 4 << 20 }
  /// Whether large parts of the program are mapped and shared with other machines; a mapping would break huge pages up.
  var sharesProgram: Bool { linker == nil }

  /// Reads and checks an ELF program, or a Python handler when the name ends in `.py`.
  ///
  /// One that is linked dynamically needs its libraries among the configuration's readable paths.
  public static func load(_ path: String) throws(MachineFault) -> GuestImage {
    if path.hasSuffix(".py") { return try python(handler: path) }
    let program = try ProgramFile(path: path)
    guard let linkerPath = program.elf.interpreter else { return GuestImage(program, linker: nil) }
    return GuestImage(program, linker: try ProgramFile(path: linkerPath))
  }

  init(_ program: ProgramFile, linker: ProgramFile?) {
    self.program = program
    self.linker = linker
    kind = program.elf.isFreestanding ? .freestanding : .linux
  }
}

/// An ELF file, read once and kept as it was, from which any number of machines map or copy their program.
final class ProgramFile: Sendable {
  let path: String
  let elf: ELF
  /// A copy that nobody else can change: a file on disk could be cut off under a running guest.
  private let content: Descriptor
  /// The file itself where it is small: copying it takes no system call then.
  private let small: [UInt8]?

  /// The largest program file that is read, in bytes.
  static let sizeLimit = 1 << 30
  /// From this size on segments are mapped, and their pages shared by all machines, rather than copied.
  private static let mappingThreshold = 64 << 10

  convenience init(path: String) throws(MachineFault) {
    try self.init(Self.contents(path), path: path)
  }

  init(_ file: [UInt8], path: String) throws(MachineFault) {
    self.path = path
    elf = try ELF(file, path: path)
    small = file.count < Self.mappingThreshold ? file : nil
    content = try Kernel.memoryFile("program")
    try Kernel.write(content, file)
  }

  static func contents(_ path: String) throws(MachineFault) -> [UInt8] {
    do throws(MachineFault) {
      let file = try Kernel.openFile(path)
      let status = try Kernel.status(file)
      guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= sizeLimit else {
        throw .badImage(
          path: path, offset: 0, found: status.st_size > sizeLimit ? "\(status.st_size) bytes" : "no regular file",
          expected: "a program file of at most \(sizeLimit) bytes")
      }
      return try Kernel.read(file, count: Int(status.st_size))
    } catch {
      guard case .host(_, let code) = error else { throw error }
      throw .badImage(
        path: path, offset: 0, found: String(cString: strerror(code)).lowercased(), expected: "a readable program")
    }
  }

  /// A segment, and what a machine has of it.
  private struct Placed {
    var segment: ELF.Segment
    var frames: Range<Int>

    /// Bytes before it in its first page, which belong to the file too.
    var inPage: Int { Int(segment.address % UInt64(Page.size)) }
    /// Pages of the file that hold some of it.
    var filePages: Range<Int> {
      let first = (segment.file.lowerBound - inPage) / Page.size
      return first..<first + Page.count(inPage + segment.file.count)
    }

    /// Whether both follow each other in memory as they do in the file, so that one mapping serves both.
    ///
    /// Not where the guest writes: taking a page of a file first and a copy of it then costs more than copying at once.
    func leads(to next: Placed) -> Bool {
      !segment.protection.contains(.write) && !next.segment.protection.contains(.write)
        && filePages.upperBound == next.filePages.lowerBound
        && frames.lowerBound + filePages.count == next.frames.lowerBound
    }
  }

  /// Puts the program's segments into a guest's memory with their protection.
  ///
  /// - Parameters:
  ///   - base: added to every address of a relocatable program.
  ///   - sharing: whether large segments are mapped rather than copied.
  func load(at base: UInt64, sharing: Bool = true, into memory: inout GuestMemory) throws(MachineFault) {
    // Segments that one mapping would serve are together.
    var sheets: [[Placed]] = []
    for segment in elf.segments {
      let pages = segment.pages
      let count = Int((pages.upperBound - pages.lowerBound) / UInt64(Page.size))
      guard let frames = memory.frames.take(count) else {
        throw .outOfMemory(bytesWanted: count * Page.size, machineBytes: memory.size)
      }
      try memory.map(base + pages.lowerBound, frames: frames, segment.protection)
      guard !segment.file.isEmpty else { continue }
      let placed = Placed(segment: segment, frames: frames)
      if let last = sheets.last?.last, last.leads(to: placed) {
        sheets[sheets.count - 1].append(placed)
      } else {
        sheets.append([placed])
      }
    }
    for sheet in sheets {
      if sharing, sheet.reduce(0, { $0 + $1.segment.file.count }) >= Self.mappingThreshold {
        try share(sheet, in: &memory)
      } else {
        for placed in sheet { try copy(placed, into: memory) }
      }
    }
  }

  private func share(_ sheet: [Placed], in memory: inout GuestMemory) throws(MachineFault) {
    guard let first = sheet.first, let last = sheet.last else { return }
    let pages = first.filePages.lowerBound..<last.filePages.upperBound
    let frames = first.frames.lowerBound..<first.frames.lowerBound + pages.count
    try Kernel.overlay(
      memory.host(frame: frames.lowerBound), pages.count * Page.size, content, at: pages.lowerBound * Page.size)
    memory.overlaid.append(frames)
    // What follows in a segment's last page of the file is not its own: variables without a value begin there as zeros.
    for placed in sheet where placed.segment.memorySize > UInt64(placed.segment.file.count) {
      let end = placed.inPage + placed.segment.file.count
      let rest = placed.filePages.count * Page.size - end
      (memory.host(frame: placed.frames.lowerBound) + end).initializeMemory(as: UInt8.self, repeating: 0, count: rest)
    }
  }

  private func copy(_ placed: Placed, into memory: borrowing GuestMemory) throws(MachineFault) {
    let file = placed.segment.file
    let target = UnsafeMutableRawBufferPointer(
      start: memory.host(frame: placed.frames.lowerBound) + placed.inPage, count: file.count)
    if let small {
      small.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[file])) }
      return
    }
    var filled = 0
    while filled < target.count {
      filled += try Kernel.read(
        content, into: UnsafeMutableRawBufferPointer(rebasing: target[filled...]), at: file.lowerBound + filled)
    }
  }
}
