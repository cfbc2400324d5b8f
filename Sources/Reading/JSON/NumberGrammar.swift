/// The grammar of a JSON number, byte by byte.
enum NumberGrammar {
  case start, minus, zero, whole, point, fraction, e, sign, exponent

  var mayEnd: Bool {
    switch self {
    case .zero, .whole, .fraction, .exponent: true
    case .start, .minus, .point, .e, .sign: false
    }
  }

  /// The state after one more byte, or nil where the byte does not belong to the number.
  func after(_ byte: UInt8) -> NumberGrammar? {
    let isDigit = byte &- 48 < 10
    switch self {
    case .start where byte == UInt8(ascii: "-"): return .minus
    case .start, .minus: return byte == UInt8(ascii: "0") ? .zero : isDigit ? .whole : nil
    case .whole where isDigit: return .whole
    case .zero, .whole, .fraction:
      if case .fraction = self, isDigit { return .fraction }
      if byte | 0x20 == UInt8(ascii: "e") { return .e }
      if case .fraction = self { return nil }
      return byte == UInt8(ascii: ".") ? .point : nil
    case .point: return isDigit ? .fraction : nil
    case .e: return byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") ? .sign : isDigit ? .exponent : nil
    case .sign, .exponent: return isDigit ? .exponent : nil
    }
  }
}
