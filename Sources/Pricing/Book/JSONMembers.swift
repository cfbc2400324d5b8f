import Diagnostics
import Foundation
import Reading
import Units
import Workloads

/// Walks JSON member by member and remembers the path of keys, so that a fault names key and line.
struct JSONMembers {
  let file: String
  private(set) var scanner: JSONScanner
  /// Keys from the root to the member at hand.
  private var path: [String] = []
  private var isPending = false
  private var pending = JSONScanner.Token.end

  /// - Parameter path: where the document stands inside another one.
  init(_ scanner: JSONScanner, file: String, path: String = "") {
    self.scanner = scanner
    self.file = file
    self.path = path.isEmpty ? [] : [path]
  }

  /// The keys from the root to the member at hand.
  var key: String { path.filter { !$0.isEmpty }.joined(separator: ".") }

  /// The share of the input consumed, 0 to 1.
  var progress: Double { scanner.progress }

  mutating func next() throws(InputFault) -> JSONScanner.Token {
    if isPending {
      isPending = false
      return pending
    }
    do {
      return try scanner.next()
    } catch {
      throw named(error)
    }
  }

  /// The text of the key, string or number at hand.
  var text: String { String(decoding: scanner.text, as: UTF8.self) }

  /// Begins the object that the document, or the member at hand, is.
  mutating func enterObject() throws(InputFault) {
    guard try next() == .beginObject else { throw fault("an object {…}", found: "another value") }
    beginObject()
  }

  /// Begins an object whose brace was taken already.
  mutating func beginObject() { path.append("") }

  /// The next key of the object at hand; nil at its end.
  mutating func nextKey() throws(InputFault) -> String? {
    let token = try next()
    guard token == .key else {
      path.removeLast()
      return nil
    }
    let key = text
    path[path.count - 1] = key
    return key
  }

  mutating func enterArray() throws(InputFault) {
    guard try next() == .beginArray else { throw fault("a list […]", found: "another value") }
  }

  /// Whether the list at hand has another element, which `next` then gives.
  mutating func nextElement() throws(InputFault) -> Bool {
    pending = try next()
    isPending = pending != .endArray
    return isPending
  }

  mutating func endArray() throws(InputFault) {
    guard try next() == .endArray else { throw fault("the end of the list", found: "another element") }
  }

  mutating func string() throws(InputFault) -> String {
    guard try next() == .string else { throw fault("text in quotes", found: "another value") }
    return text
  }

  /// A decimal number that is not negative, in quotes so that nothing rounds it.
  mutating func decimal() throws(InputFault) -> Decimal {
    guard try next() == .string else { throw fault("a decimal number in quotes", found: "another value") }
    return try decimalAtHand()
  }

  /// The text at hand as a decimal number.
  func decimalAtHand() throws(InputFault) -> Decimal {
    guard let value = Decimal(plain: text) else {
      throw fault("a decimal number such as \"0.0000166667\"", found: excerpt(text))
    }
    return value
  }

  /// Passes over the value of the key at hand.
  mutating func skip() throws(InputFault) {
    do {
      try scanner.skipValue()
    } catch {
      throw named(error)
    }
  }

  /// A fault at the member at hand.
  func fault(_ expected: String, found: String, advice: String? = nil) -> InputFault {
    named(scanner.fault(expected, found: found, advice: advice))
  }

  private func named(_ fault: InputFault) -> InputFault {
    var fault = fault
    let key = self.key
    if !key.isEmpty { fault.place.key = key }
    return fault
  }
}
