public import Units

/// A stretch of a machine's life.
public enum Phase: String, CaseIterable, Sendable {
  /// KVM makes a virtual machine.
  case machineCreate = "vm_create"
  /// Memory is mapped and given to KVM.
  case memoryMap = "mem_map"
  /// The virtual processor is made and gets its features.
  case processorSetup = "vcpu_setup"
  /// The program, its tables and its stack are written.
  case load
  /// From the first entry until the program's main begins (or, where it does not say, its first exit).
  case boot
  /// From main until it is ready for requests.
  case runtimeInit = "runtime_init"
  /// From a request written to its result, the first time.
  case firstInvoke = "first_invoke"
  /// The same, later.
  case warmInvoke = "warm_invoke"
  /// From standing still until the state is saved.
  case snapshot
  /// From nothing until the machine can take a request again.
  case restore
  case destroy
}

/// What one phase took, once.
public struct PhaseSample: Equatable, Sendable {
  public var phase: Phase
  /// By CLOCK_MONOTONIC.
  public var wall: TimeSpan
  /// Of the machine's thread, guest and monitor together; nil unless counted.
  public var processor: TimeSpan?
  /// That the thread was ready and had to wait for a processor; nil unless counted.
  public var runDelay: TimeSpan?
  /// Times that KVM came back to the monitor.
  public var exits: UInt64
  /// Page faults of the thread that the host served, those of the guest's memory among them; nil unless counted.
  public var pageFaults: UInt64?
  /// Page faults of the guest that KVM served, those for which the host's page was there among them; nil unless counted.
  public var guestPageFaults: UInt64?
  /// Instructions of the guest that KVM carried out itself; nil unless counted.
  public var emulatedInstructions: UInt64?

  /// Whether the thread was kept waiting for more than a twentieth of the time: the sample says more about the host.
  public var isNoisy: Bool {
    guard let runDelay else { return false }
    return runDelay.nanoseconds * 20 > wall.nanoseconds
  }
}
