public import Diagnostics
import Foundation
public import Pricing
import Units

/// A month's usage as a person writes it, to be priced without a simulation.
///
/// Read from a YAML file whose keys `Schemas/usage.schema.json` lists.
public struct UsageFile: Sendable {
  public var file: String
  /// The file's name without its ending where the file does not say.
  public var name: String
  public var functions: [(name: String, use: FunctionUse)]
  /// The path of a price book to use instead of the one that comes with the program.
  public var priceBook: String?
  public var terms: BillingTerms
  var map: SourceMap

  /// Reads the usage file at `path`.
  public init(contentsOf path: String) throws(InputFault) {
    try self.init(decoding: FileBytes.read(path, limit: Document.largestSize), file: path)
  }

  /// Reads usage from the bytes of `file`.
  public init(decoding bytes: [UInt8], file: String) throws(InputFault) {
    let root = try Document.root(of: bytes, file: file, as: .usage)
    map = SourceMap(root)
    self.file = file
    let fields = try Fields<UsageKey>(root, "a mapping with region:, functions: and so on")
    name =
      try fields[.name]?.string("a name")
      ?? ((file as NSString).lastPathComponent as NSString).deletingPathExtension
    var start = FunctionUse(region: try fields[.region]?.string("a Region such as us-east-1") ?? "us-east-1")
    if let entry = fields[.architecture] { start.architecture = try entry.choice("an architecture") }
    let pricing = try fields[.pricing]?.pricingBlock(directory: (file as NSString).deletingLastPathComponent)
    priceBook = pricing?.book
    terms = pricing?.terms ?? BillingTerms()
    functions = []
    let entry = try fields.require(.functions, advice: Document.Kind.usage.smallest)
    for (name, value) in try entry.pairs("a mapping from functions to what they used") {
      functions.append((name, try value.functionUse(start)))
    }
  }

  /// What was used, in meters.
  public var usage: Usage {
    functions.reduce(into: Usage()) { $1.use.add(to: &$0, by: $1.name) }
  }

  /// Checks that every function's Region has prices. - Throws: at the line of one that has none.
  public func requireRegions(of book: PriceBook) throws(InputFault) {
    for (name, use) in functions where !use.isAtEdge {
      try book.requireRegion(use.region, at: map.place(of: "functions.\(name).region"))
    }
  }
}

enum UsageKey: String, EntryKey {
  case name
  case region
  case architecture
  case pricing
  case functions
}

enum FunctionUseKey: String, EntryKey {
  case region
  case architecture
  case memory
  case requests
  case payload
  case duration
  case initDuration = "init"
  case coldStarts = "cold-starts"
  case billing
  case ephemeralStorage = "ephemeral-storage"
  case provisioned
  case snapStart = "snapstart"
  case streaming
  case tenantEnvironments = "tenant-environments"
  case durable
  case pollers
  case edge
  case dataOut = "data-out"
  case meters
}

enum ProvisionedUseKey: String, EntryKey {
  case concurrency
  case enabled
  case requests
  case duration
}

enum SnapStartUseKey: String, EntryKey {
  case active
  case restores
}

enum StreamUseKey: String, EntryKey {
  case requests
  case size
}

enum DurableUseKey: String, EntryKey {
  case operations
  case written
  case kept
}

enum PollersUseKey: String, EntryKey {
  case kafka
  case sqs
}

enum PollerUseKey: String, EntryKey {
  case units
  case enabled
}
