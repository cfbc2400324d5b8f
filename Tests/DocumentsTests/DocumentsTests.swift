import Foundation
import Testing

@testable import Documents

@Suite("JSON text")
struct JSONTests {
  @Test("members stand in the order given, numbers read back as themselves, what is not finite is null")
  func order() {
    let value = JSON.object([
      ("z", .integer(1)), ("a", .number(0.1)), ("none", .number(Double.nan)), ("list", .texts(["x\n", "\""])),
    ])
    #expect(value.written() == #"{"z":1,"a":0.1,"none":null,"list":["x\n","\""]}"#)
  }

  @Test("down to a depth each member has a line of its own")
  func lines() {
    let value = JSON.object([("a", .array([.integer(1), .integer(2)])), ("b", .boolean(true))])
    #expect(value.written(depth: 1) == "{\n  \"a\": [1,2],\n  \"b\": true\n}")
  }
}

@Suite("A directory whose files appear whole")
struct OutputDirectoryTests {
  @Test("replaces what it names, leaves the rest, and keeps no draft")
  func replaces() throws {
    let place = FileManager.default.temporaryDirectory.appending(path: "documents-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: place) }
    try OutputDirectory(place.path).write([("a", "1"), ("b", "2")])
    try OutputDirectory(place.path).write([("a", "3")])
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).sorted() == ["a", "b"])
    #expect(try String(contentsOf: place.appending(path: "a"), encoding: .utf8) == "3")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: place.deletingLastPathComponent().path)
        .allSatisfy { !$0.hasPrefix("." + place.lastPathComponent) })
  }
}
