import Foundation

/// As much of JSON Schema as the project's schema of price books uses.
struct SchemaCheck {
  private let root: [String: Any]
  private(set) var faults: [String] = []

  init(_ schema: Data) throws {
    root = try JSONSerialization.jsonObject(with: schema) as? [String: Any] ?? [:]
  }

  mutating func check(_ data: Data) throws { check(try JSONSerialization.jsonObject(with: data), root, "") }

  private mutating func check(_ value: Any, _ schema: [String: Any], _ path: String) {
    if let reference = schema["$ref"] as? String, let name = reference.split(separator: "/").last {
      let definitions = root["$defs"] as? [String: Any]
      return check(value, definitions?[String(name)] as? [String: Any] ?? [:], path)
    }
    if let type = schema["type"] as? String, !Self.isOf(type, value) { return fault(path, "is no \(type)") }
    if let constant = schema["const"] as? String, value as? String != constant { fault(path, "is not \(constant)") }
    if let pattern = schema["pattern"] as? String, let text = value as? String, !Self.matches(pattern, text) {
      fault(path, "\(text) does not match \(pattern)")
    }
    if let members = value as? [String: Any] { check(members: members, schema, path) }
    guard let elements = value as? [Any] else { return }
    if elements.count < schema["minItems"] as? Int ?? 0 { fault(path, "has too few elements") }
    if elements.count > schema["maxItems"] as? Int ?? .max { fault(path, "has too many elements") }
    let first = schema["prefixItems"] as? [[String: Any]] ?? []
    for (index, element) in elements.enumerated() {
      let item = index < first.count ? first[index] : schema["items"] as? [String: Any] ?? [:]
      check(element, item, "\(path)[\(index)]")
    }
  }

  private mutating func check(members: [String: Any], _ schema: [String: Any], _ path: String) {
    for key in schema["required"] as? [String] ?? [] where members[key] == nil { fault(path, "lacks \(key)") }
    if members.count < schema["minProperties"] as? Int ?? 0 { fault(path, "has too few members") }
    if let choices = schema["oneOf"] as? [[String: [String]]] {
      let met = choices.filter { $0["required"]?.allSatisfy { members[$0] != nil } == true }
      if met.count != 1 { fault(path, "meets \(met.count) of its forms") }
    }
    let known = schema["properties"] as? [String: [String: Any]] ?? [:]
    let names = (schema["propertyNames"] as? [String: Any])?["pattern"] as? String
    for (key, member) in members {
      if let names, !Self.matches(names, key) { fault(path, "\(key) does not match \(names)") }
      if let schema = known[key] {
        check(member, schema, "\(path).\(key)")
      } else if let others = schema["additionalProperties"] as? [String: Any] {
        check(member, others, "\(path).\(key)")
      } else if schema["additionalProperties"] as? Bool == false {
        fault(path, "has an unknown member \(key)")
      }
    }
  }

  private static func isOf(_ type: String, _ value: Any) -> Bool {
    switch type {
    case "object": value is [String: Any]
    case "array": value is [Any]
    case "string": value is String
    default: false
    }
  }

  private static func matches(_ pattern: String, _ text: String) -> Bool {
    text.range(of: pattern, options: .regularExpression) != nil
  }

  private mutating func fault(_ path: String, _ what: String) { faults.append("\(path) \(what)") }
}
