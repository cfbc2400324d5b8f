/// Exact reading of decimal numbers from bytes into scaled 64-bit integers, without passing through binary fractions.
public enum Decimal64 {
  /// The number written in `text`, times `scale`, rounded half away from zero.
  ///
  /// Takes an optional sign, digits with an optional point, and an optional exponent (`1.5e-3`). Nil for an empty or
  /// malformed number, NaN, infinity, and results outside Int64. `scale` is positive. Runs in time linear in the text.
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

    // 19 significant digits fit, which is as many as Int64 has; of what follows, the first counts for rounding.
    var digits: UInt64 = 0
    var digitCount = 0
    var next: UInt64?
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
        } else {
          if next == nil { next = UInt64(byte &- 48) }
          if !seenPoint { exponent += 1 }  // a whole digit beyond the significant ones moves the point
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
    guard let magnitude = product(digits, next ?? 0, UInt64(scale.magnitude), powerOfTen: exponent) else { return nil }
    if negative { return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil }
    return Int64(exactly: magnitude)
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

  private static let powersOfTen: [UInt64] = (0..<19).map { (0..<$0).reduce(1) { product, _ in product * 10 } }

  /// (digits + next / 10) times scale times a power of ten, rounded half up; nil where UInt64 can't hold it.
  private static func product(
    _ digits: UInt64, _ next: UInt64, _ scale: UInt64, powerOfTen exponent: Int
  ) -> UInt64? {
    // The common case, 1.234567 s in nanoseconds: the scale absorbs the decimals and nothing is rounded.
    if next == 0, exponent <= 0, exponent > -19,
      case (let step, 0) = scale.quotientAndRemainder(dividingBy: powersOfTen[-exponent])
    {
      let (value, overflow) = digits.multipliedReportingOverflow(by: step)
      return overflow ? nil : value
    }
    if exponent >= 0 {
      var value = UInt128(digits) * UInt128(scale) + (UInt128(next) * UInt128(scale) + 5) / 10
      if value == 0 { return 0 }
      for _ in 0..<min(exponent, 20) {
        guard value <= UInt128(UInt64.max) else { return nil }
        value *= 10
      }
      return UInt64(exactly: value)
    }
    guard exponent >= -38 else { return 0 }
    let value = UInt128(digits) * UInt128(scale)
    var divisor: UInt128 = 1
    for _ in 0..<(-exponent) { divisor *= 10 }
    return UInt64(exactly: value / divisor + (value % divisor >= divisor - divisor / 2 ? 1 : 0))
  }
}
