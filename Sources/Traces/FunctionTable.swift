import Reading
public import Workloads

/// Gives each function met in a record an index, by its name's bytes, without making a string for every row.
public struct FunctionTable {
  /// In order of first appearance.
  public var functions: [WorkloadFunction] = []
  private var slots: [Int32] = Array(repeating: -1, count: 64)
  private var hashes: [UInt64] = []
  private var names: [[UInt8]] = []

  public init() {}

  /// The index of the function named by `bytes`; a new one is made by `describe`. Constant time on average.
  public mutating func index(
    of bytes: UnsafeRawBufferPointer,
    describe: (String) -> WorkloadFunction = { WorkloadFunction(name: $0) }
  ) -> Int32 {
    let hash = Self.hash(bytes)
    let slot = slot(of: bytes, hash)
    if slots[slot] >= 0 { return slots[slot] }
    let index = Int32(functions.count)
    slots[slot] = index
    hashes.append(hash)
    names.append(Array(bytes))
    functions.append(describe(Self.name(bytes)))
    if functions.count * 2 > slots.count { grow() }
    return index
  }

  mutating func index(of bytes: [UInt8]) -> Int32 { bytes.withUnsafeBytes { index(of: $0) } }

  /// The index of the function named by `bytes`, if there is one.
  func find(_ bytes: [UInt8]) -> Int32? {
    bytes.withUnsafeBytes { bytes in
      let found = slots[slot(of: bytes, Self.hash(bytes))]
      return found >= 0 ? found : nil
    }
  }

  /// Where a name is, or the free slot where it would be.
  private func slot(of bytes: UnsafeRawBufferPointer, _ hash: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] >= 0 {
      let candidate = Int(slots[slot])
      if hashes[candidate] == hash, names[candidate].withUnsafeBytes({ $0.isEqual(to: bytes) }) { break }
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  /// The bytes as text. What is no UTF-8 is written out, since its replacement would make different names the same.
  private static func name(_ bytes: UnsafeRawBufferPointer) -> String {
    String(validating: bytes, as: UTF8.self)
      ?? bytes.map { 32..<127 ~= $0 ? String(UnicodeScalar($0)) : "\\x" + String($0, radix: 16) }.joined()
  }

  private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var offset = 0
    while offset + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
      offset += 8
    }
    while offset < bytes.count {
      hash = (hash ^ UInt64(bytes[offset])) &* 0x0000_0100_0000_01b3
      offset += 1
    }
    return hash ^ hash >> 32
  }

  private mutating func grow() {
    slots = Array(repeating: -1, count: slots.count * 2)
    for (index, hash) in hashes.enumerated() {
      var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(index)
    }
  }
}
