/// Exact reading of decimal numbers from bytes into scaled 64-bit integers, without passing through binary fractions.
public enum Decimal64 {
  /// The number written in `text`, times `scale`, rounded half away from zero.
  ///
  /// Takes an optional sign, digits with an optional point, and an optional exponent (`1.5e-3`). Nil for an empty or
  /// malformed number, NaN, infinity, and results outside Int64. Runs in time linear in the text.
  @inlinable
  public static func scaled(_ text: some Collection<UInt8>, by scale: Int64) -> Int64? {
    if let result = text.withContiguousStorageIfAvailable({ scaled(UnsafeRawBufferPointer($0), by: scale) }) {
      return result
    }
    return Array(text).withUnsafeBytes { scaled($0, by: scale) }
  }

  /// As `scaled(_:by:)`, on raw bytes: the form that readers use row by row.
  public static func scaled(_ text: UnsafeRawBufferPointer, by scale: Int64) -> Int64? {
    var index = 0
    let end = text.count
    guard index < end else { return nil }
    let negative = text[index] == UInt8(ascii: "-")
    if negative || text[index] == UInt8(ascii: "+") { index += 1 }

    var digits: UInt64 = 0
    var digitCount = 0
    var exponent = 0
    var seenPoint = false
    var seenDigit = false
    while index < end {
      let byte = text[index]
      if byte &- 48 < 10 {
        seenDigit = true
        if digitCount < 19 {
          digits = digits &* 10 &+ UInt64(byte &- 48)
          if digits != 0 { digitCount += 1 }
          if seenPoint { exponent -= 1 }
        } else if !seenPoint {
          exponent += 1  // further whole digits only move the point; they are beyond 19 significant ones
        }
      } else if byte == UInt8(ascii: "."), !seenPoint {
        seenPoint = true
      } else {
        break
      }
      index += 1
    }
    guard seenDigit else { return nil }
    if index < end {
      guard text[index] | 0x20 == UInt8(ascii: "e"), let written = exponentValue(text, from: index + 1) else {
        return nil
      }
      exponent += written
    }
    guard let magnitude = product(digits, scale, powerOfTen: exponent) else { return nil }
    return negative ? -magnitude : magnitude
  }

  private static func exponentValue(_ text: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var index = start
    guard index < text.count else { return nil }
    let negative = text[index] == UInt8(ascii: "-")
    if negative || text[index] == UInt8(ascii: "+") { index += 1 }
    guard index < text.count else { return nil }
    var value = 0
    while index < text.count {
      guard text[index] &- 48 < 10 else { return nil }
      value = min(value * 10 + Int(text[index] &- 48), 10_000)
      index += 1
    }
    return negative ? -value : value
  }

  private static let powersOfTen: [Int64] = (0..<19).map { (0..<$0).reduce(1) { product, _ in product * 10 } }

  private static func product(_ digits: UInt64, _ scale: Int64, powerOfTen exponent: Int) -> Int64? {
    // The common case, 1.234567 s in nanoseconds: the scale absorbs the decimals and nothing is rounded.
    if exponent <= 0, exponent > -19,
      case (let step, 0) = scale.quotientAndRemainder(dividingBy: powersOfTen[-exponent])
    {
      guard let digits = Int64(exactly: digits) else { return step == 0 ? 0 : nil }
      let (value, overflow) = digits.multipliedReportingOverflow(by: step)
      return overflow ? nil : value
    }
    var value = UInt128(digits) * UInt128(scale.magnitude)
    if value == 0 { return 0 }
    if exponent > 0 {
      guard exponent <= 37 else { return nil }
      for _ in 0..<exponent {
        value *= 10
        guard value <= UInt128(Int64.max) else { return nil }
      }
    } else if exponent < 0 {
      guard exponent >= -38 else { return 0 }
      var divisor: UInt128 = 1
      for _ in 0..<(-exponent) { divisor *= 10 }
      value = value / divisor + (value % divisor >= divisor - divisor / 2 ? 1 : 0)
    }
    return Int64(exactly: value)
  }
}
