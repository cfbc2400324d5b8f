/// The bytes of a state: plain values one behind the other, as they lie in memory.
///
/// They are for the program that wrote them and no other; `Checkpoint` sees to that.
struct StateWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write<Value: BitwiseCopyable>(_ value: Value) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  /// Writes how many there are, then the elements.
  mutating func write<Element: BitwiseCopyable>(_ elements: UnsafeBufferPointer<Element>) {
    write(elements.count)
    bytes.append(contentsOf: UnsafeRawBufferPointer(elements))
  }

  mutating func write<Element: BitwiseCopyable>(_ elements: [Element]) {
    elements.withUnsafeBufferPointer { write($0) }
  }
}

/// Takes values out of a state's bytes, in the order in which they were written.
struct StateReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func read<Value: BitwiseCopyable>(_: Value.Type = Value.self) throws(StateEndsEarly) -> Value {
    let size = MemoryLayout<Value>.size
    guard bytes.count - position >= size else { throw StateEndsEarly() }
    defer { position += size }
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: Value.self) }
  }

  mutating func readArray<Element: BitwiseCopyable>(
    of _: Element.Type = Element.self
  ) throws(StateEndsEarly) -> [Element] {
    let count: Int = try read()
    let stride = MemoryLayout<Element>.stride
    guard count >= 0, count <= (bytes.count - position) / stride else { throw StateEndsEarly() }
    defer { position += count * stride }
    return [Element](unsafeUninitializedCapacity: count) { elements, initialised in
      bytes.withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(elements).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[position..<position + count * stride]))
      }
      initialised = count
    }
  }
}

/// A state has fewer bytes than what is read of it.
struct StateEndsEarly: Error {}

/// Something that a replay keeps between two slices of time, and that a checkpoint therefore holds.
///
/// `restore` takes just what `save` wrote, into a value that was made for the same function of the same simulation.
protocol Checkpointed {
  func save(to state: inout StateWriter)
  mutating func restore(from state: inout StateReader) throws(StateEndsEarly)
}
