public import Units

/// How much of a processor a function of a given memory gets, as CFS bandwidth control hands it out: `quota` of CPU time
/// in each `period`.
public struct ProcessorQuota: Equatable, Sendable {
  public let memory: MemorySize
  public let period: TimeSpan

  /// The memory at which Lambda gives one whole processor, MB
  /// (docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html, read 2026-11).
  public static let megabytesPerProcessor = 1769
  /// What the kernel takes as a period (kernel/sched/core.c: min_cfs_quota_period, max_cfs_quota_period).
  public static let periods = TimeSpan.milliseconds(1)...TimeSpan.seconds(1)
  /// The smallest quota that the kernel takes.
  public static let least = TimeSpan.milliseconds(1)

  /// - Throws: `QuotaFault.period` or `.tooSmall` where the kernel would refuse.
  public init(memory: MemorySize, period: TimeSpan) throws(QuotaFault) {
    guard Self.periods.contains(period) else { throw .period(period) }
    self.memory = memory
    self.period = period
    guard quota >= Self.least else {
      let needed = Self.least.nanoseconds * Int64(Self.megabytesPerProcessor) / Int64(max(1, memory.megabytes))
      throw .tooSmall(memory: memory, quota: quota, leastPeriod: .milliseconds(needed / 1_000_000 + 1))
    }
  }

  /// Processors; more than one above 1,769 MB.
  public var share: Double { Double(memory.megabytes) / Double(Self.megabytesPerProcessor) }

  /// CPU time in each period, in whole microseconds as the kernel wants it.
  public var quota: TimeSpan {
    let microseconds = period.nanoseconds / 1000 * Int64(memory.megabytes) / Int64(Self.megabytesPerProcessor)
    return TimeSpan(nanoseconds: microseconds * 1000)
  }

  /// Whether a single thread feels it.
  public var limitsOneProcessor: Bool { quota < period }

  /// The mean wall time of one thread's `work` of CPU time, when it arrives at a random phase of the period with the
  /// quota unused.
  ///
  /// The first quota is there at arrival, each next one a period later, the first of these after half a period on
  /// average: with n refills, nP - P/2 and what then remains of the work. Work within one quota runs unhindered. Left out
  /// are the scheduler's tick and slice, by which a thread overruns its quota and repays later; they even out in work of
  /// many quotas.
  public func meanDuration(ofWork work: TimeSpan) -> TimeSpan {
    guard limitsOneProcessor, work > quota else { return work }
    let refills = (work.nanoseconds - 1) / quota.nanoseconds
    let rest = work.nanoseconds - refills * quota.nanoseconds
    return max(work, TimeSpan(nanoseconds: refills * period.nanoseconds - period.nanoseconds / 2 + rest))
  }
}
