import Foundation
import Testing

@testable import Statistics

/// Reference values that were computed elsewhere (SciPy, and an independent simulation), where they are at hand: the file
/// `oracles.json` in the directory `reference` beside the one that FAASCAST_DATA names.
enum Oracles {
  static let advice: Comment = "needs reference/oracles.json beside the directory that FAASCAST_DATA names"

  private static let file: URL = {
    let package = URL(filePath: #filePath).appending(path: "../../..").standardized
    let data =
      ProcessInfo.processInfo.environment["FAASCAST_DATA"].map { URL(filePath: $0) }
      ?? package.appending(path: "../shared/data")
    return data.appending(path: "../reference/oracles.json").standardized
  }()

  static var areHere: Bool { FileManager.default.fileExists(atPath: file.path) }

  /// The cases of a group.
  static func cases(_ group: String) throws -> [Value] {
    let value = try #require(whole()[group], "no group \(group)")
    return value.list.isEmpty ? [value] : value.list
  }

  static func groups() throws -> [String] { try whole().keys.sorted() }

  private static func whole() throws -> [String: Value] {
    try JSONDecoder().decode([String: Value].self, from: Data(contentsOf: file))
  }

  /// A JSON value, read where its kind is known.
  enum Value: Decodable, Sendable {
    case number(Double)
    case text(String)
    case list([Value])
    case object([String: Value])
    case other

    init(from decoder: any Decoder) throws {
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

    var list: [Value] { if case .list(let values) = self { values } else { [] } }
    var members: [String: Value] { if case .object(let members) = self { members } else { [:] } }
    var text: String { if case .text(let text) = self { text } else { "" } }

    subscript(key: String) -> Double {
      get throws {
        guard case .number(let value) = try #require(members[key], "no \(key)") else { throw Missing(key: key) }
        return value
      }
    }

    func int(_ key: String) throws -> Int { Int(try self[key]) }
    func numbers(_ key: String) -> [Double] {
      (members[key]?.list ?? []).compactMap { if case .number(let value) = $0 { value } else { nil } }
    }
  }

  struct Missing: Error {
    var key: String
  }
}

/// Both within `tolerance` of each other, relative to the expected one; zero must be met to 1e-12.
func expectClose(
  _ found: Double, _ expected: Double, _ what: String, tolerance: Double = 1e-6,
  at location: SourceLocation = #_sourceLocation
) {
  #expect(
    abs(found - expected) <= max(tolerance * abs(expected), 1e-300) || (expected == 0 && abs(found) < 1e-12),
    "\(what): \(found), expected \(expected), off by \(found / expected - 1)", sourceLocation: location)
}
