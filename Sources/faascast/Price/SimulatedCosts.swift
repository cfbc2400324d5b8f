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

/// What a report says of money: the bill, where it goes, what a month and other places would cost.
struct SimulatedCosts {
  let scenario: Scenario
  let book: PriceBook
  /// Whether to tell the bill of thirty days.
  let perMonth: Bool

  private var terms: BillingTerms { scenario.billingTerms }
  private var region: String { scenario.platform.region }

  /// The bill of what was simulated.
  func bill(_ outcome: Outcome) -> Bill { Bill(for: Usage(outcome, region: region), book: book, terms: terms) }

  /// Writes costs into a report that has its bill.
  func complete(_ report: inout Report) {
    guard let bill = report.bill else { return }
    let outcome = report.outcome
    report.functionCosts = bill.costs(of: outcome)
    report.costParts = CostParts(of: outcome, bill: bill)
    report.alternatives = Alternative.all(for: outcome, region: region, book: book, terms: terms)
    report.alternativeNotes = notes(outcome)
    guard perMonth else { return }
    report.month = MonthBill(
      of: Usage(outcome, region: region), over: TimeSpan(nanoseconds: outcome.horizon.nanoseconds), book: book,
      terms: terms)
    if let interval = report.intervals["cost"], bill.total > 0, let month = report.month?.bill {
      // The interval of the span's bill, in proportion.
      report.month?.halfWidth95 = interval.halfWidth * NSDecimalNumber(decimal: month.total / bill.total).doubleValue
    }
  }

  /// Looks for the best provisioned concurrency by simulating again.
  func addProvisioned(_ replications: Replications, to report: inout Report, isQuiet: Bool) throws(InputFault) {
    report.textShowsAlternatives = true
    guard !Interruption.isRequested else { return }
    var progress = ProgressLine(isQuiet: isQuiet)
    defer { progress.clear() }
    let outcome = report.outcome
    let search = ProvisionedSearch(replications.simulation, book: book, terms: terms) {
      (simulation) throws(InputFault) in
      var again = replications
      again.simulation = simulation
      // As the report's outcome: the first replication, without its warm-up.
      return try again.run(
        0..<1, digest: { (_, outcome) throws(InputFault) in outcome }, shouldStop: { Interruption.isRequested }
      ).first ?? outcome
    }
    let found = try search.alternative(
      to: outcome, onProgress: { done, most in progress.show(share: Double(done) / Double(most)) },
      shouldStop: { Interruption.isRequested })
    if let found {
      report.alternatives.append(found)
    } else {
      report.alternativeNotes.append("no level of provisioned concurrency lowers this bill")
    }
  }

  /// When provisioned concurrency pays here, once for each architecture in use.
  private func notes(_ outcome: Outcome) -> [String] {
    let used = Set(outcome.functions.map(\.settings.architecture))
    return Architecture.allCases.filter(used.contains).map { architecture in
      "provisioned concurrency (\(architecture.rawValue)) "
        + BreakEvenReport.sentence(
          ProvisionedUtilisation(in: region, architecture: architecture, book: book), region: region)
    }
  }
}
