import Foundation

/// Reference values that were computed elsewhere (SciPy, and an independent simulation), where they are at hand: the file
/// `oracles.json` in the directory `reference` beside the one that FAASCAST_DATA names.
public enum Oracles {
  public static let advice = "needs reference/oracles.json beside the directory that FAASCAST_DATA names"

  private static let path = RealData.path("../reference/oracles.json")

  public static var areHere: Bool { RealData.has("../reference/oracles.json") }

  /// The cases of a group.
  public static func cases(_ group: String) throws -> [Value] {
    guard let value = try whole()[group] else { throw Missing(key: group) }
    return value.list.isEmpty ? [value] : value.list
  }

  public static func groups() throws -> [String] { try whole().keys.sorted() }

  private static func whole() throws -> [String: Value] {
    try JSONDecoder().decode([String: Value].self, from: Data(contentsOf: URL(filePath: path)))
  }

  /// A JSON value, read where its kind is known.
  public enum Value: Decodable, Sendable {
    case number(Double)
    case text(String)
    case list([Value])
    case object([String: Value])
    case other

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Double.self) {
        self = .number(value)
      } else if let value = try? container.decode(String.self) {
        self = .text(value)
      } else if let value = try? container.decode([Value].self) {
        self = .list(value)
      } else if let value = try? container.decode([String: Value].self) {
        self = .object(value)
      } else {
        self = .other
      }
    }

    public var list: [Value] { if case .list(let values) = self { values } else { [] } }
    public var members: [String: Value] { if case .object(let members) = self { members } else { [:] } }
    public var text: String { if case .text(let text) = self { text } else { "" } }

    public subscript(key: String) -> Double {
      get throws {
        guard case .number(let value) = members[key] else { throw Missing(key: key) }
        return value
      }
    }

    public func int(_ key: String) throws -> Int { Int(try self[key]) }
    public func numbers(_ key: String) -> [Double] {
      (members[key]?.list ?? []).compactMap { if case .number(let value) = $0 { value } else { nil } }
    }
  }

  /// A group, or a number of a case, that is not in the file.
  public struct Missing: Error {
    public var key: String
  }
}
