import Diagnostics
import Foundation
import Statistics
import Testing

@testable import Pricing

@Suite("Damaged price files")
struct DamageTests {
  private static let splices = [
    "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u0000", "\\ud800", "null", "true", "0", "-1", "1e308", "NaN", "Inf",
    "99999999999999999999999999999999999999999", "0.00000000000000000000000000000000001", "\u{0}", "\u{FEFF}", "é",
    "\"OnDemand\":", "\"PriceList\":[", "\"sku\":1,", "\"tiers\":[]",
  ].map { Array($0.utf8) }

  private func damaged(_ whole: [UInt8], _ stream: inout RandomStream) -> [UInt8] {
    var bytes = whole
    for _ in 0...stream.index(below: 3) where !bytes.isEmpty {
      let place = stream.index(below: bytes.count)
      switch stream.index(below: 6) {
      case 0: bytes.removeSubrange(place..<min(bytes.count, place + 1 + stream.index(below: 40)))
      case 1, 2: bytes.insert(contentsOf: Self.splices[stream.index(below: Self.splices.count)], at: place)
      case 3: bytes[place] = UInt8(stream.index(below: 256))
      case 4:
        let end = min(bytes.count, place + 1 + stream.index(below: 400))
        bytes.insert(contentsOf: Array(bytes[place..<end]), at: stream.index(below: bytes.count))
      default: bytes.removeSubrange(place...)
      }
    }
    return bytes
  }

  @Test("of AWS are faults with a place or still books, never the end of the process")
  func offers() throws {
    let text = OfferText(book: try PriceBook.shipped.get(), regions: ["us-east-1"])
    for (number, whole) in [text.file(), text.query()].map({ Array($0.utf8) }).enumerated() {
      for seed in UInt64(0)..<400 {
        var stream = RandomStream(seed: seed, subject: UInt64(number), purpose: .resampling)
        do {
          let offer = try PriceOffer(json: damaged(whole, &stream), name: "damaged.json")
          #expect(!offer.book.places.isEmpty, "seed \(seed)")
        } catch {
          #expect(error.place.file == "damaged.json", "seed \(seed): \(error)")
        }
      }
    }
  }

  @Test("of the program's own form too")
  func books() throws {
    var small = try PriceBook.shipped.get()
    small.places = small.places.filter { ["us-east-1", "azure"].contains($0.key) }
    let whole = Array(small.json().utf8)
    for seed in UInt64(0)..<800 {
      var stream = RandomStream(seed: seed, purpose: .resampling)
      do {
        let book = try PriceBook(json: damaged(whole, &stream), name: "damaged.json")
        #expect(try PriceBook(json: Array(book.json().utf8), name: "again.json") == book, "seed \(seed)")
      } catch {
        #expect(error.place.file == "damaged.json", "seed \(seed): \(error)")
      }
    }
  }
}
