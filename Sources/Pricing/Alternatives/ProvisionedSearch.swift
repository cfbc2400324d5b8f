public import Diagnostics
public import Engine
import Foundation
import Logs
import Platforms
import Units
import Workloads

/// Looks for the provisioned concurrency of each function at which the simulated bill is lowest.
///
/// A level more costs its capacity and saves what runs in it; the more levels, the less the last one is used, so the cost
/// falls and then rises. Every function's level is halved in on at once, two runs a step, all with the same arrivals.
public struct ProvisionedSearch {
  /// What was simulated.
  public var simulation: Simulation
  public var book: PriceBook
  public var terms: BillingTerms
  /// Simulates again, in the same way as the first time.
  private let run: (Simulation) throws(InputFault) -> Outcome

  public init(
    _ simulation: Simulation, book: PriceBook, terms: BillingTerms,
    run: @escaping (Simulation) throws(InputFault) -> Outcome = { (simulation) throws(InputFault) in
      try simulation.run()
    }
  ) {
    self.simulation = simulation
    self.book = book
    self.terms = terms
    self.run = run
  }

  /// - Parameters:
  ///   - outcome: what was simulated.
  ///   - onProgress: called with the runs done and the most that may be needed.
  /// - Returns: nil where provisioned concurrency can't pay, or no level of it does.
  public func alternative(
    to outcome: Outcome, onProgress: (Int, Int) -> Void = { _, _ in }, shouldStop: () -> Bool = { false }
  ) throws(InputFault) -> Alternative? {
    var bounds = bounds(outcome)
    guard bounds.contains(where: { $0.high > 0 }) else { return nil }
    let widest = bounds.map { $0.high }.max() ?? 0
    let most = 2 * (Int.bitWidth - widest.leadingZeroBitCount) + 1
    var done = 0
    func simulate(_ levels: [Int]) throws(InputFault) -> Outcome {
      let outcome = try simulated(levels, outcome)
      done += 1
      onProgress(done, most)
      return outcome
    }
    while bounds.contains(where: { $0.low < $0.high }), !shouldStop() {
      let middles = bounds.map { ($0.low + $0.high) / 2 }
      let lower = costs(try simulate(middles))
      let higher = costs(try simulate(zip(middles, bounds).map { $0 < $1.high ? $0 + 1 : $0 }))
      for index in bounds.indices where bounds[index].low < bounds[index].high {
        if higher[index] < lower[index] {
          bounds[index].low = middles[index] + 1
        } else {
          bounds[index].high = middles[index]
        }
      }
    }
    let levels = bounds.map(\.low)
    guard levels.contains(where: { $0 > 0 }) else { return nil }
    let best = try simulate(levels)
    guard !shouldStop() else { return nil }
    let bill = Bill(for: Usage(best, region: simulation.platform.region), book: book, terms: terms)
    let named = zip(outcome.functions, levels).filter { $0.1 > 0 }.map { "\($0.0.function.name) \($0.1)" }
    let shown = named.prefix(4).joined(separator: ", ") + (named.count > 4 ? " and \(named.count - 4) more" : "")
    return Alternative(
      name: "Lambda, provisioned at the best level", bill: bill,
      size: "\(shown); \(best.totals.coldStarts.grouped) cold starts instead of \(outcome.totals.coldStarts.grouped)",
      ignores: ["levels that change with the hour", "what faster answers are worth"])
  }

  /// From no level to as many as ever ran at once, where the account and reservations leave room.
  private func bounds(_ outcome: Outcome) -> [(low: Int, high: Int)] {
    let platform = simulation.platform
    var highs = outcome.functions.map { function -> Int in
      let settings = function.settings
      let utilisation = ProvisionedUtilisation(
        in: platform.region, architecture: settings.architecture, book: book)
      // Exact names only: a pattern would set others too.
      guard utilisation?.canPay == true, !function.function.name.contains("*") else { return 0 }
      return min(function.tally.peakConcurrency, settings.reservedConcurrency ?? .max)
    }
    if let limit = platform.accountConcurrency {
      // A hundred must stay unreserved (docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html).
      let room = max(0, limit - 100 - outcome.functions.reduce(0) { $0 + ($1.settings.reservedConcurrency ?? 0) })
      let wanted = highs.reduce(0, +)
      if wanted > room { highs = highs.map { $0 * room / wanted } }
    }
    return highs.map { (0, $0) }
  }

  private func simulated(_ levels: [Int], _ outcome: Outcome) throws(InputFault) -> Outcome {
    var simulation = simulation
    for (function, level) in zip(outcome.functions, levels) where !function.function.name.contains("*") {
      var rule = FunctionRule(pattern: function.function.name)
      rule.provisionedConcurrency = level
      simulation.platform.rules.append(rule)
    }
    return try run(simulation)
  }

  /// What each function costs at the prices of the first tiers, so that one function's level does not depend on others'.
  private func costs(_ outcome: Outcome) -> [Decimal] {
    let region = simulation.platform.region
    let usage = Usage(outcome, region: region)
    var costs: [String: Decimal] = [:]
    for (key, quantity) in usage.quantities {
      let price = book.price(of: .init(key.meter, key.variant), in: region)?.first ?? 0
      costs[key.function, default: 0] += Decimal(quantity) / Decimal(key.meter.unit.size) * price
    }
    return outcome.functions.map { costs[$0.function.name] ?? 0 }
  }
}
