public import Foundation

/// A JSON value that is written in the order given, so that equal reports are equal bytes.
public enum JSON: Sendable {
  case null
  case boolean(Bool)
  case integer(Int128)
  case natural(UInt64)
  /// The shortest digits that read back as the same number; null when it is not finite.
  case number(Double)
  case decimal(Decimal)
  case text(String)
  case array([JSON])
  case object([(String, JSON)])

  public static func integer(_ value: Int) -> JSON { .integer(Int128(value)) }
  public static func number(_ value: Double?) -> JSON { value.map { .number($0) } ?? .null }
  public static func text(_ value: String?) -> JSON { value.map { .text($0) } ?? .null }
  public static func texts(_ values: [String]) -> JSON { .array(values.map { .text($0) }) }

  /// The value as text.
  ///
  /// - Parameters:
  ///   - depth: down to which depth each member stands on a line of its own; 0 puts everything on one line.
  ///   - inScript: whether `<`, `>` and `&` are escaped too, so that no text can end an HTML script element.
  public func written(depth: Int = 0, inScript: Bool = false) -> String {
    var text = ""
    write(to: &text, lines: depth, indent: 0, inScript: inScript)
    return text
  }

  private func write(to text: inout String, lines: Int, indent: Int, inScript: Bool) {
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .natural(let value): text += String(value)
    case .number(let value): text += value.isFinite ? value.description : "null"
    case .decimal(let value): text += value.isFinite ? value.description : "null"
    case .text(let value): Self.quote(value, to: &text, inScript: inScript)
    case .array(let values):
      Self.list("[", "]", count: values.count, to: &text, lines: lines, indent: indent) { text, index in
        values[index].write(to: &text, lines: lines - 1, indent: indent + 1, inScript: inScript)
      }
    case .object(let members):
      Self.list("{", "}", count: members.count, to: &text, lines: lines, indent: indent) { text, index in
        Self.quote(members[index].0, to: &text, inScript: inScript)
        text += lines > 0 ? ": " : ":"
        members[index].1.write(to: &text, lines: lines - 1, indent: indent + 1, inScript: inScript)
      }
    }
  }

  private static func list(
    _ open: String, _ close: String, count: Int, to text: inout String, lines: Int, indent: Int,
    member: (inout String, Int) -> Void
  ) {
    text += open
    for index in 0..<count {
      if index > 0 { text += "," }
      if lines > 0 { text += "\n" + String(repeating: "  ", count: indent + 1) }
      member(&text, index)
    }
    if lines > 0, count > 0 { text += "\n" + String(repeating: "  ", count: indent) }
    text += close
  }

  private static func quote(_ value: String, to text: inout String, inScript: Bool) {
    text += "\""
    defer { text += "\"" }
    // Most text is plain.
    guard value.utf8.contains(where: { !isPlain($0) }) else {
      text += value
      return
    }
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "<" where inScript, ">" where inScript, "&" where inScript: escape(scalar, to: &text)
      // Line separators are legal in JSON but end a line in older JavaScript; DEL and C1 controls disturb terminals.
      case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value): escape(scalar, to: &text)
      case "\u{2028}", "\u{2029}": escape(scalar, to: &text)
      default: text.unicodeScalars.append(scalar)
      }
    }
  }

  /// Whether a byte stands for itself wherever it is.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"): false
    default: (0x20..<0x7f).contains(byte)
    }
  }

  private static func escape(_ scalar: Unicode.Scalar, to text: inout String) {
    let digits = String(scalar.value, radix: 16)
    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
