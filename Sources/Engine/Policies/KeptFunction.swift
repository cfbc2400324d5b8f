import Platforms
import Statistics
import Units
import Workloads

/// One function under a keep-alive policy: its environments, and what is counted of it.
struct KeptFunction {
  let function: WorkloadFunction
  let settings: FunctionSettings
  let model: FunctionModel
  var tally = Tally()
  /// MB of an environment.
  let size: Int
  /// What a cold start takes on average, s.
  let cost: Double
  /// Idle environments, the next to serve last.
  var idle: [KeptEnvironment] = []
  var active = 0
  /// Invocations since it had no environment.
  var uses = 0
  var histogram: IdleHistogram?
  var lastEnd: Int64?
  /// Which loading ahead is meant: those before were overtaken.
  var loading = 0
  /// Moments of its invocations, for those who know the future, and how many have come.
  var future: [Int64] = []
  var arrived = 0
  var initStream: RandomStream
  var keepAliveStream: RandomStream
  var nextSerial: UInt32 = 0

  init(_ function: WorkloadFunction, _ simulation: Simulation) {
    self.function = function
    settings = simulation.settings(of: function)
    model = FunctionModel(settings: settings, platform: simulation.platform)
    size = settings.memory.megabytes
    cost = settings.initDuration.mean + settings.platformOverhead.mean
    if case .hybridHistogram(let policy)? = simulation.platform.policy { histogram = IdleHistogram(policy) }
    initStream = simulation.stream(of: function, .initialisation)
    keepAliveStream = simulation.stream(of: function, .keepAlive)
  }

  /// An idle environment's time is up, or its memory is needed.
  mutating func end(_ environment: KeptEnvironment, at time: Int64, _ meter: inout TimelineMeter) {
    meter.environmentEnded(at: time)
    tally.idleTimeInHorizon += Int128(time - environment.since)
    tally.environmentsEnded += 1
  }

  /// Ends all idle ones; their memory, MB.
  mutating func endAll(at time: Int64, _ meter: inout TimelineMeter) -> Int {
    let count = idle.count
    for environment in idle { end(environment, at: min(time, environment.expires), &meter) }
    idle.removeAll()
    return count * size
  }

  /// When the invocation after so many others comes; Int64.max for never.
  func future(after others: Int) -> Int64 {
    let index = arrived + others
    return index < future.count ? future[index] : .max
  }
}

struct KeptEnvironment {
  var serial: UInt32
  var since: Int64
  /// The first moment at which it can no longer serve.
  var expires: Int64
  var lifetimeEnd: Int64
}
