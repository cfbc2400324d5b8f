/// An archive as Linux unpacks it into its first file system: cpio's `newc` form
/// (Documentation/driver-api/early-userspace/buffer-format.rst).
struct CPIOArchive {
  private(set) var bytes: [UInt8] = []
  private var inode: UInt32 = 1

  /// File types and permissions as stat has them.
  private static let regular: UInt32 = 0o100000
  private static let directory: UInt32 = 0o040000
  private static let characterDevice: UInt32 = 0o020000

  mutating func add(file path: String, _ content: [UInt8], permissions: UInt32 = 0o644) {
    add(path, mode: Self.regular | permissions, content)
  }

  mutating func add(directory path: String) { add(path, mode: Self.directory | 0o755, []) }

  mutating func add(device path: String, major: UInt32, minor: UInt32) {
    add(path, mode: Self.characterDevice | 0o600, [], device: (major, minor))
  }

  /// Ends the archive; nothing may follow.
  mutating func close() { add("TRAILER!!!", mode: 0, []) }

  private mutating func add(
    _ path: String, mode: UInt32, _ content: [UInt8], device: (major: UInt32, minor: UInt32) = (0, 0)
  ) {
    let name = Array(path.utf8) + [0]
    // inode, mode, uid, gid, links, time, size, device of the file system (2), device (2), length of the name, checksum
    let fields: [UInt32] = [
      inode, mode, 0, 0, 1, 0, UInt32(content.count), 0, 0, device.major, device.minor, UInt32(name.count), 0,
    ]
    bytes += Array("070701".utf8)
    for field in fields { bytes += Self.hexadecimal(field) }
    bytes += name
    pad()
    bytes += content
    pad()
    inode += 1
  }

  private mutating func pad() { while bytes.count % 4 != 0 { bytes.append(0) } }

  private static func hexadecimal(_ number: UInt32) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return (0..<8).map { digits[Int(number >> UInt32(28 - 4 * $0) & 15)] }
  }
}
