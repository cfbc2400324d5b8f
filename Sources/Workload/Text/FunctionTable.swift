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
    hash ^= hash >> 32
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] >= 0 {
      let candidate = Int(slots[slot])
      if hashes[candidate] == hash, names[candidate].count == bytes.count,
        names[candidate].withUnsafeBytes({ $0.isEqual(to: bytes) })
      {
        return slots[slot]
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    let index = Int32(functions.count)
    slots[slot] = index
    hashes.append(hash)
    names.append(Array(bytes))
    functions.append(describe(String(decoding: bytes, as: UTF8.self)))
    if functions.count * 2 > slots.count { grow() }
    return index
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
