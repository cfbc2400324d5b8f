public import Platforms
import Statistics

/// What one exit, one page and one second of work cost where a function is to run.
///
/// The seams between a machine here and a function there: AWS publishes none of these, so all are parameters.
public struct TargetCosts: Hashable, Sendable {
  /// Seconds for what makes a guest leave here: a system call of a Linux program. There it is served by a kernel inside the
  /// machine, without leaving it: a few hundred nanoseconds on hardware of this decade (lmbench's null call is 0.1 us).
  public var systemCall: Double
  /// Seconds for the first touch of a page of 4 KiB, by hardware's nested tables.
  public var page: Double
  /// Seconds there for a second of work here.
  public var clock: Double

  public init(systemCall: Double = 0.3e-6, page: Double = 0.7e-6, clock: Double = 1) {
    self.systemCall = systemCall
    self.page = page
    self.clock = clock
  }
}

/// What carries over from machines measured here to a function elsewhere.
///
/// Processor time of a phase is work, plus exits and page faults at what they cost on the host that measured. Work, counts
/// and waits carry over; costs do not, and are replaced by the target's:
///
///     there = clock · (processor - exits · exit cost - faults · page cost) + exits · system call + faults · page + waits
///
/// What the monitor itself does (making the machine, loading the program) stays behind: placement, sandbox and code download
/// are the target's own, as is whatever stands between a request and the runtime.
public struct MachineFit: Sendable {
  /// Medians of a phase.
  public struct Part: Hashable, Sendable {
    /// Seconds of work without exits and faults, and of waiting for something else than a processor.
    public var work = 0.0
    public var waits = 0.0
    public var exits = 0.0
    public var pages = 0.0
    /// Seconds that it took here, and would take at the target on one vCPU.
    public var here = 0.0
    public var there = 0.0
    public var samples = 0
  }

  public var function: String
  public var kind: String
  /// From the program's first instruction until it is ready; the sum of two phases.
  public var initialisation: Part
  public var first: Part
  public var warm: Part
  /// Pages that the first request after a restore touches; nil where nothing was restored.
  public var restorePages: Double?
  /// What a scenario takes.
  public var profiled: ProfiledFunction
  /// Samples whose exits and faults cost more than all of their processor time: costs were taken at another moment.
  public var overpriced: Int

  /// All functions of a measured profile that have any timing of use.
  public static func all(in timings: MachineTimings, at target: TargetCosts = TargetCosts()) -> [MachineFit] {
    timings.functions.compactMap { MachineFit($0, timings, target) }
  }

  private init?(_ function: MachineTimings.Function, _ timings: MachineTimings, _ target: TargetCosts) {
    // Where the quota rules least: times at full speed say most, and work is the same at all sizes.
    guard
      let condition = function.conditions.max(by: {
        ($0.hasQuota ? 0 : 1, $0.megabytes) < ($1.hasQuota ? 0 : 1, $1.megabytes)
      })
    else { return nil }
    var overpriced = 0
    func split(_ sample: MachineTimings.Sample) -> Part {
      let charged = sample.exits * timings.unitCosts.exit + sample.pageFaults * timings.unitCosts.page
      if charged > sample.processor { overpriced += 1 }
      var part = Part()
      part.work = max(0, sample.processor - charged)
      part.waits = max(0, sample.wall - sample.processor - sample.delayed)
      (part.exits, part.pages, part.here) = (sample.exits, sample.pageFaults, sample.wall)
      part.there =
        target.clock * part.work + part.exits * target.systemCall + part.pages * target.page + part.waits
      part.samples = 1
      return part
    }
    func parts(_ phase: String, restored: Bool = false) -> [Part] {
      condition.series.filter { $0.phase == phase && $0.isRestored == restored }.flatMap(\.samples).map(split)
    }
    let boots = parts("boot")
    let inits = parts("runtime_init")
    let starts = zip(boots, inits).map { $0 + $1 }
    let firsts = parts("first_invoke")
    let warms = parts("warm_invoke")
    guard !starts.isEmpty || !warms.isEmpty else { return nil }
    self.function = function.name
    kind = function.kind
    initialisation = Self.median(starts)
    first = Self.median(firsts)
    warm = Self.median(warms.isEmpty ? firsts : warms)
    let restored = parts("first_invoke", restored: true)
    restorePages = restored.isEmpty ? nil : Self.median(restored).pages
    self.overpriced = overpriced
    profiled = ProfiledFunction(function: function.name)
    profiled.initDuration = Self.law(starts)
    profiled.duration = Self.law(warms.isEmpty ? firsts : warms)
    let busy = warm.there - warm.waits
    if busy > 0 { profiled.memoryScaling = MemoryScaling(fixed: warm.waits, work: busy) }
  }

  private static func law(_ parts: [Part]) -> Distribution? {
    QuantileFunction(sample: parts.map { max(1e-9, $0.there) }).map { .empirical($0.thinned(to: 100)) }
  }

  private static func median(_ parts: [Part]) -> Part {
    guard !parts.isEmpty else { return Part() }
    func middle(_ reading: (Part) -> Double) -> Double { parts.map(reading).sorted()[parts.count / 2] }
    return Part(
      work: middle { $0.work }, waits: middle { $0.waits }, exits: middle { $0.exits }, pages: middle { $0.pages },
      here: middle { $0.here }, there: middle { $0.there }, samples: parts.count)
  }
}

extension MachineFit.Part {
  fileprivate static func + (a: Self, b: Self) -> Self {
    Self(
      work: a.work + b.work, waits: a.waits + b.waits, exits: a.exits + b.exits, pages: a.pages + b.pages,
      here: a.here + b.here, there: a.there + b.there, samples: a.samples)
  }
}
