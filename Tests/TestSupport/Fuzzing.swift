import CZlib
import Diagnostics
import Foundation
import Testing

/// Feeds a reader with damaged copies of good files. Whatever it is given, a reader either reads to the end or throws an
/// `InputFault`; it never traps, never throws anything else, never takes long.
///
/// Every input is a pure function of the corpus, `seed` and its number, so a failure is repeated by
/// `FAASCAST_FUZZ_ONLY=number`. The environment variable FAASCAST_FUZZ sets how many inputs are tried. When the process
/// dies, the last input lies in `faascast-fuzz-…` in /dev/shm, or in the temporary directory where there is none.
package struct Fuzzing {
  /// Files by name: what a reader is pointed at. A reader of one file has one entry.
  package typealias Corpus = [String: [UInt8]]

  /// Names the temporary directory and the failures.
  package var name: String
  package var seed: UInt64
  package var inputs: Int

  package static let configuredInputs = ProcessInfo.processInfo.environment["FAASCAST_FUZZ"].flatMap(Int.init)
  private static let only = ProcessInfo.processInfo.environment["FAASCAST_FUZZ_ONLY"].flatMap(Int.init)

  package init(name: String, seed: UInt64 = 1, inputs: Int = Fuzzing.configuredInputs ?? 1_000) {
    self.name = name
    self.seed = seed
    self.inputs = inputs
  }

  /// What became of the inputs.
  package struct Account {
    package var accepted = 0
    package var refused = 0
    var slowest: Duration = .zero
  }

  /// Tries damaged copies of each corpus in turn. `read` gets the directory that holds the files and must read, and
  /// draw a bounded amount, to the end.
  @discardableResult
  package func run(_ corpora: [Corpus], read: (_ directory: String) throws -> Void) throws -> Account {
    var account = Account()
    let directory = Self.place.appending(
      path: "faascast-fuzz-\(name)-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    for number in Self.only.map({ $0..<($0 + 1) }) ?? 0..<inputs {
      var chance = Chance(state: seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(number))
      let corpus = corpora[number % corpora.count]
      // All names are damaged in a fixed order, so that the input depends on nothing else.
      let names = corpus.keys.sorted()
      let victim = names[chance.below(names.count)]
      for file in names {
        var bytes = corpus[file] ?? []
        if file == victim || chance.below(6) == 0 {
          for _ in 0...chance.below(4) { chance.damage(&bytes) }
        }
        if chance.below(12) == 0 { bytes = Self.gzip(bytes, cutTo: chance.below(3) == 0 ? chance.unit : 1) }
        try Self.write(bytes, to: directory.path + "/" + file)
      }
      let began = ContinuousClock.now
      do {
        try read(directory.path)
        account.accepted += 1
      } catch is InputFault {
        account.refused += 1
      } catch {
        Issue.record("\(name), seed \(seed), input \(number): \(error)")
      }
      account.slowest = max(account.slowest, .now - began)
      if account.slowest > .seconds(20) {
        Issue.record("\(name), seed \(seed), input \(number) took \(account.slowest)")
        break
      }
    }
    try FileManager.default.removeItem(at: directory)
    // Damage that a reader never or always notices tests nothing.
    if inputs >= 300, Self.only == nil { #expect(account.accepted > 0 && account.refused > 0, "\(name): \(account)") }
    return account
  }

  /// As `run(_:read:)` for readers of one file; `read` gets the file's path.
  @discardableResult
  package func run(file: String, _ seeds: [[UInt8]], read: (_ path: String) throws -> Void) throws -> Account {
    try run(seeds.map { [file: $0] }) { try read($0 + "/" + file) }
  }

  /// The bytes as a gzip file, of which only the first `share` is there.
  package static func gzip(_ bytes: [UInt8], cutTo share: Double = 1) -> [UInt8] {
    var stream = z_stream()
    let gzipFormat: Int32 = 15 + 16
    guard
      deflateInit2_(
        &stream, 1, Z_DEFLATED, gzipFormat, 8, Z_DEFAULT_STRATEGY, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
        == Z_OK
    else { return bytes }
    defer { deflateEnd(&stream) }
    var input = bytes
    var packed = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
    input.withUnsafeMutableBufferPointer { input in
      packed.withUnsafeMutableBufferPointer { packed in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = packed.baseAddress
        stream.avail_out = UInt32(packed.count)
        deflate(&stream, Z_FINISH)
      }
    }
    return Array(packed.prefix(Int(Double(stream.total_out) * share)))
  }

  /// In memory where possible: a disk would be waited for at each rewriting of a file.
  private static let place =
    FileManager.default.isWritableFile(atPath: "/dev/shm")
    ? URL(filePath: "/dev/shm") : FileManager.default.temporaryDirectory

  /// Writes a file without waiting for the disk, as Foundation would.
  private static func write(_ bytes: [UInt8], to path: String) throws {
    guard let file = fopen(path, "wb") else { throw CocoaError(.fileWriteUnknown) }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw CocoaError(.fileWriteUnknown) }
  }
}

/// The chance that damages inputs: SplitMix64, so that a seed means the same everywhere and for ever.
private struct Chance {
  package var state: UInt64

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }

  package mutating func below(_ bound: Int) -> Int { bound <= 1 ? 0 : Int(next() % UInt64(bound)) }

  package var unit: Double {
    mutating get { Double(next() >> 11) * 0x1p-53 }
  }

  /// Words that parsers stumble over.
  private static let words: [String] = [
    "0", "1", "-", "+", ".", ",", ",,", ";", "\"", "\"\"", "'", "\n", "\r\n", "\r", "\n\n", "\t", " ", "\0",
    "NaN", "nan", "inf", "-inf", "null", "true", "-1", "-0", "3.0", "0.5", "1e9", "1e-9", "1e308", "1e999",
    "1000000000", "1000000001", "4294967296", "9223372036854775807", "-9223372036854775808",
    "9223372036854775808", "18446744073709551616", "99999999999999999999999999999999999999999999", "0x10",
    "1_000", "1,000", "\u{FEFF}", "é", "漢", "{", "}", "[", "]", ":", "\\", "\\u0000", "\\ud800", "{\"", "[[",
    "1440", "minute_1", "d01", "#", "%", "REPORT RequestId:", " ms", " MB",
  ]

  package mutating func damage(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else {
      bytes = Array(Self.words[below(Self.words.count)].utf8)
      return
    }
    switch below(14) {
    case 0: bytes[below(bytes.count)] ^= 1 << UInt8(below(8))
    case 1: bytes[below(bytes.count)] = UInt8(below(256))
    case 2: bytes.removeSubrange(stretch(of: bytes.count))
    case 3:
      let copied = Array(bytes[stretch(of: bytes.count)])
      bytes.insert(contentsOf: copied, at: below(bytes.count + 1))
    case 4, 5: bytes.insert(contentsOf: Self.words[below(Self.words.count)].utf8, at: below(bytes.count + 1))
    case 6: bytes.removeLast(below(bytes.count + 1))
    case 7: bytes.removeFirst(min(bytes.count, below(16)))
    case 8, 9: replaceNumber(&bytes)
    case 10: rearrangeLines(&bytes)
    case 11: swapColumns(&bytes)
    case 12: replaceField(&bytes)
    default: bytes = bytes.flatMap { $0 == 10 ? [13, 10] : [$0] }
    }
  }

  private mutating func stretch(of count: Int) -> Range<Int> {
    let start = below(count)
    return start..<min(count, start + 1 + below(1 << below(10)))
  }

  private mutating func replaceNumber(_ bytes: inout [UInt8]) {
    let from = below(bytes.count)
    guard let first = bytes[from...].firstIndex(where: { 48...57 ~= $0 }) else { return }
    let last = bytes[first...].firstIndex { !(48...57 ~= $0) } ?? bytes.count
    bytes.replaceSubrange(first..<last, with: Self.words[below(Self.words.count)].utf8)
  }

  private mutating func replaceField(_ bytes: inout [UInt8]) {
    let from = below(bytes.count)
    guard let first = bytes[from...].firstIndex(of: 44) else { return }
    let last = bytes[(first + 1)...].firstIndex { $0 == 44 || $0 == 10 } ?? bytes.count
    bytes.replaceSubrange((first + 1)..<last, with: Self.words[below(Self.words.count)].utf8)
  }

  private mutating func rearrangeLines(_ bytes: inout [UInt8]) {
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    let a = below(lines.count)
    let b = below(lines.count)
    switch below(3) {
    case 0: lines.swapAt(a, b)
    case 1: lines.insert(lines[a], at: b)
    default: lines.remove(at: a)
    }
    bytes = Array(lines.joined(separator: [UInt8(10)]))
  }

  /// Swaps two columns, in all lines or only in the header.
  private mutating func swapColumns(_ bytes: inout [UInt8]) {
    let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    let columns = lines[0].count { $0 == 44 } + 1
    let a = below(columns)
    let b = below(columns)
    let everywhere = below(2) == 0
    bytes = Array(
      lines.enumerated().map { number, line -> [UInt8] in
        guard everywhere || number == 0 else { return Array(line) }
        var fields = line.split(separator: 44, omittingEmptySubsequences: false)
        if a < fields.count, b < fields.count { fields.swapAt(a, b) }
        return Array(fields.joined(separator: [UInt8(44)]))
      }.joined(separator: [UInt8(10)]))
  }
}
