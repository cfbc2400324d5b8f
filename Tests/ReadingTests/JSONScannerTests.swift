import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Documents
@testable import Reading

@Suite("JSON scanner") struct JSONScannerTests {
  @Test("members, elements, words, strings and numbers come in order, numbers as their bytes")
  func order() throws {
    #expect(
      try tokens(of: #" {"a": [1, -0.50e+3, true], "b": {}, "c": [], "d": null, "e": false, "f": "x"} "#)
        == [
          "{", "a:", "[", "1", "-0.50e+3", "true", "]", "b:", "{", "}", "c:", "[", "]", "d:", "null", "e:", "false",
          "f:", "'x'", "}",
        ])
  }

  @Test("values follow each other with or without space between, as in NDJSON and Firehose records")
  func sequence() throws {
    #expect(try tokens(of: "{}{}\n[]\r\n\"a\"\"b\" 1\n2") == ["{", "}", "{", "}", "[", "]", "'a'", "'b'", "1", "2"])
    #expect(try tokens(of: "").isEmpty)
    #expect(try tokens(of: "\u{FEFF} [1]") == ["[", "1", "]"])
  }

  @Test("escapes and surrogate pairs become UTF-8; a surrogate alone becomes U+FFFD")
  func escapes() throws {
    #expect(
      try tokens(
        of:
          #"["\"\\\/\b\f\n\r\t", "\u00e9\u20AC", "\ud83d\ude00", "\ud83d", "\ude00x", "\ud83d\n", "\ud83d\u0041", "\ud83d\ud83d\ude00"]"#
      )
        == [
          "[", "'\"\\/\u{8}\u{c}\n\r\t'", "'é€'", "'😀'", "'\u{FFFD}'", "'\u{FFFD}x'", "'\u{FFFD}\n'", "'\u{FFFD}A'",
          "'\u{FFFD}😀'", "]",
        ])
  }

  @Test("what is not JSON is refused at its line")
  func malformed() throws {
    let cases: [(text: String, line: Int)] = [
      ("[1,\n2,\n]", 3), ("[1 2]", 1), ("{\"a\" 1}", 1), ("{\"a\":1,}", 1), ("{a:1}", 1), ("{\"a\":\n\n,}", 3),
      ("]", 1),
      ("[}", 1), ("{]", 1), ("[01]", 1), ("[1.]", 1), ("[.5]", 1), ("[+1]", 1), ("[1e]", 1), ("[--1]", 1), ("[-]", 1),
      ("[NaN]", 1), ("[Infinity]", 1), ("[tru]", 1), ("[nul]", 1), ("['a']", 1), ("[\"a\tb\"]", 1), ("[\"\\x\"]", 1),
      ("[\"\\u12g4\"]", 1), ("\n\nREPORT", 3), ("[1,,2]", 1), ("{,}", 1), ("[1}", 1), ("{\"a\":1]", 1), ("{1:2}", 1),
    ]
    for (text, line) in cases {
      let fault = #expect(throws: InputFault.self, "\(text)") { try tokens(of: text) }
      #expect(fault?.place.line == line, "\(text)")
    }
  }

  @Test("text that breaks off says so, wherever it does")
  func brokenOff() throws {
    let whole = #"{"key":[true,null,-1.5e-3,"a\n\ud83d\ude00"],"b":{"c":"d"}}"#
    for length in 1..<whole.utf8.count {
      let fault = #expect(throws: InputFault.self) {
        try tokens(of: String(decoding: whole.utf8.prefix(length), as: UTF8.self))
      }
      #expect(fault?.found == "the end of the input", "after \(length) bytes")
    }
  }

  @Test("where a file's chunks end makes no difference")
  func chunks() throws {
    let text = #"{"message":"REPORT\t\ud83d\ude00 é\u20ac","n":[-12.75e+10,0,1E5,true,false,null,""],"o":{"p":[[]]}}"#
    let expected = try tokens(of: text)
    try withFile(text) { path in
      for size in 1...text.utf8.count {
        var scanner = try JSONScanner(path: path, chunk: size)
        #expect(try tokens(of: &scanner) == expected, "chunks of \(size)")
      }
    }
  }

  @Test("a skipped value is passed over whole, and checked")
  func skipping() throws {
    var scanner = JSONScanner(Array(#"{"a":{"b":[1,{"c":"\u00e9"}]},"d":"x","e":5}"#.utf8), name: "")
    #expect(try scanner.next() == .beginObject)
    var kept: [String] = []
    while try scanner.next() == .key {
      kept.append(String(decoding: scanner.text, as: UTF8.self))
      try scanner.skipValue()
    }
    #expect(kept == ["a", "d", "e"])
    var wrong = JSONScanner(Array(#"[{"a":[1,2}]"#.utf8), name: "")
    #expect(try wrong.next() == .beginArray)
    #expect(throws: InputFault.self) { try wrong.skipValue() }
  }

  @Test("nesting without end, digits without end and strings without end are refused")
  func limits() throws {
    #expect(throws: InputFault.self) { try tokens(of: String(repeating: "[", count: 100_000)) }
    #expect(throws: InputFault.self) { try tokens(of: String(repeating: "{\"a\":", count: 100_000)) }
    #expect(throws: InputFault.self) { try tokens(of: String(repeating: "9", count: 5000)) }
    let deep = String(repeating: "[", count: JSONScanner.deepest) + String(repeating: "]", count: JSONScanner.deepest)
    #expect(try tokens(of: deep).count == 2 * JSONScanner.deepest)
    var scanner = JSONScanner([UInt8(ascii: "\"")] + Array(repeating: 97, count: 17 << 20), name: "")
    #expect(throws: InputFault.self) { try scanner.next() }
  }

  @Test("a gzip file cut short is a fault, not an end")
  func cutGzip() throws {
    let whole = Fuzzing.gzip(Array("[\(Array(repeating: "\"abc\"", count: 5000).joined(separator: ","))]".utf8))
    try withFile(whole) { path in
      var scanner = try JSONScanner(path: path)
      #expect(try tokens(of: &scanner).count == 5002)
    }
    try withFile(Array(whole.dropLast(20))) { path in
      #expect(throws: InputFault.self) {
        var scanner = try JSONScanner(path: path)
        _ = try tokens(of: &scanner)
      }
    }
  }

  @Test("the same documents are accepted, with the same content, as by Foundation")
  func agreesWithFoundation() throws {
    for seed in 0..<400 {
      var maker = DocumentMaker(state: UInt64(seed))
      var text = maker.value(depth: 4)
      if seed % 2 == 1 { text = maker.damaged(text) }
      let theirs = try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
      var scanner = JSONScanner(Array(text.utf8), name: "")
      let ours: [String]? = try? tokens(of: &scanner, values: 1)
      #expect((ours == nil) == (theirs == nil), "seed \(seed): \(text)")
      if let ours, let theirs { #expect(ours.sorted() == leaves(of: theirs).sorted(), "seed \(seed): \(text)") }
    }
  }

  @Test("whatever the bytes, scanning ends in values or a fault")
  func fuzz() throws {
    let seeds = [
      #"{"events":[{"timestamp":1714564800000,"message":"REPORT\tx\n","n":[1,2.5e3,-0]},{"a":{"b":null}}]}"#,
      "{\"a\":1}\n{\"b\":\"\\ud83d\\ude00\"}\n[true,false]\n",
    ].map { Array($0.utf8) }
    try Fuzzing(name: "json").run(file: "a.json", seeds) { path in
      var scanner = try JSONScanner(path: path, chunk: 64)
      _ = try tokens(of: &scanner)
    }
  }
}

private func tokens(of text: String) throws -> [String] {
  var scanner = JSONScanner(text.utf8, name: "test.json")
  return try tokens(of: &scanner)
}

/// The tokens spelled out; with `values`, of exactly so many values, without brackets.
private func tokens(of scanner: inout JSONScanner, values: Int? = nil) throws -> [String] {
  var result: [String] = []
  var count = 0
  while true {
    let token = try scanner.next()
    let text = String(decoding: scanner.text, as: UTF8.self)
    switch token {
    case .beginObject: result.append("{")
    case .endObject: result.append("}")
    case .beginArray: result.append("[")
    case .endArray: result.append("]")
    case .key: result.append(text + ":")
    case .string: result.append("'\(text)'")
    case .number: result.append(text)
    case .yes: result.append("true")
    case .no: result.append("false")
    case .null: result.append("null")
    case .end:
      if let values, values != count { throw scanner.fault("\(values) values", found: "\(count)") }
      return result
    }
    if scanner.depth == 0 { count += 1 }
  }
}

/// What `tokens` gives, in another order.
private func leaves(of value: Any) -> [String] {
  switch value {
  case let object as [String: Any]: ["{", "}"] + object.flatMap { ["\($0.key):"] + leaves(of: $0.value) }
  case let array as [Any]: ["[", "]"] + array.flatMap { leaves(of: $0) }
  case let text as String: ["'\(text)'"]
  case is NSNull: ["null"]
  case let number as NSNumber: isBoolean(number) ? [number.boolValue ? "true" : "false"] : ["\(number)"]
  default: ["?"]
  }
}

private func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }

/// Makes documents of small integers, short strings, and objects whose keys differ.
private struct DocumentMaker {
  var state: UInt64

  mutating func below(_ bound: UInt64) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % bound)
  }

  mutating func value(depth: Int) -> String {
    switch below(depth > 0 ? 8 : 6) {
    case 0: return "true"
    case 1: return "null"
    case 2: return "\(below(2000) - 1000)"
    case 3: return #""é\n\u0041 \/""#
    case 4: return "\"\(below(1000))\""
    case 5: return "false"
    case 6: return "[" + (0..<below(4)).map { _ in value(depth: depth - 1) }.joined(separator: " , ") + "]"
    default: return "{" + (0..<below(4)).map { "\"k\($0)\": " + value(depth: depth - 1) }.joined(separator: ",") + "}"
    }
  }

  mutating func damaged(_ text: String) -> String {
    var characters = Array(text)
    let place = below(UInt64(characters.count))
    if below(2) == 0 {
      characters.remove(at: place)
    } else {
      characters.insert(Array("{}[],:\"1-t ")[below(11)], at: place)
    }
    return String(characters)
  }
}
