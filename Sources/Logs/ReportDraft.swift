import Diagnostics
import Units

/// The figures of a report while they are gathered from a line, an event or a row, in whatever order they come.
struct ReportDraft {
  enum Figure {
    case duration
    case billedDuration
    case initDuration
    case restoreDuration
    case billedRestoreDuration
    case memory
    case maxMemoryUsed
    /// Logs Insights gives sizes in MB times 1,000,000.
    case memoryInMillionths
    case maxMemoryUsedInMillionths
  }

  private(set) var requestID: LambdaRequestID?
  private(set) var duration: Int64?
  private(set) var billed: Int?
  private(set) var initDuration: Int64?
  private(set) var restoreDuration: Int64?
  private(set) var billedRestore: Int?
  private(set) var memory: Int?
  private(set) var maxMemoryUsed: Int?
  private(set) var status: LambdaReport.Status?
  private(set) var errorType: String?
  /// Whether Init Duration came before Duration, as only the local emulator writes it.
  private(set) var saysInitFirst = false
  /// The first thing that was wrong.
  private(set) var flaw: String?

  /// No invocation lasts longer: 15 minutes on demand, 90 on Lambda Managed Instances.
  private static let longest = TimeSpan.hours(24).nanoseconds
  private static let largestMemory = 1 << 20

  /// Whether nothing was given, good or bad.
  private(set) var isEmpty = true

  mutating func take(requestID bytes: UnsafeRawBufferPointer) {
    isEmpty = false
    guard let id = LambdaRequestID(parsing: bytes) else { return flaw(says: "the RequestId is none") }
    if requestID != nil, requestID != id { flaw(says: "two RequestIds") }
    requestID = id
  }

  mutating func take(status bytes: UnsafeRawBufferPointer) {
    isEmpty = false
    status = LambdaReport.Status(rawValue: String(decoding: bytes.prefix(16), as: UTF8.self))
  }

  mutating func take(errorType bytes: UnsafeRawBufferPointer) {
    isEmpty = false
    errorType = String(decoding: bytes.prefix(100), as: UTF8.self)
  }

  mutating func take(_ figure: Figure, _ bytes: UnsafeRawBufferPointer) {
    isEmpty = false
    switch figure {
    case .duration: duration = single(duration, time(bytes), "Duration")
    case .initDuration:
      if duration == nil { saysInitFirst = true }
      initDuration = single(initDuration, time(bytes), "Init Duration")
    case .restoreDuration: restoreDuration = single(restoreDuration, time(bytes), "Restore Duration")
    case .billedDuration: billed = single(billed, milliseconds(bytes), "Billed Duration")
    case .billedRestoreDuration: billedRestore = single(billedRestore, milliseconds(bytes), "Billed Restore Duration")
    case .memory: memory = single(memory, size(bytes), "Memory Size")
    case .maxMemoryUsed: maxMemoryUsed = single(maxMemoryUsed, size(bytes), "Max Memory Used")
    case .memoryInMillionths: memory = single(memory, millionths(bytes), "Memory Size")
    case .maxMemoryUsedInMillionths: maxMemoryUsed = single(maxMemoryUsed, millionths(bytes), "Max Memory Used")
    }
  }

  /// The report, or why there is none.
  var result: Result<LambdaReport, Flaw> {
    if let flaw { return .failure(Flaw(reason: flaw)) }
    guard let requestID else { return .failure(Flaw(reason: "no RequestId")) }
    guard let duration else { return .failure(Flaw(reason: "no Duration")) }
    return .success(
      LambdaReport(
        requestID: requestID, duration: TimeSpan(nanoseconds: duration), billedMilliseconds: billed,
        memory: memory.map(MemorySize.init), maxMemoryUsed: maxMemoryUsed.map(MemorySize.init),
        initDuration: initDuration.map(TimeSpan.init), restoreDuration: restoreDuration.map(TimeSpan.init),
        billedRestoreMilliseconds: billedRestore, status: status, errorType: errorType))
  }

  struct Flaw: Error {
    var reason: String
  }

  private mutating func flaw(says reason: String) {
    if flaw == nil { flaw = reason }
  }

  private mutating func single<Value>(_ earlier: Value?, _ value: Value?, _ name: StaticString) -> Value? {
    if value == nil {
      flaw(says: "\(name) is not a sensible number")
    } else if earlier != nil {
      flaw(says: "\(name) twice")
    }
    return value ?? earlier
  }

  private func time(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    guard let value = Decimal64.scaled(bytes, by: 1_000_000), (0...Self.longest).contains(value) else { return nil }
    return value
  }

  private func milliseconds(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard let value = Decimal64.scaled(bytes, by: 1), (0...Self.longest / 1_000_000).contains(value) else { return nil }
    return Int(value)
  }

  private func size(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard let value = Decimal64.scaled(bytes, by: 1), (0...Int64(Self.largestMemory)).contains(value) else {
      return nil
    }
    return Int(value)
  }

  /// Queries often divide by a million; sizes that small can only be MB.
  private func millionths(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard let value = Decimal64.scaled(bytes, by: 1), value >= 0 else { return nil }
    let (whole, rest) = value.quotientAndRemainder(dividingBy: 1_000_000)
    let megabytes = whole == 0 ? value : whole + (rest >= 500_000 ? 1 : 0)
    return megabytes <= Self.largestMemory ? Int(megabytes) : nil
  }
}
