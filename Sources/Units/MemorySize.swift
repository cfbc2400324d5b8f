/// A function's memory setting in MB as AWS Lambda writes it (1 MB = 2^20 bytes).
public struct MemorySize: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var megabytes: Int

  public init(megabytes: Int) { self.megabytes = megabytes }

  /// What Lambda accepts: 128 to 10,240 MB in steps of 1 MB
  /// (docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html, read 2026-11).
  public static let lambdaRange = 128...10_240

  /// Reads `1024`, `1024MB`, `1024 MiB`, `2 GB`, `2GiB` (1 GB = 1024 MB, as AWS bills). Nil for anything else.
  public init?(parsing text: String) {
    let trimmed = text.filter { $0 != " " && $0 != "_" }
    let number = trimmed.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let factor: Int64
    switch trimmed.dropFirst(number.count).lowercased() {
    case "", "mb", "mib": factor = 1
    case "gb", "gib": factor = 1024
    default: return nil
    }
    guard let thousandths = Decimal64.scaled(Array(number.utf8), by: factor * 1000), thousandths % 1000 == 0 else {
      return nil
    }
    megabytes = Int(thousandths / 1000)
  }

  public static func < (a: MemorySize, b: MemorySize) -> Bool { a.megabytes < b.megabytes }
  public var description: String { "\(megabytes) MB" }
}
