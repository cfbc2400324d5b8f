import Platforms
import Statistics
import Units
import Workloads

/// When a function's provisioned concurrency changes by schedule: known before any invocation, because nothing that
/// happens changes it.
struct ProvisioningTimetable {
  struct Change {
    var time: Int64
    /// Environments that serve from then on.
    var ready: Int
    /// Init of those that are new, ns.
    var inits: [Int64] = []
  }

  private(set) var changes: [Change] = []
  private(set) var failedAllocations = 0
  private var fleet: ProvisionedFleet

  /// - Parameters:
  ///   - epoch: the wall-clock moment of instant zero in seconds since 1970; cron takes zero for midnight without.
  ///   - horizon: no change beyond matters, ns.
  init(
    _ function: WorkloadFunction, _ settings: FunctionSettings, _ simulation: Simulation, epoch: Double?, horizon: Int64
  ) {
    fleet = ProvisionedFleet(ready: settings.provisionedConcurrency)
    guard let policy = settings.behaviour.provisioning else { return }
    let rules = FunctionRules(settings: settings, limits: simulation.platform.limits)
    let initDuration = settings.newEnvironment
    let schedule = ProvisioningSchedule(
      policy.schedule, level: settings.provisionedConcurrency, epoch: epoch, horizon: horizon)
    var stream = simulation.stream(of: function, .allocation)
    /// Requests in the order in which they will be ready; most are overtaken before.
    var pending: [(time: Int64, request: Int)] = []
    func complete(by time: Int64) {
      while let next = pending.indices.min(by: { pending[$0].time < pending[$1].time }), pending[next].time <= time {
        let (time, request) = pending.remove(at: next)
        let new = fleet.allocationCompleted(request)
        guard new > 0 else { continue }
        changes.append(
          Change(time: time, ready: fleet.ready, inits: (0..<new).map { _ in initDuration.draw(&stream) }))
      }
    }
    var action = 0
    while let change = schedule.change(action), change.time <= horizon {
      complete(by: change.time)
      action += 1
      let level = min(max(fleet.requested, change.minimum), change.maximum)
      guard level != fleet.requested else { continue }
      guard level <= settings.reservedConcurrency ?? .max else {
        failedAllocations += 1
        continue
      }
      fleet.ask(for: level, at: change.time)
      if fleet.isAllocating {
        let making = Int64(level - fleet.ready) * 60_000_000_000 / Int64(rules.allocationPerMinute)
        let delay = rules.allocationDelay.draw(&stream) + making
        pending.append((change.time + delay, fleet.request))
      } else {
        changes.append(Change(time: change.time, ready: fleet.ready))
      }
    }
    complete(by: horizon)
  }

  /// Requested environments times nanoseconds.
  func allocatedTime(until horizon: Int64) -> Int128 { fleet.allocatedTime(until: horizon) }
}

extension FunctionSettings {
  /// The most provisioned environments that there may be at any time.
  var mostProvisioned: Int {
    let policy = behaviour.provisioning
    let scheduled = policy?.schedule.map(\.minimum).max() ?? 0
    return max(provisionedConcurrency, scheduled, policy?.tracking?.maximum ?? 0)
  }
}
