import Glibc

/// An open file descriptor with one owner; closed when the owner goes.
struct Descriptor: ~Copyable {
  let number: Int32

  init(_ number: Int) { self.number = Int32(truncatingIfNeeded: number) }

  deinit { close(number) }
}

/// Mapped memory with one owner; unmapped when the owner goes.
struct Mapping: ~Copyable {
  let start: UnsafeMutableRawPointer
  let size: Int

  deinit { munmap(start, size) }
}
