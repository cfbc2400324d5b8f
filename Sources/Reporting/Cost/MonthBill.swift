import Documents
import Foundation
public import Pricing
public import Units

/// The bill of a month at the pace of another span. Nobody gets one unasked: a week says little about a month with
/// another number of weekends, or a growing business.
public struct MonthBill: Sendable {
  /// How the month was made, for people.
  public var rule: String
  public var bill: Bill
  /// Half the width of the total's 95 % confidence interval, where replications tell.
  public var halfWidth95: Double?

  /// Thirty days: storage is sold by such months, and tiers are close to it.
  public static let days: Int64 = 30

  /// The bill for usage of `span` stretched or shrunk to thirty days: every meter by the same factor, then priced as one
  /// month with its tiers and free allowances.
  public init(of usage: Usage, over span: TimeSpan, book: PriceBook, terms: BillingTerms) {
    let month = Self.days * TimeUnit.days.nanoseconds
    let factor = (multiply: Int128(month), divide: Int128(max(1, span.nanoseconds)))
    rule = "30 days at the pace of these \(Wording.length(span))"
    bill = Bill(for: usage.scaled(by: factor), book: book, terms: terms)
  }

  var members: [(String, JSON)] {
    [("rule", .text(rule))] + (halfWidth95.map { [("halfWidth95", .number($0))] } ?? []) + bill.members
  }

  /// ` ± 1.23`
  var saidInterval: String { halfWidth95.map { " ± \(Wording.number($0))" } ?? "" }
}
