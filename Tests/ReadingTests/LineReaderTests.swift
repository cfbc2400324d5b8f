import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Logs
@testable import Reading
@testable import Workloads

@Suite("Lines of text files")
struct LineReaderTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func lines(_ path: String) throws -> [String] {
    let reader = try LineReader(path: path)
    var result: [String] = []
    while let line = try reader.next() {
      result.append(String(decoding: line, as: UTF8.self))
      guard reader.lineNumber == result.count, (0...1).contains(reader.progress) else {
        Issue.record("line \(reader.lineNumber) after \(result.count), progress \(reader.progress)")
        break
      }
    }
    #expect(try reader.next() == nil, "the end stays the end")
    return result
  }

  @Test(
    "line ends, byte-order marks and a last line without an end are taken",
    arguments: [
      ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]),
      ("\u{FEFF}a\nb", ["a", "b"]), ("\u{FEFF}", [""]), ("a\n\u{FEFF}b", ["a", "\u{FEFF}b"]), ("\n\n", ["", ""]),
      ("a\rb\n", ["a\rb"]), ("\r\n", [""]), ("a\0b", ["a\0b"]),
    ])
  func ends(_ text: String, _ expected: [String]) throws {
    #expect(try lines(directory.write("a.txt", text)) == expected)
    #expect(try lines(directory.write("a.txt.gz", Fuzzing.gzip(Array(text.utf8)))) == expected)
  }

  @Test("lines longer than the buffer come whole, at every place in it")
  func longLines() throws {
    let long = String(repeating: "x", count: (1 << 20) + 17)
    let text = ["short", long, "", long + "y", "end"]
    #expect(try lines(directory.write("long.txt", text.joined(separator: "\n"))) == text)
    let many = (0..<200_000).map { "\($0)" }
    #expect(try lines(directory.write("many.txt", many.joined(separator: "\r\n"))) == many)
  }

  @Test("a line without end is a fault, not the end of memory")
  func endless() throws {
    #expect(throws: InputFault.self) { _ = try lines("/dev/zero") }
  }

  @Test("several gzip members are one text")
  func members() throws {
    let both = Fuzzing.gzip(Array("a\nb".utf8)) + Fuzzing.gzip(Array("c\nd".utf8))
    #expect(try lines(directory.write("two.gz", both)) == ["a", "bc", "d"])
  }

  @Test("a gzip file cut short is a fault, not an end, wherever it was cut")
  func cutShort() throws {
    let text = (0..<3000).map { "\($0 * 7919 % 10_007),\($0)" }.joined(separator: "\n")
    let whole = Fuzzing.gzip(Array(text.utf8))
    let cuts = Array(1..<64) + stride(from: 64, to: whole.count - 64, by: 211) + ((whole.count - 64)..<whole.count)
    for cut in cuts {
      let path = try directory.write("cut.gz", Array(whole.prefix(cut)))
      #expect(throws: InputFault.self, "cut at \(cut) of \(whole.count)") { _ = try lines(path) }
    }
    #expect(try lines(directory.write("whole.gz", whole)).count == 3000)
  }

  @Test("a damaged gzip file is a fault")
  func damaged() throws {
    let text = (0..<3000).map { "\($0 * 7919 % 10_007),\($0)" }.joined(separator: "\n")
    let whole = Fuzzing.gzip(Array(text.utf8))
    // Any bit of the compressed data or of its checksum and length; those of the header may mean nothing.
    for place in stride(from: 12, to: whole.count, by: 97) {
      var bytes = whole
      bytes[place] ^= 4
      let path = try directory.write("damaged.gz", bytes)
      #expect(throws: InputFault.self, "at \(place)") { _ = try lines(path) }
    }
  }

  @Test("what is no readable file is a fault of the system, with advice")
  func unreadable() throws {
    let missing = try #require(throws: InputFault.self) { _ = try LineReader(path: directory.path + "/nowhere.csv") }
    #expect(missing.kind == .system)
    #expect(missing.place.file.hasSuffix("nowhere.csv"))
    #expect(missing.advice != nil)
    let folder = try #require(throws: InputFault.self) { _ = try LineReader(path: directory.path) }
    #expect(folder.kind == .system)
    #expect(throws: InputFault.self) { _ = try LineReader(path: "") }
  }

  @Test("whatever the bytes, lines are read to the end or refused with a fault")
  func fuzz() throws {
    let text = (0..<40).map { "line \($0),\"quoted\",\($0 * 7919)\r\n" }.joined()
    let seeds = [Array(text.utf8), Fuzzing.gzip(Array(text.utf8))]
    try Fuzzing(name: "lines").run(file: "lines.txt", seeds) { path in
      let reader = try LineReader(path: path)
      var stray = 0
      while let line = try reader.next() { stray += line.firstOffset(of: 10) == nil ? 0 : 1 }
      #expect(stray == 0, "a line end inside a line")
    }
  }
}
