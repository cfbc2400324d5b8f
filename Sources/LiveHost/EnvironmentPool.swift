import MicroVM
import Platforms
import Statistics
import Units

/// Which environments wait, what runs, and who serves next: the rules of the simulation's pools, for real ones.
///
/// All moments are of CLOCK_MONOTONIC.
struct EnvironmentPool {
  private struct Idle {
    var environment: Environment
    var since: TimeSpan
    var expires: TimeSpan
    var lifetimeEnd: TimeSpan
  }

  /// What becomes of a request.
  enum Decision {
    case throttled
    case warm(Environment)
    case cold(Environment)
  }

  private let platform: Platform
  private let reserved: [Int?]
  private let sharedLimit: Int
  private var idle: [[Idle]]
  private var running: [Int]
  private var lifetimeEnds: [Int: TimeSpan] = [:]
  private var nextSerial = 0
  private var draws: RandomStream
  private var choices: RandomStream

  /// - Parameters:
  ///   - reserved: each function's reserved concurrency, nil where it shares the account's.
  ///   - seed: of keep-alives, lifetimes and random reuse.
  init(_ platform: Platform, reserved: [Int?], seed: UInt64) {
    self.platform = platform
    self.reserved = reserved
    sharedLimit = platform.accountConcurrency.map { $0 - reserved.reduce(0) { $0 + ($1 ?? 0) } } ?? .max
    idle = Array(repeating: [], count: reserved.count)
    running = Array(repeating: 0, count: reserved.count)
    draws = RandomStream(seed: seed, purpose: .keepAlive)
    choices = RandomStream(seed: seed, purpose: .reuse)
  }

  var runningCount: Int { running.reduce(0, +) }

  /// The moment at which the next idle environment's time is up.
  var nextExpiry: TimeSpan? { idle.joined().lazy.map(\.expires).min() }

  mutating func admit(_ function: Int, at now: TimeSpan) -> Decision {
    let used: Int
    if reserved[function] != nil {
      used = running[function]
    } else {
      used = zip(running, reserved).reduce(0) { $0 + ($1.1 == nil ? $1.0 : 0) }
    }
    guard used < reserved[function] ?? sharedLimit else { return .throttled }
    running[function] += 1
    if let index = choose(function, at: now) { return .warm(idle[function].remove(at: index).environment) }
    let environment = newEnvironment(function, at: now)
    return .cold(environment)
  }

  /// An environment outside of the pool's rules, too: its number is its own.
  mutating func newEnvironment(_ function: Int, at now: TimeSpan) -> Environment {
    let environment = Environment(serial: nextSerial, function: function)
    if let lifetime = platform.maximumLifetime {
      lifetimeEnds[nextSerial] = now + span(lifetime.sample(&draws))
    }
    nextSerial += 1
    return environment
  }

  /// Which of the living idle ones the reuse order puts next; they lie in the order in which they fell idle.
  private mutating func choose(_ function: Int, at now: TimeSpan) -> Int? {
    let living = idle[function].indices.filter { idle[function][$0].expires > now }
    func serial(_ index: Int) -> Int { idle[function][index].environment.serial }
    switch platform.reuse {
    case .mostRecentlyUsed: return living.last
    case .leastRecentlyUsed: return living.first
    case .newestCreated: return living.max { serial($0) < serial($1) }
    case .oldestCreated: return living.min { serial($0) < serial($1) }
    case .random: return living.randomElement(using: &choices)
    }
  }

  /// An environment's request is done.
  ///
  /// - Returns: whether it waits for the next; it is to be ended otherwise.
  mutating func finish(_ environment: Environment, at now: TimeSpan) -> Bool {
    running[environment.function] -= 1
    let lifetimeEnd = lifetimeEnds[environment.serial] ?? TimeSpan(nanoseconds: .max)
    guard lifetimeEnd > now else { return false }
    let hasCompany =
      running[environment.function] > 0 || idle[environment.function].contains { $0.expires > now }
    let law = hasCompany ? platform.keepAlive.deeper ?? platform.keepAlive.sole : platform.keepAlive.sole
    idle[environment.function].append(
      Idle(
        environment: environment, since: now, expires: min(now + span(law.sample(&draws)), lifetimeEnd),
        lifetimeEnd: lifetimeEnd))
    return true
  }

  /// An environment failed and is no more.
  mutating func lose(_ environment: Environment) { running[environment.function] -= 1 }

  /// Takes those out whose time is up; all of them where no moment is given.
  mutating func takeExpired(by now: TimeSpan? = nil) -> [Environment] {
    var expired: [Environment] = []
    for function in idle.indices {
      expired += idle[function].filter { now == nil || $0.expires <= now ?? .zero }.map(\.environment)
      idle[function].removeAll { now == nil || $0.expires <= now ?? .zero }
    }
    return expired
  }

  private func span(_ seconds: Double) -> TimeSpan { TimeSpan(seconds: min(max(0, seconds), 1e9)) ?? .zero }
}
