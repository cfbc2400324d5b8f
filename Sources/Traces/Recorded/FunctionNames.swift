import Diagnostics
import Glibc
import Logs
import Reading
import Workloads

/// Gives the functions of a table of invocations their indices and names.
///
/// A function is known by its name, or by its application and name where the record has both.
struct FunctionNames {
  private var table = FunctionTable()
  private var taken: Set<String> = []
  /// Whether names are cut to their first letters, as far as they stay unique: for hashes.
  private let isShort: Bool
  private var key: [UInt8] = []
  /// Indices of names of up to seven bytes, found without hashing their text.
  private var recent = Array(repeating: Recent(word: .max, index: -1), count: recentSize)

  private struct Recent {
    var word: UInt64
    var index: Int32
  }
  private static let recentSize = 1024

  init(short: Bool) { isShort = short }

  var functions: [WorkloadFunction] { table.functions }

  /// The index of a function, a new one when it was not met before.
  mutating func index(
    function: UnsafeRawBufferPointer, application: UnsafeRawBufferPointer?
  ) -> Int32 {
    guard let application else {
      let index = table.index(of: function)
      if Int(index) == taken.count { settle(Int(index), function, nil) }
      return index
    }
    key.removeAll(keepingCapacity: true)
    if application.firstOffset(of: Self.separator) != nil {
      // Names with the separator in them are told apart by their lengths; 255 begins no text.
      key.append(255)
      key.append(contentsOf: String(application.count).utf8)
    }
    key.append(contentsOf: application)
    key.append(Self.separator)
    key.append(contentsOf: function)
    let index = key.withUnsafeBytes { table.index(of: $0) }
    if Int(index) == taken.count { settle(Int(index), function, application) }
    return index
  }

  /// As `index(function:application:)` for a name without application that was met before and has at most seven bytes,
  /// packed into a word below their count.
  @inline(__always)
  mutating func index(word: UInt64, of name: UnsafeRawBufferPointer) -> Int32 {
    let slot = Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) >> 54)
    if recent[slot].word == word { return recent[slot].index }
    let index = index(function: name, application: nil)
    recent[slot] = Recent(word: word, index: index)
    return index
  }

  /// As `index(function:application:)` for a pair that stands in the record as it is the key: `application,function`.
  mutating func index(pair: UnsafeRawBufferPointer, applicationLength: Int) -> Int32 {
    let index = table.index(of: pair)
    if Int(index) == taken.count {
      let application = UnsafeRawBufferPointer(rebasing: pair[..<applicationLength])
      settle(Int(index), UnsafeRawBufferPointer(rebasing: pair[(applicationLength + 1)...]), application)
    }
    return index
  }

  private static let separator = UInt8(ascii: ",")

  /// Names a new function: uniquely, also where two names differ only in bytes that are no text.
  private mutating func settle(
    _ index: Int, _ function: UnsafeRawBufferPointer, _ application: UnsafeRawBufferPointer?
  ) {
    let name = String(decoding: function, as: UTF8.self)
    let group = application.map { String(decoding: $0, as: UTF8.self) }
    var candidate = ""
    if isShort, let group {
      var length = 8
      repeat {
        candidate = group.prefix(length) + "/" + name.prefix(length)
        length += 4
      } while taken.contains(candidate) && length < max(group.count, name.count) + 4
    } else {
      candidate = group.map { $0.isEmpty ? name : $0 + "/" + name } ?? name
    }
    let whole = candidate
    var copy = 2
    while !taken.insert(candidate).inserted {
      candidate = "\(whole) (\(copy))"
      copy += 1
    }
    table.functions[index] = WorkloadFunction(name: candidate, application: group)
  }
}
