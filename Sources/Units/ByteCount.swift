/// A number of bytes as people write it.
public enum ByteCount {
  /// Reads `100KB`, `7 MB`, `1.5GiB`, `512`: a number and B, KB, MB, GB or TB, in steps of 1,024, or of 1,000 when `decimal`;
  /// with an `i` (`KiB`) always of 1,024. Nil for anything else, and for part of a byte.
  public static func parse(_ text: String, decimal: Bool = false) -> Int64? {
    let trimmed = text.filter { $0 != " " && $0 != "_" }
    let number = trimmed.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    var unit = trimmed.dropFirst(number.count).lowercased()
    let isBinary = unit.count == 3 && unit.dropFirst().hasPrefix("i")
    if isBinary { unit.remove(at: unit.index(after: unit.startIndex)) }
    guard let power = unit.isEmpty ? 0 : ["b", "kb", "mb", "gb", "tb"].firstIndex(of: unit) else { return nil }
    let step: Int64 = decimal && !isBinary ? 1000 : 1024
    let factor = (0..<power).reduce(Int64(1)) { product, _ in product * step }
    // A thousandth of a byte more than is asked for shows whether the number is whole.
    guard let thousandths = Decimal64.scaled(Array(number.utf8), by: factor * 1000), thousandths % 1000 == 0 else {
      return nil
    }
    return thousandths / 1000
  }
}
