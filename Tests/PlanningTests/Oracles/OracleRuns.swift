import Diagnostics
import Dispatch
import Foundation
import Logs
import Platforms
import Statistics
import Synchronization
import Testing
import Traces
import Units
import Workloads

@testable import Engine
@testable import Planning

/// How large the simulations are that reference values are held against.
enum OracleSize {
  /// Ten million invocations a case where FAASCAST_LONG is set (`make oracles`, with optimisation), else few enough for
  /// every test run.
  static let isFull = ProcessInfo.processInfo.environment["FAASCAST_LONG"] != nil
  static let invocations = isFull ? 10_000_000 : 10_000
  static let replications = isFull ? 40 : 20
}

/// Sums over replications of a numerator and a denominator: a share, or a mean over time.
struct RatioSample {
  private var terms: [(Double, Double)] = []

  mutating func add(_ numerator: Double, of denominator: Double) { terms.append((numerator, denominator)) }

  var denominator: Double { terms.reduce(0) { $0 + $1.1 } }
  var estimate: Double { terms.reduce(0) { $0 + $1.0 } / denominator }

  /// The standard error of the ratio, by linearisation over the replications.
  var error: Double {
    let (count, ratio, total) = (Double(terms.count), estimate, denominator)
    let squares = terms.reduce(0) { $0 + ($1.0 - ratio * $1.1) * ($1.0 - ratio * $1.1) }
    return (squares * count / (count - 1)).squareRoot() / total
  }

  /// Within four standard errors, those of the reference (`known`) included.
  ///
  /// - Parameters:
  ///   - isShare: whether the denominator counts trials. Then the error is at least that of as many independent
  ///     trials, since a handful of hits, or none, says nothing of its own spread.
  ///   - excess: how much more than the reference a simulation may rightly give, for a reason that can be computed.
  func expect(
    _ exact: Double, _ what: String, isShare: Bool = false, known: Double = 0, excess: Double = 0,
    at location: SourceLocation = #_sourceLocation
  ) {
    let independent = isShare ? (exact * max(0, 1 - exact) / denominator).squareRoot() : 0
    let error = (pow(max(error, independent), 2) + known * known).squareRoot()
    #expect(
      (exact - 4 * error...exact + excess + 4 * error).contains(estimate),
      "\(what): \(estimate) ± \(error), exact \(exact) and at most \(excess) more", sourceLocation: location)
  }
}

/// Runs `body` for each replication on all processors, and gives what it returned, in order.
func replicate<Value: Sendable>(
  _ count: Int = OracleSize.replications, _ body: @Sendable (UInt64) throws -> Value
) throws -> [Value] {
  let results = Mutex<[Int: Result<Value, any Error>]>([:])
  DispatchQueue.concurrentPerform(iterations: count) { index in
    let result = Result { try body(UInt64(index)) }
    results.withLock { $0[index] = result }
  }
  return try results.withLock { results in try (0..<count).map { try #require(results[$0]).get() } }
}

/// A pool whose long-run figures are known.
struct OraclePool {
  var rate: Double
  var service: Distribution
  var keepAlive: KeepAlive
  var reuse = ReuseOrder.mostRecentlyUsed
  var setup = Distribution.constant(0)
  var limit: Int?
  /// Whether the limit is the account's, which couples functions, and not the function's own.
  var isAccountLimit = false
  var provisioned = 0
  var arrivals: ArrivalProcess?

  /// Outcomes of replications after `settle` seconds, so many invocations in all.
  func outcomes(settle: Double, invocations: Int = OracleSize.invocations) throws -> [Outcome] {
    let warmUp = Int64((settle / 60).rounded(.up))
    let seconds = Double(invocations) / Double(OracleSize.replications) / rate
    let horizon = try #require(TimeSpan(seconds: Double(warmUp) * 60 + max(seconds, 1)))
    var rule = FunctionRule(pattern: "*")
    rule.initDuration = setup
    rule.platformOverhead = .constant(0)
    rule.provisionedConcurrency = provisioned
    rule.reservedConcurrency = isAccountLimit ? nil : limit
    let function = SyntheticFunction(name: "f", arrivals: arrivals ?? .poisson(rate: rate), duration: service)
    let workload = try Workload.synthetic(SyntheticWorkload(horizon: horizon, functions: [function]), title: "oracle")
    let simulation = Simulation(
      workload: workload,
      platform: Platform(
        accountConcurrency: isAccountLimit ? limit : nil, reuse: reuse, keepAlive: keepAlive, maximumLifetime: nil,
        rules: [rule]),
      seed: 20_261_126)
    return try Replications(
      simulation, jobs: ProcessInfo.processInfo.activeProcessorCount, warmUp: .minutes(warmUp)
    ).run(0..<OracleSize.replications) { (_, outcome) throws(InputFault) in outcome }
  }
}

extension [Outcome] {
  /// A share of counts.
  func share(_ hits: (Tally) -> Int, of trials: (Tally) -> Int) -> RatioSample {
    reduce(into: RatioSample()) { $0.add(Double(hits($1.totals)), of: Double(trials($1.totals))) }
  }

  /// A time integral over the horizon.
  func overTime(_ integral: (Tally) -> Int128) -> RatioSample {
    reduce(into: RatioSample()) { $0.add(Double(integral($1.totals)), of: Double($1.horizon.nanoseconds)) }
  }
}

/// One function's invocations as the generators draw them, in seconds.
func drawn(
  _ arrivals: ArrivalProcess, _ duration: Distribution, seconds: Double, replication: UInt64
) throws -> (arrivals: [Double], durations: [Double]) {
  let workload = try Workload.synthetic(
    SyntheticWorkload(
      horizon: #require(TimeSpan(seconds: seconds)),
      functions: [SyntheticFunction(name: "f", arrivals: arrivals, duration: duration)]), title: "oracle")
  guard case .generated(let generated) = workload.feed else { return ([], []) }
  var generator = generated.generator(0, 20_261_126, replication)
  var block = InvocationBlock()
  generator.generate(until: generated.horizon, into: &block)
  return (block.arrivals.map { Double($0) / 1e9 }, block.durations.map { Double($0) / 1e9 })
}
