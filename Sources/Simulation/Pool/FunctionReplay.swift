import Statistics

/// The literal pool of one function: environments that run, environments that wait, and what is counted of them.
///
/// Rules (SCIENCE: M/G/∞ with keep-alive; AWS: one invocation an environment, no queue at a busy one): an arrival takes
/// a free provisioned environment, else the idle environment that the reuse order puts next, else starts cold in a new
/// one that is bound to it. An environment idle since f serves at t if f ≤ t < f + keep-alive and before its lifetime
/// ends. Ends of invocations come before arrivals at the same moment; an invocation holds its environment for at least
/// a nanosecond, so that simultaneous arrivals never share one.
struct FunctionReplay<Pool: IdlePool>: Sendable {
  private let model: FunctionModel
  private var pool: Pool
  private(set) var running = EventQueue<Completion>()
  private(set) var tally = Tally()

  private var initStream: RandomStream
  private var keepAliveStream: RandomStream

  /// What a running invocation's environment is, by the slot in its completion.
  private var busy: [BusyEnvironment] = []
  private var freeSlots: [Int32] = []
  private var provisionedBusy = 0
  private var nextSerial: UInt32 = 0
  /// Expired environments are swept out of the pool when it has grown to this size.
  private var sweepAt = 64

  private struct BusyEnvironment: Sendable {
    var created: Int64
    var lifetimeEnd: Int64
    var isProvisioned: Bool
  }

  /// What became of an arrival.
  enum Start {
    case throttled
    case began(Completion, isProvisioned: Bool)
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

  /// Invocations running now.
  private var concurrency: Int { busy.count - freeSlots.count }

  /// Whether the on-demand pool would have to take the next arrival: no provisioned environment is free.
  var wouldRunOnDemand: Bool { provisionedBusy >= model.provisioned }

  /// Counts an arrival that another limit than the function's own refuses.
  mutating func throttle(at time: Int64, _ meter: inout TimelineMeter) {
    tally.arrivals += 1
    tally.throttles += 1
    meter.arrival(at: time)
    meter.throttle(at: time)
  }

  /// An invocation arrives; all that ended by `time` must have been finished before.
  mutating func arrive(at time: Int64, duration asked: Int64, _ meter: inout TimelineMeter) -> Start {
    guard concurrency < model.concurrencyLimit else {
      throttle(at: time, &meter)
      return .throttled
    }
    tally.arrivals += 1
    meter.arrival(at: time)

    let duration = min(asked, model.timeout)
    if asked > model.timeout { tally.timeouts += 1 }
    var initDuration: Int64 = 0
    var overhead: Int64 = 0
    var environment = BusyEnvironment(created: time, lifetimeEnd: .max, isProvisioned: !wouldRunOnDemand)
    var serial: UInt32 = 0
    if environment.isProvisioned {
      provisionedBusy += 1
      tally.provisionedStarts += 1
    } else if let idle = takeIdle(at: time, &meter) {
      environment.created = idle.created
      environment.lifetimeEnd = idle.lifetimeEnd
      serial = idle.serial
    } else {
      overhead = model.platformOverhead.draw(&initStream)
      initDuration = model.initDuration.draw(&initStream)
      if let law = model.maximumLifetime { environment.lifetimeEnd = time + law.draw(&keepAliveStream) }
      serial = nextSerial
      nextSerial += 1
      tally.environmentsCreated += 1
      tally.coldStarts += 1
      tally.initDuration.record(initDuration)
      meter.coldStart(at: time)
    }

    let held = max(1, overhead + initDuration + duration)
    tally.busyTime += Int128(held)
    tally.latency.record(overhead + initDuration + duration)
    tally.duration.record(duration)
    bill(initDuration + duration, provisioned: environment.isProvisioned)
    if environment.isProvisioned { tally.provisionedBusyTimeInHorizon += Int128(held) }
    meter.busyBegins(at: time)

    let slot = keep(environment)
    tally.peakConcurrency = max(tally.peakConcurrency, concurrency)
    return .began(
      Completion(time: time + held, serial: serial, slot: slot), isProvisioned: environment.isProvisioned)
  }

  /// A running invocation ends, and its environment waits for the next.
  mutating func finish(_ completion: Completion, _ meter: inout TimelineMeter) {
    meter.busyEnds(at: completion.time)
    let environment = release(completion)
    if environment.isProvisioned {
      provisionedBusy -= 1
      return
    }
    let now = completion.time
    guard environment.lifetimeEnd > now else {
      tally.environmentsEnded += 1
      tally.endedLifetime += Int128(now - environment.created)
      return
    }
    if pool.count >= sweepAt { sweepExpired(by: now, &meter) }
    let keepAlive = keepAlive(at: now)
    meter.idleBegins(at: now)
    pool.add(
      IdleEnvironment(
        since: now, expires: min(now + keepAlive, environment.lifetimeEnd), created: environment.created,
        lifetimeEnd: environment.lifetimeEnd, serial: completion.serial))
  }

  /// Queues a completion that `finishAll` will end. The coupled run keeps completions of all functions in one queue
  /// instead.
  mutating func queue(_ completion: Completion) { running.insert(completion) }

  /// Ends every queued invocation that ends at or before `time` and gives each end to `ended`.
  mutating func finishAll(by time: Int64, _ meter: inout TimelineMeter, ended: (Completion, Bool) -> Void) {
    while running.nextTime <= time, let completion = running.popFirst() {
      ended(completion, busy[Int(completion.slot)].isProvisioned)
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
      meter.busyEnds(at: horizon)
      let beyond = Int128(completion.time - horizon)
      tally.busyTimeInHorizon -= beyond
      if busy[Int(completion.slot)].isProvisioned { tally.provisionedBusyTimeInHorizon -= beyond }
    }
    sweepExpired(by: horizon, &meter)
    while let waiting = pool.next() {
      meter.idleEnds(at: horizon)
      tally.idleTimeInHorizon += Int128(horizon - waiting.since)
    }
    tally.provisionedTimeInHorizon = Int128(horizon) * Int128(model.provisioned)
  }

  // MARK: -

  private mutating func takeIdle(at time: Int64, _ meter: inout TimelineMeter) -> IdleEnvironment? {
    while let candidate = pool.next() {
      if candidate.expires > time {
        meter.idleEnds(at: time)
        tally.idleTimeInHorizon += Int128(time - candidate.since)
        return candidate
      }
      end(candidate, &meter)
    }
    return nil
  }

  /// An idle environment's time is up.
  private mutating func end(_ environment: IdleEnvironment, _ meter: inout TimelineMeter) {
    meter.idleEnds(at: environment.expires)
    tally.idleTimeInHorizon += Int128(environment.expires - environment.since)
    tally.environmentsEnded += 1
    tally.endedLifetime += Int128(environment.expires - environment.created)
  }

  private mutating func sweepExpired(by time: Int64, _ meter: inout TimelineMeter) {
    var expired: [IdleEnvironment] = []
    pool.removeExpired(by: time) { expired.append($0) }
    for environment in expired { end(environment, &meter) }
    sweepAt = max(64, 2 * pool.count)
  }

  private mutating func keepAlive(at time: Int64) -> Int64 {
    guard let deeper = model.deeperKeepAlive else { return model.keepAlive.draw(&keepAliveStream) }
    let isSole = concurrency - provisionedBusy == 0 && !pool.hasLive(at: time)
    return isSole ? model.keepAlive.draw(&keepAliveStream) : deeper.draw(&keepAliveStream)
  }

  private mutating func bill(_ time: Int64, provisioned: Bool) {
    let milliseconds = Int128(max(1, (time + 999_999) / 1_000_000))
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
