public import Logs
public import Platforms
import Statistics
import Units

/// What logged invocations were billed and what of it they used: by function, by log stream, by hour.
///
/// Memory grows with functions, streams and hours, and with failed requests, whose retries are looked for.
public struct LogCosts: Sendable {
  /// What reports add up to. Sums of products with memory are in MB·ms.
  public struct Sums: Hashable, Sendable {
    public var requests = 0
    /// As AWS rounded it.
    public var billedMilliseconds: Int128 = 0
    public var billed: Int128 = 0
    /// Time that functions ran, init and restore included where they were billed, ns.
    public var usedTime: Int128 = 0
    /// Billed milliseconds times the most memory in use, of reports that say both.
    public var usedMemory: Int128 = 0
    /// Billed milliseconds times the setting, of the same reports.
    public var usedMemoryOf: Int128 = 0
    public var coldStarts = 0
    /// Billed for init and restore: what a report is billed beyond its duration.
    public var billedInit: Int128 = 0
    public var failures = 0
    public var billedFailures: Int128 = 0
    public var timeouts = 0
    public var billedTimeouts: Int128 = 0
    /// Reports of a request that had failed before.
    public var retries = 0
    public var billedRetries: Int128 = 0
    /// Memory restored from SnapStart's snapshots, MB.
    public var restoredMegabytes: Int128 = 0
    public var largestMemoryUsed = 0
    /// The latest setting, MB.
    public var memory = 0
  }

  public private(set) var functions: [Int: Sums] = [:]
  public private(set) var streams: [Int: Sums] = [:]
  /// The function of each stream.
  public private(set) var functionsOfStreams: [Int: Int] = [:]
  /// By hours since 1970; reports without a time are under nil.
  public private(set) var hours: [Int64?: Sums] = [:]
  public private(set) var total = Sums()
  /// Reports without a billed duration: Lambda Managed Instances bill no durations.
  public private(set) var unbilled = 0
  /// The time of the first and the last report, ns since 1970.
  public private(set) var span: ClosedRange<Int64>?

  private var failed: Set<LambdaRequestID> = []
  /// MB·ms of invocations.
  private var products = LogLinearHistogram()

  public init() {}

  public mutating func take(_ entry: LoggedReports.Entry) {
    guard let sums = sums(of: entry) else {
      unbilled += 1
      return
    }
    functions[entry.function, default: Sums()].add(sums)
    streams[entry.stream, default: Sums()].add(sums)
    functionsOfStreams[entry.stream] = entry.function
    hours[entry.end.map { $0 / TimeUnit.hours.nanoseconds }, default: Sums()].add(sums)
    total.add(sums)
    guard let end = entry.end else { return }
    span = span.map { min($0.lowerBound, end)...max($0.upperBound, end) } ?? end...end
  }

  private mutating func sums(of entry: LoggedReports.Entry) -> Sums? {
    let report = entry.report
    guard let milliseconds = report.billedMilliseconds, let memory = report.memory else { return nil }
    let billed = Int128(milliseconds) * Int128(memory.megabytes)
    var sums = Sums()
    if entry.isLateTimeout || report.status == .timeout {
      sums.timeouts = 1
      sums.billedTimeouts = billed
    }
    if sums.timeouts > 0 || report.status == .error || report.status == .failure {
      sums.failures = 1
      sums.billedFailures = billed
    }
    if entry.isLateTimeout {
      failed.insert(report.requestID)
      return sums
    }
    if failed.contains(report.requestID) {
      sums.retries = 1
      sums.billedRetries = billed
    } else if sums.failures > 0 {
      failed.insert(report.requestID)
    }
    sums.requests = 1
    sums.billedMilliseconds = Int128(milliseconds)
    sums.billed = billed
    sums.memory = memory.megabytes
    let ran = Int128((max(0, report.duration.nanoseconds) + 999_999) / 1_000_000)
    if report.initDuration != nil || report.restoreDuration != nil {
      sums.coldStarts = 1
      sums.billedInit = max(0, Int128(milliseconds) - ran) * Int128(memory.megabytes)
      if report.restoreDuration != nil { sums.restoredMegabytes = Int128(memory.megabytes) }
    }
    let extra = sums.billedInit > 0 ? (report.initDuration ?? .zero).nanoseconds : 0
    sums.usedTime = min(
      Int128(max(0, report.duration.nanoseconds)) + Int128(max(0, extra))
        + Int128(report.billedRestoreMilliseconds ?? 0) * 1_000_000,
      Int128(milliseconds) * 1_000_000)
    if let used = report.maxMemoryUsed {
      sums.usedMemory = Int128(milliseconds) * Int128(min(used.megabytes, memory.megabytes))
      sums.usedMemoryOf = billed
      sums.largestMemoryUsed = used.megabytes
    }
    products.record(Int64(clamping: billed))
    return sums
  }

  /// The share of all that was billed that the dearest hundredth of invocations was billed; nil without invocations.
  public var dearestHundredth: Double? {
    DearestInvocations.share([(products, 1)], of: 0.01)
  }

  /// The usage of Lambda that the logs show, all of it in one Region and of one architecture: logs tell neither.
  public func usage(names: [String], region: String, architecture: Architecture) -> Usage {
    var usage = Usage()
    for (index, sums) in functions {
      let name = names.indices.contains(index) ? names[index] : ""
      usage.add(Int128(sums.requests), of: .requests, in: region, by: name)
      usage.add(sums.billed, of: .duration, architecture.rawValue, in: region, by: name)
      usage.add(sums.restoredMegabytes, of: .snapStartRestore, in: region, by: name)
    }
    return usage
  }
}

extension LogCosts.Sums {
  mutating func add(_ other: Self) {
    requests += other.requests
    billedMilliseconds += other.billedMilliseconds
    billed += other.billed
    usedTime += other.usedTime
    usedMemory += other.usedMemory
    usedMemoryOf += other.usedMemoryOf
    coldStarts += other.coldStarts
    billedInit += other.billedInit
    failures += other.failures
    billedFailures += other.billedFailures
    timeouts += other.timeouts
    billedTimeouts += other.billedTimeouts
    retries += other.retries
    billedRetries += other.billedRetries
    restoredMegabytes += other.restoredMegabytes
    largestMemoryUsed = max(largestMemoryUsed, other.largestMemoryUsed)
    if other.memory > 0 { memory = other.memory }
  }

  /// The share of billed time in which functions ran; the rest is rounding up.
  public var usedTimeShare: Double? {
    billedMilliseconds > 0 ? Double(usedTime) / Double(billedMilliseconds) / 1e6 : nil
  }

  /// The share of the memory setting that was in use at most, over billed time.
  public var usedMemoryShare: Double? { usedMemoryOf > 0 ? Double(usedMemory) / Double(usedMemoryOf) : nil }
}
