public import Units

/// What Lambda says of an invocation when it is over: the REPORT line, or the `platform.report` event.
public struct LambdaReport: Hashable, Sendable {
  /// How the invocation ended, as far as the report says.
  public enum Status: String, Hashable, Sendable {
    case success
    /// The function or its runtime failed.
    case error
    /// Cut off at the function's timeout.
    case timeout
    /// Lambda itself failed.
    case failure
  }

  /// Repeats when Lambda retries an asynchronous invocation; each report is an invocation of its own.
  public var requestID: LambdaRequestID
  /// Time that the function ran, init aside.
  public var duration: TimeSpan
  /// Nil for Lambda Managed Instances, which bill no durations.
  public var billedMilliseconds: Int?
  /// The memory setting. Nil for Lambda Managed Instances.
  public var memory: MemorySize?
  public var maxMemoryUsed: MemorySize?
  /// Present when the environment was initialised for this invocation, or shortly before.
  public var initDuration: TimeSpan?
  /// Present when the environment came from a SnapStart snapshot for this invocation.
  public var restoreDuration: TimeSpan?
  /// The part of the billed milliseconds that is for the restore.
  public var billedRestoreMilliseconds: Int?
  /// Nil in text lines, except that newer ones name failures.
  public var status: Status?
  public var errorType: String?

  public init(
    requestID: LambdaRequestID, duration: TimeSpan, billedMilliseconds: Int? = nil, memory: MemorySize? = nil,
    maxMemoryUsed: MemorySize? = nil, initDuration: TimeSpan? = nil, restoreDuration: TimeSpan? = nil,
    billedRestoreMilliseconds: Int? = nil, status: Status? = nil, errorType: String? = nil
  ) {
    self.requestID = requestID
    self.duration = duration
    self.billedMilliseconds = billedMilliseconds
    self.memory = memory
    self.maxMemoryUsed = maxMemoryUsed
    self.initDuration = initDuration
    self.restoreDuration = restoreDuration
    self.billedRestoreMilliseconds = billedRestoreMilliseconds
    self.status = status
    self.errorType = errorType
  }
}

/// A request's identity: the 128 bits of the UUID that Lambda gives it.
public struct LambdaRequestID: Hashable, Sendable {
  var bits: UInt128

  /// Reads a UUID. Any other word of 1 to 100 printable characters is taken too, by a hash; nil for anything else.
  public init?(_ text: String) {
    guard let id = Array(text.utf8).withUnsafeBytes({ LambdaRequestID(parsing: $0) }) else { return nil }
    self = id
  }

  init?(parsing bytes: UnsafeRawBufferPointer) {
    guard (1...100).contains(bytes.count) else { return nil }
    if bytes.count == 36, let uuid = Self.uuid(bytes) {
      bits = uuid
      return
    }
    // FNV-1a with 128 bits.
    bits = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    for byte in bytes {
      guard byte > 32, byte != 127 else { return nil }
      bits = (bits ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b
    }
  }

  private static func uuid(_ bytes: UnsafeRawBufferPointer) -> UInt128? {
    var value: UInt128 = 0
    for (offset, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "-") where offset == 8 || offset == 13 || offset == 18 || offset == 23: continue
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt128(byte & 15)
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
        value = value << 4 | UInt128((byte & 15) + 9)
      default: return nil
      }
    }
    return value
  }
}
