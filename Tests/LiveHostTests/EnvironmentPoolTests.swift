import Platforms
import Statistics
import Testing
import Units

@testable import LiveHost

@Suite("The pool of real environments")
struct EnvironmentPoolTests {
  private func platform(_ reuse: ReuseOrder = .mostRecentlyUsed, limit: Int? = nil) -> Platform {
    Platform(
      accountConcurrency: limit, reuse: reuse, keepAlive: KeepAlive(.constant(10), deeper: .constant(20)),
      maximumLifetime: .constant(100))
  }

  private func seconds(_ count: Int64) -> TimeSpan { .seconds(count) }

  /// An environment that serves for a second from `start` on; its number, or nil where the request is refused.
  private func serve(_ pool: inout EnvironmentPool, at start: Int64, _ function: Int = 0) -> (Int, isCold: Bool)? {
    switch pool.admit(function, at: seconds(start)) {
    case .throttled: return nil
    case .warm(let environment):
      _ = pool.finish(environment, at: seconds(start + 1))
      return (environment.serial, false)
    case .cold(let environment):
      _ = pool.finish(environment, at: seconds(start + 1))
      return (environment.serial, true)
    }
  }

  @Test("an environment waits as long as the law says, and not a moment longer")
  func keepAlive() throws {
    var pool = EnvironmentPool(platform(), reserved: [nil], seed: 0)
    #expect(try #require(serve(&pool, at: 0)) == (0, true))
    #expect(pool.nextExpiry == seconds(11))
    #expect(try #require(serve(&pool, at: 10)) == (0, false))
    #expect(try #require(serve(&pool, at: 21)) == (1, true))
    #expect(pool.takeExpired(by: seconds(21)).map(\.serial) == [0])
  }

  @Test("one that falls idle beside others waits by the law for those")
  func deeper() {
    var pool = EnvironmentPool(platform(), reserved: [nil], seed: 0)
    guard case .cold(let first) = pool.admit(0, at: .zero), case .cold(let second) = pool.admit(0, at: .zero) else {
      return #expect(Bool(false))
    }
    _ = pool.finish(first, at: seconds(1))
    #expect(pool.nextExpiry == seconds(21))
    _ = pool.finish(second, at: seconds(2))
    #expect(pool.takeExpired(by: seconds(21)).map(\.serial) == [0])
    #expect(pool.nextExpiry == seconds(22))
  }

  @Test("past its lifetime an environment is not kept")
  func lifetime() throws {
    var pool = EnvironmentPool(platform(), reserved: [nil], seed: 0)
    for start in stride(from: Int64(0), through: 90, by: 9) { _ = serve(&pool, at: start) }
    #expect(try #require(serve(&pool, at: 99)) == (0, false))
    #expect(pool.nextExpiry == nil)
    #expect(try #require(serve(&pool, at: 101)) == (1, true))
  }

  @Test(
    "each order of reuse takes the environment it names",
    arguments: [
      (ReuseOrder.mostRecentlyUsed, 0), (.leastRecentlyUsed, 1), (.newestCreated, 2), (.oldestCreated, 0),
    ])
  func reuse(_ order: ReuseOrder, _ expected: Int) {
    var pool = EnvironmentPool(platform(order), reserved: [nil], seed: 0)
    var made: [Environment] = []
    for _ in 0..<3 { if case .cold(let environment) = pool.admit(0, at: .zero) { made.append(environment) } }
    // They fall idle in the order 1, 2, 0.
    for (moment, serial) in [1, 2, 0].enumerated() { _ = pool.finish(made[serial], at: seconds(Int64(moment + 1))) }
    guard case .warm(let chosen) = pool.admit(0, at: seconds(5)) else { return #expect(Bool(false)) }
    #expect(chosen.serial == expected)
  }

  @Test("a reservation is a ceiling of its own, and the others share what is left")
  func limits() {
    var pool = EnvironmentPool(platform(limit: 3), reserved: [1, nil], seed: 0)
    func admitted(_ function: Int) -> Bool {
      if case .throttled = pool.admit(function, at: .zero) { false } else { true }
    }
    #expect([0, 0, 1, 1, 1].map(admitted) == [true, false, true, true, false])
    #expect(pool.runningCount == 3)
  }
}
