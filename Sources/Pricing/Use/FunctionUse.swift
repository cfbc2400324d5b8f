public import Logs
public import Platforms
public import Units

/// What one function did in a month, in the words in which people know it; `Usage` has it in meters.
public struct FunctionUse: Sendable {
  public var region: String
  public var architecture: Architecture
  public var memory: MemorySize
  public var requests: Int128 = 0
  /// Bytes of an asynchronous event, nil for synchronous requests.
  public var payload: Int64?
  /// Of each request, as its REPORT says.
  public var duration: TimeSpan = .zero
  /// Of each cold start.
  public var initDuration: TimeSpan = .zero
  /// Requests that waited for an init.
  public var coldStarts: Int128 = 0
  public var era = LambdaBillingEra.millisecondWithInit
  /// `/tmp`; 512 MB of it cost nothing.
  public var ephemeralStorage = MemorySize(megabytes: 512)
  public var provisioned: Provisioned?
  public var snapStart: SnapStart?
  public var streams: [Stream] = []
  /// Environments made for tenants.
  public var tenantEnvironments: Int128 = 0
  public var durable: Durable?
  public var pollers: [Pollers] = []
  /// Whether it runs at CloudFront's edge, which has prices of its own.
  public var isAtEdge = false
  /// Anything else, in base units of its meter.
  public var meters: [PriceBook.Item: Int128] = [:]

  public init(region: String, architecture: Architecture = .x86, memory: MemorySize = MemorySize(megabytes: 128)) {
    self.region = region
    self.architecture = architecture
    self.memory = memory
  }

  /// Provisioned concurrency, and the requests that it served: they count beside those of the function itself.
  public struct Provisioned: Sendable {
    public var concurrency: Int128
    /// From enabling to disabling; billed in steps of five minutes.
    public var enabled: TimeSpan
    public var requests: Int128
    public var duration: TimeSpan

    public init(concurrency: Int128, enabled: TimeSpan, requests: Int128 = 0, duration: TimeSpan = .zero) {
      self.concurrency = concurrency
      self.enabled = enabled
      self.requests = requests
      self.duration = duration
    }
  }

  /// A version with SnapStart. Managed Java runtimes have it free of charge: they are told by no entry here.
  public struct SnapStart: Sendable {
    /// How long the version was active; at least three hours are billed.
    public var active: TimeSpan
    public var restores: Int128

    public init(active: TimeSpan, restores: Int128) {
      self.active = active
      self.restores = restores
    }

    /// aws.amazon.com/lambda/pricing, 2026-06.
    public static let shortestActive = TimeSpan.hours(3)
  }

  /// Streamed responses of one size.
  public struct Stream: Sendable {
    public var requests: Int128
    public var bytes: Int64

    public init(requests: Int128, bytes: Int64) {
      self.requests = requests
      self.bytes = bytes
    }

    /// Bytes of each response that cost nothing: 6 MB (aws.amazon.com/lambda/pricing, 2026-06).
    public static let freeBytes: Int64 = 6 << 20
  }

  /// Durable executions.
  public struct Durable: Sendable {
    public var operations: Int128
    /// Bytes written by all of them.
    public var bytes: Int128
    /// How long what was written is kept: run time and retention.
    public var kept: TimeSpan

    public init(operations: Int128, bytes: Int128, kept: TimeSpan) {
      self.operations = operations
      self.bytes = bytes
      self.kept = kept
    }
  }

  /// Pollers of a provisioned event source.
  public struct Pollers: Sendable {
    /// `kafkaPollers` or `sqsPollers`.
    public var meter: Meter
    public var units: Int128
    /// At least a minute is billed.
    public var span: TimeSpan

    public init(meter: Meter, units: Int128, span: TimeSpan) {
      self.meter = meter
      self.units = units
      self.span = span
    }
  }

  /// An asynchronous event has at most 1 MB.
  public static let largestPayload: Int64 = 1 << 20

  /// Requests that one asynchronous event counts as: one for the first 256 KB, one for each further 64 KB begun
  /// (aws.amazon.com/lambda/pricing, 2026-06).
  public static func requestUnits(payload bytes: Int64) -> Int128 {
    let beyond = max(0, bytes - 256 << 10)
    return 1 + Int128((beyond + (64 << 10) - 1) / (64 << 10))
  }

  /// The same in meters.
  public func add(to usage: inout Usage, by name: String) {
    let variant = architecture.rawValue
    let megabytes = Int128(memory.megabytes)
    let place = isAtEdge ? PriceBook.global : region
    func add(_ quantity: Int128, _ meter: Meter, _ variant: String? = nil) {
      usage.add(quantity, of: meter, variant, in: place, by: name)
    }
    let cold = min(coldStarts, requests)
    let warmTime = Int128(billedMilliseconds(duration: duration, era: era))
    let coldTime = Int128(billedMilliseconds(duration: duration, init: initDuration, era: era))
    let billed = requests > 0 && duration + initDuration > .zero ? (requests - cold) * warmTime + cold * coldTime : 0
    let units = requests * (payload.map { Self.requestUnits(payload: $0) } ?? 1)
    add(units, isAtEdge ? .edgeRequests : .requests)
    add(billed * megabytes, isAtEdge ? .edgeDuration : .duration, isAtEdge ? nil : variant)
    var allTime = billed
    if let provisioned {
      let enabled = ProvisionedEnablement.billedMilliseconds(provisioned.enabled)
      let time = provisioned.requests * Int128(billedMilliseconds(duration: provisioned.duration, era: era))
      add(provisioned.concurrency * megabytes * enabled, .provisionedConcurrency, variant)
      add(time * megabytes, .provisionedDuration, variant)
      add(provisioned.requests, .requests)
      allTime += time
    }
    add(Int128(max(0, ephemeralStorage.megabytes - 512)) * allTime, .ephemeralStorage)
    if let snapStart {
      let active = max(snapStart.active, SnapStart.shortestActive)
      add(megabytes * Int128(active.nanoseconds / 1_000_000), .snapStartCache)
      add(megabytes * snapStart.restores, .snapStartRestore)
    }
    for stream in streams { add(stream.requests * Int128(max(0, stream.bytes - Stream.freeBytes)), .responseStreaming) }
    add(tenantEnvironments * megabytes, .tenantEnvironments, variant)
    if let durable {
      add(durable.operations, .durableOperations)
      add(durable.bytes, .durableWrites)
      add(durable.bytes * Int128(durable.kept.nanoseconds / 1_000_000_000), .durableStorage)
    }
    for poller in pollers {
      add(poller.units * Int128(max(poller.span, .minutes(1)).nanoseconds / 1_000_000_000), poller.meter)
    }
    for (item, quantity) in meters { usage.add(quantity, of: item.meter, item.variant, in: place, by: name) }
  }
}
