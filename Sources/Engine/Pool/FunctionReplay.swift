import Statistics

/// The literal pool of one function: environments that run, environments that wait, and what is counted of them.
///
/// Rules (SCIENCE: M/G/∞ with keep-alive; AWS: one invocation an environment, no queue at a busy one): an arrival takes
/// a free provisioned environment, else the idle environment that the reuse order puts next, else starts cold in a new
/// one that is bound to it. An environment idle since f serves at t if f ≤ t < f + keep-alive and before its lifetime
/// ends. Ends of invocations come before arrivals at the same moment; an invocation holds its environment for at least
/// a nanosecond, so that simultaneous arrivals never share one.
///
/// Its owner calls `deallocate()` when it goes away.
struct FunctionReplay<Pool: IdlePool> {
  private var model: FunctionModel
  private var pool: Pool
  private var running = EventQueue<Completion>()
  /// Complete once closed.
  private(set) var tally = Tally()
  /// Latencies and durations of starts that had to wait. In `tally.duration` are those of all others until the close:
  /// their latencies are the same, and need no second histogram.
  private var slowLatency = LogLinearHistogram()
  private var slowDuration = LogLinearHistogram()

  private var initStream: RandomStream
  private var keepAliveStream: RandomStream

  /// Invocations running now, and those of them in provisioned environments.
  private var concurrency = 0
  private var provisionedBusy = 0
  private var nextSerial: UInt32 = 0
  /// Expired environments are swept out of the pool when it has grown to this size.
  private var sweepAt = 64

  /// What became of an arrival.
  enum Start {
    case throttled
    /// It runs and, if so said, takes from the concurrency that functions share.
    case began(Completion, takesShared: Bool)
  }

  init(model: FunctionModel, seed: UInt64, replication: UInt64, subject: UInt64) {
    self.model = model
    func stream(_ purpose: RandomPurpose) -> RandomStream {
      RandomStream(seed: seed, replication: replication, subject: subject, purpose: purpose)
    }
    pool = Pool(stream: stream(.reuse))
    initStream = stream(.initialisation)
    keepAliveStream = stream(.keepAlive)
    tally.environmentsCreated = model.provisioned
  }

  func deallocate() {
    pool.deallocate()
    running.deallocate()
  }

  /// From now on so many provisioned environments serve; those too many end when they are free.
  mutating func provision(_ level: Int) { model.provisioned = level }

  /// Whether the next arrival would take from the concurrency that functions share.
  var wouldTakeShared: Bool { model.sharesConcurrency && provisionedBusy >= model.provisioned }

  /// Counts an arrival that another limit than the function's own refuses.
  mutating func throttle(at time: Int64, _ meter: inout TimelineMeter) {
    tally.arrivals += 1
    tally.throttles += 1
    meter.arrived(at: time)
    meter.throttled(at: time)
  }

  /// An invocation arrives; all that ended by `time` must have been finished before.
  mutating func arrive(at time: Int64, duration asked: Int64, _ meter: inout TimelineMeter) -> Start {
    guard concurrency < model.concurrencyLimit else {
      throttle(at: time, &meter)
      return .throttled
    }
    tally.arrivals += 1

    let duration = min(asked, model.timeout)
    if asked > model.timeout { tally.timeouts += 1 }
    var initDuration: Int64 = 0
    var overhead: Int64 = 0
    let isProvisioned = provisionedBusy < model.provisioned
    var lifetimeEnd = Int64.max
    var serial: UInt32 = 0
    if isProvisioned {
      provisionedBusy += 1
      tally.provisionedStarts += 1
      meter.environmentBegan(at: time)
    } else if let idle = takeIdle(at: time, &meter) {
      lifetimeEnd = idle.lifetimeEnd
      serial = idle.serial
    } else {
      overhead = model.platformOverhead.draw(&initStream)
      initDuration = model.initDuration.draw(&initStream)
      if let lifetime = model.maximumLifetime { lifetimeEnd = time + lifetime.draw(&keepAliveStream) }
      serial = nextSerial
      nextSerial += 1
      tally.environmentsCreated += 1
      tally.coldStarts += 1
      tally.initDuration.record(initDuration)
      meter.startedCold(at: time)
      meter.environmentBegan(at: time)
    }

    let held = max(1, overhead + initDuration + duration)
    tally.busyTime += Int128(held)
    if overhead + initDuration > 0 {
      slowLatency.record(overhead + initDuration + duration)
      slowDuration.record(duration)
    } else {
      tally.duration.record(duration)
    }
    bill(initDuration + duration, at: time, provisioned: isProvisioned, &meter)
    if isProvisioned { tally.provisionedBusyTimeInHorizon += Int128(held) }

    concurrency += 1
    tally.peakConcurrency = max(tally.peakConcurrency, concurrency)
    return .began(
      Completion(time: time + held, lifetimeEnd: lifetimeEnd, serial: serial, isProvisioned: isProvisioned),
      takesShared: model.sharesConcurrency && !isProvisioned)
  }

  /// A running invocation ends, and its environment waits for the next.
  mutating func finish(_ completion: Completion, _ meter: inout TimelineMeter) {
    meter.busyEnded(at: completion.time)
    concurrency -= 1
    if completion.isProvisioned {
      provisionedBusy -= 1
      meter.environmentEnded(at: completion.time)
      return
    }
    let now = completion.time
    guard completion.lifetimeEnd > now else {
      tally.environmentsEnded += 1
      meter.environmentEnded(at: now)
      return
    }
    if pool.count >= sweepAt { sweepExpired(by: now, &meter) }
    let keepAlive = keepAlive(at: now)
    pool.add(
      IdleEnvironment(
        since: now, expires: min(now + keepAlive, completion.lifetimeEnd), lifetimeEnd: completion.lifetimeEnd,
        serial: completion.serial))
  }

  /// Replays the function alone: arrivals ascend, and all that ends by `end` is finished.
  mutating func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64,
    _ meter: inout TimelineMeter, _ moments: inout Moments
  ) {
    for (time, duration) in zip(arrivals, durations) {
      finishAll(by: time, &meter, &moments)
      guard case .began(let completion, let takesShared) = arrive(at: time, duration: duration, &meter) else {
        continue
      }
      running.insert(completion)
      moments.began(at: time, takesShared: takesShared)
    }
    finishAll(by: end, &meter, &moments)
  }

  private mutating func finishAll(by time: Int64, _ meter: inout TimelineMeter, _ moments: inout Moments) {
    while running.nextTime <= time, let completion = running.popFirst() {
      moments.ended(
        at: completion.time, takesShared: model.sharesConcurrency && !completion.isProvisioned)
      finish(completion, &meter)
    }
  }

  /// What still runs, taken out of the queue.
  mutating func takeRunning() -> [Completion] {
    var rest: [Completion] = []
    while let completion = running.popFirst() { rest.append(completion) }
    return rest
  }

  /// The trace ends at `horizon`: what still runs is cut off there in all averages over time, and so is what waits.
  ///
  /// `stillRunning` are the invocations that end after it.
  mutating func close(at horizon: Int64, stillRunning: [Completion], _ meter: inout TimelineMeter) {
    tally.latency = tally.duration
    tally.latency.merge(slowLatency)
    tally.duration.merge(slowDuration)
    tally.busyTimeInHorizon = tally.busyTime
    for completion in stillRunning {
      meter.busyEnded(at: horizon)
      meter.environmentEnded(at: horizon)
      let beyond = Int128(completion.time - horizon)
      tally.busyTimeInHorizon -= beyond
      if completion.isProvisioned { tally.provisionedBusyTimeInHorizon -= beyond }
    }
    sweepExpired(by: horizon, &meter)
    while let waiting = pool.next() {
      meter.environmentEnded(at: horizon)
      tally.idleTimeInHorizon += Int128(horizon - waiting.since)
    }
    tally.provisionedTimeInHorizon = Int128(horizon) * Int128(model.provisioned)
  }

  // MARK: -

  private mutating func takeIdle(at time: Int64, _ meter: inout TimelineMeter) -> IdleEnvironment? {
    while let candidate = pool.next() {
      if candidate.expires > time {
        tally.idleTimeInHorizon += Int128(time - candidate.since)
        return candidate
      }
      end(candidate, &meter)
    }
    return nil
  }

  /// An idle environment's time is up.
  private mutating func end(_ environment: IdleEnvironment, _ meter: inout TimelineMeter) {
    meter.environmentEnded(at: environment.expires)
    tally.idleTimeInHorizon += Int128(environment.expires - environment.since)
    tally.environmentsEnded += 1
  }

  private mutating func sweepExpired(by time: Int64, _ meter: inout TimelineMeter) {
    var expired: [IdleEnvironment] = []
    pool.removeExpired(by: time) { expired.append($0) }
    for environment in expired { end(environment, &meter) }
    sweepAt = max(64, 2 * pool.count)
  }

  private mutating func keepAlive(at time: Int64) -> Int64 {
    let isDeeper = model.tellsDeeper && (concurrency > provisionedBusy || pool.hasLive(at: time))
    return isDeeper ? model.deeperKeepAlive.draw(&keepAliveStream) : model.keepAlive.draw(&keepAliveStream)
  }

  private mutating func bill(
    _ duration: Int64, at arrival: Int64, provisioned: Bool, _ meter: inout TimelineMeter
  ) {
    let billed = billedMilliseconds(duration)
    let weighed = Int128(billed) * model.memory
    meter.started(at: arrival, billed: Int64(clamping: weighed))
    if provisioned {
      tally.provisionedBilledMilliseconds += Int128(billed)
      tally.provisionedBilledMegabyteMilliseconds += weighed
    } else {
      tally.billedMilliseconds += Int128(billed)
      tally.billedMegabyteMilliseconds += weighed
    }
  }
}

extension FunctionReplay: Checkpointed {
  func save(to state: inout StateWriter) {
    pool.save(to: &state)
    running.save(to: &state)
    tally.save(to: &state)
    state.write(initStream)
    state.write(keepAliveStream)
    slowLatency.save(to: &state)
    slowDuration.save(to: &state)
    state.write(concurrency)
    state.write(provisionedBusy)
    state.write(nextSerial)
    state.write(sweepAt)
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    try pool.restore(from: &state)
    try running.restore(from: &state)
    try tally.restore(from: &state)
    initStream = try state.read()
    keepAliveStream = try state.read()
    try slowLatency.restore(from: &state)
    try slowDuration.restore(from: &state)
    concurrency = try state.read()
    provisionedBusy = try state.read()
    nextSerial = try state.read()
    sweepAt = try state.read()
  }
}
