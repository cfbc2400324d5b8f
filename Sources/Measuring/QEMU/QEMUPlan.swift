public import Units

/// Functions in whole Linux guests, run by QEMU's `microvm` machine.
public struct QEMUPlan: Sendable {
  public enum Accelerator: String, CaseIterable, Sendable {
    case kvm
    /// Emulation: works everywhere, and its times stand for no processor.
    case tcg
  }

  /// A static Linux program that takes requests at descriptor 1000 and gives results at 1001.
  public struct Program: Sendable {
    public var name: String
    public var path: String
    public var request: [UInt8]

    public init(name: String, path: String, request: [UInt8]) {
      self.name = name
      self.path = path
      self.request = request
    }
  }

  public var programs: [Program]
  public var memory: MemorySize
  /// A kernel image with a serial port and an initial file system: a distribution's cloud kernel.
  public var kernel: String
  /// The first program of the guest (Guests/Library/agent.c).
  public var agent: String
  public var accelerator: Accelerator
  /// Processes started from nothing in each guest.
  public var cold: Int
  /// Further calls of the last of them.
  public var warm: Int
  /// Guests booted for each program.
  public var boots: Int
  /// The longest that a guest may take, boot included.
  public var deadline: TimeSpan

  public init(
    programs: [Program], memory: MemorySize, kernel: String, agent: String, accelerator: Accelerator, cold: Int,
    warm: Int, boots: Int = 1, deadline: TimeSpan = .minutes(5)
  ) {
    self.programs = programs
    self.memory = memory
    self.kernel = kernel
    self.agent = agent
    self.accelerator = accelerator
    self.cold = cold
    self.warm = warm
    self.boots = boots
    self.deadline = deadline
  }

  /// What QEMU is told. Without the interrupt timer and the clock of a PC, the machine hangs once the kernel finds its
  /// time stamp counter unstable.
  func arguments(initialFiles: String) -> [String] {
    [
      "qemu-system-x86_64", "-M", "microvm,acpi=off,pit=on,pic=on,rtc=on", "-accel", accelerator.rawValue,
      "-cpu", accelerator == .kvm ? "host" : "max", "-m", "\(max(256, memory.megabytes))M", "-nodefaults",
      "-no-user-config", "-nographic", "-serial", "stdio", "-no-reboot", "-kernel", kernel, "-initrd", initialFiles,
      "-append", "console=ttyS0 quiet panic=-1 reboot=t rdinit=/init",
    ]
  }
}
