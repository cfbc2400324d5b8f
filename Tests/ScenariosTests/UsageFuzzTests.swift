import Diagnostics
import Foundation
import Pricing
import Statistics
import Testing

@testable import Scenarios

@Suite("Damaged usage files")
struct UsageFuzzTests {
  /// A usage file with most of what can stand in one.
  private static let whole = """
    name: everything
    region: eu-west-1
    architecture: arm64
    pricing:
      free-tier: {requests: 1_000_000, duration: 400_000.5}
      savings-plan: {plan: no-upfront, coverage: 70%}
      discounts: {all: 0.9, instances: {multiplier: 0.28, decimals: 4}}
      prices: {tenant-environments/x86_64: 0.000167}
      round-lines: true
    functions:
      a: &a {requests: 7_440_000, duration: 2s, memory: 1024, init: 100.77ms, cold-starts: 74, billing: before-2025-08}
      b: {provisioned: {concurrency: 7, enabled: 24h, requests: 2_000_000, duration: 280ms}, ephemeral-storage: 2048}
      c: {snapstart: {active: 31d, restores: 74_400}, streaming: [{requests: 1, size: 7MB}], payload: 300KB}
      d: {durable: {operations: 4, written: 104GB, kept: 21d}, pollers: {kafka: {units: 10, enabled: 720h}}}
      e: {edge: true, tenant-environments: 5, data-out: 1.5TB, meters: {duration/arm64: 32_000_000, requests: 5}}
      f: *a
    """

  @Test("are faults with a place or still bills, never the end of the process")
  func damage() throws {
    let book = try PriceBook.shipped.get()
    let whole = Array(Self.whole.utf8)
    _ = try UsageFile(decoding: whole, file: "whole.yaml")
    let splices = [
      "*a", "&b ", "{", "}", "[", "]", ": ", "\n", "\"", "%", "---\n", "-1", "1e308", "nan", "99999999999999999999",
      "999999999999999", "0.0000000000000000000000001", "292y", "106751d", "9000000TB", "\u{0}", "é", "~", "/", "@",
    ].map { Array($0.utf8) }
    for seed in UInt64(0)..<1500 {
      var stream = RandomStream(seed: seed, purpose: .population)
      var bytes = whole
      for _ in 0...stream.index(below: 3) {
        let place = stream.index(below: bytes.count)
        switch stream.index(below: 5) {
        case 0: bytes.removeSubrange(place..<min(bytes.count, place + 1 + stream.index(below: 20)))
        case 1, 2: bytes.insert(contentsOf: splices[stream.index(below: splices.count)], at: place)
        case 3: bytes[place] = UInt8(stream.index(below: 256))
        default: bytes.removeSubrange(place...)
        }
        if bytes.isEmpty { bytes = [10] }
      }
      do {
        let file = try UsageFile(decoding: bytes, file: "damaged.yaml")
        let bill = Bill(for: file.usage, book: book, terms: file.terms)
        #expect(bill.total.isFinite && bill.total >= 0, "seed \(seed)")
      } catch {
        #expect(error.place.file == "damaged.yaml", "seed \(seed): \(error)")
        #expect(!error.found.isEmpty && !error.expected.isEmpty, "seed \(seed): \(error)")
      }
    }
  }
}
