import Diagnostics
public import Measuring
public import Platforms
import Statistics
public import Units
public import Workloads

/// A function that the host serves, with the program that stands for it.
public struct ServedFunction: Sendable {
  public var subject: Subject
  /// Memory, and with it the share of a processor; reserved concurrency; SnapStart, which restores machines.
  public var settings: FunctionSettings

  public var name: String { subject.name }
  /// Whether new environments are restored from a snapshot; they boot otherwise.
  public var isRestored: Bool { settings.restoreDuration != nil }

  public init(subject: Subject, settings: FunctionSettings) {
    self.subject = subject
    self.settings = settings
  }
}

/// A request that is due at a moment of the run.
public struct ServiceRequest: Hashable, Sendable {
  /// Index into the plan's functions.
  public var function: Int
  /// Since the run's beginning.
  public var arrival: TimeSpan

  public init(function: Int, arrival: TimeSpan) {
    self.function = function
    self.arrival = arrival
  }
}

/// What a host is to serve, and by which rules.
public struct ServicePlan: Sendable {
  public var functions: [ServedFunction]
  /// In order of arrival.
  public var requests: [ServiceRequest]
  public var horizon: TimeSpan
  /// Keep-alive, lifetime, reuse and the limit on concurrency; times as they pass on the host.
  public var platform: Platform
  /// The period of the processor quotas.
  public var quotaPeriod: TimeSpan
  /// Of the host's own draws: keep-alives, lifetimes, random reuse.
  public var seed: UInt64

  /// More would need a host of another size.
  static let mostRequests = 1_000_000

  public init(
    functions: [ServedFunction], requests: [ServiceRequest], horizon: TimeSpan, platform: Platform,
    quotaPeriod: TimeSpan = .milliseconds(20), seed: UInt64 = 0
  ) {
    self.functions = functions
    self.requests = requests
    self.horizon = horizon
    self.platform = platform
    self.quotaPeriod = quotaPeriod
    self.seed = seed
  }

  /// The arrivals of a workload; its durations are left out, because the functions really run.
  ///
  /// - Parameters:
  ///   - speed: how many times as fast arrivals come and idle environments age. Functions take the time they take.
  ///   - subject: the program that stands for a function of the workload.
  /// - Throws: when the workload can't be read, or the platform has rules that the host does not follow.
  public init(
    _ workload: Workload, platform: Platform, speed: Double = 1, quotaPeriod: TimeSpan = .milliseconds(20),
    seed: UInt64 = 0, subject: (String) throws -> Subject
  ) throws {
    let ordered = try OrderedInvocations(workload, seed: seed, replication: 0)
    let requests = try ordered.fold(
      { [ServiceRequest]() },
      { (all, batch) throws(InputFault) in
        guard all.count + batch.count <= Self.mostRequests else {
          throw InputFault(
            at: .init(file: workload.title), found: "more than \(Self.mostRequests) invocations",
            expected: "what one host can serve", advice: "take a window of it")
        }
        for (function, arrival) in zip(batch.functions, batch.arrivals) {
          let moment = TimeSpan(nanoseconds: Int64((Double(arrival) / speed).rounded()))
          all.append(ServiceRequest(function: Int(function), arrival: moment))
        }
      })
    var functions: [ServedFunction] = []
    for function in ordered.functions {
      let settings = platform.settings(for: function.name, hints: FunctionHints(memory: function.memory))
      try Self.check(settings, of: function.name)
      var subject = try subject(function.name)
      subject.name = function.name
      functions.append(ServedFunction(subject: subject, settings: settings))
    }
    guard platform.limits == .none else {
      throw Self.refusal("limits", "limits of the service", "account-concurrency and reserved-concurrency only")
    }
    var platform = platform
    platform.keepAlive = KeepAlive(
      platform.keepAlive.sole.multiplied(by: 1 / speed),
      deeper: platform.keepAlive.deeper?.multiplied(by: 1 / speed))
    platform.maximumLifetime = platform.maximumLifetime?.multiplied(by: 1 / speed)
    self.init(
      functions: functions, requests: requests,
      horizon: TimeSpan(nanoseconds: Int64((Double(ordered.horizon.nanoseconds) / speed).rounded(.up))),
      platform: platform, quotaPeriod: quotaPeriod, seed: seed)
  }

  private static func check(_ settings: FunctionSettings, of name: String) throws(InputFault) {
    if settings.provisionedConcurrency > 0 {
      throw refusal("\(name).provisioned-concurrency", "\(settings.provisionedConcurrency)", "none")
    }
    if !settings.behaviour.isEmpty {
      throw refusal(name, "rules that replay event by event", "memory, reserved-concurrency and snap-start only")
    }
    if let timeout = settings.timeout { throw refusal("\(name).timeout", "\(timeout)", "no timeout") }
  }

  private static func refusal(_ key: String, _ found: String, _ expected: String) -> InputFault {
    InputFault(
      at: .init(file: "functions", key: key), found: found, expected: "\(expected) where real machines serve",
      advice: "faascast simulate follows all rules")
  }

  /// Between a function's requests, on average.
  func meanGap(of function: Int) -> TimeSpan {
    TimeSpan(nanoseconds: horizon.nanoseconds / Int64(max(1, requests.count { $0.function == function })))
  }

  func makePool() -> EnvironmentPool {
    EnvironmentPool(platform, reserved: functions.map(\.settings.reservedConcurrency), seed: seed)
  }
}
