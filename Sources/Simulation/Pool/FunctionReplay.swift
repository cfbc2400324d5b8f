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
  private let model: FunctionModel
  private var pool: Pool
  private var running = EventQueue<Completion>()
  private(set) var tally = Tally()

  private var initStream: RandomStream
  private var keepAliveStream: RandomStream

  /// What a running invocation's environment is, by the slot in its completion.
  private var busy = Vector<BusyEnvironment>()
  private var freeSlots = Vector<Int32>()
  private var provisionedBusy = 0
  private var nextSerial: UInt32 = 0
  /// Expired environments are swept out of the pool when it has grown to this size.
  private var sweepAt = 64

  private struct BusyEnvironment: BitwiseCopyable {
    var lifetimeEnd: Int64
    var isProvisioned: Bool
  }

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
    busy.deallocate()
    freeSlots.deallocate()
  }

  /// Invocations running now.
  private var concurrency: Int { busy.count - freeSlots.count }

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
    meter.arrived(at: time)

    let duration = min(asked, model.timeout)
    if asked > model.timeout { tally.timeouts += 1 }
    var initDuration: Int64 = 0
    var overhead: Int64 = 0
    var environment = BusyEnvironment(
      lifetimeEnd: .max, isProvisioned: provisionedBusy < model.provisioned)
    var serial: UInt32 = 0
    if environment.isProvisioned {
      provisionedBusy += 1
      tally.provisionedStarts += 1
      meter.environmentBegan(at: time)
    } else if let idle = takeIdle(at: time, &meter) {
      environment.lifetimeEnd = idle.lifetimeEnd
      serial = idle.serial
    } else {
      overhead = model.platformOverhead.draw(&initStream)
      initDuration = model.initDuration.draw(&initStream)
      if let lifetime = model.maximumLifetime { environment.lifetimeEnd = time + lifetime.draw(&keepAliveStream) }
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
    tally.latency.record(overhead + initDuration + duration)
    tally.duration.record(duration)
    bill(initDuration + duration, at: time, provisioned: environment.isProvisioned, &meter)
    if environment.isProvisioned { tally.provisionedBusyTimeInHorizon += Int128(held) }
    meter.busyBegan(at: time)

    let slot = keep(environment)
    tally.peakConcurrency = max(tally.peakConcurrency, concurrency)
    return .began(
      Completion(time: time + held, serial: serial, slot: slot),
      takesShared: model.sharesConcurrency && !environment.isProvisioned)
  }

  /// A running invocation ends, and its environment waits for the next.
  mutating func finish(_ completion: Completion, _ meter: inout TimelineMeter) {
    meter.busyEnded(at: completion.time)
    let environment = release(completion)
    if environment.isProvisioned {
      provisionedBusy -= 1
      meter.environmentEnded(at: completion.time)
      return
    }
    let now = completion.time
    guard environment.lifetimeEnd > now else {
      tally.environmentsEnded += 1
      meter.environmentEnded(at: now)
      return
    }
    if pool.count >= sweepAt { sweepExpired(by: now, &meter) }
    let keepAlive = keepAlive(at: now)
    pool.add(
      IdleEnvironment(
        since: now, expires: min(now + keepAlive, environment.lifetimeEnd), lifetimeEnd: environment.lifetimeEnd,
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
        at: completion.time, takesShared: model.sharesConcurrency && !busy[Int(completion.slot)].isProvisioned)
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
    tally.busyTimeInHorizon = tally.busyTime
    for completion in stillRunning {
      meter.busyEnded(at: horizon)
      meter.environmentEnded(at: horizon)
      let beyond = Int128(completion.time - horizon)
      tally.busyTimeInHorizon -= beyond
      if busy[Int(completion.slot)].isProvisioned { tally.provisionedBusyTimeInHorizon -= beyond }
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
    let billed = max(1, (duration + 999_999) / 1_000_000)
    let milliseconds = Int128(billed)
    meter.billed(Int64(clamping: milliseconds * model.memory), at: arrival)
    if provisioned {
      tally.provisionedBilledMilliseconds += milliseconds
      tally.provisionedBilledMegabyteMilliseconds += milliseconds * model.memory
    } else {
      tally.billedMilliseconds += milliseconds
      tally.billedMegabyteMilliseconds += milliseconds * model.memory
    }
  }

  private mutating func keep(_ environment: BusyEnvironment) -> Int32 {
    if let slot = freeSlots.popLast() {
      busy[Int(slot)] = environment
      return slot
    }
    busy.append(environment)
    return Int32(busy.count - 1)
  }

  private mutating func release(_ completion: Completion) -> BusyEnvironment {
    freeSlots.append(completion.slot)
    return busy[Int(completion.slot)]
  }
}

extension FunctionReplay: Checkpointed {
  func save(to state: inout StateWriter) {
    pool.save(to: &state)
    running.save(to: &state)
    tally.save(to: &state)
    state.write(initStream)
    state.write(keepAliveStream)
    busy.save(to: &state)
    freeSlots.save(to: &state)
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
    try busy.restore(from: &state)
    try freeSlots.restore(from: &state)
    provisionedBusy = try state.read()
    nextSerial = try state.read()
    sweepAt = try state.read()
  }
}
