import Diagnostics
import Yams

/// A YAML file that people write: one document, of a size that people write.
enum Document {
  /// Larger files are refused; a scenario is a page or two.
  static let largestSize = 4 << 20
  /// Values after aliases are followed. A few lines of aliases of aliases stand for billions of values.
  static let mostValues = 200_000

  /// What a document is meant to be.
  enum Kind: String {
    case scenario = "a scenario"
    case usage = "a usage file"

    var smallest: String {
      switch self {
      case .scenario: Document.smallest
      case .usage: "a usage file has at least functions: and under it one with its requests:"
      }
    }

    var adviceOnLargeFiles: String {
      switch self {
      case .scenario: "is this the trace? A scenario is a short YAML file that names it"
      case .usage: "are these logs? They are priced with: faascast price logs FILES"
      }
    }
  }

  /// The root of the document in `bytes`.
  static func root(of bytes: [UInt8], file: String, as kind: Kind = .scenario) throws(InputFault) -> Entry {
    let place = InputFault.Place(file: file)
    guard bytes.count <= largestSize else {
      throw InputFault(
        at: place, found: "more than \(largestSize >> 20) MB", expected: "\(kind.rawValue), a YAML file",
        advice: kind.adviceOnLargeFiles)
    }
    guard var text = String(validating: bytes, as: UTF8.self) else {
      throw InputFault(
        at: place, found: "bytes that are not UTF-8 text", expected: "\(kind.rawValue), a YAML file",
        advice: kind.adviceOnLargeFiles)
    }
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    try refuseHiddenExplosions(in: text, at: place)
    guard let node = try compose(text, file: file) else {
      throw InputFault(at: place, found: "an empty file", expected: kind.rawValue, advice: kind.smallest)
    }
    var left = mostValues
    guard count(node, left: &left) else {
      throw InputFault(
        at: place, found: "more than \(mostValues) values once aliases are followed", expected: kind.rawValue)
    }
    return Entry(node: node, file: file, line: 1, path: "")
  }

  static let smallest = "a scenario has at least a workload: and under it one source of invocations"

  private static func compose(_ text: String, file: String) throws(InputFault) -> Node? {
    do {
      return try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch let error as YamlError {
      throw fault(error, file: file)
    } catch {
      throw InputFault(at: .init(file: file), found: "\(error)", expected: "a YAML file")
    }
  }

  private static func fault(_ error: YamlError, file: String) -> InputFault {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      if problem.hasPrefix("but found another document") {
        return InputFault(
          at: .init(file: file, line: mark.line), found: "a second document (---)", expected: "one document a file",
          advice: "move it to a file of its own")
      }
      let detail = [context?.text, problem].compactMap(\.self).joined(separator: ": ")
      let unquoted = problem.contains("alphabetic or numeric character") || problem.contains("undefined alias")
      return InputFault(
        at: .init(file: file, line: mark.line), found: "a YAML error (\(detail))", expected: "well-formed YAML",
        advice: unquoted ? "put patterns with * in quotes: \"*\"" : adviceOnIndentation(problem))
    case .duplicatedKeysInMapping(let keys, let context):
      return InputFault(
        at: .init(file: file, line: context.mark.line, key: keys.first), found: "the key twice in one mapping",
        expected: "each key once", advice: "remove one of the two")
    case .reader(let problem, _, _, _):
      return InputFault(
        at: .init(file: file), found: "a YAML error (\(problem))", expected: "text without control codes")
    default:
      return InputFault(at: .init(file: file), found: "a YAML error (\(error))", expected: "well-formed YAML")
    }
  }

  private static func adviceOnIndentation(_ problem: String) -> String? {
    if problem.contains("token") && problem.contains("start") { return "indent with spaces, not tabs" }
    if problem.contains("mapping values are not allowed") { return "check the indentation and the quotes above" }
    return nil
  }

  /// Counts values down; false when there are more.
  private static func count(_ node: Node, left: inout Int) -> Bool {
    left -= 1
    guard left >= 0 else { return false }
    switch node {
    case .mapping(let mapping):
      for (key, value) in mapping where !count(key, left: &left) || !count(value, left: &left) { return false }
    case .sequence(let sequence):
      for value in sequence where !count(value, left: &left) { return false }
    case .scalar, .alias: break
    }
    return true
  }

  /// The parser hashes the keys of each mapping while it reads. A key that is itself a collection of aliases would keep
  /// it busy for ever, before anything can be counted; no scenario has such keys.
  private static func refuseHiddenExplosions(in text: String, at place: InputFault.Place) throws(InputFault) {
    guard text.firstMatch(of: #/(^|[\s\[{,:-])&[^\s]/#) != nil,
      let match = text.firstMatch(of: #/(^|\n)\s*\?\s|(^|[\s\[{,])\*[^\s,\]}]+\s*:(\s|$)|[\]}]\s*:(\s|$)/#)
    else { return }
    let line = 1 + text[..<match.range.upperBound].utf8.count { $0 == 10 }
    throw InputFault(
      at: .init(file: place.file, line: line), found: "an alias or a collection as a key",
      expected: "plain names as keys")
  }
}
