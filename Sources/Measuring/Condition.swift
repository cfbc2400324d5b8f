package import MicroVM
import Statistics
package import Units

/// A memory setting in force: the quota that comes with it, and the waits between invocations.
package struct Condition: ~Copyable {
  let memory: MemorySize
  package let quota: ProcessorQuota?
  private let group: QuotaGroup?
  private var phases: RandomStream

  /// - Parameters:
  ///   - period: of the quota.
  ///   - isVerified: whether a busy thread must first have been stopped by the quota.
  ///   - seed: of the random phases at which invocations arrive.
  /// - Throws: where the quota cannot be set, or has no effect.
  package init(
    memory: MemorySize, period: TimeSpan, isVerified: Bool = true, seed: UInt64, subject: String
  ) throws(QuotaFault) {
    self.memory = memory
    phases = RandomStream(
      seed: seed, subject: StableHash.of("\(subject) \(memory.megabytes)"), purpose: .arrivals)
    let wanted = memory.megabytes < ProcessorQuota.megabytesPerProcessor
    guard wanted else {
      quota = nil
      group = nil
      return
    }
    let quota = try ProcessorQuota(memory: memory, period: period)
    let made = try QuotaGroup.make(quota, in: try ControlGroups.find())
    if isVerified { try made.verify() }
    self.quota = quota
    group = consume made
  }

  /// Whether other threads of the process stay out of it.
  package var holdsSingleThreads: Bool {
    switch group {
    case .some(let group): group.holdsSingleThreads
    case .none: true
    }
  }

  package func hold(_ thread: Int32) throws(QuotaFault) {
    switch group {
    case .some(let group): try group.add(thread: thread)
    case .none: break
    }
  }

  package func release(_ thread: Int32) throws(QuotaFault) {
    switch group {
    case .some(let group): try group.release(thread: thread)
    case .none: break
    }
  }

  /// That the quota has made its threads wait so far.
  package func throttled() throws(QuotaFault) -> TimeSpan {
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
