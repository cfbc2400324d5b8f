import Diagnostics
import Engine
import Foundation
import Planning
import Platforms
import Pricing
import Reporting
import Scenarios
import Statistics
import Units

/// The prices that a scenario's outcomes are billed at.
struct ScenarioPrices: Sendable {
  let book: PriceBook
  private let region: String
  private let terms: BillingTerms

  /// - Parameter book: nil: the scenario's own book, else the program's.
  init(of scenario: Scenario, book: PriceBook?) throws(InputFault) {
    let chosen = if let book { book } else { try PriceBook.named(scenario.priceBook) }
    self.book = chosen
    region = scenario.platform.region
    terms = scenario.billingTerms
    try scenario.locatingFaults { () throws(InputFault) in try chosen.requireRegion(scenario.platform.region) }
  }

  func bill(_ outcome: Outcome) -> Bill { Bill(for: Usage(outcome, region: region), book: book, terms: terms) }

  /// All that a report says of money.
  ///
  /// - Parameter interval: of the cost over replications.
  func costs(
    of outcome: Outcome, interval: ConfidenceInterval?, perMonth: Bool, provisioned: ProvisionedAnswer
  ) -> Report.Costs {
    let bill = bill(outcome)
    var alternatives = Alternative.all(for: outcome, region: region, book: book, terms: terms)
    var notes = breakEvens(outcome)
    switch provisioned {
    case .notAsked: break
    case .cheaper(let found): alternatives.append(found)
    case .none: notes.append("no level of provisioned concurrency lowers this bill")
    }
    return Report.Costs(
      bill: bill, functions: bill.costs(of: outcome), parts: CostParts(of: outcome, bill: bill),
      month: perMonth ? month(outcome, bill, interval) : nil, alternatives: alternatives, alternativeNotes: notes,
      textShowsAlternatives: provisioned.wasAsked)
  }

  private func month(_ outcome: Outcome, _ bill: Bill, _ interval: ConfidenceInterval?) -> MonthBill {
    var month = MonthBill(
      of: Usage(outcome, region: region), over: TimeSpan(nanoseconds: outcome.horizon.nanoseconds), book: book,
      terms: terms)
    if let interval, bill.total > 0 {
      // The interval of the span's bill, in proportion.
      month.halfWidth95 = interval.halfWidth * NSDecimalNumber(decimal: month.bill.total / bill.total).doubleValue
    }
    return month
  }

  /// When provisioned concurrency pays, one sentence for each architecture in use.
  private func breakEvens(_ outcome: Outcome) -> [String] {
    let used = Set(outcome.functions.map(\.settings.architecture))
    return Architecture.allCases.filter(used.contains).map { architecture in
      "provisioned concurrency (\(architecture.rawValue)) "
        + BreakEvenReport.sentence(
          ProvisionedUtilisation(in: region, architecture: architecture, book: book), region: region)
    }
  }

  /// Searches for the cheapest provisioned concurrency by simulating again.
  func cheapestProvisioned(
    beside outcome: Outcome, _ replications: Replications, _ watch: Forecast.Watch
  ) throws(InputFault) -> ProvisionedAnswer {
    guard !watch.shouldStop() else { return .none }
    let search = ProvisionedSearch(replications.simulation, book: book, terms: terms) {
      (simulation) throws(InputFault) in
      var again = replications
      again.simulation = simulation
      // As the report's outcome: the first replication, without its warm-up.
      return try again.run(
        0..<1, digest: { (_, outcome) throws(InputFault) in outcome }, shouldStop: watch.shouldStop
      ).first ?? outcome
    }
    let found = try search.alternative(
      to: outcome,
      onProgress: { done, most in
        watch.onProgress(Forecast.Progress(invocations: nil, share: Double(done) / Double(most)))
      },
      shouldStop: watch.shouldStop)
    return found.map { .cheaper($0) } ?? .none
  }
}

/// What the search for provisioned concurrency found.
enum ProvisionedAnswer: Sendable {
  case notAsked
  case cheaper(Alternative)
  /// No level lowers the bill.
  case none

  var wasAsked: Bool { if case .notAsked = self { false } else { true } }
}
