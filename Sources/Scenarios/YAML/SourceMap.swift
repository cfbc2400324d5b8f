import Diagnostics
import Yams

/// The line of every key of a file, so that a fault found later (by a reader, by the price book) can still say where.
struct SourceMap: Hashable, Sendable {
  var file: String
  private var lines: [String: Int] = [:]

  init(_ root: Entry) {
    file = root.file
    add(root)
  }

  private mutating func add(_ entry: Entry) {
    lines[entry.path] = entry.line
    // What cannot be listed here is refused by the decoder, which says why.
    if let pairs = try? entry.pairs("") {
      for (_, value) in pairs { add(value) }
    } else if let list = try? entry.list("") {
      for value in list { add(value) }
    }
  }

  /// The place of a key path, at the line of its nearest known ancestor.
  func place(of path: String) -> InputFault.Place {
    var known = Substring(path)
    while !known.isEmpty, lines[String(known)] == nil {
      known = known.lastIndex { $0 == "." || $0 == "[" }.map { known[..<$0] } ?? ""
    }
    return .init(file: file, line: lines[String(known)], key: path)
  }
}
