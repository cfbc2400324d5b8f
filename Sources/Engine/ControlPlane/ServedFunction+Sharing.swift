import Platforms

/// Environments that serve several invocations at a time, and those on managed instances.
extension ServedFunction {
  mutating func startManaged(_ request: Request, at now: Int64, _ meter: inout TimelineMeter) -> Start {
    guard concurrency < model.concurrencyLimit else { return refuse(.reservedConcurrentInvocations, at: now, &meter) }
    guard managed?.take() == true else { return refuse(.concurrentInvocations, at: now, &meter) }
    meter.environmentBegan(at: now)
    let environment = Environment(serial: 0, lifetimeEnd: .max, version: 0, condition: .initialised)
    var flight = fly(request, environment, Phases(duration: request.duration), isProvisioned: false, at: now, &meter)
    flight.takesShared = false
    return .running(flight)
  }

  mutating func managedDelay() -> Int64 {
    managed.map { TimeLaw($0.policy.delay).draw(&allocationStream) } ?? 0
  }

  mutating func takeShared(at now: Int64, _ meter: inout TimelineMeter) -> SharedEnvironments.Member? {
    guard shared != nil else { return nil }
    for member in shared?.removeExpired(by: now) ?? [] { end(sharedIdle: member, at: member.expires, &meter) }
    return shared?.take(at: now)
  }

  private mutating func end(
    sharedIdle member: SharedEnvironments.Member, at time: Int64, _ meter: inout TimelineMeter
  ) {
    meter.environmentEnded(at: time)
    tally.idleTimeInHorizon += Int128(time - member.since)
    tally.environmentsEnded += 1
  }

  /// Joins an environment that is busy, is idle or is not ready yet.
  mutating func startShared(
    _ request: Request, _ member: SharedEnvironments.Member, at now: Int64, _ account: inout Account,
    _ meter: inout TimelineMeter
  ) -> Flight {
    var phases = Phases(duration: request.duration)
    phases.overhead = max(0, member.ready - now)
    if member.active == 0 {
      tally.idleTimeInHorizon += Int128(now - member.since)
    } else {
      meter.environmentBegan(at: now)
    }
    if phases.overhead > 0 {
      tally.coldStarts += 1
      meter.startedCold(at: now)
    }
    if model.sharesConcurrency { account.began() }
    let environment = Environment(serial: member.serial, lifetimeEnd: .max, version: 0, condition: .initialised)
    return fly(request, environment, phases, isProvisioned: false, at: now, &meter)
  }

  mutating func finishShared(_ flight: Flight, _ meter: inout TimelineMeter) {
    let (now, serial) = (flight.end, flight.environment.serial)
    guard let lifetimeEnd = shared?.leave(serial) else {
      meter.environmentEnded(at: now)
      tally.sharedBusyTimeInHorizon += Int128(now - flight.began)
      return
    }
    guard lifetimeEnd > now else {
      shared?.remove(serial)
      tally.environmentsEnded += 1
      return meter.environmentEnded(at: now)
    }
    let keepAlive = keepAlive(at: now)
    shared?.rest(serial, since: now, expires: min(now + keepAlive, lifetimeEnd))
  }

  mutating func closeShared(at horizon: Int64, stillRunning: [Flight], _ meter: inout TimelineMeter) {
    guard shared != nil else { return }
    for member in shared?.removeExpired(by: horizon) ?? [] { end(sharedIdle: member, at: member.expires, &meter) }
    for member in shared?.removeIdle() ?? [] {
      meter.environmentEnded(at: horizon)
      tally.idleTimeInHorizon += Int128(horizon - member.since)
    }
    // The first of those still in an environment is its own; the others share it.
    var first: Set<UInt32> = []
    for flight in stillRunning where !first.insert(flight.environment.serial).inserted {
      tally.sharedBusyTimeInHorizon += Int128(horizon - flight.began)
    }
  }
}
