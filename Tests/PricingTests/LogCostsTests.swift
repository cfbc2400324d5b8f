import Foundation
import Logs
import Platforms
import Testing
import Units

@testable import Pricing

@Suite("The cost of logged invocations")
struct LogCostsTests {
  private static let ids = [
    "8f507cfc-aaaa-4697-b07a-ac58fc914c95", "8f507cfc-bbbb-4697-b07a-ac58fc914c95",
    "8f507cfc-cccc-4697-b07a-ac58fc914c95",
  ]

  private func entry(
    _ id: Int, function: Int = 0, stream: Int = 0, hour: Int64? = 0, milliseconds: Double, billed: Int,
    memory: Int = 1024,
    used: Int? = nil, initialised: Double? = nil, status: LambdaReport.Status? = nil, isLateTimeout: Bool = false
  ) throws -> LoggedReports.Entry {
    func span(_ milliseconds: Double) -> TimeSpan { TimeSpan(nanoseconds: Int64((milliseconds * 1e6).rounded())) }
    return LoggedReports.Entry(
      function: function, stream: stream, end: hour.map { $0 * 3_600_000_000_000 },
      report: LambdaReport(
        requestID: try #require(LambdaRequestID(Self.ids[id])), duration: span(milliseconds),
        billedMilliseconds: billed,
        memory: MemorySize(megabytes: memory), maxMemoryUsed: used.map { MemorySize(megabytes: $0) },
        initDuration: initialised.map(span), status: status),
      isLateTimeout: isLateTimeout)
  }

  @Test("adds up by function, stream and hour, and every grouping has the whole")
  func groups() throws {
    var costs = LogCosts()
    costs.take(try entry(0, milliseconds: 99.5, billed: 100, used: 512))
    costs.take(try entry(1, function: 1, stream: 1, hour: 1, milliseconds: 200, billed: 200, memory: 128, used: 128))
    costs.take(try entry(2, function: 1, stream: 2, hour: nil, milliseconds: 1, billed: 1, memory: 128))
    for sums in [Array(costs.functions.values), Array(costs.streams.values), Array(costs.hours.values)] {
      #expect(sums.map(\.requests).reduce(0, +) == 3)
      let billed: Int128 = 100 * 1024 + 201 * 128
      #expect(sums.map(\.billed).reduce(0, +) == billed)
    }
    #expect(costs.streams.count == 3 && costs.hours.count == 3)
    #expect(costs.functions[0]?.usedTimeShare == 0.995)
    #expect(costs.functions[0]?.usedMemoryShare == 0.5)
    // What says no memory in use has no part in its share.
    #expect(costs.functions[1]?.usedMemoryShare == 1)
    let usage = costs.usage(names: ["a", "b"], region: "us-east-1", architecture: .arm)
    #expect(usage.total(of: .duration) == costs.total.billed)
    #expect(usage.total(of: .requests) == 3)
  }

  @Test("tells billed init from free init")
  func initialisation() throws {
    var costs = LogCosts()
    costs.take(try entry(0, milliseconds: 198.79, billed: 332, memory: 256, initialised: 132.79))
    #expect(costs.total.billedInit == (332 - 199) * 256)
    var free = LogCosts()
    free.take(try entry(0, milliseconds: 8.4, billed: 9, memory: 128, initialised: 170.13))
    #expect(free.total.billedInit == 0 && free.total.coldStarts == 1)
    #expect(try #require(free.total.usedTimeShare) < 1)
  }

  @Test("a report of a request that failed before is a retry; a timeout told later counts where it belongs")
  func retries() throws {
    var costs = LogCosts()
    costs.take(try entry(0, milliseconds: 3000, billed: 3000))
    costs.take(try entry(0, milliseconds: 3000, billed: 3000, isLateTimeout: true))
    costs.take(try entry(1, milliseconds: 10, billed: 10))
    costs.take(try entry(0, milliseconds: 20, billed: 20))
    costs.take(try entry(2, milliseconds: 7, billed: 7, status: .error))
    costs.take(try entry(2, milliseconds: 7, billed: 7, status: .success))
    #expect(costs.total.requests == 5)
    #expect(costs.total.timeouts == 1 && costs.total.failures == 2)
    #expect(costs.total.billedTimeouts == 3000 * 1024)
    #expect(costs.total.retries == 2 && costs.total.billedRetries == 27 * 1024)
  }

  @Test("a report without a billed duration is counted apart")
  func unbilled() throws {
    var costs = LogCosts()
    var managed = try entry(0, milliseconds: 5, billed: 5)
    managed.report.billedMilliseconds = nil
    costs.take(managed)
    #expect(costs.unbilled == 1 && costs.total.requests == 0 && costs.dearestHundredth == nil)
  }
}
