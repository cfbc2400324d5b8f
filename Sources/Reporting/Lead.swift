import Engine
import Foundation
import Planning
import Platforms
import Pricing
import Units

extension Report {
  /// `7 days, 30 functions, seed 42`: what was simulated.
  var subject: String {
    var parts = [
      Wording.length(TimeSpan(nanoseconds: outcome.horizon.nanoseconds)),
      Wording.count(outcome.functions.count, "function"), "seed \(seed)",
    ]
    if replications != 1 { parts.append(Wording.count(replications, "replication")) }
    return parts.joined(separator: ", ")
  }

  /// The answer in two or three sentences, for readers who stop there.
  var lead: String {
    let tally = outcome.totals
    guard tally.arrivals > 0 else { return "Nothing was invoked in this trace." }
    var text = "Of \(Wording.count(tally.arrivals, "invocation")), "
    switch (tally.starts, tally.coldStarts) {
    case (0, _): text += "none was started: every one was refused"
    case (_, 0): text += "none met a cold start"
    default: text += "\(Wording.percent(totals.coldShare)) met a cold start"
    }
    if tally.starts > 0 {
      text += tally.throttles == 0 ? " and none was throttled" : "; \(throttledWords) throttled"
    }
    text += ". At most \(tally.peakConcurrency.grouped) ran at one moment\(peakAgainstLimit.map { ", \($0)" } ?? "")."
    if let bill { text += " The bill comes to \(bill.currency) \(Wording.money(bill.total))." }
    return text
  }

  private var throttledWords: String {
    "\(outcome.totals.throttles.grouped) (\(Wording.percent(totals.throttledShare))) \(outcome.totals.throttles == 1 ? "was" : "were")"
  }

  /// `31 % of the account's 1,000`; nil without a limit.
  var peakAgainstLimit: String? {
    guard let limit = platform.accountConcurrency, limit > 0 else { return nil }
    let share = Double(outcome.totals.peakConcurrency) / Double(limit)
    return "\(Wording.percent(share)) of the account's \(limit.grouped)"
  }

  /// What the cold-start share means to callers.
  var coldStartMeaning: String {
    let tally = outcome.totals
    if tally.arrivals == 0 { return "nothing was invoked" }
    if tally.starts == 0 { return "nothing was started" }
    if tally.coldStarts == 0 { return "no caller waits for init" }
    let share = Wording.percent(totals.coldShare)
    return Wording.oneIn(totals.coldShare).map { "\(share): \($0) waits for init" } ?? "\(share) wait for init"
  }
}
