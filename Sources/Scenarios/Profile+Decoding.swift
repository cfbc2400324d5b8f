public import Diagnostics
import Foundation
public import Platforms
import Units

enum ProfileFileKey: String, EntryKey {
  case schema
  case name
  case platform
  case functions
}

/// What a profile has for people: where its laws come from. Nothing is simulated by it.
private let profileRemarks = ["sources", "evidence", "warnings"]

enum ProfiledPlatformKey: String, EntryKey {
  case reuse
  case keepAlive = "keep-alive"
  case maximumLifetime = "maximum-lifetime"
}

enum ProfiledFunctionKey: String, EntryKey {
  case function
  case runtime
  case architecture
  case package
  case initDuration = "init"
  case duration
  case memoryScaling = "memory-scaling"
}

enum MemoryScalingKey: String, EntryKey {
  case fixed
  case work
  case parallelism
  case quota
}

extension Profile {
  /// The format that is read, which `faascast calibrate` writes.
  static let schema = "faascast.profile/1"

  /// Reads the profile at `path`: JSON, or the same in YAML.
  public init(contentsOf path: String) throws(InputFault) {
    try self.init(decoding: FileBytes.read(path, limit: Document.largestSize), file: path)
  }

  /// Reads a profile from the bytes of `file`.
  public init(decoding bytes: [UInt8], file: String) throws(InputFault) {
    let root = try Document.root(of: bytes, file: file)
    let fields = try Fields<ProfileFileKey>(root, "a profile, as faascast calibrate writes it", others: profileRemarks)
    let schema = try fields.require(.schema, Self.schema)
    guard schema.isWord(Self.schema) else { throw schema.fault(expected: Self.schema) }
    self.init(name: try fields[.name]?.string("a name") ?? "profile")
    if let entry = fields[.platform] {
      let laws = try Fields<ProfiledPlatformKey>(entry, "a mapping with keep-alive:, maximum-lifetime:, reuse:")
      if let entry = laws[.reuse] { reuse = try entry.choice("an order of reuse") as ReuseOrder }
      keepAlive = try laws[.keepAlive]?.keepAlive()
      maximumLifetime = try laws[.maximumLifetime]?.distribution()
    }
    for entry in try fields[.functions]?.list("a list of functions") ?? [] {
      functions.append(try entry.profiledFunction())
    }
  }
}

extension Entry {
  /// The profile in the file that is named here, whose path starts at the directory of the file that names it.
  func profile() throws(InputFault) -> Profile {
    let named = try string("the path of a profile, as faascast calibrate writes it")
    let directory = (file as NSString).deletingLastPathComponent
    let path = named.hasPrefix("/") || directory.isEmpty ? named : directory + "/" + named
    return try Profile(contentsOf: path)
  }

  /// What the profile named here says of a function with such a rule.
  func profiledFunction(
    _ pattern: String, _ rule: FunctionRule, package: String?
  ) throws(InputFault) -> ProfiledFunction {
    let profile = try profile()
    if let known = profile.function(
      named: pattern, runtime: rule.runtime, architecture: rule.architecture, package: package)
    {
      return known
    }
    let names = profile.functions.prefix(8).map(\.name).joined(separator: "; ")
    throw fault(
      "a profile without this function", expected: "one that has \(excerpt(pattern)) or its runtime",
      advice: profile.functions.isEmpty
        ? "it has laws of the platform only: name it under platform:" : "it has \(names)")
  }

  /// Seconds that no memory shortens, which may be below zero by a quota's period.
  private func fixedTime() throws(InputFault) -> Double {
    guard let text, let span = TimeSpan(parsing: text), span.seconds >= -ProcessorQuota.lambdaPeriod else {
      throw fault(expected: "a time with its unit, such as 2ms, not below -20ms")
    }
    return span.seconds
  }

  fileprivate func profiledFunction() throws(InputFault) -> ProfiledFunction {
    let fields = try Fields<ProfiledFunctionKey>(self, "a function such as {function: checkout, init: 145ms}")
    var function = ProfiledFunction(
      function: try fields[.function]?.string("a name"), runtime: try fields[.runtime]?.string("a runtime"),
      package: try fields[.package]?.string("zip or image"))
    if let entry = fields[.architecture] { function.architecture = try entry.choice("an architecture") as Architecture }
    function.initDuration = try fields[.initDuration]?.distribution()
    function.duration = try fields[.duration]?.distribution()
    if let entry = fields[.memoryScaling] {
      let form = "a model such as {fixed: 2ms, work: 310ms, parallelism: 1}"
      let model = try Fields<MemoryScalingKey>(entry, form)
      let parallelism = try model[.parallelism]?.number("a number of vCPUs") ?? 1
      guard parallelism > 0 else { throw entry.fault(expected: "a parallelism above zero") }
      var scaling = MemoryScaling(
        fixed: try model[.fixed]?.fixedTime() ?? 0,
        work: try model.require(.work, form).duration("a time of work").seconds, parallelism: parallelism)
      if let quota = model[.quota] { scaling.showsQuota = quota.isWord("true") }
      guard max(0, scaling.fixed) + scaling.work > 0 else { throw entry.fault(expected: "a time above zero") }
      function.memoryScaling = scaling
    }
    return function
  }
}
