import Diagnostics
import Platforms

/// The account's concurrency that functions without a reservation share.
///
/// Reserved concurrency leaves the pool whether used or not; so does provisioned concurrency of functions without a
/// reservation, and at least 100 must stay unreserved
/// (docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html and lambda-concurrency.html, read 2026-11).
struct SharedConcurrency {
  /// What AWS keeps unreserved.
  static let leastUnreserved = 100

  /// Concurrent invocations that fit at first; nil for no limit.
  let limit: Int?
  /// The same when provisioned concurrency is as high as it may ever be; below zero when it may not be held.
  let leastLimit: Int?

  /// - Throws: when the account cannot hold what its functions reserve.
  init(platform: Platform, functions: some Sequence<FunctionSettingsByName>) throws(InputFault) {
    guard let account = platform.accountConcurrency, platform.dividesConcurrency else {
      limit = platform.accountConcurrency
      leastLimit = limit
      return
    }
    var taken = 0
    /// What provisioned concurrency may take more later.
    var growth = 0
    var seen: Set<String> = []
    for (name, settings) in functions {
      seen.insert(name)
      if let reserved = settings.reservedConcurrency, settings.provisionedConcurrency > reserved {
        throw InputFault(
          at: .init(file: "functions", key: "\(name).provisioned-concurrency"),
          found: "\(settings.provisionedConcurrency)", expected: "at most its reserved concurrency, \(reserved)")
      }
      taken += settings.reservedConcurrency ?? settings.provisionedConcurrency
      if settings.reservedConcurrency == nil { growth += settings.mostProvisioned - settings.provisionedConcurrency }
    }
    for rule in platform.rules where rule.isExact && !seen.contains(rule.pattern) {
      taken += rule.reservedConcurrency ?? rule.provisionedConcurrency ?? 0
    }
    guard taken == 0 || account - taken >= Self.leastUnreserved else {
      throw InputFault(
        at: .init(file: "platform", key: "account-concurrency"),
        found: "\(account), of which functions reserve or provision \(taken)",
        expected: "at least \(Self.leastUnreserved) left unreserved, as AWS requires",
        advice: "raise account-concurrency or lower reserved-concurrency and provisioned-concurrency")
    }
    limit = account - taken
    leastLimit = growth == 0 || account - taken - growth >= Self.leastUnreserved ? account - taken - growth : -1
  }
}

/// A function's name and settings.
typealias FunctionSettingsByName = (name: String, settings: FunctionSettings)
