public import Diagnostics
import Foundation
import Logs
public import Platforms
public import Pricing
public import Units
import Workloads

/// What a person asks to be simulated: a workload, the platform to replay it on, a seed.
///
/// Read from a YAML file whose keys `Schemas/scenario.schema.json` lists. Everything in it is checked when it is read,
/// but the files it names are only opened by `openWorkload()`.
public struct Scenario: Sendable {
  /// The path that it was read from, as given.
  public var file: String
  /// Names the report's directory: the file's name without its ending where the scenario does not say.
  public var name: String
  /// 0 where the scenario does not say.
  public var seed: UInt64
  /// Runs with different random numbers; 1 where the scenario does not say.
  public var replications: Int
  public var workload: WorkloadSource
  /// The part of the workload to replay; nil for all of it.
  public var window: Window?
  public var platform: Platform
  /// The path of a price book to use instead of the one that comes with the program.
  public var priceBook: String?
  public var billingTerms: BillingTerms
  var map: SourceMap

  /// Reads the scenario at `path`; relative paths in it start at its directory.
  public init(contentsOf path: String) throws(InputFault) {
    try self.init(decoding: FileBytes.read(path, limit: Document.largestSize), file: path)
  }

  /// Reads a scenario from the bytes of `file`.
  public init(decoding bytes: [UInt8], file: String) throws(InputFault) {
    let root = try Document.root(of: bytes, file: file)
    map = SourceMap(root)
    self.file = file
    let fields = try Fields<ScenarioKey>(root, "a mapping with workload:, platform: and functions:")
    name = try fields[.name]?.directoryName() ?? Self.defaultName(file)
    seed = try fields[.seed]?.seed() ?? 0
    replications = try fields[.replications]?.integer(in: 1...100_000, "a number of replications") ?? 1
    let workload = try fields.require(.workload, advice: Document.smallest)
    (self.workload, window) = try workload.workloadSource(directory: (file as NSString).deletingLastPathComponent)
    platform = try fields[.platform]?.platform() ?? Platform()
    let pricing = try fields[.pricing]?.pricingBlock(directory: (file as NSString).deletingLastPathComponent)
    priceBook = pricing?.book
    billingTerms = pricing?.terms ?? BillingTerms()
    platform.rules += try fields[.functions]?.functionRules() ?? []
  }

  /// Whether invocations follow the same laws at every moment, so that there is a steady state to speak of: synthetic
  /// workloads without profiles and clocks.
  public var isStationary: Bool {
    if case .synthetic(let description) = workload { description.isStationary } else { false }
  }

  /// The place in the file of a key path such as `platform.region`, for a fault that is found after reading.
  public func place(of path: String) -> InputFault.Place { map.place(of: path) }

  /// Does something with the scenario's values. Who works with values alone knows no file: a fault of theirs names the
  /// key (`platform.region`), or the part of a scenario as if it were a file and the key below it; here it gains the
  /// scenario's file and line.
  public func locatingFaults<Value>(_ body: () throws(InputFault) -> Value) throws(InputFault) -> Value {
    do {
      return try body()
    } catch {
      let parts = [error.place.file, error.place.key ?? ""]
      guard
        let start = parts.firstIndex(where: { part in
          ["platform", "functions"].contains { part == $0 || part.hasPrefix($0 + ".") }
        })
      else { throw error }
      let key = parts[start...].filter { !$0.isEmpty }.joined(separator: ".")
      throw InputFault(
        error.kind, at: place(of: key), found: error.found, expected: error.expected, advice: error.advice)
    }
  }

  private static func defaultName(_ file: String) -> String {
    let name = ((file as NSString).lastPathComponent as NSString).deletingPathExtension
    return name.isEmpty || name.hasPrefix(".") ? "scenario" : name
  }
}

/// A part of a trace: from a moment to before another, in times since the trace's start.
public struct Window: Hashable, Sendable {
  public var from: TimeSpan
  /// Nil for the trace's end.
  public var to: TimeSpan?

  public init(from: TimeSpan = .zero, to: TimeSpan? = nil) {
    self.from = from
    self.to = to
  }

  /// Reads `8h..16h`; either side may be left out. Nil for anything else, for negative times and for an empty window.
  public init?(parsing text: String) {
    let sides = text.components(separatedBy: "..")
    guard sides.count == 2, sides != ["", ""] else { return nil }
    let spans = sides.map { $0.isEmpty ? nil : TimeSpan(parsing: $0) }
    guard zip(sides, spans).allSatisfy({ side, span in side.isEmpty || span.map { $0 >= .zero } == true }) else {
      return nil
    }
    from = spans[0] ?? .zero
    to = spans[1]
    if let to, to <= from { return nil }
  }
}

enum ScenarioKey: String, EntryKey {
  case name
  case seed
  case replications
  case workload
  case platform
  case functions
  case pricing
}

extension Entry {
  /// A name that can be a directory's: the report goes to `Reports/NAME`.
  fileprivate func directoryName() throws(InputFault) -> String {
    let form = "a name that can be a directory's: no slash, no control characters, not starting with a dot"
    let name = try string(form)
    guard !name.hasPrefix("."), !name.contains("/"), name.utf8.count <= 200,
      !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { throw fault(expected: form) }
    return name
  }
}
