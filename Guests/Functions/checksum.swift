// CRC-32 (ISO 3309) of its request: Embedded Swift without an operating system.

private func remainder(_ byte: UInt8, after value: UInt32) -> UInt32 {
  var value = value ^ UInt32(byte)
  for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
  return value
}

@_cdecl("handle")
public func handle(
  _ request: UnsafePointer<CChar>, _ length: Int, _ result: UnsafeMutablePointer<CChar>, _ room: Int
) -> Int {
  var value = UInt32.max
  for index in 0..<length { value = remainder(UInt8(bitPattern: request[index]), after: value) }
  value = ~value
  let digits: StaticString = "0123456789abcdef"
  let count = min(8, room)
  for index in 0..<count {
    let digit = Int(value >> UInt32(28 - 4 * index) & 15)
    result[index] = CChar(bitPattern: digits.utf8Start[digit])
  }
  return count
}
