import Glibc

extension UnsafeRawBufferPointer {
  /// The offset of the first `byte` at or after `start`, by the C library's vectorised search.
  func firstOffset(of byte: UInt8, from start: Int = 0) -> Int? {
    guard let base = baseAddress, start < count, let found = memchr(base + start, Int32(byte), count - start) else {
      return nil
    }
    return UnsafeRawPointer(found) - base
  }
}
