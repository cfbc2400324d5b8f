import Diagnostics
import Foundation
import Logs
import Platforms
import Pricing
import Traces
import Units

extension Entry {
  /// More requests than all of Lambda serves in a month; products of what people write stay far from overflow.
  static let mostRequests = 1_000_000_000_000_000

  /// What a function used; what is left out stays as `start` has it.
  func functionUse(_ start: FunctionUse) throws(InputFault) -> FunctionUse {
    let fields = try Fields<FunctionUseKey>(self, "what the function used, as in {requests: 3000000, duration: 120ms}")
    var use = start
    if let entry = fields[.region] { use.region = try entry.string("a Region such as us-east-1") }
    if let entry = fields[.architecture] { use.architecture = try entry.choice("an architecture") }
    if let entry = fields[.memory] { use.memory = try entry.memory() }
    if let entry = fields[.requests] { use.requests = try entry.count("a number of requests") }
    if let entry = fields[.duration] { use.duration = try entry.duration() }
    if let entry = fields[.initDuration] { use.initDuration = try entry.duration("a duration of init") }
    if let entry = fields[.coldStarts] { use.coldStarts = try entry.count("a number of cold starts") }
    if let entry = fields[.billing] { use.era = try entry.billingEra() }
    if let entry = fields[.payload] { use.payload = try entry.payload() }
    if let entry = fields[.ephemeralStorage] {
      use.ephemeralStorage = .init(megabytes: try entry.integer(in: 512...10_240, "/tmp in MB"))
    }
    use.provisioned = try fields[.provisioned]?.provisionedUse()
    use.snapStart = try fields[.snapStart]?.snapStartUse()
    if let entry = fields[.streaming] {
      for value in try entry.list("a list of {requests:, size:}") { use.streams.append(try value.stream()) }
    }
    if let entry = fields[.tenantEnvironments] {
      use.tenantEnvironments = try entry.count("a number of environments made for tenants")
    }
    use.durable = try fields[.durable]?.durableUse()
    if let entry = fields[.pollers] { use.pollers = try entry.pollers() }
    if let entry = fields[.edge] { use.isAtEdge = try entry.boolean() }
    if let entry = fields[.dataOut] { use.meters[.init(.dataOut)] = Int128(try entry.byteCount("bytes sent out")) }
    if let entry = fields[.meters] {
      for (name, value) in try entry.pairs("a mapping from meters to quantities") {
        use.meters[try value.item(named: name)] = try value.quantity(of: value.item(named: name).meter)
      }
    }
    guard use.coldStarts <= use.requests else {
      throw fault("\(use.coldStarts) cold starts", expected: "at most as many as requests, \(use.requests)")
    }
    guard fields[.duration] == nil || fields[.memory] != nil else {
      throw fault("a duration without memory:", expected: "the memory setting, which the price goes by")
    }
    return use
  }

  private func count(_ what: String) throws(InputFault) -> Int128 {
    Int128(try integer(in: 0...Self.mostRequests, what))
  }

  func byteCount(_ what: String, decimal: Bool = false) throws(InputFault) -> Int64 {
    guard let text, let bytes = ByteCount.parse(text, decimal: decimal) else {
      throw fault(expected: "\(what) with their unit, such as 100KB, 7MB or 1.5GB")
    }
    return bytes
  }

  func boolean() throws(InputFault) -> Bool {
    switch text {
    case "true": true
    case "false": false
    default: throw fault(expected: "true or false")
    }
  }

  private func billingEra() throws(InputFault) -> LambdaBillingEra {
    guard let text, let era = Self.eras[text] else {
      throw fault(expected: "a rule of billing: " + Self.eras.keys.sorted().joined(separator: ", "))
    }
    return era
  }

  /// How the rules are written.
  static let eras: [String: LambdaBillingEra] = [
    "since-2025-08": .millisecondWithInit, "before-2025-08": .millisecond, "before-2020-12": .hundredMilliseconds,
  ]

  private func payload() throws(InputFault) -> Int64 {
    let bytes = try byteCount("an event's bytes")
    guard bytes <= FunctionUse.largestPayload else {
      throw fault(expected: "at most 1 MB", advice: "Lambda takes no larger asynchronous event")
    }
    return bytes
  }

  private func provisionedUse() throws(InputFault) -> FunctionUse.Provisioned {
    let fields = try Fields<ProvisionedUseKey>(
      self, "a mapping such as {concurrency: 7, enabled: 24h, requests: 2000000, duration: 280ms}")
    return FunctionUse.Provisioned(
      concurrency: Int128(
        try fields.require(.concurrency, "a provisioned concurrency").integer(in: 0...1_000_000, "a concurrency")),
      enabled: try fields.require(.enabled, "how long it stood enabled").duration(),
      requests: try fields[.requests]?.count("a number of requests") ?? 0,
      duration: try fields[.duration]?.duration() ?? .zero)
  }

  private func snapStartUse() throws(InputFault) -> FunctionUse.SnapStart {
    let fields = try Fields<SnapStartUseKey>(self, "a mapping such as {active: 31d, restores: 74400}")
    return FunctionUse.SnapStart(
      active: try fields.require(.active, "how long the version was active").duration(),
      restores: try fields[.restores]?.count("a number of restores") ?? 0)
  }

  private func stream() throws(InputFault) -> FunctionUse.Stream {
    let fields = try Fields<StreamUseKey>(self, "a mapping such as {requests: 1000000, size: 7MB}")
    return FunctionUse.Stream(
      requests: try fields.require(.requests).count("a number of requests"),
      bytes: try fields.require(.size).byteCount("a response's bytes"))
  }

  /// Sizes here are decimal, as in AWS's example.
  private func durableUse() throws(InputFault) -> FunctionUse.Durable {
    let fields = try Fields<DurableUseKey>(self, "a mapping such as {operations: 4000000, written: 104GB, kept: 21d}")
    return FunctionUse.Durable(
      operations: try fields[.operations]?.count("a number of operations") ?? 0,
      bytes: Int128(try fields[.written]?.byteCount("bytes written", decimal: true) ?? 0),
      kept: try fields[.kept]?.duration() ?? .zero)
  }

  private func pollers() throws(InputFault) -> [FunctionUse.Pollers] {
    let fields = try Fields<PollersUseKey>(self, "a mapping such as {kafka: {units: 10, enabled: 720h}}")
    var pollers: [FunctionUse.Pollers] = []
    for key in fields.present {
      guard let entry = fields[key] else { continue }
      let poller = try Fields<PollerUseKey>(entry, "a mapping such as {units: 10, enabled: 720h}")
      pollers.append(
        .init(
          meter: key == .kafka ? .kafkaPollers : .sqsPollers,
          units: Int128(try poller.require(.units).integer(in: 0...1_000_000, "event poller units")),
          span: try poller.require(.enabled).duration()))
    }
    return pollers
  }

  /// A meter, with its variant where its prices have one.
  func item(named name: String) throws(InputFault) -> PriceBook.Item {
    guard let item = PriceBook.Item(name) else {
      throw fault(
        "an unknown meter", expected: "a meter such as duration/arm64",
        advice: didYouMean(String(name.prefix { $0 != "/" && $0 != "@" }), among: Meter.allCases.map(\.rawValue)))
    }
    return item
  }

  /// A quantity in the unit in which a meter is sold, in base units.
  private func quantity(of meter: Meter) throws(InputFault) -> Int128 {
    let form = "a number of \(meter.unit.name) that is not negative"
    let value = try decimal(form) * Decimal(meter.unit.size)
    guard value <= 1e30, let quantity = Int128(value.fixed(places: 0)) else { throw fault(expected: form) }
    guard Decimal(quantity) == value else {
      throw fault(
        expected: "a whole number of \(meter.unit.base), of which \(meter.unit.size) are one \(meter.unit.name)")
    }
    return quantity
  }
}
