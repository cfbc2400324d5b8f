/// The quota by which Linux cuts processor time into shares: `share` of every period, then nothing until the next
/// (CFS bandwidth control, docs.kernel.org/scheduler/sched-bwc.html, read 2026-11).
///
/// Use is counted at the scheduler's ticks only, and the quota handed out in slices. So work may overrun what is left of
/// the quota by up to a tick, and pays for it with whole periods of standing still: short work is not held up at all,
/// long work takes `work / share` on average.
public struct ProcessorQuota: Hashable, Sendable {
  /// Of one processor, above 0 and at most 1.
  public var share: Double
  /// Seconds.
  public var period: Double
  /// Seconds between two looks at what was used; zero where every moment counts.
  public var tick: Double
  /// Seconds of quota that are handed out at once; of no effect without ticks.
  public var slice: Double

  /// Lambda's period in seconds: stalls of busy loops are multiples of it (pwrdrvr/lambda-throttling, March 2025).
  public static let lambdaPeriod = 0.020
  /// Lambda's tick in seconds, 250 a second: at 128 MB, bursts use 4 to 5 ms of a quota of 1.45 ms (the same).
  public static let lambdaTick = 0.004
  /// Linux's slice in seconds (`sched_cfs_bandwidth_slice_us`, the same page of the kernel).
  public static let linuxSlice = 0.005

  public init(share: Double, period: Double = lambdaPeriod, tick: Double = 0, slice: Double = linuxSlice) {
    self.share = share
    self.period = period
    self.tick = tick
    self.slice = slice
  }

  /// Seconds until `work` seconds of processor time are done, begun `phase` seconds into a period whose quota is whole
  /// and `tickPhase` seconds after a tick.
  public func wallTime(of work: Double, phase: Double = 0, tickPhase: Double = 0) -> Double {
    guard share < 1 else { return work }
    guard tick == 0 else {
      var course = Course(self, phase: phase, tickPhase: tickPhase)
      return course.wallTime(of: work)
    }
    let quota = share * period
    let first = min(quota, period - phase)
    guard work > first else { return work }
    let rest = work - first
    var periods = (rest / quota).rounded(.down)
    // A quota used up exactly needs no further period.
    if periods > 0, rest - periods * quota < 1e-12 * period { periods -= 1 }
    return period - phase + periods * period + (rest - periods * quota)
  }

  /// The mean over all phases, by midpoints.
  public func meanWallTime(of work: Double) -> Double {
    guard share < 1 else { return work }
    let phases = phases(40)
    return phases.reduce(0) { $0 + wallTime(of: work, phase: $1.period, tickPhase: $1.tick) } / Double(phases.count)
  }

  /// Evenly spread places in the period and, independent of them, between two ticks, s.
  func phases(_ count: Int) -> [(period: Double, tick: Double)] {
    // Multiples of the golden section lie evenly between two ticks, whatever their number.
    let golden = 0.618033988749895
    return (0..<count).map { step in
      let place = Double(step) + 0.5
      return (place / Double(count) * period, (place * golden).truncatingRemainder(dividingBy: 1) * tick)
    }
  }

  /// Work under a quota whose use is counted at ticks, as it goes on.
  struct Course {
    private let quota: ProcessorQuota
    /// What is left of the period's quota, and of what was handed out of it; below zero what must be paid back. s.
    private var pool: Double
    private var handed = 0.0
    /// Work that the ticks have seen. s
    private var counted = 0.0
    private var done = 0.0
    private var now = 0.0
    private var nextPeriod: Double
    private var nextTick: Double

    init(_ quota: ProcessorQuota, phase: Double, tickPhase: Double) {
      self.quota = quota
      pool = quota.share * quota.period
      nextPeriod = quota.period - phase
      nextTick = quota.tick - tickPhase
    }

    /// Seconds until so much work is done; asked for ever more.
    mutating func wallTime(of work: Double) -> Double {
      while true {
        let left = work - done
        let next = min(nextPeriod, nextTick)
        if left <= next - now { return now + left }
        done += next - now
        now = next
        if nextPeriod <= nextTick { refill() } else { count() }
      }
    }

    private mutating func refill() {
      pool = quota.share * quota.period
      nextPeriod += quota.period
    }

    /// A tick: what was used is taken from what was handed out, and more is asked for. Where there is none, the work
    /// stands still until the quotas of later periods have paid.
    private mutating func count() {
      nextTick += quota.tick
      handed -= done - counted
      counted = done
      guard handed <= 0 else { return }
      take(quota.slice - handed)
      while handed <= 0 {
        now = nextPeriod
        refill()
        take(-handed + Self.least)
      }
      if nextTick <= now { nextTick += ((now - nextTick) / quota.tick).rounded(.up) * quota.tick }
    }

    private mutating func take(_ wanted: Double) {
      let given = min(pool, wanted)
      pool -= given
      handed += given
    }

    /// Linux lets go on with a nanosecond.
    private static let least = 1e-9
  }
}
