public import Units

/// How long a function runs by its memory: Lambda gives processor time in proportion to it.
///
/// D(m) = fixed + work × pressure(m) / min(m / 1769, parallelism): 1,769 MB are one vCPU
/// (docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html, read 2026-11), and code that can't use more gets no
/// faster above. The pressure is 1 unless said. The form fits six functions at 46 sizes best among those tried (SLApp's
/// data, 2020).
public struct MemoryScaling: Hashable, Sendable {
  /// Seconds that no memory shortens: waiting for a network, sleeping. A little below zero for work that waits for
  /// nothing: an invocation begins with a whole quota, so work over share counts up to one period too much.
  public var fixed: Double
  /// Seconds of work on one vCPU.
  public var work: Double
  /// The most vCPUs that the work can use, and with it the memory beyond which more does nothing. Below one where
  /// something else than the processor, a disk say, is at its limit first.
  public var parallelism: Double
  /// How work grows as memory runs short; nil: it doesn't.
  public var pressure: MemoryPressure?
  /// Whether the quota's periods show: only in work of less than about 200 ms.
  public var showsQuota: Bool

  public init(fixed: Double, work: Double, parallelism: Double = 1, showsQuota: Bool = false) {
    self.fixed = fixed
    self.work = work
    self.parallelism = parallelism
    self.showsQuota = showsQuota
  }

  /// MB that buy one vCPU.
  public static let megabytesPerProcessor = 1769.0

  /// The memory in MB beyond which more does nothing.
  public var cap: Double { parallelism * Self.megabytesPerProcessor }

  /// Mean duration in seconds.
  public func duration(at memory: MemorySize) -> Double { duration(megabytes: Double(memory.megabytes)) }

  /// Mean duration in seconds at a size in MB.
  public func duration(megabytes: Double) -> Double {
    let work = work * (pressure?.factor(megabytes: megabytes) ?? 1)
    let share = min(megabytes / Self.megabytesPerProcessor, parallelism)
    // However much is saved at the beginning, half of the work remains to be done.
    guard showsQuota, share < 1 else { return max(fixed + work / share, work / max(1, parallelism) / 2) }
    return fixed + ProcessorQuota(share: share).meanWallTime(of: work)
  }

  /// How many times as long it runs at `new` as at `old`.
  public func ratio(from old: MemorySize, to new: MemorySize) -> Double { duration(at: new) / duration(at: old) }
}
