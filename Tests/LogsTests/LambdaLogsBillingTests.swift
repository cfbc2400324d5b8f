import TestSupport
import Testing
import Units

@testable import Logs

@Suite("Lambda's billed milliseconds") struct LambdaLogsBillingTests {
  private static func ms(_ milliseconds: Double) -> TimeSpan {
    TimeSpan(nanoseconds: Int64((milliseconds * 1_000_000).rounded()))
  }

  @Test("the blog's example: 250.06 ms and 100.77 ms of init are 251 before and 351 after 1 August 2025")
  func announcement() {
    let (duration, initialised) = (Self.ms(250.06), Self.ms(100.77))
    #expect(billedMilliseconds(duration: duration, init: initialised, era: .hundredMilliseconds) == 300)
    #expect(billedMilliseconds(duration: duration, init: initialised, era: .millisecond) == 251)
    #expect(billedMilliseconds(duration: duration, init: initialised, era: .millisecondWithInit) == 351)
  }

  @Test("the sum is rounded up once: 0.6 + 0.3 ms is one, not two")
  func oneRounding() {
    #expect(billedMilliseconds(duration: Self.ms(0.6), init: Self.ms(0.3), era: .millisecondWithInit) == 1)
    #expect(billedMilliseconds(duration: Self.ms(0.6), init: Self.ms(0.5), era: .millisecondWithInit) == 2)
  }

  @Test("at least one step is billed, whole steps are not rounded up, restores come on top")
  func edges() {
    for (era, step) in [(LambdaBillingEra.hundredMilliseconds, 100), (.millisecond, 1), (.millisecondWithInit, 1)] {
      #expect(billedMilliseconds(duration: .zero, era: era) == step)
      #expect(billedMilliseconds(duration: .milliseconds(200), era: era) == 200)
      #expect(billedMilliseconds(duration: .milliseconds(200), restore: 33, era: era) == 233)
      #expect(
        billedMilliseconds(duration: TimeSpan(nanoseconds: .max), init: TimeSpan(nanoseconds: .max), era: era) > 0)
      #expect(billedMilliseconds(duration: TimeSpan(nanoseconds: .min), era: era) == step)
    }
  }

  @Test("while init was free a timeout was billed at the function's timeout")
  func timeouts() {
    let (ran, limit) = (Self.ms(3003.5), TimeSpan.seconds(3))
    #expect(billedMilliseconds(duration: ran, timeout: limit, era: .hundredMilliseconds) == 3000)
    #expect(billedMilliseconds(duration: ran, timeout: limit, era: .millisecond) == 3000)
    #expect(billedMilliseconds(duration: ran, init: Self.ms(84), timeout: limit, era: .millisecondWithInit) == 3088)
  }

  @Test("reports tell by which rule they were billed")
  func evidence() {
    func verdict(_ reports: [(duration: Double, initialised: Double?, billed: Int)]) -> String? {
      var evidence = BillingEvidence()
      for report in reports {
        guard let id = LambdaRequestID("a") else { continue }
        evidence.weigh(
          LambdaReport(
            requestID: id, duration: Self.ms(report.duration), billedMilliseconds: report.billed,
            initDuration: report.initialised.map(Self.ms)))
      }
      return evidence.verdict
    }
    #expect(verdict([(12.5, nil, 100), (250, 80, 300)])?.contains("100 ms") == true)
    #expect(verdict([(12.5, nil, 13)])?.contains("without a cold start") == true)
    #expect(verdict([(12.5, nil, 13), (20.5, 100.2, 21)])?.contains("init free") == true)
    #expect(verdict([(12.5, nil, 13), (20.5, 100.2, 121)])?.contains("with init") == true)
    #expect(verdict([(20.5, 100.2, 21), (20.5, 100.2, 121)])?.contains("more than one rule") == true)
    #expect(verdict([]) == nil)
    #expect(verdict([(100, nil, 100)]) == nil)
  }
}
