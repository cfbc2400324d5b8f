import MicroVM
public import Units

/// What is to be measured, how often and under which conditions.
public struct MeasurePlan: Sendable {
  public var functions: [Subject]
  /// Lambda memory settings; each gives the machine its memory and its share of a processor.
  public var memories: [MemorySize]
  /// Machines made from nothing while another one is alive, for each function and memory.
  public var cold: Int
  /// Machines made while no other is alive: the first on a host costs more.
  public var hostCold: Int
  /// Further calls of one machine.
  public var warm: Int
  /// Machines made from a snapshot, in each of `restorations`.
  public var restore: Int
  public var restorations: [Restoration]
  /// The period of the processor quota.
  public var quotaPeriod: TimeSpan
  /// Whether the quota holds from the first instruction on; Lambda lets init run at full speed.
  public var throttlesInit: Bool
  /// Of the random phases at which invocations arrive.
  public var seed: UInt64
  /// A series that takes longer ends with fewer samples.
  public var longestSeries: TimeSpan
  /// Machines of the first function that are alive at once, to see what each holds.
  public var alive: Int

  public init(
    functions: [Subject], memories: [MemorySize], cold: Int = 200, hostCold: Int = 20, warm: Int = 2000,
    restore: Int = 200, restorations: [Restoration] = Restoration.allCases, quotaPeriod: TimeSpan = .milliseconds(20),
    throttlesInit: Bool = false, seed: UInt64 = 1,
    longestSeries: TimeSpan = .seconds(30), alive: Int = 0
  ) {
    self.functions = functions
    self.memories = memories
    self.cold = cold
    self.hostCold = hostCold
    self.warm = warm
    self.restore = restore
    self.restorations = restorations
    self.quotaPeriod = quotaPeriod
    self.throttlesInit = throttlesInit
    self.seed = seed
    self.longestSeries = longestSeries
    self.alive = alive
  }
}
