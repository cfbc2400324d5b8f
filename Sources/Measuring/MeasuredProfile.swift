public import MicroVM
public import Units

/// What measuring functions in machines gave: the content of a profile file.
public struct MeasuredProfile: Sendable {
  public enum Ending: Equatable, Sendable {
    case complete
    /// Stopped by Ctrl-C: what was measured until then.
    case interrupted
    /// A machine or a quota failed: what was measured until then.
    case failed(MeasuringFault)
  }

  /// What ran the machines.
  public struct Engine: Equatable, Sendable {
    /// `microvm` (this program over /dev/kvm) or `qemu`.
    public var name: String
    /// `kvm` or `tcg`.
    public var accelerator: String
    /// nil where it was not probed.
    public var flavour: HostProbe.Flavour?
    /// Whether the times stand for those of a real host. Emulation has none to stand for.
    public var fitForCalibration: Bool { accelerator == "kvm" }

    public init(name: String, accelerator: String, flavour: HostProbe.Flavour?) {
      self.name = name
      self.accelerator = accelerator
      self.flavour = flavour
    }
  }

  /// A function under one memory setting.
  public struct Condition: Sendable {
    public var memory: MemorySize
    /// nil where the function ran at full speed.
    public var quota: ProcessorQuota?
    public var throttlesInit: Bool
    public var series: [Series]
  }

  public struct Function: Sendable {
    public var name: String
    /// `freestanding`, `linux` or `python`.
    public var kind: String
    public var path: String
    public var requestBytes: Int
    public var conditions: [Condition]
  }

  public var ending = Ending.complete
  public var engine: Engine
  public var host: HostFacts
  /// What leaving a guest and giving it a page cost here: with counts of both, times can be carried to other hosts.
  public var unitCosts: HostProbe?
  public var seed: UInt64
  public var functions: [Function] = []
  public var density: Density?

  public init(engine: Engine, host: HostFacts, unitCosts: HostProbe?, seed: UInt64) {
    self.engine = engine
    self.host = host
    self.unitCosts = unitCosts
    self.seed = seed
  }
}
