/// Names short enough to read, made of long hashes, that do not depend on the order in which these are met.
enum ShortNames {
  /// What identifies a function of the Azure Functions 2019 trace.
  struct Identity: Hashable, Sendable {
    var owner: String
    var application: String
    var function: String
  }

  static let length = 8

  /// A name for each identity: the function's first 8 characters where it is a hash, more where they don't tell it from another; where a
  /// function's hash stands in several applications, the application's in front (`1a2b3c4d/5e6f7a8b`), and where in
  /// several owners' as well, all three.
  static func names(of identities: [Identity]) -> [String] {
    let functions = prefixes(of: identities.map(\.function))
    let applications = prefixes(of: identities.map(\.application))
    let owners = prefixes(of: identities.map(\.owner))
    var uses: [String: Int] = [:]
    var usesInApplication: [[String]: Int] = [:]
    for identity in identities {
      uses[identity.function, default: 0] += 1
      usesInApplication[[identity.application, identity.function], default: 0] += 1
    }
    var names = identities.map { identity in
      let function = functions[identity.function] ?? identity.function
      if uses[identity.function] == 1 { return function }
      let application = applications[identity.application] ?? identity.application
      if usesInApplication[[identity.application, identity.function]] == 1 { return application + "/" + function }
      return (owners[identity.owner] ?? identity.owner) + "/" + application + "/" + function
    }
    makeUnique(&names, of: identities)
    return names
  }

  /// The shortest prefix of each hash that no other text has, of at least `length` characters. Texts that are no hashes
  /// were given by people and stay whole.
  private static func prefixes(of texts: [String]) -> [String: String] {
    let sorted = Set(texts).map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    var prefixes: [String: String] = [:]
    prefixes.reserveCapacity(sorted.count)
    for (index, bytes) in sorted.enumerated() {
      var needed = bytes.allSatisfy(isHexDigit) ? length : bytes.count
      if index > 0 { needed = max(needed, common(bytes, sorted[index - 1]) + 1) }
      if index + 1 < sorted.count { needed = max(needed, common(bytes, sorted[index + 1]) + 1) }
      prefixes[String(decoding: bytes, as: UTF8.self)] = String(decoding: bytes.prefix(needed), as: UTF8.self)
    }
    return prefixes
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    byte &- 48 < 10 || (byte | 0x20) &- 97 < 6
  }

  private static func common(_ a: [UInt8], _ b: [UInt8]) -> Int { zip(a, b).prefix { $0 == $1 }.count }

  /// Tells apart what is still the same: odd texts, with slashes of their own or bytes that are no text. Hashes never
  /// come here.
  private static func makeUnique(_ names: inout [String], of identities: [Identity]) {
    guard Set(names).count < names.count else { return }
    // By bytes: texts that Swift takes for equal may differ in them.
    let keys = identities.map { Array("\($0.owner)\n\($0.application)\n\($0.function)".utf8) }
    let order = identities.indices.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) }
    var taken = Set<String>()
    for index in order {
      var name = names[index]
      var number = 2
      while !taken.insert(name).inserted {
        name = "\(names[index])#\(number)"
        number += 1
      }
      names[index] = name
    }
  }
}
