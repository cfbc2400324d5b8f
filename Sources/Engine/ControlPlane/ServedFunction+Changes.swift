import Platforms

/// What the platform changes while the function is served: its version, and its provisioned concurrency.
extension ServedFunction {
  /// A new version goes live. All at once, the old ones' waiting environments end; otherwise they age out.
  mutating func deploy(_ deployment: Int, at now: Int64, _ meter: inout TimelineMeter) {
    versions.deploy(deployment, at: now)
    for pool in waiting.indices where versions.isRetired(version(ofPool: pool)) {
      while let idle = waiting[pool].next() { end(idle, at: min(now, idle.expires), &meter) }
    }
  }

  /// Asks for another level of provisioned concurrency, within what the function has reserved or the account has left.
  ///
  /// - Returns: how long the allocation takes and the request's number; nil where nothing need be waited for.
  mutating func provision(_ level: Int, at now: Int64, _ account: inout Account) -> (delay: Int64, request: Int)? {
    guard level != fleet.requested else { return nil }
    let fits =
      model.sharesConcurrency
      ? account.provision(level - fleet.requested) : level <= settings.reservedConcurrency ?? .max
    guard fits else {
      tally.failedAllocations += 1
      return nil
    }
    fleet.ask(for: level, at: now)
    if let rate = rules.requestsPerConcurrency {
      provisionedRequests = TokenBucket(perSecond: rate * level)
      _ = provisionedRequests?.hasToken(at: now)
    }
    guard fleet.isAllocating else { return nil }
    let making = Int64(level - fleet.ready) * 60_000_000_000 / Int64(rules.allocationPerMinute)
    return (rules.allocationDelay.draw(&allocationStream) + making, fleet.request)
  }

  /// New provisioned environments are ready. Their Init is billed whether or not they ever serve
  /// (docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html, read 2026-11).
  mutating func allocationCompletes(_ request: Int, at now: Int64, _ meter: inout TimelineMeter) {
    let new = fleet.allocationCompleted(request)
    tally.environmentsCreated += new
    for _ in 0..<new { bill(model.initDuration.draw(&allocationStream), provisioned: true, at: now, &meter) }
  }
}
