import HeapModule
import Platforms
import Statistics
import Units

/// All functions under a keep-alive policy, in one order of time: literal, one event after the other.
struct PolicyReplay {
  var functions: [KeptFunction]
  private let policy: KeepAlivePolicy
  /// MB that environments may take together, and take.
  private let memory: Int
  private var used = 0
  private let limit: Int
  private var busy = 0
  /// Greedy-dual's clock.
  private var clock = 0.0
  private(set) var meter = TimelineMeter()
  private(set) var peaks = PeakSeries()
  private var events = Heap<Happening>()
  private var evictable = Heap<Candidate>()
  private var counter = 0
  private var compactAt = 4096

  /// An invocation ends, or a function is loaded ahead.
  private struct Happening: Comparable {
    enum Kind {
      case ends(serial: UInt32, lifetimeEnd: Int64)
      case loads(number: Int, until: Int64)
    }

    var time: Int64
    /// Ends come before what is loaded at the same moment.
    var rank: Int
    var function: Int
    var serial: UInt32
    var kind: Kind

    static func < (a: Happening, b: Happening) -> Bool {
      (a.time, a.rank, a.function, a.serial) < (b.time, b.rank, b.function, b.serial)
    }
    static func == (a: Happening, b: Happening) -> Bool {
      (a.time, a.rank, a.function, a.serial) == (b.time, b.rank, b.function, b.serial)
    }
  }

  /// An environment that may be evicted, as it stood when it fell idle.
  private struct Candidate: Comparable {
    var priority: Double
    var number: Int
    var function: Int
    var serial: UInt32
    var since: Int64

    static func < (a: Candidate, b: Candidate) -> Bool { (a.priority, a.number) < (b.priority, b.number) }
    static func == (a: Candidate, b: Candidate) -> Bool { a.number == b.number }
  }

  init(_ functions: [KeptFunction], _ policy: KeepAlivePolicy, platform: Platform) {
    self.functions = functions
    self.policy = policy
    memory = if case .caching(_, let size) = policy { size.megabytes } else { .max }
    limit = platform.accountConcurrency ?? .max
  }

  // MARK: - Invocations

  mutating func arrive(_ index: Int, duration asked: Int64, at now: Int64) {
    advance(to: now)
    functions[index].tally.arrivals += 1
    functions[index].arrived += 1
    meter.arrived(at: now)
    if functions[index].active == 0, let lastEnd = functions[index].lastEnd {
      functions[index].histogram?.record(now - lastEnd)
    }
    functions[index].loading += 1
    guard busy < limit else { return refuse(index, at: now) }
    let model = functions[index].model
    let duration = min(asked, model.timeout)
    var (overhead, initDuration) = (Int64(0), Int64(0))
    var serial: UInt32
    var lifetimeEnd = Int64.max
    if let kept = takeIdle(index, at: now) {
      (serial, lifetimeEnd) = (kept.serial, kept.lifetimeEnd)
    } else {
      guard makeRoom(for: functions[index].size, at: now) else { return refuse(index, at: now) }
      used += functions[index].size
      serial = functions[index].nextSerial
      functions[index].nextSerial += 1
      functions[index].tally.environmentsCreated += 1
      meter.environmentBegan(at: now)
      if case .clairvoyant = policy {
      } else {
        overhead = model.platformOverhead.draw(&functions[index].initStream)
        initDuration = model.initDuration.draw(&functions[index].initStream)
        if let lifetime = model.maximumLifetime {
          lifetimeEnd = now + lifetime.draw(&functions[index].keepAliveStream)
        }
        functions[index].tally.coldStarts += 1
        functions[index].tally.initDuration.record(initDuration)
        meter.startedCold(at: now)
      }
    }
    if asked > model.timeout { functions[index].tally.timeouts += 1 }
    functions[index].uses += 1
    functions[index].active += 1
    busy += 1
    functions[index].tally.peakConcurrency = max(functions[index].tally.peakConcurrency, functions[index].active)
    peaks.change(by: 1, at: now)
    meter.busyBegan(at: now)
    let held = max(1, overhead + initDuration + duration)
    functions[index].tally.busyTime += Int128(held)
    functions[index].tally.latency.record(overhead + initDuration + duration)
    functions[index].tally.duration.record(duration)
    bill(index, initDuration + duration, at: now)
    events.insert(
      Happening(
        time: now + held, rank: 0, function: index, serial: serial,
        kind: .ends(serial: serial, lifetimeEnd: lifetimeEnd)
      ))
  }

  private mutating func refuse(_ index: Int, at now: Int64) {
    functions[index].tally.throttles += 1
    functions[index].tally.throttlesByReason[.concurrentInvocations] += 1
    meter.throttled(at: now)
  }

  private mutating func bill(_ index: Int, _ time: Int64, at arrival: Int64) {
    let milliseconds = billedMilliseconds(time)
    meter.billed(TimelineMeter.weigh(milliseconds, memory: Int64(functions[index].size)), at: arrival)
    functions[index].tally.billedMilliseconds += Int128(milliseconds)
    functions[index].tally.billedMegabyteMilliseconds += Int128(milliseconds) * Int128(functions[index].size)
  }

  private mutating func takeIdle(_ index: Int, at now: Int64) -> KeptEnvironment? {
    while let kept = functions[index].idle.popLast() {
      if kept.expires > now {
        functions[index].tally.idleTimeInHorizon += Int128(now - kept.since)
        return kept
      }
      used -= functions[index].size
      functions[index].end(kept, at: kept.expires, &meter)
    }
    return nil
  }

  /// Lets all happen that is due by `time`.
  mutating func advance(to time: Int64) {
    while let next = events.min, next.time <= time {
      _ = events.popMin()
      switch next.kind {
      case .ends(let serial, let lifetimeEnd): end(next.function, serial, lifetimeEnd, at: next.time)
      case .loads(let number, let until): load(next.function, number, until: until, at: next.time)
      }
    }
  }

  private mutating func end(_ index: Int, _ serial: UInt32, _ lifetimeEnd: Int64, at now: Int64) {
    peaks.change(by: -1, at: now)
    meter.busyEnded(at: now)
    busy -= 1
    functions[index].active -= 1
    functions[index].lastEnd = now
    var isKept = lifetimeEnd > now
    if case .clairvoyant = policy { isKept = false }
    if isKept {
      let kept = KeptEnvironment(
        serial: serial, since: now, expires: min(lifetimeEnd, expiry(of: index, at: now)), lifetimeEnd: lifetimeEnd)
      functions[index].idle.append(kept)
      offer(kept, of: index)
    } else {
      used -= functions[index].size
      functions[index].tally.environmentsEnded += 1
      meter.environmentEnded(at: now)
    }
    if functions[index].active == 0 { fallIdle(index, at: now) }
    if functions[index].active == 0, functions[index].idle.isEmpty { functions[index].uses = 0 }
  }

  private mutating func expiry(of index: Int, at now: Int64) -> Int64 {
    switch policy {
    case .caching(.fixed, _): now + functions[index].model.keepAlive.draw(&functions[index].keepAliveStream)
    case .caching, .clairvoyant, .hybridHistogram: .max
    }
  }

  // MARK: - The hybrid histogram

  /// Nothing of the function runs any more: its window begins.
  private mutating func fallIdle(_ index: Int, at now: Int64) {
    guard let window = functions[index].histogram?.window else { return }
    let until = now + window.unload
    guard window.load > 0 else {
      for place in functions[index].idle.indices {
        functions[index].idle[place].expires = min(until, functions[index].idle[place].lifetimeEnd)
      }
      return
    }
    used -= functions[index].endAll(at: now, &meter)
    functions[index].loading += 1
    events.insert(
      Happening(
        time: now + window.load, rank: 1, function: index, serial: 0,
        kind: .loads(number: functions[index].loading, until: until)))
  }

  private mutating func load(_ index: Int, _ number: Int, until: Int64, at now: Int64) {
    guard functions[index].loading == number else { return }
    let serial = functions[index].nextSerial
    functions[index].nextSerial += 1
    functions[index].tally.environmentsCreated += 1
    used += functions[index].size
    meter.environmentBegan(at: now)
    functions[index].idle.append(KeptEnvironment(serial: serial, since: now, expires: until, lifetimeEnd: .max))
  }

  // MARK: - Memory

  private mutating func offer(_ kept: KeptEnvironment, of index: Int) {
    guard case .caching(let order, _) = policy, order != .clairvoyant else { return }
    if evictable.count >= compactAt { compact() }
    let function = functions[index]
    let worth = function.cost / Double(function.size)
    counter += 1
    let priority: Double =
      switch order {
      case .greedyDual: clock + Double(function.uses) * worth
      case .landlord: clock + worth
      case .leastRecentlyUsed, .fixed: Double(kept.since)
      case .frequency: Double(function.uses)
      case .size, .clairvoyant: -Double(function.size)
      }
    evictable.insert(
      Candidate(priority: priority, number: counter, function: index, serial: kept.serial, since: kept.since))
  }

  /// Evicts idle environments until there is room; false when not even that is enough.
  private mutating func makeRoom(for size: Int, at now: Int64) -> Bool {
    guard memory < .max else { return true }
    guard size <= memory - busyMemory else { return false }
    while used + size > memory {
      if case .caching(.clairvoyant, _) = policy {
        guard evictFurthest(at: now) else { return false }
        continue
      }
      guard let candidate = evictable.popMin() else { return false }
      guard let place = place(of: candidate) else { continue }
      clock = max(clock, candidate.priority)
      evict(candidate.function, place, at: now)
    }
    return true
  }

  /// Where a candidate is among its function's idle ones; nil when it is idle no more, or again.
  private func place(of candidate: Candidate) -> Int? {
    functions[candidate.function].idle.firstIndex {
      $0.serial == candidate.serial && $0.since == candidate.since
    }
  }

  /// Forgets candidates that are gone, so that they grow with idle environments only.
  private mutating func compact() {
    evictable = Heap(evictable.unordered.filter { place(of: $0) != nil })
    compactAt = max(4096, 2 * evictable.count)
  }

  private mutating func evict(_ index: Int, _ place: Int, at now: Int64) {
    let kept = functions[index].idle.remove(at: place)
    used -= functions[index].size
    functions[index].end(kept, at: min(now, kept.expires), &meter)
    if functions[index].active == 0, functions[index].idle.isEmpty { functions[index].uses = 0 }
  }

  /// Of each function the environment at the bottom is needed last: when as many requests have come as lie above it.
  private mutating func evictFurthest(at now: Int64) -> Bool {
    var furthest: (index: Int, time: Int64)?
    for index in functions.indices where !functions[index].idle.isEmpty {
      let time = functions[index].future(after: functions[index].idle.count - 1)
      if time > furthest?.time ?? .min { furthest = (index, time) }
    }
    guard let furthest else { return false }
    evict(furthest.index, 0, at: now)
    return true
  }

  private var busyMemory: Int { functions.reduce(0) { $0 + $1.active * $1.size } }

  // MARK: - The end

  mutating func close(at horizon: Int64) {
    advance(to: horizon)
    peaks.hold(until: horizon + 1)
    for index in functions.indices { functions[index].tally.busyTimeInHorizon = functions[index].tally.busyTime }
    while let rest = events.popMin() {
      guard case .ends = rest.kind else { continue }
      meter.busyEnded(at: horizon)
      meter.environmentEnded(at: horizon)
      functions[rest.function].tally.busyTimeInHorizon -= Int128(rest.time - horizon)
    }
    for index in functions.indices {
      for kept in functions[index].idle {
        if kept.expires <= horizon {
          functions[index].end(kept, at: kept.expires, &meter)
        } else {
          meter.environmentEnded(at: horizon)
          functions[index].tally.idleTimeInHorizon += Int128(horizon - kept.since)
        }
      }
    }
  }
}
