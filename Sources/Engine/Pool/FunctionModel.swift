import Platforms
import Statistics
import Units

/// A law of times, ready to be drawn from in whole nanoseconds.
struct TimeLaw: Sendable {
  /// The one value of a constant law, ns; negative for a law that must be drawn. Looked at first: constants are common,
  /// and a law costs a reference count.
  private let constant: Int64
  private let law: Distribution
  /// What comes to it, drawn by itself.
  private let addition: Distribution?

  /// Longer draws are cut here (30 years): with arrivals and durations within a century, sums of times never overflow.
  static let longest: Int64 = 30 * 365 * 86_400_000_000_000

  /// A law in seconds, or the sum of two.
  init(_ law: Distribution, plus addition: Distribution? = nil) {
    self.law = law
    self.addition = addition
    if let first = law.constantValue, let second = addition.map(\.constantValue) ?? 0 {
      constant = Self.nanoseconds(first + second)
    } else {
      constant = -1
    }
  }

  /// Always the same, ns; at most `longest`.
  init(constant: Int64) {
    self.constant = min(max(0, constant), Self.longest)
    law = .constant(Double(self.constant) / 1e9)
    addition = nil
  }

  /// The one value of a constant law, ns.
  var constantValue: Int64? { constant >= 0 ? constant : nil }

  func draw(_ stream: inout RandomStream) -> Int64 {
    if constant >= 0 { return constant }
    let first = law.sample(&stream)
    return Self.nanoseconds(first + (addition?.sample(&stream) ?? 0))
  }

  /// A time drawn, multiplied; at most `longest`.
  static func scaled(_ time: Int64, by factor: Double) -> Int64 { nanoseconds(Double(time) / 1e9 * factor) }

  private static func nanoseconds(_ seconds: Double) -> Int64 {
    guard seconds > 0 else { return 0 }
    return seconds * 1e9 >= Double(longest) ? longest : Int64((seconds * 1e9).rounded())
  }
}

extension FunctionSettings {
  /// What a new environment takes beside the platform's overhead: its restore, or its Init phase.
  var newEnvironment: TimeLaw {
    restoreDuration.map { TimeLaw($0) } ?? TimeLaw(initDuration, plus: runtimeInit)
  }
}

/// The rules under which one function is replayed: settings and platform resolved to numbers.
struct FunctionModel: Sendable {
  var memory: Int128
  /// ns; Int64.max for none.
  var timeout: Int64
  var initDuration: TimeLaw
  var platformOverhead: TimeLaw
  var keepAlive: TimeLaw
  /// The keep-alive while other environments live.
  var deeperKeepAlive: TimeLaw
  var tellsDeeper: Bool
  /// Nil for no limit.
  var maximumLifetime: TimeLaw?
  /// Int.max when unreserved.
  var concurrencyLimit: Int
  var provisioned: Int
  /// Whether on-demand invocations take from the concurrency that unreserved functions share.
  var sharesConcurrency: Bool

  init(settings: FunctionSettings, platform: Platform) {
    memory = Int128(settings.memory.megabytes)
    timeout = settings.timeout?.nanoseconds ?? .max
    initDuration = settings.newEnvironment
    platformOverhead = TimeLaw(settings.platformOverhead)
    keepAlive = TimeLaw(platform.keepAlive.sole)
    deeperKeepAlive = TimeLaw(platform.keepAlive.deeper ?? platform.keepAlive.sole)
    tellsDeeper = platform.keepAlive.deeper != nil
    maximumLifetime = platform.maximumLifetime.map { TimeLaw($0) }
    concurrencyLimit = settings.reservedConcurrency ?? .max
    provisioned = settings.provisionedConcurrency
    sharesConcurrency = settings.reservedConcurrency == nil
  }

  /// An unlimited pool with constant times, ns.
  init(keepAlive: Int64, coldStart: Int64) {
    memory = 0
    timeout = .max
    initDuration = TimeLaw(constant: 0)
    platformOverhead = TimeLaw(constant: coldStart)
    self.keepAlive = TimeLaw(constant: keepAlive)
    deeperKeepAlive = self.keepAlive
    tellsDeeper = false
    maximumLifetime = nil
    concurrencyLimit = .max
    provisioned = 0
    sharesConcurrency = true
  }

  /// The same without provisioned environments.
  var onDemand: FunctionModel {
    var model = self
    model.provisioned = 0
    return model
  }

  /// The keep-alive where it is the same for every environment, ns.
  var constantKeepAlive: Int64? {
    guard let sole = keepAlive.constantValue, deeperKeepAlive.constantValue == sole else { return nil }
    return sole
  }

  /// The maximum lifetime where it is the same for every environment, ns; Int64.max for none.
  var constantLifetime: Int64? { maximumLifetime.map(\.constantValue) ?? .max }
}
