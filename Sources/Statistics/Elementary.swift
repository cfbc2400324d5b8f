/// The exponential and the logarithm in plain IEEE arithmetic, eight at a time.
///
/// The C library's differ between processors and versions by the last bit, and a nanosecond here or there would break
/// the promise that a seed gives the same answer on every machine. These are also faster, since nothing stands between
/// the lanes. Their relative error is below 1e-15.
enum Elementary {
  typealias Lanes = SIMD8<Double>
  private typealias Bits = SIMD8<UInt64>

  /// e^x, with x taken into -700...700, where nothing overflows.
  ///
  /// x = k ln 2 + r with |r| <= ln 2 / 2; e^r by its Taylor series to r^13, whose rest is below 5e-18.
  @inline(__always)
  static func exp(_ x: Lanes) -> Lanes {
    let x = clamp(x, -700, 700)
    let shifter = Lanes(repeating: 0x1.8p52)  // adding it rounds to a whole number, which then stands in the low bits
    let shifted = x * 0x1.71547652b82fep0 + shifter
    let k = shifted - shifter
    let r = x - k * 0x1.62e42fefa38p-1 - k * 0x1.ef35793c7673p-45  // ln 2 in two parts, the first short of digits
    let r2 = r * r
    let r4 = r2 * r2
    let low = line(1, 1, r) + r2 * line(1 / 2, 1 / 6, r)
    let middle = line(1 / 24, 1 / 120, r) + r2 * line(1 / 720, 1 / 5040, r)
    let upper = line(1 / 40_320, 1 / 362_880, r) + r2 * line(1 / 3_628_800, 1 / 39_916_800, r)
    let high = upper + r4 * line(1 / 479_001_600, 1 / 6_227_020_800, r)
    let series = low + r4 * (middle + r4 * high)
    let power = unsafeBitCast(shifted, to: Bits.self) &<< 52
    return unsafeBitCast(unsafeBitCast(series, to: Bits.self) &+ power, to: Lanes.self)
  }

  /// ln x of a positive normal number; about -709 for zero.
  ///
  /// x = 2^k m with m in 0.71...1.42; ln m = 2 artanh((m - 1) / (m + 1)) by its series, whose rest is below 2e-18.
  @inline(__always)
  static func log(_ x: Lanes) -> Lanes {
    let bits = unsafeBitCast(x, to: Bits.self)
    let aboveRoot = bits &- 0x3FE6_A09E_0000_0000  // sqrt(1/2), so that the exponent of what is left is k
    let exponent = (aboveRoot &+ (2048 << 52)) &>> 52  // k + 2048, not negative for the conversion below
    let m = unsafeBitCast(bits &- ((exponent &- 2048) &<< 52), to: Lanes.self)
    let k = unsafeBitCast(exponent | 0x4330_0000_0000_0000, to: Lanes.self) - (0x1p52 + 2048)
    let s = (m - 1) / (m + 1)
    let z = s * s
    let z2 = z * z
    let z4 = z2 * z2
    let low = line(1 / 3, 1 / 5, z) + z2 * line(1 / 7, 1 / 9, z)
    let middle = line(1 / 11, 1 / 13, z) + z2 * line(1 / 15, 1 / 17, z)
    let high = line(1 / 19, 1 / 21, z) + z2 * (1 / 23)
    let rest: Lanes = z * (low + z4 * (middle + z4 * high))
    let series = 2 * s + 2 * s * rest
    return k * 0x1.62e42fefa38p-1 + (series + k * 0x1.ef35793c7673p-45)
  }

  /// As the standard library's `clamped`, which is a call that stays out of line.
  @inline(__always)
  static func clamp(_ x: Lanes, _ lower: Double, _ upper: Double) -> Lanes {
    var x = x
    x.replace(with: lower, where: x .< Lanes(repeating: lower))
    x.replace(with: upper, where: x .> Lanes(repeating: upper))
    return x
  }

  @inline(__always)
  private static func line(_ constant: Double, _ slope: Double, _ x: Lanes) -> Lanes {
    Lanes(repeating: constant) + x * slope
  }

  static func exp(_ x: Double) -> Double { exp(Lanes(repeating: x))[0] }
  static func log(_ x: Double) -> Double { log(Lanes(repeating: x))[0] }
  /// x^y of a positive x.
  static func pow(_ x: Double, _ y: Double) -> Double { exp(y * log(Lanes(repeating: x)))[0] }

  /// Puts `change(x)` in the place of every x.
  @inline(__always)
  static func map(_ values: UnsafeMutableBufferPointer<Double>, _ change: (Lanes) -> Lanes) {
    guard let base = values.baseAddress else { return }
    let raw = UnsafeMutableRawPointer(base)
    let whole = values.count & ~7
    for index in stride(from: 0, to: whole, by: 8) {
      let x = raw.loadUnaligned(fromByteOffset: 8 * index, as: Lanes.self)
      raw.storeBytes(of: change(x), toByteOffset: 8 * index, as: Lanes.self)
    }
    if whole < values.count {
      var x = Lanes(repeating: values[whole])
      for lane in 0..<(values.count - whole) { x[lane] = values[whole + lane] }
      x = change(x)
      for lane in 0..<(values.count - whole) { values[whole + lane] = x[lane] }
    }
  }
}
