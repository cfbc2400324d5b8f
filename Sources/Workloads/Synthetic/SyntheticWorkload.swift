public import Diagnostics
public import Statistics
public import Units

/// A workload made from laws: functions written one by one, a whole population, or both.
public struct SyntheticWorkload: Hashable, Sendable {
  /// Where the trace ends; at most ten years.
  public var horizon: TimeSpan
  /// The wall-clock moment of instant zero, seconds since 1970, for timers and profiles that read the calendar; nil:
  /// `assumedStart`, and the workload has no epoch.
  public var start: Int64?
  public var functions: [SyntheticFunction]
  public var population: Population?

  public init(
    horizon: TimeSpan, start: Int64? = nil, functions: [SyntheticFunction] = [], population: Population? = nil
  ) {
    self.horizon = horizon
    self.start = start
    self.functions = functions
    self.population = population
  }

  /// Monday, 5 January 2026, 00:00 UTC: what instant zero is taken for when nothing says.
  public static let assumedStart: Int64 = 1_767_571_200
}

/// One function of a synthetic workload.
public struct SyntheticFunction: Hashable, Sendable {
  /// Unique in the workload; its random numbers depend on it.
  public var name: String
  public var arrivals: ArrivalProcess
  /// Seconds that an invocation runs, init aside.
  public var duration: Distribution
  /// The memory setting.
  public var memory: MemorySize?
  /// Mean memory in use, MB.
  public var memoryUsed: Double?
  public var trigger: String?
  public var application: String?

  public init(
    name: String, arrivals: ArrivalProcess, duration: Distribution, memory: MemorySize? = nil,
    memoryUsed: Double? = nil, trigger: String? = nil, application: String? = nil
  ) {
    self.name = name
    self.arrivals = arrivals
    self.duration = duration
    self.memory = memory
    self.memoryUsed = memoryUsed
    self.trigger = trigger
    self.application = application
  }
}

extension Workload {
  /// A workload that is drawn from laws as it is replayed.
  ///
  /// A population's functions are part of the recipe (they depend on its own seed only); the seed and the replication
  /// of a simulation draw their invocations.
  ///
  /// - Throws: when a value is out of its range; the place's key is the path to it, in the words of scenario files:
  ///   `functions.checkout.arrivals.mmpp[1].rate`.
  public static func synthetic(_ description: SyntheticWorkload, title: String) throws(InputFault) -> Workload {
    var functions = description.functions
    try description.validate()
    if let population = description.population { functions += population.draw() }
    try requireUniqueNames(functions)

    let horizon = Instant.zero + description.horizon
    let start = description.start ?? SyntheticWorkload.assumedStart
    var ledger = ImportLedger()
    ledger.synthesise("arrivals and durations: drawn from laws, none was recorded")
    if let population = description.population {
      ledger.synthesise("\(functions.count - description.functions.count) functions: \(population.label)")
    }
    if description.start == nil, functions.contains(where: \.arrivals.readsCalendar) {
      ledger.synthesise("calendar: instant zero is taken for Monday 2026-01-05 00:00 UTC, as no start is given")
    }
    let expected = functions.reduce(0) {
      $0 + $1.arrivals.expectedArrivals(before: description.horizon, start: start)
    }
    let drawn = functions
    return Workload(
      title: title,
      feed: .generated(
        GeneratedWorkload(
          functions: drawn.map {
            WorkloadFunction(
              name: $0.name, application: $0.application, trigger: $0.trigger, memory: $0.memory,
              memoryUsed: $0.memoryUsed)
          },
          horizon: horizon, expectedInvocations: Int(min(expected, 1e15)), ledger: ledger,
          generator: { function, seed, replication in
            drawn[function].generator(seed: seed, replication: replication, horizon: horizon, start: start)
          })),
      epoch: description.start.map(Double.init))
  }

  private static func requireUniqueNames(_ functions: [SyntheticFunction]) throws(InputFault) {
    var names: Set<String> = []
    for function in functions where !names.insert(function.name).inserted {
      throw InputFault(
        at: .init(file: "", key: "functions.\(function.name)"), found: "two functions of this name",
        expected: "each name once", advice: "streams of random numbers belong to names")
    }
  }
}

extension SyntheticWorkload {
  /// Whether invocations follow the same laws at every moment: no profile, no clock, no calendar. Only then is there a
  /// steady state to speak of.
  public var isStationary: Bool { population == nil && functions.allSatisfy(\.arrivals.isStationary) }
}
