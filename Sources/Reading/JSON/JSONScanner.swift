package import Diagnostics

/// Pulls the tokens of JSON text (RFC 8259) from a file or from bytes, in memory bounded by the longest string kept.
///
/// Several values may follow each other, with or without white space between them, as in NDJSON and in what Amazon
/// Data Firehose writes. Numbers come as their bytes, so that whoever reads them loses nothing; strings come unescaped.
/// Grammar, nesting and control characters are checked; that strings are UTF-8 is not.
package struct JSONScanner {
  package enum Token: Equatable {
    case beginObject
    case endObject
    case beginArray
    case endArray
    /// A member's name is in `text`; its value comes next.
    case key
    /// Its content is in `text`.
    case string
    /// Its digits are in `text`.
    case number
    case yes
    case no
    case null
    /// The end of the input, after a whole value.
    case end
  }

  /// Deeper nesting is refused; no log or metric has it.
  static let deepest = 200
  /// Longer strings are refused unless they are skipped. A log event holds at most 1 MB.
  static let longestString = 16 << 20
  private static let longestNumber = 1000

  /// What a key, string or number consists of.
  package private(set) var text: [UInt8] = []
  /// The line that the scanner has come to, counted from one.
  package private(set) var line = 1
  /// Whether all bytes have been taken: tells text that breaks off from text that is wrong.
  package var isExhausted: Bool { index == limit }
  /// Objects and arrays that are open.
  package var depth: Int { openObjects.count }
  /// The share of the file consumed, 0 to 1.
  package var progress: Double { source?.progress ?? 1 }

  private let name: String
  private var source: ChunkReader?
  private var buffer: [UInt8]
  private var index = 0
  private var limit: Int
  private var atStart = true
  /// For each open object or array whether it is an object.
  private var openObjects: [Bool] = []
  private var expects = Expectation.value
  private var keepsText = true

  private enum Expectation {
    case value
    case valueOrEnd
    case key
    case keyOrEnd
    case commaOrEnd
  }

  /// Scans a file, plain or gzip.
  package init(path: String, chunk: Int = 256 << 10) throws(InputFault) {
    source = try ChunkReader(path: path)
    name = path
    buffer = Array(repeating: 0, count: chunk)
    limit = 0
  }

  /// Scans bytes in memory. `name` stands in faults for the file.
  package init(_ bytes: some Sequence<UInt8>, name: String) {
    self.name = name
    buffer = Array(bytes)
    limit = buffer.count
  }

  /// Begins again with other bytes and keeps its memory.
  package mutating func load(_ bytes: UnsafeRawBufferPointer) {
    source = nil
    buffer.removeAll(keepingCapacity: true)
    buffer.append(contentsOf: bytes)
    limit = buffer.count
    index = 0
    line = 1
    atStart = true
    openObjects.removeAll(keepingCapacity: true)
    expects = .value
    keepsText = true
  }

  /// The next token. - Throws: where the text is not JSON or breaks off.
  package mutating func next() throws(InputFault) -> Token {
    guard let byte = try nextVisible() else {
      guard openObjects.isEmpty else { throw brokenOff() }
      return .end
    }
    switch expects {
    case .commaOrEnd:
      if let token = close(byte) { return token }
      guard byte == UInt8(ascii: ",") else {
        throw fault(openObjects.last == true ? "a comma or '}'" : "a comma or ']'")
      }
      index += 1
      expects = openObjects.last == true ? .key : .value
      guard try nextVisible() != nil else { throw brokenOff() }
      return try openObjects.last == true ? key() : value(buffer[index])
    case .keyOrEnd:
      if let token = close(byte) { return token }
      return try key()
    case .key:
      return try key()
    case .valueOrEnd:
      if let token = close(byte) { return token }
      return try value(byte)
    case .value:
      return try value(byte)
    }
  }

  /// Passes over the next value, whatever it holds, without keeping it.
  package mutating func skipValue() throws(InputFault) {
    keepsText = false
    defer { keepsText = true }
    let outer = depth
    repeat {
      if try next() == .end { return }
    } while depth > outer
  }

  /// Whether `text` is exactly this.
  package func textIs(_ expected: StaticString) -> Bool {
    text.count == expected.utf8CodeUnitCount
      && expected.withUTF8Buffer { bytes in text.withUnsafeBufferPointer { $0.elementsEqual(bytes) } }
  }

  /// The fault for what stands at the scanner's place.
  package func fault(_ expected: String, found: String? = nil, advice: String? = nil) -> InputFault {
    InputFault(
      at: .init(file: name, line: line), found: found ?? excerpt(buffer[index..<min(limit, index + 24)]),
      expected: expected, advice: advice)
  }

  private func brokenOff() -> InputFault {
    fault(
      "the rest of the JSON value", found: "the end of the input",
      advice: "the file was cut short: export or copy it again")
  }

  // MARK: - Structure

  private mutating func close(_ byte: UInt8) -> Token? {
    guard let isObject = openObjects.last, byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
      return nil
    }
    index += 1
    openObjects.removeLast()
    expects = openObjects.isEmpty ? .value : .commaOrEnd
    return isObject ? .endObject : .endArray
  }

  private mutating func open(object isObject: Bool) throws(InputFault) -> Token {
    guard openObjects.count < Self.deepest else {
      throw fault("JSON nested at most \(Self.deepest) deep", found: "deeper nesting")
    }
    index += 1
    openObjects.append(isObject)
    expects = isObject ? .keyOrEnd : .valueOrEnd
    return isObject ? .beginObject : .beginArray
  }

  private mutating func key() throws(InputFault) -> Token {
    guard buffer[index] == UInt8(ascii: "\"") else { throw fault("a key in quotes") }
    index += 1
    try string()
    guard try nextVisible() != nil else { throw brokenOff() }
    guard buffer[index] == UInt8(ascii: ":") else { throw fault("a colon") }
    index += 1
    expects = .value
    return .key
  }

  private mutating func value(_ byte: UInt8) throws(InputFault) -> Token {
    if byte == UInt8(ascii: "{") { return try open(object: true) }
    if byte == UInt8(ascii: "[") { return try open(object: false) }
    let token: Token
    switch byte {
    case UInt8(ascii: "\""):
      index += 1
      try string()
      token = .string
    case UInt8(ascii: "t"): token = try word("true", .yes)
    case UInt8(ascii: "f"): token = try word("false", .no)
    case UInt8(ascii: "n"): token = try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): token = try number()
    default: throw fault("a JSON value")
    }
    expects = openObjects.isEmpty ? .value : .commaOrEnd
    return token
  }

  private mutating func word(_ spelling: StaticString, _ token: Token) throws(InputFault) -> Token {
    for offset in 0..<spelling.utf8CodeUnitCount {
      guard let byte = try peek() else { throw brokenOff() }
      guard byte == spelling.utf8Start[offset] else { throw fault("\(spelling)") }
      index += 1
    }
    return token
  }

  // MARK: - Numbers and strings

  private mutating func number() throws(InputFault) -> Token {
    text.removeAll(keepingCapacity: true)
    var state = NumberGrammar.start
    while let byte = try peek(), let following = state.after(byte) {
      guard text.count < Self.longestNumber else { throw fault("a number", found: "endless digits") }
      text.append(byte)
      state = following
      index += 1
    }
    guard state.mayEnd else { throw try peek() == nil ? brokenOff() : fault("a digit") }
    return .number
  }

  /// A string's content after its opening quote.
  private mutating func string() throws(InputFault) {
    text.removeAll(keepingCapacity: true)
    while true {
      let first = index
      buffer.withUnsafeBufferPointer { bytes in
        while index < limit, bytes[index] >= 32, bytes[index] != UInt8(ascii: "\""), bytes[index] != UInt8(ascii: "\\")
        { index += 1 }
      }
      if keepsText { text.append(contentsOf: buffer[first..<index]) }
      guard text.count <= Self.longestString else {
        throw fault("a string of at most \(Self.longestString >> 20) MB", found: "a longer one")
      }
      guard let byte = try peek() else { throw brokenOff() }
      if byte == UInt8(ascii: "\"") {
        index += 1
        return
      }
      if byte == UInt8(ascii: "\\") {
        index += 1
        try escape()
      } else if byte < 32 {
        throw fault("an escape such as \\n or \\u0000", found: "a control character inside a string")
      }
    }
  }

  private mutating func escape() throws(InputFault) {
    guard let byte = try peek() else { throw brokenOff() }
    index += 1
    let plain: UInt8
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = byte
    case UInt8(ascii: "b"): plain = 8
    case UInt8(ascii: "f"): plain = 12
    case UInt8(ascii: "n"): plain = 10
    case UInt8(ascii: "r"): plain = 13
    case UInt8(ascii: "t"): plain = 9
    case UInt8(ascii: "u"): return try unicodeEscape()
    default:
      index -= 1
      throw fault("one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
    }
    if keepsText { text.append(plain) }
  }

  /// `\uXXXX` and surrogate pairs; a surrogate alone becomes the replacement character.
  private mutating func unicodeEscape() throws(InputFault) {
    var unit = try hexadecimal()
    while true {
      guard unit & 0xFC00 == 0xD800 else { return append(Unicode.Scalar(unit)) }
      guard try peek() == UInt8(ascii: "\\") else { return append(nil) }
      index += 1
      guard try peek() == UInt8(ascii: "u") else {
        append(nil)
        return try escape()
      }
      index += 1
      let second = try hexadecimal()
      if second & 0xFC00 == 0xDC00 {
        return append(Unicode.Scalar(0x10000 + ((unit & 0x3FF) << 10) + (second & 0x3FF)))
      }
      append(nil)
      unit = second
    }
  }

  private mutating func append(_ scalar: Unicode.Scalar?) {
    if keepsText { text.append(contentsOf: UTF8.encode(scalar ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter) }
  }

  private mutating func hexadecimal() throws(InputFault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = try peek() else { throw brokenOff() }
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte & 15)
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
        value = value << 4 | UInt32((byte & 15) + 9)
      default: throw fault("four hexadecimal digits")
      }
      index += 1
    }
    return value
  }

  // MARK: - Bytes

  /// The byte at hand, or nil at the end.
  private mutating func peek() throws(InputFault) -> UInt8? {
    if index == limit {
      guard let source else { return nil }
      limit = try source.read(into: &buffer, line: line)
      index = 0
      if limit == 0 { return nil }
    }
    return buffer[index]
  }

  /// The byte at hand after white space, or nil at the end.
  private mutating func nextVisible() throws(InputFault) -> UInt8? {
    if atStart { try skipByteOrderMark() }
    while let byte = try peek() {
      switch byte {
      case 32, 9, 13: break
      case 10: line += 1
      default: return byte
      }
      index += 1
    }
    return nil
  }

  private mutating func skipByteOrderMark() throws(InputFault) {
    atStart = false
    if try peek() == 0xEF, limit - index >= 3, buffer[index + 1] == 0xBB, buffer[index + 2] == 0xBF { index += 3 }
  }
}
