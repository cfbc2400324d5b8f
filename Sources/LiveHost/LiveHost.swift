import Dispatch
public import Measuring
import Synchronization
public import Units

/// A small platform of real machines: takes requests when they are due, gives each an environment or refuses it, and
/// keeps idle environments as the plan's platform says.
///
/// One thread hands requests over; each environment has its own. When a run ends, however it ends, all machines,
/// threads and control groups are gone.
public final class LiveHost: Sendable {
  public let plan: ServicePlan
  private let blueprints: [Blueprint]
  private let state: Mutex<State>
  private let living = DispatchGroup()

  private struct State {
    var pool: EnvironmentPool
    var records: [InvocationRecord] = []
    var failure: MeasuringFault?
  }

  /// The longest that a stop goes unnoticed.
  private static let patience = TimeSpan.milliseconds(50)

  /// Prepares what every environment needs: programs, snapshots, and quotas that are seen to work.
  public init(_ plan: ServicePlan) throws(MeasuringFault) {
    self.plan = plan
    var blueprints: [Blueprint] = []
    for function in plan.functions { blueprints.append(try Blueprint(function, period: plan.quotaPeriod)) }
    self.blueprints = blueprints
    state = Mutex(State(pool: plan.makePool()))
  }

  /// Serves the plan's requests once, in real time, from an empty pool to the horizon.
  ///
  /// - Parameters:
  ///   - onProgress: called now and then with the share of the time that has passed.
  ///   - shouldStop: asked often; when it says true, what runs is let finish and the run ends.
  public func serve(
    onProgress: (Double) -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) -> ServiceRun {
    state.withLock { $0 = State(pool: plan.makePool()) }
    let origin = Clock.now + .milliseconds(5)
    var isStopped = false
    func wait(until moment: TimeSpan) {
      while !isStopped {
        let now = Clock.now
        let (expired, next, failed) = state.withLock { state in
          (state.pool.takeExpired(by: now), state.pool.nextExpiry, state.failure != nil)
        }
        for environment in expired { environment.end() }
        guard now < moment else { return }
        isStopped = failed || shouldStop()
        onProgress(min(1, max(0, Double((now - origin).nanoseconds) / Double(max(1, plan.horizon.nanoseconds)))))
        Clock.sleep(until: min(moment, next ?? moment, now + Self.patience))
      }
    }
    for request in plan.requests {
      wait(until: origin + request.arrival)
      if isStopped { break }
      handOver(request.function, due: origin + request.arrival)
    }
    wait(until: origin + plan.horizon)
    return close(origin, isStopped: isStopped)
  }

  private func handOver(_ function: Int, due: TimeSpan) {
    let now = Clock.now
    switch state.withLock({ $0.pool.admit(function, at: now) }) {
    case .throttled:
      state.withLock { state in
        state.records.append(
          InvocationRecord(function: function, arrival: due, handedOver: now, end: now, environment: nil))
      }
    case .warm(let environment): environment.serve(.init(due: due, handedOver: now))
    case .cold(let environment):
      environment.serve(.init(due: due, handedOver: now))
      environment.begin(
        blueprints[function], among: living, answer: { [self] in note($0, $1) },
        bequeath: { [self] records in state.withLock { $0.records += records } })
    }
  }

  /// An environment's answer, on its thread.
  private func note(_ environment: Environment, _ answer: Environment.Answer) {
    let isKept = state.withLock { state in
      switch answer {
      case .success(let end):
        // Its time of waiting begins where callers see its work end.
        return state.pool.finish(environment, at: end)
      case .failure(let fault):
        state.failure = state.failure ?? fault
        state.pool.lose(environment)
        return true
      }
    }
    if !isKept { environment.end() }
  }

  /// Lets what runs finish, ends all environments, and waits until their threads are gone.
  private func close(_ origin: TimeSpan, isStopped: Bool) -> ServiceRun {
    while state.withLock({ $0.pool.runningCount }) > 0 { Clock.sleep(until: Clock.now + .milliseconds(1)) }
    for environment in state.withLock({ $0.pool.takeExpired() }) { environment.end() }
    living.wait()
    let (records, failure) = state.withLock { ($0.records, $0.failure) }
    let sinceOrigin = records.map { record in
      var record = record
      record.arrival = record.arrival - origin
      record.handedOver = record.handedOver - origin
      record.end = record.end - origin
      return record
    }
    return ServiceRun(
      records: sinceOrigin, horizon: plan.horizon,
      ending: failure.map { .failed($0) } ?? (isStopped ? .interrupted : .complete))
  }
}

// MARK: measuring beforehand

extension LiveHost {
  /// How much is measured of each function before anything is served.
  public struct Effort: Sendable {
    /// Environments made anew.
    public var cold: Int
    /// Further requests to environments that are there.
    public var warm: Int
    /// The longest that it may take for a function.
    public var longest: TimeSpan

    public init(cold: Int = 40, warm: Int = 200, longest: TimeSpan = .seconds(30)) {
      self.cold = cold
      self.warm = warm
      self.longest = longest
    }

    /// One of so many equal parts, rounded up.
    public func part(of parts: Int) -> Effort {
      Effort(
        cold: (cold + parts - 1) / parts, warm: (warm + parts - 1) / parts,
        longest: TimeSpan(nanoseconds: longest.nanoseconds / Int64(parts)))
    }
  }

  /// Times each function alone, one request at a time, through the same hands as later in service: environments made
  /// anew, and further requests to them at random moments. Nothing of the plan's requests is used but their pace.
  ///
  /// - Parameter part: of measurements in several parts, which: each has its own random moments.
  public func measure(
    _ effort: Effort = Effort(), part: Int = 0, onProgress: (Double) -> Void = { _ in },
    shouldStop: () -> Bool = { false }
  ) throws(MeasuringFault) -> [FunctionTimings] {
    var timings: [FunctionTimings] = []
    for (function, blueprint) in blueprints.enumerated() {
      let begin = Clock.now
      var gaps = ArrivalGaps(
        seed: plan.seed, part: part, function: blueprint.function.name, period: plan.quotaPeriod,
        mean: plan.meanGap(of: function))
      var timing = FunctionTimings(function: blueprint.function.name)
      let rounds = max(1, effort.cold)
      for round in 0..<rounds where !shouldStop() && (round < 3 || Clock.now - begin < effort.longest) {
        let calls = 1 + (effort.warm * (round + 1) / rounds - effort.warm * round / rounds)
        for record in try life(of: function, calls: calls, &gaps, shouldStop) { timing.add(record) }
        onProgress((Double(function) + Double(round + 1) / Double(rounds)) / Double(blueprints.count))
      }
      timings.append(timing)
    }
    return timings
  }

  /// One environment from its beginning to its end.
  private func life(
    of function: Int, calls: Int, _ gaps: inout ArrivalGaps, _ shouldStop: () -> Bool
  ) throws(MeasuringFault) -> [InvocationRecord] {
    let done = DispatchSemaphore(value: 0)
    let failure = Mutex<MeasuringFault?>(nil)
    let records = Mutex<[InvocationRecord]>([])
    let environment = state.withLock { $0.pool.newEnvironment(function, at: Clock.now) }
    for call in 0..<calls where !shouldStop() && failure.withLock({ $0 == nil }) {
      let due = Clock.now + gaps.next()
      while Clock.now < due { Clock.sleep(until: due) }
      environment.serve(.init(due: due, handedOver: Clock.now))
      if call == 0 {
        environment.begin(
          blueprints[function], among: living,
          answer: { _, answer in
            if case .failure(let fault) = answer { failure.withLock { $0 = fault } }
            done.signal()
          }, bequeath: { made in records.withLock { $0 = made } })
      }
      done.wait()
    }
    environment.end()
    living.wait()
    if let fault = failure.withLock({ $0 }) { throw fault }
    return records.withLock { $0 }
  }
}
