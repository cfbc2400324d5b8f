import Platforms
import Statistics
import Testing
import Units

@testable import Engine

/// Timelines as text: one character a second, `a` for an arrival (`2` for two at once), and what became of it:
/// `C` cold, `W` warm, `T` throttled, `P` provisioned.
@Suite("What becomes of each arrival")
struct PictureTests {
  /// The outcomes in order of arrival, found by replaying every prefix of the arrivals.
  private func outcomes(
    _ picture: String, seconds duration: Double, _ platform: Platform
  ) throws -> String {
    var arrivals: [Int64] = []
    for (second, mark) in picture.enumerated() where mark != "-" {
      arrivals += Array(repeating: Int64(second) * 1_000_000_000, count: mark.wholeNumberValue ?? 1)
    }
    var text = ""
    var before = Tally()
    for count in 1...arrivals.count {
      let script = arrivals.prefix(count).map { (arrival: $0, duration: Int64(duration * 1e9)) }
      let workload = ScriptedWorkload(horizon: Int64(picture.count) * 1_000_000_000, functions: ["f": script]).workload
      let after = try Simulation(workload: workload, platform: platform).run().totals
      text +=
        after.throttles > before.throttles
        ? "T"
        : after.coldStarts > before.coldStarts ? "C" : after.provisionedStarts > before.provisionedStarts ? "P" : "W"
      before = after
    }
    return text
  }

  @Test("the first is cold, the next within keep-alive warm, one at its very end cold")
  func keepAliveEnds() throws {
    let platform = barePlatform(keepAlive: KeepAlive(.constant(4)))
    #expect(try outcomes("a--a---a------a", seconds: 1, platform) == "CWWC")
    // Busy until 1 s, idle from 1 s: at 5 s keep-alive is over, a moment before it is not.
    #expect(try outcomes("a----a", seconds: 1, platform) == "CC")
    #expect(try outcomes("a---a", seconds: 1, platform) == "CW")
  }

  @Test("one environment serves one invocation at a time, and an end comes before an arrival at the same moment")
  func oneAtATime() throws {
    let platform = barePlatform(keepAlive: KeepAlive(.constant(60)))
    #expect(try outcomes("aa-a", seconds: 1.5, platform) == "CCW")
    #expect(try outcomes("a-a-a", seconds: 2, platform) == "CWW")
    #expect(try outcomes("2--2", seconds: 1, platform) == "CCWW")
    #expect(try outcomes("3", seconds: 0, platform) == "CCC")
  }

  @Test("the most recently used environment serves next, so the other ages and dies")
  func mostRecentlyUsed() throws {
    // Two environments after the first moment; single arrivals every 3 s keep one of them warm under MRU and both
    // under LRU.
    let picture = "2--a--a--a--2"
    #expect(try outcomes(picture, seconds: 1, barePlatform(keepAlive: KeepAlive(.constant(8)))) == "CCWWWWC")
    #expect(
      try outcomes(
        picture, seconds: 1, barePlatform(keepAlive: KeepAlive(.constant(8)), reuse: .leastRecentlyUsed)) == "CCWWWWW")
  }

  @Test("an environment older than its maximum lifetime serves no more")
  func maximumLifetime() throws {
    let platform = barePlatform(keepAlive: KeepAlive(.constant(100)), maximumLifetime: .constant(5))
    #expect(try outcomes("a-a-a-a", seconds: 1, platform) == "CWWC")
    // Busy when its time comes, it finishes and is gone.
    #expect(try outcomes("a---a--a", seconds: 2, platform) == "CWC")
  }

  @Test("a cold start keeps its environment for init and duration")
  func coldStartHoldsLonger() throws {
    let platform = barePlatform(keepAlive: KeepAlive(.constant(60)), initDuration: .constant(2))
    #expect(try outcomes("a--a", seconds: 1, platform) == "CW")
    #expect(try outcomes("a-aa", seconds: 1, platform) == "CCW")
  }

  @Test("reserved concurrency refuses what is above it, and zero refuses all")
  func reservedConcurrency() throws {
    let two = barePlatform(keepAlive: KeepAlive(.constant(60))) { $0.reservedConcurrency = 2 }
    #expect(try outcomes("3-a", seconds: 1, two) == "CCTW")
    let none = barePlatform(keepAlive: KeepAlive(.constant(60))) { $0.reservedConcurrency = 0 }
    #expect(try outcomes("a-a", seconds: 1, none) == "TT")
  }

  @Test("provisioned environments serve first and never cold; what spills over starts on demand")
  func provisionedConcurrency() throws {
    let platform = barePlatform(keepAlive: KeepAlive(.constant(60))) { $0.provisionedConcurrency = 2 }
    #expect(try outcomes("3--3", seconds: 1, platform) == "PPCPPW")
  }

  @Test("the account's limit refuses invocations of all functions")
  func accountLimit() throws {
    let platform = barePlatform(keepAlive: KeepAlive(.constant(60)), limit: 2)
    #expect(try outcomes("3-3", seconds: 1, platform) == "CCTWWT")
  }
}
