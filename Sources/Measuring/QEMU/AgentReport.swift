import Foundation

/// What the agent in a whole Linux guest says over the serial port (Guests/Library/agent.c).
enum AgentReport: Equatable {
  /// The first program has begun, so many nanoseconds after the kernel's clock.
  case begun(Int64)
  /// From starting the function's process to its first result, ns.
  case cold(Int64)
  /// A further call, ns.
  case warm(Int64)
  case result(bytes: Int, start: [UInt8])
  case fault(String)
  case end

  /// Reads one line of the console; nil for what is not a report. The kernel may write on the same line before it.
  init?(_ line: String) {
    guard let mark = line.range(of: "FAASCAST ") else { return nil }
    let words = line[mark.upperBound...].split(whereSeparator: \.isWhitespace)
    func number() -> Int64? { words.count == 2 ? Int64(words[1]).flatMap { $0 >= 0 ? $0 : nil } : nil }
    switch words.first {
    case "init":
      guard let value = number() else { return nil }
      self = .begun(value)
    case "cold":
      guard let value = number() else { return nil }
      self = .cold(value)
    case "warm":
      guard let value = number() else { return nil }
      self = .warm(value)
    case "result":
      guard words.count >= 2, let bytes = Int(words[1]), bytes >= 0 else { return nil }
      self = .result(bytes: bytes, start: words.count > 2 ? Self.bytes(words[2]) : [])
    case "error": self = .fault(words.dropFirst().joined(separator: " "))
    case "end": self = .end
    default: return nil
    }
  }

  private static func bytes(_ digits: Substring) -> [UInt8] {
    let digits = Array(digits)
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
  }
}
