import Glibc
import Reading
import Units

extension LambdaLogLine {
  /// What a message in text is. It begins with a visible character.
  init(text: UnsafeRawBufferPointer) {
    self = Self.platformLine(text) ?? Self.timeout(text) ?? .applicationOutput
  }

  private static func platformLine(_ text: UnsafeRawBufferPointer) -> LambdaLogLine? {
    // All of the platform's words begin with a capital; most lines of applications end here.
    guard text[0] &- UInt8(ascii: "A") < 26 else { return nil }
    if let fields = text.dropping("REPORT RequestId:") { return report(fields) }
    if let fields = text.dropping("START RequestId:") { return start(fields) }
    if let fields = text.dropping("END RequestId:") {
      var fields = LabelledFields(fields)
      return LambdaRequestID(parsing: fields.word()).map { .end($0) }
    }
    if text.dropping("INIT_START ") != nil { return .initStart(InitStart()) }
    if let fields = text.dropping("INIT_REPORT ") { return .initReport(preparation(fields)) }
    if text.dropping("RESTORE_START ") != nil { return .restoreStart }
    if let fields = text.dropping("RESTORE_REPORT ") { return .restoreReport(preparation(fields)) }
    if let fields = text.dropping("EXTENSION"), names(fields) { return .extension }
    if let fields = text.dropping("LOGS") ?? text.dropping("TELEMETRY"), names(fields) { return .telemetrySubscription }
    if text.dropping("XRAY TraceId:") != nil { return .xray }
    return nil
  }

  /// Whether `Name:` follows, as in lines about extensions.
  private static func names(_ fields: UnsafeRawBufferPointer) -> Bool {
    guard let blank = fields.first, blank == 9 || blank == 32 else { return false }
    var fields = LabelledFields(fields)
    guard let field = fields.next() else { return false }
    return field.label.isExactly("Name")
  }

  private static func start(_ text: UnsafeRawBufferPointer) -> LambdaLogLine? {
    var fields = LabelledFields(text)
    guard let id = LambdaRequestID(parsing: fields.word()) else { return nil }
    while let field = fields.next() {
      if field.label.isExactly("Version") {
        return .start(id, version: String(decoding: field.value.prefix(64), as: UTF8.self))
      }
    }
    return .start(id, version: nil)
  }

  private static func report(_ text: UnsafeRawBufferPointer) -> LambdaLogLine {
    var fields = LabelledFields(text)
    var draft = ReportDraft()
    draft.take(requestID: fields.word())
    while let (label, value) = fields.next() {
      if label.isExactly("Duration") {
        draft.take(.duration, value)
      } else if label.isExactly("Billed Duration") {
        draft.take(.billedDuration, value)
      } else if label.isExactly("Memory Size") {
        draft.take(.memory, value)
      } else if label.isExactly("Max Memory Used") {
        draft.take(.maxMemoryUsed, value)
      } else if label.isExactly("Init Duration") {
        draft.take(.initDuration, value)
      } else if label.isExactly("Restore Duration") {
        draft.take(.restoreDuration, value)
      } else if label.isExactly("Billed Restore Duration") {
        draft.take(.billedRestoreDuration, value)
      } else if label.isExactly("Status") {
        draft.take(status: value)
      } else if label.isExactly("Error Type") {
        draft.take(errorType: value)
      } else if label.isExactly("XRAY TraceId") {
        break
      }
    }
    switch draft.result {
    case .success(let report): return draft.saysInitFirst ? .emulatorReport(report) : .report(report)
    case .failure(let flaw): return .unreadableReport(flaw.reason)
    }
  }

  private static func preparation(_ text: UnsafeRawBufferPointer) -> Preparation {
    var fields = LabelledFields(text)
    var draft = ReportDraft()
    var phase: String?
    while let (label, value) = fields.next() {
      if label.isExactly("Init Duration") || label.isExactly("Restore Duration") {
        draft.take(.duration, value)
      } else if label.isExactly("Phase") {
        phase = String(decoding: value.prefix(32), as: UTF8.self)
      } else if label.isExactly("Status") {
        draft.take(status: value)
      }
    }
    return Preparation(duration: draft.duration.map(TimeSpan.init), phase: phase, status: draft.status)
  }

  /// `… 7c9567b5-107b-4a6c-8798-0157ac21db52 Task timed out after 3.00 seconds`.
  private static func timeout(_ text: UnsafeRawBufferPointer) -> LambdaLogLine? {
    guard let word = text.offset(of: "Task timed out after "), word > 0, text[word - 1] == 32 else { return nil }
    let place = word - 1
    var first = place
    while first > 0, text[first - 1] > 32 { first -= 1 }
    guard place - first == 36, let id = LambdaRequestID(parsing: .init(rebasing: text[first..<place])) else {
      return nil
    }
    var rest = LabelledFields(UnsafeRawBufferPointer(rebasing: text[(place + 22)...]))
    let limit = Decimal64.scaled(rest.word(), by: 1_000_000_000)
    return .timedOut(id, after: limit.map(TimeSpan.init))
  }
}

/// Labels and values such as `Duration: 8.40 ms<tab>Billed Duration: 9 ms`, parted by any mixture of white space.
///
/// A value is one word; the unit after it is passed over.
struct LabelledFields {
  private let text: UnsafeRawBufferPointer
  private var index = 0

  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  /// The next field; nil when no further label is there.
  mutating func next() -> (label: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
    while true {
      skipBlanks()
      let first = index
      while index < text.count, text[index] != UInt8(ascii: ":") || index + 1 < text.count && text[index + 1] > 32 {
        // A tab or a line's end closes a field: what came before it was no label.
        if text[index] < 32 { break }
        index += 1
      }
      guard index < text.count else { return nil }
      guard text[index] == UInt8(ascii: ":") else { continue }
      let label = UnsafeRawBufferPointer(rebasing: text[first..<index])
      index += 1
      let value = word()
      skipUnit()
      return (label, value)
    }
  }

  /// The next word, which may be empty.
  mutating func word() -> UnsafeRawBufferPointer {
    skipBlanks()
    let first = index
    while index < text.count, text[index] > 32 { index += 1 }
    return UnsafeRawBufferPointer(rebasing: text[first..<index])
  }

  private mutating func skipUnit() {
    let before = index
    let unit = word()
    if !unit.isExactly("ms"), !unit.isExactly("MB") { index = before }
  }

  private mutating func skipBlanks() {
    while index < text.count, text[index] <= 32 { index += 1 }
  }
}

extension UnsafeRawBufferPointer {
  /// Whether the bytes are exactly this.
  func isExactly(_ expected: StaticString) -> Bool {
    count == expected.utf8CodeUnitCount && starts(expected)
  }

  /// What follows `prefix`, or nil when the bytes don't begin with it.
  func dropping(_ prefix: StaticString) -> UnsafeRawBufferPointer? {
    count >= prefix.utf8CodeUnitCount && starts(prefix)
      ? UnsafeRawBufferPointer(rebasing: self[prefix.utf8CodeUnitCount...]) : nil
  }

  /// The offset of the first occurrence of `part`. Fast where the first byte of `part` is rare.
  func offset(of part: StaticString) -> Int? {
    var start = 0
    while let place = firstOffset(of: part.utf8Start[0], from: start) {
      if UnsafeRawBufferPointer(rebasing: self[place...]).dropping(part) != nil { return place }
      start = place + 1
    }
    return nil
  }

  func contains(_ part: StaticString) -> Bool { offset(of: part) != nil }

  private func starts(_ expected: StaticString) -> Bool {
    guard let baseAddress else { return expected.utf8CodeUnitCount == 0 }
    return memcmp(baseAddress, expected.utf8Start, expected.utf8CodeUnitCount) == 0
  }
}
