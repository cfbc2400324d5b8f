import MicroVM
import Statistics
import Units

/// A memory setting in force: the quota that comes with it, and the waits between invocations.
struct Condition: ~Copyable {
  let memory: MemorySize
  let quota: ProcessorQuota?
  private let group: QuotaGroup?
  private var phases: RandomStream

  /// - Throws: where the quota cannot be set, or has no effect.
  init(memory: MemorySize, plan: MeasurePlan, subject: String) throws(QuotaFault) {
    self.memory = memory
    phases = RandomStream(
      seed: plan.seed, subject: StableHash.of("\(subject) \(memory.megabytes)"), purpose: .arrivals)
    let wanted = memory.megabytes < ProcessorQuota.megabytesPerProcessor
    guard wanted else {
      quota = nil
      group = nil
      return
    }
    let quota = try ProcessorQuota(memory: memory, period: plan.quotaPeriod)
    let made = try QuotaGroup.make(quota, in: try ControlGroups.find())
    try made.verify()
    self.quota = quota
    group = consume made
  }

  func hold(_ thread: Int32) throws(QuotaFault) {
    switch group {
    case .some(let group): try group.add(thread: thread)
    case .none: break
    }
  }

  func release(_ thread: Int32) throws(QuotaFault) {
    switch group {
    case .some(let group): try group.release(thread: thread)
    case .none: break
    }
  }

  /// That the quota has made its threads wait so far.
  func throttled() throws(QuotaFault) -> TimeSpan {
    switch group {
    case .some(let group): try group.account().throttledTime
    case .none: .zero
    }
  }

  /// Waits until the quota is whole again and a random part of a period has passed, as for a request out of the blue.
  mutating func awaitArrival() {
    guard let quota else { return }
    let wait = Double(quota.period.nanoseconds) * (1 + phases.uniform())
    Clock.sleep(TimeSpan(nanoseconds: Int64(wait)))
  }
}
