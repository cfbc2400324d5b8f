import Platforms
import Statistics
import Units
import Workloads

/// One function in the control plane: its environments, its own limits, and what is counted of it.
///
/// The rules of `FunctionReplay` hold here too, and where nothing else is in force both count the same to the last digit.
struct ServedFunction {
  let function: WorkloadFunction
  let settings: FunctionSettings
  let model: FunctionModel
  let rules: FunctionRules
  var tally = Tally()

  /// By version and tenant.
  var waiting: [RestingEnvironments]
  private var idle = 0
  private var tenants: TenantChoice?
  /// In place of `waiting`, where environments serve several invocations at a time, and where they are on managed instances.
  var shared: SharedEnvironments?
  var managed: ManagedFleet?
  var versions: VersionRouting
  var fleet: ProvisionedFleet
  private(set) var concurrency = 0
  private var nextSerial: UInt32 = 0
  private var sweepAt = 64

  private var growth: TokenBucket?
  private var reservedRequests: TokenBucket?
  var provisionedRequests: TokenBucket?
  /// Utilisation of provisioned environments, where it is tracked.
  var tracker: UtilisationTracker?

  private var initStream: RandomStream
  private var keepAliveStream: RandomStream
  private var failureStream: RandomStream
  private var suppressedInitStream: RandomStream
  private var proactiveStream: RandomStream
  var allocationStream: RandomStream

  init(_ function: WorkloadFunction, settings: FunctionSettings, simulation: Simulation) {
    self.function = function
    self.settings = settings
    let platform = simulation.platform
    model = FunctionModel(settings: settings, platform: platform)
    rules = FunctionRules(settings: settings, limits: platform.limits)
    func stream(_ purpose: RandomPurpose) -> RandomStream { simulation.stream(of: function, purpose) }
    let shifts = settings.behaviour.deployments ?? []
    tenants = settings.behaviour.tenants.map {
      TenantChoice(
        $0, concurrency: settings.reservedConcurrency ?? platform.accountConcurrency, stream: stream(.tenants))
    }
    waiting = (0..<(shifts.count + 1) * (tenants?.count ?? 1)).map { _ in
      RestingEnvironments(order: platform.reuse, stream: stream(.reuse))
    }
    shared = settings.behaviour.sharing.map { SharedEnvironments(concurrency: $0.concurrency) }
    managed = settings.behaviour.managed.map { ManagedFleet($0) }
    versions = VersionRouting(deployments: shifts, stream: stream(.routing))
    fleet = ProvisionedFleet(ready: settings.provisionedConcurrency)
    tally.environmentsCreated = settings.provisionedConcurrency
    if case .perFunction(let environments, let per) = platform.limits.scaling {
      growth = TokenBucket(capacity: environments, refill: environments, per: per)
    }
    if let rate = platform.limits.requestsPerConcurrency {
      reservedRequests = settings.reservedConcurrency.map { TokenBucket(perSecond: rate * $0) }
      provisionedRequests = TokenBucket(perSecond: rate * settings.provisionedConcurrency)
    }
    tracker = settings.behaviour.provisioning?.tracking.map { UtilisationTracker($0) }
    initStream = stream(.initialisation)
    keepAliveStream = stream(.keepAlive)
    failureStream = stream(.failures)
    suppressedInitStream = stream(.suppressedInit)
    proactiveStream = stream(.proactiveInit)
    allocationStream = stream(.allocation)
  }

  // MARK: - An invocation begins

  /// What became of a request.
  enum Start {
    case refused(ThrottleReason)
    case running(Flight)
  }

  /// A request arrives; all that ended by `now` must have been finished before.
  mutating func start(
    _ request: Request, at now: Int64, _ account: inout Account, _ meter: inout TimelineMeter
  ) -> Start {
    tally.arrivals += 1
    meter.arrived(at: now)
    if managed != nil { return startManaged(request, at: now, &meter) }
    if let reason = refusal(request, at: now, &account) { return refuse(reason, at: now, &meter) }

    let version = versions.choose(at: now)
    if usesProvisioned(of: version, at: now) {
      return .running(startProvisioned(request, version: version, at: now, &meter))
    }
    if model.sharesConcurrency, account.isFull { return refuse(.concurrentInvocations, at: now, &meter) }
    if let member = takeShared(at: now, &meter) {
      return .running(startShared(request, member, at: now, &account, &meter))
    }
    let tenant = tenants?.next() ?? 0
    if let resting = takeIdle(pool(version, tenant), at: now, &meter) {
      return .running(startWarm(request, resting, at: now, &account, &meter))
    }
    if let tenants, concurrency + idle >= tenants.mostEnvironments {
      sweepExpired(by: now, &meter)
      guard concurrency + idle < tenants.mostEnvironments else {
        return refuse(.concurrentInvocations, at: now, &meter)
      }
    }
    guard mayGrow(at: now, &account) else { return refuse(.concurrentInvocations, at: now, &meter) }
    return .running(startNew(request, version: version, tenant: tenant, at: now, &account, &meter))
  }

  mutating func refuse(_ reason: ThrottleReason, at now: Int64, _ meter: inout TimelineMeter) -> Start {
    tally.throttles += 1
    tally.throttlesByReason[reason] += 1
    meter.throttled(at: now)
    return .refused(reason)
  }

  /// Why the request is refused before an environment is looked for; takes the tokens that it costs otherwise.
  private mutating func refusal(_ request: Request, at now: Int64, _ account: inout Account) -> ThrottleReason? {
    guard concurrency < model.concurrencyLimit else { return .reservedConcurrentInvocations }
    guard request.isSynchronous else { return nil }
    if reservedRequests != nil {
      guard reservedRequests?.hasToken(at: now) == true else { return .reservedRate }
      reservedRequests?.take()
    } else if !account.admit(at: now) {
      return .callerRate
    }
    return nil
  }

  /// Whether a provisioned environment serves: one of the version is free, and fewer than ten requests a second for each
  /// came.
  private mutating func usesProvisioned(of version: Int, at now: Int64) -> Bool {
    guard fleet.hasFree, settings.behaviour.provisioning?.version ?? version == version else { return false }
    guard provisionedRequests != nil else { return true }
    guard provisionedRequests?.hasToken(at: now) == true else { return false }
    provisionedRequests?.take()
    return true
  }

  private mutating func mayGrow(at now: Int64, _ account: inout Account) -> Bool {
    if growth != nil {
      guard growth?.hasToken(at: now) == true else { return false }
      growth?.take()
    }
    if account.growth != nil {
      guard account.growth?.hasToken(at: now) == true else { return false }
      account.growth?.take()
    }
    return true
  }

  private mutating func startProvisioned(
    _ request: Request, version: Int, at now: Int64, _ meter: inout TimelineMeter
  ) -> Flight {
    let condition = fleet.take()
    tally.provisionedStarts += 1
    meter.environmentBegan(at: now)
    let environment = Environment(
      serial: 0, lifetimeEnd: .max, version: version, condition: condition)
    var phases = Phases(duration: request.duration)
    if condition == .reset { runInitAgain(&phases) }
    return fly(request, environment, phases, isProvisioned: true, at: now, &meter)
  }

  private mutating func startWarm(
    _ request: Request, _ environment: Environment, at now: Int64, _ account: inout Account,
    _ meter: inout TimelineMeter
  ) -> Flight {
    var phases = Phases(duration: request.duration)
    if environment.condition == .reset { runInitAgain(&phases) }
    if model.sharesConcurrency { account.began() }
    return fly(request, environment, phases, isProvisioned: false, at: now, &meter)
  }

  private mutating func startNew(
    _ request: Request, version: Int, tenant: Int, at now: Int64, _ account: inout Account,
    _ meter: inout TimelineMeter
  ) -> Flight {
    var phases = Phases(duration: request.duration)
    phases.overhead = model.platformOverhead.draw(&initStream)
    phases.initDuration = model.initDuration.draw(&initStream)
    var environment = Environment(
      serial: nextSerial, lifetimeEnd: .max, version: version, condition: .initialised)
    environment.tenant = tenant
    if let lifetime = model.maximumLifetime { environment.lifetimeEnd = now + lifetime.draw(&keepAliveStream) }
    meter.environmentBegan(at: now)
    nextSerial += 1
    tally.environmentsCreated += 1
    if rules.proactiveInit > 0, proactiveStream.uniform() < rules.proactiveInit {
      tally.proactiveStarts += 1
      phases.isAhead = true
    } else {
      tally.coldStarts += 1
      meter.startedCold(at: now)
      if let limit = rules.restoreLimit, phases.initDuration > limit {
        phases.initDuration = limit
        phases.failure = .restoreTimeout
        phases.duration = 0
        tally.initTimeouts += 1
      } else if let limit = rules.initLimit, phases.initDuration > limit {
        phases.initDuration = limit
        tally.initTimeouts += 1
        runInitAgain(&phases)
      }
    }
    tally.initDuration.record(phases.initDuration)
    if model.sharesConcurrency { account.began() }
    let flight = fly(request, environment, phases, isProvisioned: false, at: now, &meter)
    shared?.add(
      SharedEnvironments.Member(
        serial: environment.serial, active: 1, ready: flight.ready, lifetimeEnd: environment.lifetimeEnd))
    return flight
  }

  private func pool(_ version: Int, _ tenant: Int) -> Int { version * (tenants?.count ?? 1) + tenant }
  func version(ofPool pool: Int) -> Int { pool / (tenants?.count ?? 1) }

  private mutating func runInitAgain(_ phases: inout Phases) {
    phases.initAgain = TimeLaw.scaled(
      rules.suppressedInit.draw(&suppressedInitStream), by: rules.suppressedInitFactor)
    tally.suppressedInits += 1
  }

  /// The parts of an invocation, ns.
  struct Phases {
    var overhead: Int64 = 0
    /// The Init phase or the restore.
    var initDuration: Int64 = 0
    /// Init inside the invocation.
    var initAgain: Int64 = 0
    /// What the handler would take.
    var duration: Int64
    /// Whether overhead and init were over before the request came.
    var isAhead = false
    var failure: Failure?

    init(duration: Int64) { self.duration = duration }
  }

  mutating func fly(
    _ request: Request, _ environment: Environment, _ phases: Phases, isProvisioned: Bool, at now: Int64,
    _ meter: inout TimelineMeter
  ) -> Flight {
    let asked = phases.initAgain + phases.duration
    let failure = phases.failure ?? (asked > model.timeout ? .timeout : drawFailure(request))
    let ready = now + (phases.isAhead ? 0 : phases.overhead + phases.initDuration)
    let flight = Flight(
      request: request, environment: environment, isProvisioned: isProvisioned,
      takesShared: model.sharesConcurrency && !isProvisioned, began: now, ready: ready,
      initDuration: phases.initDuration, deadline: model.timeout == .max ? .max : ready + model.timeout,
      isOpen: rules.makesCalls && failure == nil, end: max(now + 1, ready + min(asked, model.timeout)),
      failure: failure)
    if !flight.isOpen { record(flight, lasting: min(asked, model.timeout), &meter) }
    meter.busyBegan(at: now)
    tracker?.sample(busy: fleet.busy, of: fleet.ready)
    concurrency += 1
    tally.peakConcurrency = max(tally.peakConcurrency, concurrency)
    return flight
  }

  /// Counts an invocation whose end is known.
  mutating func record(_ flight: Flight, _ meter: inout TimelineMeter) {
    record(flight, lasting: flight.end - flight.ready, &meter)
  }

  private mutating func record(_ flight: Flight, lasting duration: Int64, _ meter: inout TimelineMeter) {
    switch flight.failure {
    case .timeout: tally.timeouts += 1
    case .error, .restoreTimeout: tally.errors += 1
    case .crash:
      tally.errors += 1
      tally.crashes += 1
    case nil: break
    }
    tally.busyTime += Int128(flight.end - flight.began)
    if flight.isProvisioned { tally.provisionedBusyTimeInHorizon += Int128(flight.end - flight.began) }
    tally.latency.record(flight.ready - flight.began + duration)
    tally.duration.record(duration)
    bill(flight.initDuration + duration, provisioned: flight.isProvisioned, at: flight.began, &meter)
  }

  private mutating func drawFailure(_ request: Request) -> Failure? {
    let own: Failure? = request.failsOnRecord ? .error : nil
    guard rules.failureShare > 0 else { return own }
    let chance = failureStream.uniform()
    return chance < rules.crashShare ? .crash : chance < rules.failureShare ? .error : own
  }

  // MARK: - An invocation ends

  mutating func finish(_ flight: Flight, _ meter: inout TimelineMeter) {
    let now = flight.end
    meter.busyEnded(at: now)
    concurrency -= 1
    var environment = flight.environment
    switch flight.failure {
    case .crash, .timeout: environment.condition = rules.resets ? .reset : .initialised
    case nil, .error, .restoreTimeout: environment.condition = .initialised
    }
    if managed != nil {
      managed?.giveBack()
      return meter.environmentEnded(at: now)
    }
    if shared != nil { return finishShared(flight, &meter) }
    if flight.isProvisioned {
      meter.environmentEnded(at: now)
      _ = fleet.giveBack(environment.condition)
      return
    }
    let isGone = flight.failure == .restoreTimeout || versions.isRetired(environment.version)
    guard !isGone, environment.lifetimeEnd > now else {
      tally.environmentsEnded += 1
      meter.environmentEnded(at: now)
      return
    }
    let pool = pool(environment.version, environment.tenant)
    if waiting[pool].count >= sweepAt { sweepExpired(by: now, &meter) }
    let keepAlive = keepAlive(at: now)
    idle += 1
    waiting[pool].add(
      RestingEnvironment(
        environment: environment, since: now, expires: min(now + keepAlive, environment.lifetimeEnd)))
  }

  mutating func keepAlive(at time: Int64) -> Int64 {
    let isDeeper =
      model.tellsDeeper && (concurrency > fleet.busy || waiting.contains { $0.hasLive(at: time) })
    return isDeeper ? model.deeperKeepAlive.draw(&keepAliveStream) : model.keepAlive.draw(&keepAliveStream)
  }

  private mutating func takeIdle(_ pool: Int, at time: Int64, _ meter: inout TimelineMeter) -> Environment? {
    while let candidate = waiting[pool].next() {
      if candidate.expires > time {
        self.idle -= 1
        tally.idleTimeInHorizon += Int128(time - candidate.since)
        return candidate.environment
      }
      end(candidate, at: candidate.expires, &meter)
    }
    return nil
  }

  mutating func end(_ idle: RestingEnvironment, at time: Int64, _ meter: inout TimelineMeter) {
    meter.environmentEnded(at: time)
    tally.idleTimeInHorizon += Int128(time - idle.since)
    tally.environmentsEnded += 1
    self.idle -= 1
  }

  private mutating func sweepExpired(by time: Int64, _ meter: inout TimelineMeter) {
    for version in waiting.indices {
      for idle in waiting[version].removeExpired(by: time) { end(idle, at: idle.expires, &meter) }
    }
    sweepAt = max(64, 2 * waiting.reduce(0) { $0 + $1.count })
  }

  mutating func bill(
    _ time: Int64, provisioned: Bool, at arrival: Int64, _ meter: inout TimelineMeter
  ) {
    let milliseconds = Int128(max(1, (time + 999_999) / 1_000_000))
    meter.billed(Int64(clamping: milliseconds * model.memory), at: arrival)
    if provisioned {
      tally.provisionedBilledMilliseconds += milliseconds
      tally.provisionedBilledMegabyteMilliseconds += milliseconds * model.memory
    } else {
      tally.billedMilliseconds += milliseconds
      tally.billedMegabyteMilliseconds += milliseconds * model.memory
    }
  }

  // MARK: - The trace ends

  /// What still runs is cut off at `horizon` in all averages over time, and so is what waits.
  mutating func close(at horizon: Int64, stillRunning: [Flight], _ meter: inout TimelineMeter) {
    for flight in stillRunning where flight.isOpen {
      // Nobody knows how long it would take: it is held to the horizon and counted no further.
      meter.busyEnded(at: horizon)
      meter.environmentEnded(at: horizon)
      tally.busyTime += Int128(horizon - flight.began)
      if flight.isProvisioned { tally.provisionedBusyTimeInHorizon += Int128(horizon - flight.began) }
    }
    tally.busyTimeInHorizon = tally.busyTime
    for flight in stillRunning where !flight.isOpen {
      meter.busyEnded(at: horizon)
      meter.environmentEnded(at: horizon)
      let beyond = Int128(flight.end - horizon)
      tally.busyTimeInHorizon -= beyond
      if flight.isProvisioned { tally.provisionedBusyTimeInHorizon -= beyond }
    }
    closeShared(at: horizon, stillRunning: stillRunning, &meter)
    sweepExpired(by: horizon, &meter)
    for version in waiting.indices {
      while let idle = waiting[version].next() {
        meter.environmentEnded(at: horizon)
        tally.idleTimeInHorizon += Int128(horizon - idle.since)
      }
    }
    tally.provisionedTimeInHorizon = fleet.allocatedTime(until: horizon)
    tally.managedTimeInHorizon = managed?.environmentTime(until: horizon) ?? 0
  }
}
