import Diagnostics
import Yams

/// A value in a YAML file, with its place for whoever must mend it.
struct Entry {
  let node: Node
  let file: String
  let line: Int
  /// Keys from the root, dotted: `functions.checkout.memory`. Empty at the root.
  let path: String

  var place: InputFault.Place { .init(file: file, line: line, key: path.isEmpty ? nil : path) }

  /// The fault of this value not being what was expected; `found` is taken from the value itself unless given.
  func fault(_ found: String? = nil, expected: String, advice: String? = nil) -> InputFault {
    InputFault(at: place, found: found ?? description, expected: expected, advice: advice)
  }

  /// The value in a few words, for faults.
  var description: String {
    switch node {
    case .scalar where text == nil: "nothing"
    case .scalar(let scalar): excerpt(scalar.string)
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .alias: "an alias"
    }
  }

  /// The text of a scalar; nil for collections and for nothing (`~`, `null`, an empty value).
  var text: String? {
    guard case .scalar(let scalar) = node else { return nil }
    let plain = scalar.style == .plain || scalar.style == .any
    return plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string) ? nil : scalar.string
  }

  var isMapping: Bool { node.mapping != nil }
  var isList: Bool { node.sequence != nil }

  /// The value at a key or index below this one. A value without a mark of its own has the line of its parent.
  private func below(_ node: Node, mark: Mark?, path step: String) -> Entry {
    Entry(node: node, file: file, line: mark?.line ?? node.mark?.line ?? line, path: path + step)
  }

  /// The values of a list.
  func list(_ expected: String) throws(InputFault) -> [Entry] {
    guard let sequence = node.sequence else { throw fault(expected: expected) }
    return sequence.enumerated().map { index, node in below(node, mark: node.mark, path: "[\(index)]") }
  }

  /// The pairs of a mapping in the order written. Faults on keys that are no text and on a key written twice.
  func pairs(_ expected: String) throws(InputFault) -> [(key: String, value: Entry)] {
    guard let mapping = node.mapping else { throw fault(expected: expected) }
    var pairs: [(key: String, value: Entry)] = []
    var seen: Set<String> = []
    for (key, value) in mapping {
      // The line is the key's: that of a value inside an anchor is where the anchor stands.
      let name = Entry(node: key, file: file, line: key.mark?.line ?? line, path: path)
      guard case .scalar(let scalar) = key else { throw name.fault("\(name.description) as a key", expected: "a name") }
      let entry = below(value, mark: key.mark, path: (path.isEmpty ? "" : ".") + scalar.string)
      guard seen.insert(scalar.string).inserted else {
        throw entry.fault("the key twice in one mapping", expected: "each key once", advice: "remove one of the two")
      }
      pairs.append((scalar.string, entry))
    }
    return pairs
  }
}

/// The keys that a mapping may have. The JSON Schema lists the same ones, and a test holds the two together.
protocol EntryKey: RawRepresentable<String>, CaseIterable, Hashable, Sendable {}

extension EntryKey {
  static var names: [String] { allCases.map(\.rawValue) }
}

/// A mapping whose keys are all known.
struct Fields<Key: EntryKey> {
  let entry: Entry
  private let values: [Key: Entry]

  /// Takes `entry` as a mapping with the keys of `Key`, and `others` that somebody else will look at.
  init(_ entry: Entry, _ expected: String, others: [String] = []) throws(InputFault) {
    var values: [Key: Entry] = [:]
    for (name, value) in try entry.pairs(expected) {
      if let key = Key(rawValue: name) {
        values[key] = value
      } else if !others.contains(name) {
        throw value.fault(
          "an unknown key", expected: "a known one", advice: didYouMean(name, among: Key.names + others))
      }
    }
    self.entry = entry
    self.values = values
  }

  subscript(key: Key) -> Entry? { values[key] }

  /// The keys present, in the order of `Key.allCases`.
  var present: [Key] { Key.allCases.filter { values[$0] != nil } }

  func require(_ key: Key, _ expected: String = "one", advice: String? = nil) throws(InputFault) -> Entry {
    guard let value = values[key] else {
      throw entry.fault("no \(key.rawValue)", expected: expected, advice: advice)
    }
    return value
  }
}
