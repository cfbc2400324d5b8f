import Statistics
import Units
import Workloads

/// A simple platform under one function, so that logs show environments that make sense: the most recently used idle
/// environment serves, one that idled 10 minutes is gone, none serves after 2 hours.
struct LambdaEnvironments {
  struct Environment {
    var created: Int64
    /// 32 hexadecimal digits, the end of its log stream's name.
    var id: String
    var memoryUsed: Int
  }

  /// How an invocation ran.
  struct Run {
    var environment: Environment
    var requestID: String
    /// Init, ns, where it was a cold start.
    var initDuration: Int64?
  }

  static let keepAlive: Int64 = 600_000_000_000
  static let maximumLifetime: Int64 = 7_200_000_000_000
  /// What an environment's init takes where the trace does not tell: an empty Node.js function of 2026 (lambda-perf).
  static let usualInit = Distribution.lognormal(mu: -1.931, sigma: 0.13)

  let memory: MemorySize
  private let memoryUsed: Double
  private let initLaw: Distribution
  private var inits: RandomStream
  private var identities: RandomStream
  /// Idle environments, the one used last at the end.
  private var idle: [(environment: Environment, since: Int64)] = []
  private var busy = TimeQueue<Environment>()

  init(_ function: WorkloadFunction, seed: UInt64, replication: UInt64) {
    var setting = function.memory?.megabytes ?? 128
    if function.memory == nil, let used = function.memoryUsed {
      while Double(setting) < used, setting < MemorySize.lambdaRange.upperBound { setting *= 2 }
      setting = min(setting, MemorySize.lambdaRange.upperBound)
    }
    memory = MemorySize(megabytes: setting)
    memoryUsed = min(function.memoryUsed ?? 0.55 * Double(setting), Double(setting))
    initLaw = function.initDuration ?? Self.usualInit
    let subject = StableHash.of(function.name)
    inits = RandomStream(seed: seed, replication: replication, subject: subject, purpose: .initialisation)
    identities = RandomStream(seed: seed, replication: replication, subject: subject, purpose: .resampling)
  }

  mutating func run(arrival: Int64, duration: Int64) -> Run {
    while let (end, environment) = busy.pop(until: arrival) { idle.append((environment, end)) }
    var found: Environment?
    while found == nil, let (environment, since) = idle.popLast() {
      guard arrival - since <= Self.keepAlive else {
        idle.removeAll(keepingCapacity: true)  // those below idled longer
        break
      }
      if arrival - environment.created <= Self.maximumLifetime { found = environment }
    }
    var initDuration: Int64?
    if found == nil { initDuration = Int64(min(max(0, initLaw.sample(&inits)), 600) * 1e9) }
    let environment = found ?? create(at: arrival)
    let (start, _) = arrival.addingReportingOverflow(initDuration ?? 0)
    let (end, overflow) = start.addingReportingOverflow(duration)
    busy.push(overflow ? .max : end, environment)
    return Run(environment: environment, requestID: requestID(), initDuration: initDuration)
  }

  private mutating func create(at moment: Int64) -> Environment {
    let used = memoryUsed * (0.95 + 0.1 * identities.uniform())
    return Environment(
      created: moment, id: hexadecimal(identities.next()) + hexadecimal(identities.next()),
      memoryUsed: min(max(1, Int(used)), memory.megabytes))
  }

  /// A UUID of version 4 out of the stream: of the form of Lambda's own, and the same in every run.
  private mutating func requestID() -> String {
    let a = hexadecimal(identities.next() & ~0xF000 | 0x4000)
    let b = hexadecimal(identities.next() & ~(3 << 62) | 1 << 63)
    return "\(a.prefix(8))-\(a.dropFirst(8).prefix(4))-\(a.suffix(4))-\(b.prefix(4))-\(b.suffix(12))"
  }
}

/// 16 hexadecimal digits.
func hexadecimal(_ word: UInt64) -> String {
  let digits = String(word, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// Values that wait for their moments; those of one moment come out in the order in which they came in.
///
/// A binary heap: pushing and popping are logarithmic in what waits.
struct TimeQueue<Value> {
  private var items: [(time: Int64, number: Int, value: Value)] = []
  private var pushed = 0

  mutating func push(_ time: Int64, _ value: Value) {
    items.append((time, pushed, value))
    pushed += 1
    var child = items.count - 1
    while child > 0, precedes(child, (child - 1) / 2) {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// The earliest value, if its moment is not after `limit`.
  mutating func pop(until limit: Int64) -> (time: Int64, value: Value)? {
    guard let first = items.first, first.time <= limit else { return nil }
    items.swapAt(0, items.count - 1)
    items.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && precedes(child, least) {
        least = child
      }
      if least == parent { return (first.time, first.value) }
      items.swapAt(parent, least)
      parent = least
    }
  }

  private func precedes(_ a: Int, _ b: Int) -> Bool {
    (items[a].time, items[a].number) < (items[b].time, items[b].number)
  }
}
