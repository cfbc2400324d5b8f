/// Text on its way to a file: numbers and fields as bytes, without a string for each.
package struct OutputText {
  package var bytes: [UInt8] = []

  package init() {}

  package mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  package mutating func append(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  package mutating func append(byte: UInt8) { bytes.append(byte) }

  @inlinable
  package mutating func append(_ number: some FixedWidthInteger) {
    append(Int64(truncatingIfNeeded: number), width: 1)
  }

  /// A whole number with zeros in front up to `width` digits.
  package mutating func append(_ number: Int64, width: Int) { appendDigits(number, atLeast: width) }

  private mutating func appendDigits(_ number: Int64, atLeast width: Int) {
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    var rest = number.magnitude
    let start = bytes.count
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      bytes.append(48 + UInt8(truncatingIfNeeded: digit))
      rest = quotient
    } while rest > 0
    while bytes.count - start < width { bytes.append(48) }
    bytes[start...].reverse()
  }

  /// `value` / 10^`decimals`, exactly, without trailing zeros.
  package mutating func append(_ value: Int64, decimals: Int) {
    var scale: Int64 = 1
    for _ in 0..<decimals { scale *= 10 }
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    let (whole, rest) = value.magnitude.quotientAndRemainder(dividingBy: scale.magnitude)
    append(Int64(truncatingIfNeeded: whole), width: 1)
    guard rest > 0 else { return }
    bytes.append(UInt8(ascii: "."))
    append(Int64(truncatingIfNeeded: rest), width: decimals)
    while bytes.last == 48 { bytes.removeLast() }
  }

  /// Nanoseconds as seconds, exactly.
  package mutating func append(seconds nanoseconds: Int64) { append(nanoseconds, decimals: 9) }

  /// A field of comma-separated values, in quotes where it needs them (RFC 4180).
  package mutating func append(field text: String) {
    let isPlain =
      !text.isEmpty && text.utf8.first != 32 && text.utf8.last != 32
      && text.utf8.allSatisfy { $0 >= 32 && $0 != 34 && $0 != 44 }
    if isPlain || text.isEmpty { return append(text) }
    bytes.append(34)
    for byte in text.utf8 {
      if byte == 34 { bytes.append(34) }
      bytes.append(byte)
    }
    bytes.append(34)
  }

  /// A JSON string with its quotes (RFC 8259).
  package mutating func append(json text: String) {
    let hex = Array("0123456789abcdef".utf8)
    bytes.append(34)
    for byte in text.utf8 {
      switch byte {
      case 34, 92:
        bytes.append(92)
        bytes.append(byte)
      case 10: append("\\n")
      case 9: append("\\t")
      case 13: append("\\r")
      case 0..<32:
        append("\\u00")
        bytes.append(hex[Int(byte >> 4)])
        bytes.append(hex[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(34)
  }
}
