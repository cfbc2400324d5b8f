/// Pages of 4 KiB: sizes, rounding, protection.
enum Page {
  static let size = 4096
  static let shift = 12

  static func down(_ address: UInt64) -> UInt64 { address & ~4095 }

  /// The next page boundary, or nil past the end of the address space.
  static func up(_ address: UInt64) -> UInt64? {
    let (sum, overflow) = address.addingReportingOverflow(4095)
    return overflow ? nil : sum & ~4095
  }

  static func count(_ bytes: Int) -> Int { bytes / size + (bytes % size == 0 ? 0 : 1) }
}

/// What a guest may do with a page. Every present page can be read.
struct PageProtection: OptionSet, Sendable {
  let rawValue: UInt8

  static let write = PageProtection(rawValue: 1)
  static let execute = PageProtection(rawValue: 2)
  /// Not a page of the guest: only the processor itself uses it.
  static let monitor = PageProtection(rawValue: 4)

  static let read: PageProtection = []
}

/// An entry of a page table (AMD64 Architecture Programmer's Manual, volume 2, 5.3).
///
/// ```
/// 63   62 … 52  51 … 12        11 … 9    6     5         2     1      0
/// NX   -        frame address  ours      dirty accessed  user  write  present
/// ```
/// Accessed and dirty are set from the start: KVM's shadow tables would else trap once more to set them.
struct PageEntry: Equatable {
  var bits: UInt64

  static let empty = PageEntry(bits: 0)

  private static let present: UInt64 = 1
  private static let writable: UInt64 = 1 << 1
  private static let user: UInt64 = 1 << 2
  private static let touched: UInt64 = 1 << 5 | 1 << 6
  /// Bit 9, free for software: a page with a frame that may not be touched at present.
  private static let hidden: UInt64 = 1 << 9
  private static let noExecute: UInt64 = 1 << 63
  private static let frameBits: UInt64 = 0x000f_ffff_ffff_f000

  init(bits: UInt64) { self.bits = bits }

  /// An entry that leads to a lower table.
  init(table frame: Int) { bits = UInt64(frame) << 12 | Self.present | Self.writable | Self.user | Self.touched }

  /// An entry of the lowest table; without protection the frame is kept and nobody may touch it.
  init(frame: Int, _ protection: PageProtection?) {
    bits = UInt64(frame) << 12
    guard let protection else {
      bits |= Self.hidden
      return
    }
    bits |= Self.present | Self.touched
    if protection.contains(.write) { bits |= Self.writable }
    if !protection.contains(.execute) { bits |= Self.noExecute }
    if !protection.contains(.monitor) { bits |= Self.user }
  }

  var isPresent: Bool { bits & Self.present != 0 }
  var isHidden: Bool { !isPresent && bits & Self.hidden != 0 }
  var isEmpty: Bool { bits == 0 }
  var isWritable: Bool { bits & Self.writable != 0 }
  var isExecutable: Bool { bits & Self.noExecute == 0 }
  var isUsers: Bool { bits & Self.user != 0 }
  /// Whether everything is still allowed that `other` allowed.
  func allowsAll(of other: PageEntry) -> Bool {
    (isPresent || !other.isPresent) && (isWritable || !other.isWritable) && (isExecutable || !other.isExecutable)
  }

  var frame: Int { Int((bits & Self.frameBits) >> 12) }
}
