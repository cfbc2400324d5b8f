import Foundation
import Testing
import Units

@Suite("Decimals read into scaled integers")
struct Decimal64Tests {
  private func scaled(_ text: String, by scale: Int64 = 1) -> Int64? { Decimal64.scaled(Array(text.utf8), by: scale) }

  @Test(
    "signs, points and exponents are taken",
    arguments: [
      ("0", 0), ("-0", 0), ("+5", 5000), ("1.5", 1500), (".5", 500), ("5.", 5000), ("-1.25e1", -12500), ("1E-3", 1),
      ("1e+2", 100_000), ("000123.4560", 123_456), ("0.0000000000000000000000000001e28", 1000),
    ])
  func forms(_ text: String, _ expected: Int64) { #expect(scaled(text, by: 1000) == expected) }

  @Test(
    "what is no finite decimal number is nil",
    arguments: [
      "", " ", "-", "+", ".", "e5", "1e", "1e+", "--1", "1.2.3", "1,5", "0x10", "NaN", "inf", "-inf", "1 ", " 1", "1_0",
      "٣",
      "1e5x", "1\0",
    ])
  func malformed(_ text: String) { #expect(scaled(text) == nil) }

  @Test(
    "halves are rounded away from zero",
    arguments: [
      ("0.5", 1), ("-0.5", -1), ("0.4999999999999999999999", 0), ("1.5", 2), ("2.5", 3), ("-2.5", -3), ("0.05e1", 1),
      ("123456789012345678.9", 123_456_789_012_345_679), ("9223372036854775806.5", 9_223_372_036_854_775_807),
    ])
  func rounding(_ text: String, _ expected: Int64) { #expect(scaled(text) == expected) }

  @Test("all of Int64 is within reach and nothing beyond")
  func limits() {
    #expect(scaled("9223372036854775807") == .max)
    #expect(scaled("-9223372036854775808") == .min)
    #expect(scaled("9223372036854775808") == nil)
    #expect(scaled("-9223372036854775809") == nil)
    #expect(scaled("9223372036.854775807", by: 1_000_000_000) == .max)
    #expect(scaled("9223372036.854775808", by: 1_000_000_000) == nil)
    #expect(scaled("1e19") == nil)
    #expect(scaled("9999999999999999999", by: 9_000_000_000_000_000_000) == nil)
    #expect(scaled("9999999999999999999e1", by: 9_000_000_000_000_000_000) == nil)
    #expect(scaled("1e999999999999999999999") == nil)
    #expect(scaled("1e-999999999999999999999") == 0)
    #expect(scaled("0e999999999999999999999") == 0)
    #expect(scaled(String(repeating: "9", count: 100_000)) == nil)
    #expect(scaled("0." + String(repeating: "0", count: 100_000) + "1") == 0)
  }

  @Test("agrees with Foundation's Decimal on random numbers")
  func againstDecimal() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var state = seed
    func next(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    for _ in 0..<2000 {
      let whole = String((0..<next(9)).map { _ in Character(String(next(10))) })
      let fraction = String((0..<next(12)).map { _ in Character(String(next(10))) })
      let exponent = Int(next(9)) - 4
      let text = (next(2) == 0 ? "-" : "") + "0\(whole).\(fraction)e\(exponent)"
      let places = Int(next(10))
      let scale = (0..<places).reduce(Int64(1)) { product, _ in product * 10 }
      var product = try #require(Decimal(string: text)) * Decimal(scale)
      var rounded = Decimal()
      NSDecimalRound(&rounded, &product, 0, .plain)
      #expect(scaled(text, by: scale) == Int64("\(rounded)"), "\(text) times \(scale), seed \(seed)")
    }
  }
}
