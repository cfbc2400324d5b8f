package import MicroVM
public import Units

/// One measurement of one phase, with what tells whether it can be believed.
public struct Sample: Equatable, Sendable {
  public var wall: TimeSpan
  /// CPU time of the machine's thread, guest and monitor together.
  public var processor: TimeSpan
  /// That the thread was ready to run and did not, whatever the reason.
  public var runDelay: TimeSpan
  /// The part of it that the function's own quota is to blame for.
  public var throttled: TimeSpan
  public var exits: UInt64
  /// Page faults of the thread that the host served.
  public var pageFaults: UInt64
  /// Page faults of the guest that KVM served, and instructions that it carried out itself; 0 where it does not count.
  public var guestPageFaults: UInt64
  public var emulatedInstructions: UInt64

  public init(
    wall: TimeSpan, processor: TimeSpan = .zero, runDelay: TimeSpan = .zero, throttled: TimeSpan = .zero,
    exits: UInt64 = 0, pageFaults: UInt64 = 0, guestPageFaults: UInt64 = 0, emulatedInstructions: UInt64 = 0
  ) {
    self.wall = wall
    self.processor = processor
    self.runDelay = runDelay
    self.throttled = throttled
    self.exits = exits
    self.pageFaults = pageFaults
    self.guestPageFaults = guestPageFaults
    self.emulatedInstructions = emulatedInstructions
  }

  package init(_ phase: PhaseSample, throttled: TimeSpan = .zero) {
    self.init(
      wall: phase.wall, processor: phase.processor ?? .zero, runDelay: phase.runDelay ?? .zero, throttled: throttled,
      exits: phase.exits, pageFaults: phase.pageFaults ?? 0, guestPageFaults: phase.guestPageFaults ?? 0,
      emulatedInstructions: phase.emulatedInstructions ?? 0)
  }

  /// Phases one after the other.
  package init(sumOf phases: some Sequence<Sample>) {
    self.init(wall: .zero)
    for phase in phases {
      wall = wall + phase.wall
      processor = processor + phase.processor
      runDelay = runDelay + phase.runDelay
      throttled = throttled + phase.throttled
      exits += phase.exits
      pageFaults += phase.pageFaults
      guestPageFaults += phase.guestPageFaults
      emulatedInstructions += phase.emulatedInstructions
    }
  }

  /// The longest that others may keep the thread waiting, as a share of the time.
  static let noiseLimit = 0.05

  /// Whether other threads of the host kept this one waiting: then it says more about them.
  public var isNoisy: Bool {
    let contention = max(0, runDelay.nanoseconds - throttled.nanoseconds)
    return Double(contention) > Self.noiseLimit * Double(wall.nanoseconds)
  }
}

/// How a machine comes back from a snapshot.
public enum Restoration: String, CaseIterable, Sendable {
  /// Pages come when they are touched.
  case lazy
  /// All pages are copied at once.
  case copy
  /// Pages that an earlier invocation wrote to come at once, the others when they are touched.
  case workingSet = "working-set"
  /// A machine that was used is put back into the state of the snapshot.
  case inPlace = "in-place"
}

/// All samples of one phase under the same conditions, in the order in which they were taken.
public struct Series: Sendable {
  /// Whether other machines were alive: the first one on a host costs more.
  public enum Host: String, Sendable {
    case cold
    case warm
  }

  /// A phase of MicroVM, or a sum of phases such as `start_to_first_result`.
  public var phase: String
  public var host: Host
  /// How the machine was restored; nil for machines that were not.
  public var restored: Restoration?
  public var samples: [Sample]

  public init(phase: String, host: Host, restored: Restoration? = nil, samples: [Sample] = []) {
    self.phase = phase
    self.host = host
    self.restored = restored
    self.samples = samples
  }

  public var noisyCount: Int { samples.reduce(0) { $0 + ($1.isNoisy ? 1 : 0) } }

  /// Whether enough samples are free of noise that only they are counted: ten, or half of all.
  public var leavesNoiseOut: Bool {
    let clean = samples.count - noisyCount
    return clean >= 10 || clean * 2 >= samples.count
  }

  /// The samples that the statistics are of.
  public var counted: [Sample] { leavesNoiseOut ? samples.filter { !$0.isNoisy } : samples }

  /// Wall times of the counted samples, ns.
  public var wall: OrderStatistics { OrderStatistics(counted.map { Double($0.wall.nanoseconds) }) }

  /// The median of another reading of the counted samples.
  public func median(_ reading: (Sample) -> Double) -> Double? {
    OrderStatistics(counted.map(reading)).quantile(0.5)?.value
  }
}
