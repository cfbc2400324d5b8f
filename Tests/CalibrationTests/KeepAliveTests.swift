import Foundation
import Platform
import RealData
import Statistics
import Testing

@testable import Calibration

private let poisson = "aws/poisson_traces_2020.csv.gz"

@Suite("Keep-alive, lifetime and reuse of a real function", .enabled(if: RealData.has(poisson)))
struct KeepAliveTests {
  private static let trace = Result { try EnvironmentTrace(path: RealData.path(poisson)) }

  @Test("the order of reuse is recognised as most-recently-used")
  func reuse() throws {
    let trace = try Self.trace.get()
    #expect(trace.functions.count == 6 && trace.rows == 13_245)
    let evidence = ReuseEvidence(trace)
    #expect(evidence.order == .mostRecentlyUsed)
    #expect(evidence.choices > 9_000)
    #expect(Double(evidence.mostRecentlyUsed) / Double(evidence.choices) > 0.99)
    #expect(Double(evidence.newestCreated) / Double(evidence.choices) < 0.6)
  }

  @Test("two numbers for the sole environment, an upper end for others, and a lifetime near two hours")
  func laws() throws {
    let fit = PlatformFit(try Self.trace.get(), replications: 1, step: 600)
    guard case .uniform(let lower, let upper) = fit.keepAlive.sole else { return #expect(Bool(false)) }
    #expect((600...640).contains(lower) && (640...665).contains(upper), "\(lower) \(upper)")
    guard case .uniform(_, let end) = fit.keepAlive.deeper else { return #expect(Bool(false)) }
    #expect((1450...1550).contains(end))
    guard case .uniform(let youngest, let oldest) = fit.maximumLifetime else { return #expect(Bool(false)) }
    #expect((6800...7400).contains(youngest) && (7200...7600).contains(oldest), "\(youngest) \(oldest)")
    #expect((7200...7450).contains(fit.oldestServing))
  }
}
