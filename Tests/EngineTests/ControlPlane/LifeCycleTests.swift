import Logs
import Platforms
import Statistics
import Testing
import Units

@testable import Engine

@Suite("Life of an environment, as Lambda documents it")
struct LifeCycleTests {
  @Test(
    "a cold start is the platform's overhead, the runtime's init and the function's own, of which the last two are billed"
  )
  func phases() throws {
    let platform = ruledPlatform(initDuration: .constant(1)) {
      $0.runtimeInit = .constant(0.5)
      $0.platformOverhead = .constant(0.2)
    }
    let totals = try Story("a---", seconds: 1, on: platform).outcome.totals
    #expect(totals.latency.maximum == 2_700_000_000 && totals.initDuration.maximum == 1_500_000_000)
    #expect(totals.billedMilliseconds == 2500)
    // Laws are drawn one by one and added.
    var chance = platform
    chance.rules[0].runtimeInit = .uniform(lower: 1, upper: 2)
    chance.rules[0].initDuration = .uniform(lower: 3, upper: 4)
    let drawn = try Story("a", seconds: 1, on: chance).outcome.totals.initDuration.mean
    #expect((4e9...6e9).contains(drawn))
  }

  @Test("a timeout resets the environment: the next invocation there runs Init again inside its duration")
  func timeout() throws {
    let platform = ruledPlatform(initDuration: .constant(1)) {
      $0.timeout = .seconds(3)
      $0.behaviour.failures = FailureRates()
    }
    let story = try Story("a----a--a", seconds: 9, 0.5, on: platform)
    #expect(story.letters == "CRW")
    let tally = story.outcome.totals
    #expect(tally.timeouts == 1)
    // 1 s init + 3 s; 1 s Init again + 0.5 s in one; 0.5 s.
    #expect(tally.latency.sum == 6_000_000_000)
    #expect(tally.duration.sum == 5_000_000_000)
    #expect(tally.billedMilliseconds == 6000)
  }

  @Test("the figures of AWS's sample lines: the bill is the sum of init and duration, rounded up once")
  func sampleBills() throws {
    for (timeout, duration, initDuration, billed) in [
      // REPORT lines of AWS's guide: a timeout of 3 s, a crash, another timeout.
      (3.00492, 9, 0.11123, 3117), (9, 0.13361, 0.08, 214), (3.01678, 9, 0.084, 3101),
    ] as [(Double, Double, Double, Int128)] {
      let platform = ruledPlatform(initDuration: .constant(initDuration)) { $0.timeout = TimeSpan(seconds: timeout) }
      #expect(try Story("a", seconds: duration, on: platform).outcome.totals.billedMilliseconds == billed)
    }
  }

  @Test("Init that runs again has the function's share of a processor, unlike Init itself")
  func unboosted() throws {
    let platform = ruledPlatform(initDuration: .constant(1)) {
      $0.memory = MemorySize(megabytes: 128)
      $0.timeout = .seconds(30)
      $0.behaviour.failures = FailureRates(crashes: 1)
    }
    let duration = try Story("a---a", seconds: 0.5, 0.5, on: platform).outcome.totals.duration
    // 1769 / 128 = 13.8203125 times as long, and the handler.
    #expect(duration.maximum == 14_320_312_500)
  }

  @Test("where Init takes longer than the timeout a reset environment fails for ever")
  func stuck() throws {
    let platform = ruledPlatform(initDuration: .constant(2)) {
      $0.timeout = .seconds(1)
      $0.behaviour.failures = FailureRates()
    }
    let story = try Story("a---a-a-a", seconds: 5, 0.1, on: platform)
    #expect(story.letters == "CRRR")
    #expect(story.outcome.totals.timeouts == 4)
  }

  @Test("an error that the handler returns keeps the environment, a crash resets it")
  func failures() throws {
    let errors = ruledPlatform { $0.behaviour.failures = FailureRates(errors: 1) }
    var story = try Story("a--a--a", seconds: 1, on: errors)
    #expect(story.letters == "CWW")
    #expect(story.outcome.totals.errors == 3 && story.outcome.totals.crashes == 0)

    let crashes = ruledPlatform { $0.behaviour.failures = FailureRates(crashes: 0.5, outOfMemory: 0.5) }
    story = try Story("a--a--a", seconds: 1, on: crashes)
    #expect(story.letters == "CRR")
    #expect(story.outcome.totals.errors == 3 && story.outcome.totals.crashes == 3)
  }

  @Test("failures come in the shares asked for")
  func failureShares() throws {
    let platform = ruledPlatform {
      $0.behaviour.failures = FailureRates(errors: 0.2, crashes: 0.05, outOfMemory: 0.05)
    }
    let tally = try evenly(perSecond: 100, for: 100, duration: 0.001, on: platform).totals
    #expect(abs(tally.errors - 3000) < 4 * 46)
    #expect(abs(tally.crashes - 1000) < 4 * 30)
    // Every crash but the last is met by the next invocation, one at a time.
    #expect(tally.suppressedInits - tally.crashes == 0 || tally.suppressedInits - tally.crashes == -1)
  }

  @Test("Init is given up after 10 s and runs again inside the invocation, as far as its timeout lets it")
  func initLimit() throws {
    let patient = ruledPlatform(.lambda, initDuration: .constant(12)) { $0.timeout = .seconds(60) }
    var tally = try Story("a", seconds: 1, horizon: 60, on: patient).outcome.totals
    #expect(tally.initTimeouts == 1 && tally.suppressedInits == 1 && tally.timeouts == 0)
    #expect(tally.latency.maximum == 23_000_000_000)

    let hasty = ruledPlatform(.lambda, initDuration: .constant(12)) { $0.timeout = .seconds(5) }
    tally = try Story("a", seconds: 1, horizon: 60, on: hasty).outcome.totals
    #expect(tally.timeouts == 1)
    #expect(tally.latency.maximum == 15_000_000_000)

    let unlimited = ruledPlatform(initDuration: .constant(12))
    #expect(try Story("a", seconds: 1, on: unlimited).outcome.totals.latency.maximum == 13_000_000_000)
  }

  @Test("SnapStart restores in place of init; a restore past 10 s fails and leaves no environment")
  func snapStart() throws {
    let quick = ruledPlatform(.lambda, initDuration: .constant(8)) { $0.restoreDuration = .constant(0.4) }
    var story = try Story("a-a", seconds: 1, on: quick)
    #expect(story.letters == "CW")
    #expect(story.outcome.totals.latency.maximum == 1_400_000_000)
    #expect(story.outcome.totals.billedMilliseconds == 2400)

    let slow = ruledPlatform(.lambda, initDuration: .constant(1)) { $0.restoreDuration = .constant(11) }
    story = try Story("a-----------a", seconds: 1, horizon: 60, on: slow)
    #expect(story.letters == "CC")
    #expect(story.outcome.totals.errors == 2 && story.outcome.totals.initTimeouts == 2)
  }

  @Test("an environment initialised ahead is waited for by nobody, and its Init is billed all the same")
  func proactive() throws {
    let platform = ruledPlatform(initDuration: .constant(2)) { $0.behaviour.proactiveInit = 1 }
    let story = try Story("2--a", seconds: 1, on: platform)
    #expect(story.letters == "AAW")
    #expect(story.outcome.totals.latency.maximum == 1_000_000_000)
    #expect(story.outcome.totals.billedMilliseconds == 2 * 3000 + 1000)
  }

  @Test("a deployment ends all environments, those that run as soon as they are done")
  func deployment() throws {
    let platform = ruledPlatform { $0.behaviour.deployments = [Deployment(at: .seconds(5))] }
    #expect(try Story("a--a--a--a", seconds: 1, on: platform).letters == "CWCW")
    #expect(try Story("a-----a--a", seconds: 5.5, 1, on: platform).letters == "CCW")
    // Without it: warm throughout.
    #expect(try Story("a-----a--a", seconds: 5.5, 1, on: ruledPlatform()).letters == "CWW")
  }

  @Test("a canary takes its share of requests by chance, each version in environments of its own")
  func canary() throws {
    let platform = ruledPlatform {
      $0.behaviour.deployments = [Deployment(at: .seconds(50), shift: .canary(share: 0.1, after: .seconds(50)))]
    }
    let tally = try evenly(perSecond: 100, for: 150, duration: 0.001, on: platform).totals
    // One environment for each version is all it takes.
    #expect(tally.coldStarts == 2)
    let linear = TrafficShift.linear(share: 0.1, every: .minutes(1))
    #expect([0, 59, 60, 539, 540, 9000].map { linear.share(after: .seconds($0)) } == [0.1, 0.1, 0.2, 0.9, 1, 1])
  }

  @Test("an alias's weights are probabilities of each request")
  func weights() {
    var routing = VersionRouting(
      deployments: [Deployment(at: .zero, shift: .canary(share: 0.25, after: .hours(1)))],
      stream: RandomStream(seed: 1, purpose: .routing))
    routing.deploy(0, at: 0)
    let new = (0..<10_000).count { _ in routing.choose(at: 1) == 1 }
    #expect(abs(new - 2500) < 4 * 44, "seed 1: \(new)")
    #expect(routing.choose(at: TimeSpan.hours(1).nanoseconds) == 1)
  }
}
