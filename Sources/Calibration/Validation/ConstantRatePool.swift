import Platforms
import Statistics

/// One function at a constant rate of arrivals under most-recently-used reuse, environment by environment: what the engine,
/// which adds up times of all environments, doesn't keep.
///
/// Written for clearness; tests hold its cold starts and environments against the engine's.
struct ConstantRatePool {
  private(set) var arrivals = 0
  private(set) var coldStarts = 0
  /// Environments that ended.
  private(set) var ended = 0
  /// Seconds.
  private(set) var elapsed = 0.0
  /// Seconds that environments lived which have ended.
  private(set) var lived = 0.0
  /// Seconds that environments waited which have ended, after their last invocation.
  private(set) var waitedInVain = 0.0

  /// Seconds from an environment's last invocation to its end, on average; nil where none ended.
  var lastWait: Double? { ended > 0 ? waitedInVain / Double(ended) : nil }

  private struct Environment {
    var created: Double
    var lifetimeEnd: Double
    /// When it falls idle, or has fallen.
    var free: Double
    var expires = Double.infinity
  }

  /// In order of falling idle.
  private var busy: [Environment] = []
  private var idle: [Environment] = []

  /// - Parameters:
  ///   - warm: seconds for which a warm invocation holds its environment; `cold` for a cold one, not less.
  ///   - platform: without limits, and with most-recently-used reuse; nil for any other.
  init?(
    rate: Double, warm: Double, cold: Double, under platform: Platform, invocations: Int, seed: UInt64, subject: UInt64
  ) {
    guard platform.reuse == .mostRecentlyUsed else { return nil }
    var gaps = RandomStream(seed: seed, subject: subject, purpose: .arrivals)
    var draws = RandomStream(seed: seed, subject: subject, purpose: .keepAlive)
    let keepAlive = platform.keepAlive
    for _ in 0..<invocations {
      elapsed += gaps.exponential() / rate
      while let next = busy.first, next.free <= elapsed {
        busy.removeFirst()
        rest(next, keepAlive, &draws)
      }
      arrivals += 1
      if var environment = takeIdle() {
        environment.free = elapsed + warm
        occupy(environment)
      } else {
        coldStarts += 1
        let lifetime = platform.maximumLifetime?.sample(&draws) ?? .infinity
        occupy(Environment(created: elapsed, lifetimeEnd: elapsed + lifetime, free: elapsed + cold))
      }
    }
  }

  private mutating func occupy(_ environment: Environment) {
    let place = busy.lastIndex { $0.free <= environment.free }.map { $0 + 1 } ?? 0
    busy.insert(environment, at: place)
  }

  private mutating func rest(_ environment: Environment, _ keepAlive: KeepAlive, _ draws: inout RandomStream) {
    var environment = environment
    let now = environment.free
    guard environment.lifetimeEnd > now else { return end(environment, at: now) }
    let hasCompany = !busy.isEmpty || idle.contains { $0.expires > now }
    let law = hasCompany ? keepAlive.deeper ?? keepAlive.sole : keepAlive.sole
    environment.expires = min(now + law.sample(&draws), environment.lifetimeEnd)
    idle.append(environment)
  }

  /// The living environment that fell idle last. Those above it have ended.
  private mutating func takeIdle() -> Environment? {
    while let last = idle.popLast() {
      if last.expires > elapsed { return last }
      end(last, at: last.expires)
    }
    return nil
  }

  private mutating func end(_ environment: Environment, at moment: Double) {
    ended += 1
    lived += moment - environment.created
    waitedInVain += moment - environment.free
  }
}
