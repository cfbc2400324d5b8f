import HeapModule
import Platforms
import Statistics
import Units
import Workloads

/// The state of everything at a moment, and the means to move it on: functions, what they share, and what is to come.
///
/// Literal and exact: one event after the other in global order of time. Requests, callers and Lambda's queue are in
/// extensions of their own.
final class ControlPlane {
  let simulation: Simulation
  var functions: [ServedFunction]
  var account: Account
  var flights = Slots<Flight>()
  /// Callers that wait for an answer or for their next attempt, by number.
  var calls: [Int: Call] = [:]
  /// Events in Lambda's queue or running, by number.
  var events: [Int: QueuedEvent] = [:]
  /// Invocations that wait for others, by number.
  var chains: [Int: Chain] = [:]
  /// Executions of state machines, and what goes on in them, by number.
  var executions: [Int: Execution] = [:]
  var sequences: [Int: StateSequence] = [:]
  var forks: [Int: Fork] = [:]
  /// Queues and streams before functions.
  private(set) var mappings: [(any EventSourceMapping)?] = []
  var books: SourceBooks
  var callers: [CallerState]
  var crowds: [Crowd?]
  /// Functions by name.
  let indices: [String: Int]
  /// Durations of the functions to which each function's events are sent on.
  var deliveryStreams: [RandomStream]
  /// Calls that each function makes.
  var callStreams: [RandomStream]

  private(set) var now: Int64 = 0
  var meter = TimelineMeter()
  private(set) var peaks = PeakSeries()
  /// Where a function is alone: what the joint peak of all is made of.
  var moments: Moments?
  private var scheduled = Heap<Scheduled>()
  private var nextNumber = 0
  private var schedules: [ProvisioningSchedule?]

  init(
    _ simulation: Simulation, functions: [ServedFunction], sharedLimit: Int?, epoch: Double?, horizon: Int64
  ) {
    self.simulation = simulation
    self.functions = functions
    account = Account(platform: simulation.platform, sharedLimit: sharedLimit)
    books = SourceBooks(functions.map(\.settings.behaviour))
    callers = functions.map { CallerState($0, simulation) }
    crowds = functions.map { Crowd($0, simulation) }
    indices = Dictionary(
      functions.enumerated().map { ($1.function.name, $0) }, uniquingKeysWith: { first, _ in first })
    deliveryStreams = functions.map { simulation.stream(of: $0.function, .destinations) }
    callStreams = functions.map { simulation.stream(of: $0.function, .calls) }
    schedules = functions.map { served in
      served.settings.behaviour.provisioning.map {
        ProvisioningSchedule(
          $0.schedule, level: served.settings.provisionedConcurrency, epoch: epoch, horizon: horizon)
      }
    }
    mappings = functions.indices.map { makeMapping(of: $0) }
    if mappings.contains(where: { $0 != nil }) {
      schedule(.mappingsAreSampled, at: TimeSpan.minutes(1).nanoseconds, .platform)
    }
    for index in functions.indices { prepare(index) }
  }

  /// A number that nothing else has.
  func newNumber() -> Int {
    nextNumber += 1
    return nextNumber
  }

  private func prepare(_ index: Int) {
    let behaviour = functions[index].settings.behaviour
    for (number, deployment) in (behaviour.deployments ?? []).enumerated() {
      schedule(.deploys(function: index, deployment: number), at: deployment.at.nanoseconds, .platform)
    }
    if behaviour.provisioning?.tracking != nil {
      schedule(.minuteCloses(function: index), at: TimeSpan.minutes(1).nanoseconds, .platform)
    }
    if let moment = schedules[index]?.moment(0) {
      schedule(.boundsChange(function: index, action: 0), at: moment, .platform)
    }
    if let managed = behaviour.managed {
      schedule(.managedScales(function: index), at: managed.period.nanoseconds, .platform)
    }
    startUsers(of: index)
  }

  func schedule(_ occurrence: Occurrence, at time: Int64, _ rank: Scheduled.Rank = .request) {
    let number = newNumber()
    scheduled.insert(
      Scheduled(time: time, rank: rank, order: UInt64(number), number: number, occurrence: occurrence))
  }

  /// Lets everything happen that is due by `time`, until `shouldStop` says so; false when it did.
  func advance(to time: Int64, shouldStop: () -> Bool = { false }) -> Bool {
    var steps = 0
    while let next = scheduled.min, next.time <= time {
      _ = scheduled.popMin()
      now = next.time
      happen(next.occurrence)
      steps += 1
      if steps & 0xFFFF == 0, shouldStop() { return false }
    }
    now = time
    return true
  }

  private func happen(_ occurrence: Occurrence) {
    switch occurrence {
    case .invocationEnds(let flight): end(flight)
    case .deploys(let function, let deployment): functions[function].deploy(deployment, at: now, &meter)
    case .boundsChange(let function, let action): changeBounds(of: function, action)
    case .allocationCompletes(let function, let request):
      functions[function].allocationCompletes(request, at: now, &meter)
    case .managedScales(let function): scaleManaged(function)
    case .managedArrive(let function, let count): functions[function].managed?.arrived(count, at: now)
    case .minuteCloses(let function): closeMinute(of: function)
    case .callerGivesUp(let call, let attempt): giveUp(call, attempt)
    case .callerTries(let call): tryAgain(call)
    case .eventIsDue(let event): dispatch(event)
    case .chainTimesOut(let chain): endChain(chain, failure: .timeout)
    case .userActs(let function, let user): act(function, user: user)
    case .stateEnds(let sequence): enterStates(sequence)
    case .mappingActs(let function, let event): mappings[function]?.happen(event, self)
    case .mappingsAreSampled: sampleMappings()
    }
  }

  // MARK: - Invocations

  /// Hands a request to its function; false when it was refused, of which whoever asked has heard.
  @discardableResult
  func invoke(_ request: Request) -> Bool {
    switch functions[request.function].start(request, at: now, &account, &meter) {
    case .refused(let reason):
      answer(request, .throttled(reason))
      return false
    case .running(let flight):
      peaks.change(by: 1, at: now)
      moments?.began(at: now, takesShared: flight.takesShared)
      let order = UInt64(request.function) << 32 | UInt64(flight.environment.serial)
      let slot = flights.insert(flight)
      scheduled.insert(
        Scheduled(
          time: flight.end, rank: .end, order: order, number: newNumber(), occurrence: .invocationEnds(flight: slot)))
      return true
    }
  }

  private func end(_ slot: Int) {
    guard let flight = flights[slot] else { return }
    if flight.isOpen { return startChain(slot, of: flight) }
    _ = flights.take(slot)
    land(flight)
  }

  /// An invocation is over: its environment is free, and whoever waits hears of it.
  func land(_ flight: Flight) {
    peaks.change(by: -1, at: now)
    moments?.ended(at: now, takesShared: flight.takesShared)
    if flight.takesShared { account.ended() }
    functions[flight.request.function].finish(flight, &meter)
    answer(flight.request, flight.failure.map { .failed($0) } ?? .succeeded)
  }

  private func answer(_ request: Request, _ response: Response) {
    switch request.origin {
    case .arrival: books.close(request.source, response)
    case .call(let call, let attempt): hear(response, call, attempt)
    case .event(let event): settle(event, response)
    case .batch(let function, let batch): mappings[function]?.hear(response, batch: batch, self)
    }
  }

  // MARK: - Provisioned concurrency

  private func changeBounds(of function: Int, _ action: Int) {
    guard let change = schedules[function]?.change(action) else { return }
    functions[function].tracker?.minimum = change.minimum
    functions[function].tracker?.maximum = change.maximum
    let level = functions[function].fleet.requested
    provision(function, min(max(level, change.minimum), change.maximum))
    if let moment = schedules[function]?.moment(action + 1) {
      schedule(.boundsChange(function: function, action: action + 1), at: moment, .platform)
    }
  }

  private func closeMinute(of function: Int) {
    let fleet = functions[function].fleet
    if let level = functions[function].tracker?.closeMinute(
      at: now, level: fleet.requested, isAllocating: fleet.isAllocating)
    {
      provision(function, level)
    }
    schedule(.minuteCloses(function: function), at: now + TimeSpan.minutes(1).nanoseconds, .platform)
  }

  private func provision(_ function: Int, _ level: Int) {
    guard let (delay, request) = functions[function].provision(level, at: now, &account) else { return }
    schedule(.allocationCompletes(function: function, request: request), at: now + delay, .platform)
  }

  private func scaleManaged(_ function: Int) {
    guard let policy = functions[function].managed?.policy, let more = functions[function].managed?.scale(at: now)
    else {
      return
    }
    if more > 0 {
      let delay = functions[function].managedDelay()
      schedule(.managedArrive(function: function, count: more), at: now + delay, .platform)
    }
    schedule(.managedScales(function: function), at: now + max(1, policy.period.nanoseconds), .platform)
  }

  // MARK: - The end

  /// Cuts everything off at `horizon`.
  func close(at horizon: Int64) {
    peaks.hold(until: horizon + 1)
    var rest: [[Flight]] = Array(repeating: [], count: functions.count)
    for flight in flights.all { rest[flight.request.function].append(flight) }
    for index in functions.indices { functions[index].close(at: horizon, stillRunning: rest[index], &meter) }
    for (index, mapping) in mappings.enumerated() {
      guard let mapping else { continue }
      mapping.close(at: horizon, self)
      books.keep(mapping.tally, of: books.workload[index])
    }
    books.closeAll()
  }
}
